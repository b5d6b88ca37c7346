"""Texts, plurals and numbers in the language of whoever reads them."""

import asyncio

import pytest

from bot.language import decimal, language_of, number, say, say_n, speaking, spoken_now


@pytest.mark.parametrize(
    ("locale", "language"),
    [
        ("fr-FR", "fr"),
        ("fr_CA", "fr"),
        ("pt-BR", "pt"),
        ("zh-TW", "zh"),
        ("zh-CN", "zh"),
        ("en-GB", "en"),
        ("de-DE", "en"),
        ("", "en"),
        ("tlh", "en"),
        ("../fr", "en"),
    ],
)
def test_a_locale_is_spoken_in_the_nearest_language(locale: str, language: str) -> None:
    assert language_of(locale) == language


def test_english_is_what_stands_in_the_code() -> None:
    assert say("{who} picked {what}.", who="Ada", what="{x}") == "Ada picked {x}."
    assert say("100 % {sure}") == "100 % {sure}", "nothing is put in where nothing is given"
    assert say("") == ""


@pytest.mark.parametrize(("amount", "told"), [(0, "0 jobs"), (1, "1 job"), (12_345, "12,345 jobs")])
def test_an_amount_has_its_plural(amount: int, told: str) -> None:
    assert say_n("{n} job", "{n} jobs", amount) == told


@pytest.mark.parametrize(("language", "told"), [("en", "12,345"), ("fr", "12\u202f345"), ("pt", "12.345")])
def test_numbers_are_written_as_the_language_does(language: str, told: str) -> None:
    with speaking(language):
        assert number(12_345) == told


@pytest.mark.parametrize(("language", "told"), [("en", "1,234.0"), ("fr", "1\u202f234,0"), ("pt", "1.234,0")])
def test_decimals_are_written_as_the_language_does(language: str, told: str) -> None:
    with speaking(language):
        assert decimal(1_234.04, 1) == told


async def test_a_task_speaks_the_language_of_whoever_began_it() -> None:
    async def heard() -> str:
        await asyncio.sleep(0)
        return spoken_now()

    with speaking("fr"):
        begun = asyncio.create_task(heard())

    assert await begun == "fr"
    assert spoken_now() == "en"
