"""What the audit keeps: what people do through the bot, and what came of it; no I/O."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.errors import (
    Invalid,
    LoginRefused,
    MessageRefused,
    NotAllowed,
    NotFound,
    NotLinked,
    PlaceGone,
    TicketUsed,
    TokenRejected,
    UsageError,
    WorkspaceGone,
)
from bot.links import Person


class Did(StrEnum):
    """What somebody did; the first three are those of `bot.deeds.Act`."""

    RESTART = "restart"
    KILL = "kill"
    DELETE = "delete"
    CLEAN = "clean"
    ANSWER = "answer"
    EXPORT = "export"
    FILE = "file"
    SHARE = "share file"
    LINK = "link"
    UNLINK = "unlink"
    FORGET = "forget me"
    ASK = "ask colleague"
    PICK = "pick for colleague"
    PASS = "pass for colleague"  # noqa: S105  # passing on a question, not a password
    WRITE = "write to colleague"


class CameTo(StrEnum):
    """What an act came to; the first four are those of `bot.deeds.Effect` for an act that was ordered."""

    DONE = "done"
    NOTHING = "nothing changed"
    UNKNOWN = "unknown"
    """Nobody knows: no answer came, or the bot was ended before it did."""
    OTHERWISE = "the job had moved"
    REFUSED = "refused"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One thing that a person did, and what it came to; `person` is None for one who was forgotten.

    `other` is whoever else had a part in it, such as the colleague who was asked.
    """

    at: datetime
    person: Person | None
    act: str
    job_id: int | None
    outcome: str
    detail: str
    other: Person | None


_REFUSALS = (
    NotAllowed, NotFound, TokenRejected, LoginRefused, Invalid, NotLinked, UsageError,
    PlaceGone, MessageRefused, WorkspaceGone, TicketUsed,
)  # fmt: skip


def came_to(error: BaseException) -> CameTo:
    """What an act came to that ended with `error`: only a clear no is one."""
    return CameTo.REFUSED if isinstance(error, _REFUSALS) else CameTo.UNKNOWN
