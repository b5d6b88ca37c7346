"""The record of everything that went over the wire between Slack and the app."""

import re
import time
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Literal

from bot.sandbox.slack.refusal import Json

Side = Literal["api", "socket", "http", "respond"]

CALLS = 200_000
"""How many calls are remembered: more than a busy day's."""

_TOKEN = re.compile(r"\b(xox[a-z]|xapp)-[\w-]+")


@dataclass(frozen=True, slots=True)
class Entry:
    """One call or delivery; `ms` is how long its answer took."""

    seq: int
    at: float
    side: Side
    name: str
    request: Any
    response: Any
    ms: float


@dataclass(frozen=True, slots=True)
class Call:
    """A call of the Web API: when, in which channel, and with what status and error it was answered."""

    at: float
    method: str
    channel: str | None
    status: int
    error: str | None


class Traffic:
    """The last 500 entries, and in a few words every call of the Web API."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.seq = 0
        self._entries: deque[Entry] = deque(maxlen=500)
        self.calls: deque[Call] = deque(maxlen=CALLS)

    def add(self, side: Side, name: str, request: Any, response: Any, started: float) -> None:
        """Record what was asked and answered; `started` is on `time.perf_counter`'s clock."""
        self.seq += 1
        ms = round((time.perf_counter() - started) * 1000, 3)
        self._entries.append(
            Entry(self.seq, self._clock(), side, name, masked(request), masked(response), ms)
        )

    def count(self, method: str, channel: str | None, status: int, error: str | None) -> None:
        """Note how a call of the Web API was answered."""
        self.calls.append(Call(self._clock(), method, channel, status, error))

    def since(self, seq: int) -> list[Json]:
        """The entries after number `seq`, oldest first."""
        return [asdict(entry) for entry in self._entries if entry.seq > seq]

    def reset(self) -> None:
        """Forget the entries; the numbers go on."""
        self._entries.clear()
        self.calls.clear()


def masked(value: Any) -> Any:
    """The value with Slack's tokens blacked out."""
    match value:
        case str():
            return _TOKEN.sub(r"\1-…", value)
        case dict():
            return {key: masked(item) for key, item in value.items()}
        case list():
            return [masked(item) for item in value]
    return value
