"""What a person reads in Slack, from the texts alone: what was told of which job, where and when."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from tests.simulation.player import Shown

_ROW = re.compile(r"^(?:(?:<@\w+>|\*[^*\n]+\*) )?(\S+) [\w ]+ · [\w ]+ · #(\d+)\b", re.MULTILINE)
_ENDS = {"✅": "F", "❌": "E", "⏹️": "K", "❓": "A"}
_MOVES = ("⏳", "▶️")


class Kind(StrEnum):
    """What a new message is for."""

    PING = "ping"
    CARD = "card"
    SLOW = "slow"
    WAITS = "waits"
    UNREACHABLE = "unreachable"
    SUMMARY = "summary"
    ODD = "odd"


@dataclass(frozen=True, slots=True)
class Telling:
    """A row that tells of a job's state, the first time that it stands in a message; spelt as a Beat."""

    at: float
    job_id: int
    state: str
    channel: str
    ts: str
    thread_ts: str | None


@dataclass(frozen=True, slots=True)
class Posted:
    """A new message, which notifies whoever reads there."""

    at: float
    kind: Kind
    job_id: int | None
    shown: Shown


@dataclass(frozen=True, slots=True)
class Reading:
    """All new messages, what pings told, and the last text of each message by its channel and `ts`."""

    posted: Sequence[Posted]
    tellings: Sequence[Telling]
    last: Mapping[tuple[str, str], str]


def read(shown: Iterable[Shown]) -> Reading:
    """Read everything from the first message to the last edit."""
    posted: list[Posted] = []
    tellings: list[Telling] = []
    last: dict[tuple[str, str], str] = {}
    pings: dict[tuple[str, str], set[tuple[int, str]]] = {}
    for it in shown:
        place = it.channel, it.ts
        last[place] = it.text
        rows = [(int(job_id), _ENDS[sign]) for sign, job_id in _ROW.findall(it.text) if sign in _ENDS]
        if it.what == "posted":
            kind = kind_of(it.text)
            named = re.search(r"#(\d+)", it.text)
            posted.append(Posted(it.at, kind, int(named[1]) if named else None, it))
            if kind is Kind.PING:
                pings[place] = set()
        if place in pings:
            new = [row for row in rows if row not in pings[place]]
            pings[place].update(new)
            tellings += [Telling(it.at, *row, it.channel, it.ts, it.thread_ts) for row in new]
    return Reading(posted, tellings, last)


def kind_of(text: str) -> Kind:
    """What a message is for, by how it begins and what it says."""
    first = _ROW.search(text)
    if text.startswith(("⚠️ EcoTaxa does not answer", "✅ EcoTaxa answers again")):
        return Kind.UNREACHABLE
    if text.startswith("Your day: "):
        return Kind.SUMMARY
    if first is None or "⏰" in text:
        return Kind.ODD
    if "🐢" in text:
        return Kind.SLOW
    if "⏳ It has waited for" in text:
        return Kind.WAITS
    if first[1] in _MOVES:
        return Kind.CARD
    return Kind.PING if first[1] in _ENDS else Kind.ODD
