"""The log: JSON for machines, lines for eyes, and in neither a secret or a line that others made up."""

import json
import logging
import os
import pty
import re
import select
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from io import StringIO
from typing import Any

import pytest
import structlog

from bot import logs

TOKEN = "eyJ1c2VyX2lkIjoxMjM0fQ.ZxYwVu.abcdefghijklmnopqrstuvwxyz"
SECRETS = {
    "a Slack token": ("it was {} here", "xoxb-12-34-abcdefg"),
    "an app's token": ("it was {} here", "xapp-1-A0-abcdefg"),
    "a bearer": ("Authorization: Bearer {}", "any.thing=at/all"),
    "a bearer in small letters": ("authorization: bearer {}", "any.thing=at/all"),
    "a bearer in an address": ("?header=Bearer%20{}", "anything"),
    "EcoTaxa's token": ("['{}']", TOKEN),
    "a sealed token": ("{}", "gAAAAABmb2xsb3dlZCBieSBzb21ldGhpbmc="),
    "a password in an address": ("postgresql://{}@db/bot", "bot:hunter2"),
    "a response_url": ("https://hooks.slack.com/commands/{}", "T0PLANKTON/123456/abcdefABCDEF"),
    "an action's response_url": ("https://hooks.slack.com/actions/{}", "T0PLANKTON/123456/abcdefABCDEF"),
    "the stand-in's response_url": ("http://127.0.0.1:1/slack/respond/{}", "abcdefABCDEF"),
}


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch, logging_as_before: None) -> Iterator[StringIO]:
    """What goes to standard error, which is no terminal."""
    written = StringIO()
    monkeypatch.setattr(sys, "stderr", written)
    logs.configure("DEBUG")
    yield written
    structlog.contextvars.clear_contextvars()


def entry(written: StringIO) -> dict[str, Any]:
    """The one entry that was written."""
    (line,) = written.getvalue().splitlines()
    return dict(json.loads(line))


def test_an_entry_is_a_line_of_json_that_begins_with_when_and_what(written: StringIO) -> None:
    structlog.get_logger("bot").warning("it rained", drops=3, why="clouds\nfrom the west", wet=True)

    told = entry(written)
    assert list(told)[:3] == ["timestamp", "level", "event"]
    assert datetime.fromisoformat(told.pop("timestamp")).tzinfo is not None
    assert told == {
        "level": "warning",
        "event": "it rained",
        "drops": 3,
        "why": "clouds\nfrom the west",
        "wet": True,
    }


def test_a_librarys_entry_looks_the_same_and_has_the_ref_of_what_is_done(written: StringIO) -> None:
    structlog.contextvars.bind_contextvars(ref="a1b2c3d4")

    logging.getLogger("library").error("no %s", "way")

    told = entry(written)
    assert (told["level"], told["event"], told["ref"]) == ("error", "no way", "a1b2c3d4")


@pytest.mark.parametrize("name", SECRETS)
@pytest.mark.parametrize("form", ["plain", "in JSON", "in JSON with escaped slashes", "in JSON in JSON"])
def test_a_secret_is_told_nowhere_and_the_line_stays_json(written: StringIO, name: str, form: str) -> None:
    around, secret = SECRETS[name]
    text = around.format(secret)
    if form != "plain":
        text = json.dumps({"told": text, "after": 1})
    if form == "in JSON with escaped slashes":
        text, secret = text.replace("/", r"\/"), secret.replace("/", r"\/")
    if form == "in JSON in JSON":
        text = json.dumps({"inner": text})
    try:
        raise ValueError(f"at {text}")
    except ValueError as error:
        structlog.get_logger("bot").error(
            f"about {text}", one=text, inner={"deep": [text, (text,)], text: 1}, kind=error, exc_info=error
        )

    told = entry(written)
    assert secret not in str(told)
    assert "Traceback" in told["exception"]
    for place in (told["event"], told["one"], str(told["inner"]), told["kind"], told["exception"]):
        assert "[secret]" in place


def test_what_only_looks_like_one_stays(written: StringIO) -> None:
    text = "https://ecotaxa.example/jobs/123/respond, a bearer, xoxo, 3:4@5, /commands/help"

    structlog.get_logger("bot").info(text)

    assert entry(written)["event"] == text


LOGGING = """
import logging, structlog
from bot import logs
logs.configure("INFO")
structlog.get_logger("bot").warning("rain\\x1b[2J\\nready", why="a\\x1b]0;b\\x07 Bearer hidden", drops=3)
logging.getLogger("library").error("\\x1b[31mforged\\n2026-01-01 [info] all is well")
try:
    raise ValueError("xoxb-hidden \\x1b[2J")
except ValueError as error:
    structlog.get_logger("bot").error("failed", exc_info=error)
"""


def test_on_a_terminal_it_is_for_eyes_and_what_others_said_moves_no_cursor() -> None:
    ours, theirs = pty.openpty()
    process = subprocess.Popen([sys.executable, "-c", LOGGING], stderr=theirs)
    os.close(theirs)
    shown = _read(ours)
    assert process.wait() == 0

    assert "\x1b[1mrain" in shown, "in colour"
    told = re.sub(r"\x1b\[[0-9;]*m", "", shown)
    assert "\x1b" not in told
    assert "\x07" not in told
    assert "hidden" not in told
    lines = [line.rstrip() for line in told.splitlines()]
    first, second, third, *trace = lines
    assert r"rain\x1b[2J\nready" in first
    assert "[secret]" in first
    assert "drops" in first
    assert r"\n2026-01-01 [info] all is well" in second
    assert "failed" in third
    assert trace[0].startswith("Traceback")
    assert trace[-1] == r"ValueError: [secret] \x1b[2J"


def _read(terminal: int) -> str:
    """All that was printed there until the other end was closed."""
    read = b""
    while select.select([terminal], [], [], 60)[0]:
        try:
            read += os.read(terminal, 65536)
        except OSError:  # what Linux says when nobody is left at the other end
            break
    os.close(terminal)
    return read.decode()
