"""What may not happen: an invalid block or text, a secret that shows, an exception that nobody expected."""

import json
import logging
import traceback
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, TypeVar

from hypothesis import strategies as st
from hypothesis.errors import StopTest
from hypothesis.internal.conjecture.data import ConjectureData

import bot
import handlers
from bot.messages import Message
from bot.sandbox.slack.blockkit import surfaces
from bot.sandbox.slack.contents import EPHEMERAL_BYTES, UPDATED_CHARACTERS, contents
from tests.bot import slack_limits
from tests.fuzz.words import SECRET
from tests.scraping import Page

_T = TypeVar("_T")
_OURS = [Path(str(package.__file__)).parent for package in (bot, handlers)]
"""Where the bot's own code is."""


class Broken(AssertionError):
    """Something happened that may not."""


class TooLate(Exception):
    """Something is asked on behalf of a case that is over."""


class Weather:
    """What the world makes of a case: as chance has it, and the same for the same number.

    The bot keeps what it learns, so that it asks for other things when a case is repeated: what it gets
    cannot be drawn like the case itself, of which Hypothesis wants the same each time.
    """

    def __init__(self, number: int) -> None:
        self._chance = Random(number)

    def draw(self, strategy: st.SearchStrategy[_T]) -> _T:
        """Any of these."""
        while True:
            try:
                return ConjectureData(random=self._chance).draw(strategy)
            except StopTest:
                continue  # too large, or filtered out: another one


@dataclass
class Case:
    """One thing that comes, and all that came of it."""

    what: Any
    weather: Weather
    is_slacks: bool = True
    is_over: bool = False
    heard: list[str] = field(default_factory=list)
    """What EcoTaxa and Slack answered meanwhile, and what was logged."""
    failures: list[BaseException] = field(default_factory=list)

    def draw(self, strategy: st.SearchStrategy[_T]) -> _T:
        """What the world makes of it; raises TooLate when nobody waits any more."""
        if self.is_over:
            raise TooLate
        return self.weather.draw(strategy)

    def note(self, text: str) -> None:
        """Remember what happened, for whoever looks into a failure."""
        self.heard.append(text[:600])


CASE: ContextVar[Case] = ContextVar("case")
"""On whose behalf something is done: tasks take it on from the one that began them."""


def check_call(method: str, given: dict[str, Any]) -> None:
    """Raise where Slack would refuse what a method of its Web API is given, or it shows what it may not."""
    if method in ("chat.postMessage", "chat.postEphemeral", "chat.update", "respond"):
        few = UPDATED_CHARACTERS if method == "chat.update" else 40_000
        contents(given, characters=few, size=EPHEMERAL_BYTES if method == "chat.postEphemeral" else None)
        if given.get("blocks"):
            slack_limits.check_message(Message(given["text"], given["blocks"]))
        if "metadata" in given:
            surfaces.check_metadata(given["metadata"])
    elif method.startswith("views."):
        check_view(given["view"], "home" if method == "views.publish" else "modal")
    elif method == "chat.unfurl":
        for card in given["unfurls"].values():
            surfaces.check_message_blocks(card["blocks"])
    check_secret(json.dumps(shown(given)), f"what {method} shows")


def check_view(view: dict[str, Any], kind: str) -> None:
    """Raise where Slack would refuse a view."""
    surfaces.check_view(view, kind)
    (slack_limits.check_home if kind == "home" else slack_limits.check_modal)(view)


def check_acknowledgement(body: Any, asked: dict[str, Any]) -> None:
    """Raise where Slack would make nothing of how it was acknowledged."""
    if not body:
        return
    told = json.loads(body) if isinstance(body, str) else body
    check_secret(json.dumps(shown(told)), "the acknowledgement")
    if "options" in told:
        surfaces.check_options({"options": told["options"]})
    match told.get("response_action"):
        case "update" | "push":
            check_view(told["view"], "modal")
        case "errors":
            inputs = {it["block_id"] for it in asked["view"]["blocks"] if it["type"] == "input"}
            if not told["errors"] or not set(told["errors"]) <= inputs:
                raise Broken(f"errors at {sorted(told['errors'])}, which are no inputs")


def check_secret(text: str, where: str) -> None:
    """Raise where a marked secret shows."""
    if SECRET in text:
        at = text.index(SECRET)
        raise Broken(f"a secret in {where}: {text[max(0, at - 60) : at + 30]!r}")


def check_figures(page: Page) -> None:
    """Raise where a figure is of somebody or something, or tells a secret."""
    check_secret(page.text, "the figures")
    if page.strange:
        raise Broken(f"figures of {sorted(page.strange)}")


def shown(value: Any) -> Any:
    """All of a message or view but what only travels in it."""
    if isinstance(value, dict):
        return {key: shown(it) for key, it in value.items() if key != "private_metadata"}
    return [shown(it) for it in value] if isinstance(value, list) else value


class Listener(logging.Handler):
    """Hears every log line as it would be written, with the formatter that the bot writes with."""

    def __init__(self, formatter: logging.Formatter | None) -> None:
        super().__init__()
        self.setFormatter(formatter)

    def emit(self, record: logging.LogRecord) -> None:
        """Take note of a line, and of the exception that it tells of."""
        case = CASE.get(None)
        if case is None:
            return
        told = record.msg if isinstance(record.msg, dict) else {"exc_info": record.exc_info}
        line = self.format(record)
        case.note(line)
        raised = list(_exceptions(told.get("exc_info")))
        if case.is_slacks:
            case.failures.extend(raised)
        elif told is not record.msg:
            # It may be a surprise, but to the bot: Bolt would acknowledge nothing.
            case.failures.extend(it for it in raised if is_ours(it))
        try:
            check_secret(line, "a log line")
        except Broken as failure:
            case.failures.append(failure)


def is_ours(failure: BaseException) -> bool:
    """Whether it came from the bot, or from a judge: what never reached it is between Bolt and Slack."""
    files = [Path(frame.filename) for frame in traceback.extract_tb(failure.__traceback__)]
    return isinstance(failure, Broken) or any(it.is_relative_to(room) for it in files for room in _OURS)


def _exceptions(told: Any) -> Iterator[BaseException]:
    if isinstance(told, tuple):
        told = told[1]
    if isinstance(told, BaseException):
        yield told
    elif told:
        yield Broken("an exception in the log")
