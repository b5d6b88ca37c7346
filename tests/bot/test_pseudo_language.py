"""A language in which all of ours stands between ⟦ and ⟧: English outside of them was forgotten."""

import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

from bot import __version__, errors, language, modals, page
from bot.errors import BotError
from bot.jobs import Job
from bot.language import say, speaking
from bot.messages import Message
from tests.bot import test_all_surfaces as surfaces
from tests.bot.catalogues import texts
from tests.bot.test_page import Reader

SPOKEN = "fr"
FOREIGN = "слово"
"""What stands for all foreign text: in letters that no text of ours has."""

_NOT_ENGLISH = [
    re.compile(pattern)
    for pattern in (
        r"`[^`\n]*`",
        r"⟦[^⟦⟧]*(?:⟧|\Z)",
        r"https?://[^\s|>]+|\b[UC]0[A-Z]+\b|<[@#][UC]\w+>",
        r"!date\^\d+\^|\{(?:date|time)\w*\}|\bUTC\b",
        rf"\becotaxa-bot {re.escape(__version__)}",
        r"\b(?:EcoTaxa|ecotaxa-bot|ecotaxa\.example|Slack|SHA-256)\b",
    )
]
"""Commands and foreign names, texts of ours, addresses, people, moments, and names of products."""
_BROUGHT = re.compile(
    r"\bline \d|\begg\b|\bNone\b|\*Error\*|\bERROR\b"
    r"|import #\d+ into project 42|Choose a project first\.|Try again\."
    r"|Europe/Paris|\bYou answered \d+ names\b|\b(?:janv|févr)\."
)
"""English that these tests bring along, in the place of foreign text or of texts that were said before."""
_WORDS = re.compile(r"[A-Za-z]{2,}(?:[ '][A-Za-z]+)*")


@pytest.fixture(autouse=True)
def _pseudo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Speak the pseudo language within the test."""
    monkeypatch.setattr(language, "CATALOGUES", tmp_path)
    with (tmp_path / f"{SPOKEN}.po").open("wb") as file:
        write_po(file, pseudo())
    language._catalogue.cache_clear()
    with speaking(SPOKEN):
        yield
    language._catalogue.cache_clear()


def pseudo() -> Catalog:
    """All texts, each of their words between the brackets, and what is put into them outside."""
    told = Catalog(locale=SPOKEN)
    for message in texts():
        if isinstance(message.id, str):
            told.add(message.id, bracketed(message.id))
        else:
            one, many = map(bracketed, message.id)
            told.add(message.id, (one, *[many] * (told.num_plurals - 1)))
    return told


def bracketed(text: str) -> str:
    return "".join(
        (f"⟦{words}⟧" if words else "") + ("" if name is None else f"{{{name}}}")
        for words, name, _, _ in Formatter().parse(text)
    )


def forgotten(shown: Any) -> list[str]:
    """The words of ours that were said in English."""
    return [words for text in read(shown) for words in _WORDS.findall(_left_of(text))]


def _left_of(text: str) -> str:
    for pattern in (*_NOT_ENGLISH, _BROUGHT):
        text = pattern.sub("—", text)
    return text


def read(shown: Any) -> Iterator[str]:
    """Everything in it that a person sees or hears."""
    match shown:
        case str():
            yield shown
        case Message():
            yield shown.text
            yield from read(shown.blocks)
        case list() | tuple():
            for part in shown:
                yield from read(part)
        case dict():
            for key, value in shown.items():
                if key in ("text", "accessibility_label") or isinstance(value, dict | list):
                    yield from read(value)


def test_nothing_that_is_shown_is_said_in_english() -> None:
    told: dict[str, set[str]] = {}

    for name, shown in everything():
        if words := forgotten(shown):
            told.setdefault(name, set()).update(words)

    assert not told, "\n".join(f"{name}: {sorted(words)}" for name, words in sorted(told.items()))


def everything() -> Iterator[tuple[str, Any]]:
    jobs = surfaces.jobs_in_each_state("GeneralExport", FOREIGN)
    jobs += surfaces.jobs_in_each_state("FileImport", FOREIGN)
    log = "\n".join(f"2026-11-23 11:25:37,191:Job.run:ERROR {FOREIGN} {n}" for n in range(40))
    for job in [*jobs, *(Job.parse({"id": 9, "state": "F", "type": kind}) for kind in KINDS)]:
        yield from surfaces.shown(surfaces.of_one(job, FOREIGN, log))
        yield from (("the modals of a question", view) for view in surfaces.modals(job))
    yield from surfaces.shown(surfaces.of_many(jobs, FOREIGN))
    yield from surfaces.shown(surfaces.of_none(FOREIGN))
    yield "link_modal", modals.link_modal("", error=say(BotError.hint))
    yield "checking_modal", modals.checking_modal()
    hint = say(BotError.hint)
    yield "page.form", Reader(page.form(slack_account=FOREIGN, web_url=FOREIGN, proof="", error=hint)).texts
    yield "page.notice", Reader(page.notice(say("Linked"), hint)).texts
    for error in [it for it in vars(errors).values() if isinstance(it, type) and issubclass(it, BotError)]:
        made = errors.SlackBusy(1.0) if error is errors.SlackBusy else error()
        yield error.__name__, made.hint


KINDS = ["SimpleImport", "SummaryExport", "BackupExport", "DarwinCoreExport", "GenExport", "Subset",
         "Prediction", "NightlyMaintenance"]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("⟦Stop⟧", []),
        ("Stop", ["Stop"]),
        ("⟦Answer ⟧General export⟦ of yours⟧", ["General export"]),
        ("⟦Type `⟧/ecotaxa jobs⟦` to see all.⟧", []),
        ("⟦cut in the mid…", []),
        (f"⟦by ⟧{FOREIGN}, and more", ["and more"]),
        ("<!date^1795433099^⟦As of ⟧{date_short_pretty} {time}|⟦As of ⟧2026-11-23 11:24 UTC>", []),
    ],
)
def test_words_outside_the_brackets_are_found(text: str, words: list[str]) -> None:
    assert forgotten({"type": "button", "text": {"type": "plain_text", "text": text}}) == words
    assert forgotten({"accessibility_label": text, "value": "not read"}) == words
