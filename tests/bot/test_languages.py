"""Everything that the bot says is translated into each language, with nothing lost on the way."""

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from bot.language import CATALOGUES, ENGLISH, LANGUAGES
from tests.bot.catalogues import faults, texts, unreachable


@pytest.mark.parametrize("language", [it for it in LANGUAGES if it != ENGLISH])
def test_every_text_is_translated(language: str) -> None:
    path = CATALOGUES / f"{language}.po"
    assert path.exists(), "make catalogs"
    with path.open("rb") as file:
        translated = read_po(file, locale=language, abort_invalid=True)

    told = list(faults(translated, texts()))

    assert not told, f"make catalogs, then translate {len(told)}:\n" + "\n".join(told)


def test_no_text_stands_where_translators_do_not_get_it() -> None:
    told = list(unreachable())

    assert not told, "no f-strings, and nothing put together:\n" + "\n".join(told)
    assert len(texts()) > 100


JOBS = ("{n} job", "{n} jobs")


@pytest.mark.parametrize(
    ("text", "translation", "told"),
    [
        ("Stop", "Anhalten", ""),
        ("Stop", "", "not translated"),
        ("by {name}", "von {name}", ""),
        ("by {name}", "von {wem}", "['wem'] instead of ['name']"),
        ("by {name}", "von {name", "broken braces in 'von {name'"),
        ("Type `help`", "Schreib `hilfe`", "code ['`hilfe`'] instead of ['`help`']"),
        ("<a|b>", "b", "links [] instead of ['<a|b>']"),
        ("a\nb", "a b", "line breaks 0 instead of 1"),
        ("✅ Done", "Fertig", "signs [] instead of ['✅']"),
        ("Press *Go*", "Go", "stars 0 instead of 2"),
        (JOBS, ("{n} Job", "{n} Jobs"), ""),
        (JOBS, ("{n} Job", "Jobs"), "[] instead of ['n']"),
        (JOBS, ("{n} Job", ""), "not translated"),
        (JOBS, ("{n} Jobs",), "1 plural forms"),
    ],
)
def test_a_fault_of_a_translation_is_told(
    text: str | tuple[str, str], translation: str | tuple[str, ...], told: str
) -> None:
    wanted, translated = Catalog(), Catalog(locale="de")
    wanted.add(text)
    translated.add(text, translation)

    assert list(faults(translated, wanted)) == ([f"{told}: {text!r}"] if told else [])


def test_texts_that_are_missing_uncertain_or_too_many_are_told() -> None:
    wanted, translated = Catalog(), Catalog(locale="de")
    for text in ("Stop", "Go"):
        wanted.add(text)
    translated.add("Stop", "Anhalten", flags=["fuzzy"])
    translated.add("Wait", "Warten")
    translated.obsolete["Run"] = Message("Run", "Laufen")

    assert list(faults(translated, wanted)) == [
        "no such text: 'Wait'",
        "obsolete: 'Run'",
        "fuzzy: 'Stop'",
        "missing: 'Go'",
    ]


@pytest.mark.parametrize(
    ("language", "forms", "is_well"),
    [
        ("de", ("ein Job", "{n} Jobs"), True),
        ("fr", ("une tâche", "{n} tâches", "{n} de tâches"), False),
        ("zh", ("一个任务",), False),
    ],
)
def test_only_a_form_for_exactly_one_needs_no_number(
    language: str, forms: tuple[str, ...], is_well: bool
) -> None:
    wanted, translated = Catalog(), Catalog(locale=language)
    wanted.add(JOBS)
    translated.add(JOBS, forms)

    assert (not list(faults(translated, wanted))) is is_well
