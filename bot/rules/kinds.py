"""The kinds of messages that the bot owes people of its own accord, and which goes first; no I/O."""

from collections.abc import Mapping
from enum import StrEnum

from bot.jobs import Event


class Told(StrEnum):
    """What a message tells, beside the `Event` of a job."""

    CARD = "card"
    SLOW = "slow"
    WAITS_LONG = "waits_long"
    UNANSWERED = "unanswered"
    FILE_EXPIRES = "file_expires"
    SIGN_IN_EXPIRES = "sign_in_expires"
    UNREACHABLE = "unreachable"
    WATCH = "watch"
    WATCH_DONE = "watch_done"
    FOLLOWED = "followed"
    SUMMARY = "summary"
    FILE_BROKE_OFF = "file_broke_off"


PINGS: frozenset[str] = frozenset(Event)
"""What several of become one message."""

CAN_WAIT = 4
"""How urgent that is which nobody waits for: cards and summaries."""

_URGENCY: Mapping[str, int] = {
    Event.ASKED: 0,
    Event.FAILED: 1,
    Event.KILLED: 2,
    Event.FINISHED: 2,
    Told.CARD: CAN_WAIT,
    Told.SUMMARY: CAN_WAIT,
}


def urgency_of(kind: str) -> int:
    """What is lower goes first: where a person is needed, failures, good ends, all else, cards."""
    return _URGENCY.get(kind, 3)
