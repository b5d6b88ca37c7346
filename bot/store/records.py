"""What the store takes and gives: plain values, no I/O.  Every time is aware UTC."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Literal, Self

from bot.links import Link, Person
from bot.messages import Message
from bot.rules.runs import Run
from bot.rules.watches import Watch
from bot.transitions import Snapshot

TOKEN_REJECTED = "token_rejected"  # noqa: S105  # the kind of a notice, not a password
"""The kind of the notice that tells a person that EcoTaxa no longer takes their token."""

OVERTAKEN = "overtaken"
"""The reason of what is moot since something else happened to its job."""

WILL_AFTER = timedelta(minutes=2)
"""After so long without a sign of life, somebody who left a will is taken for dead."""
WILL_EVERY = timedelta(seconds=30)
"""How often a will is left anew."""

SAID = "said"
"""The kind of the notice that is worded already: its payload has the message's `text` and `blocks`.

It goes into the thread `thread_ts` where its payload names one.
"""


@dataclass(frozen=True, slots=True)
class WatchedLink:
    """A link whose account is about to be looked at, and what it saw last (None before the first look).

    `version` names this state of the link: a look is recorded only while it still stands.
    """

    link: Link
    snapshot: Snapshot | None
    version: int


@dataclass(frozen=True, slots=True)
class Account:
    """An EcoTaxa account that is ours to look at until its lease is over, at `leased_until`.

    `links` are its active links; `unreadable` are the people whose tokens cannot be opened.  `failures`
    counts the looks in a row that went wrong; `size` is how many jobs the last whole look saw, at
    `whole_at`.
    """

    ecotaxa_user_id: int
    failures: int
    size: int
    whole_at: datetime | None
    leased_until: datetime
    links: tuple[WatchedLink, ...]
    unreadable: tuple[Person, ...] = ()


@dataclass(frozen=True, slots=True)
class Settled:
    """What came of looking at an account: when to look again, and what to know then.

    `leased_until` is that of the claim, which is known by it.
    """

    ecotaxa_user_id: int
    due_at: datetime
    failures: int
    size: int
    whole_at: datetime | None
    leased_until: datetime


@dataclass(frozen=True, slots=True)
class Timetable:
    """How the looking at an account goes.

    `whole_at` is when all its jobs were last seen (None before the first time), `due_at` when it is looked
    at next, `leased_until` the end of a look under way; `failures` counts the looks in a row that went
    wrong.
    """

    whole_at: datetime | None
    due_at: datetime
    leased_until: datetime | None
    failures: int


class NoticeState(StrEnum):
    """Where an owed message stands.

    LATER is one whose time has not come, and may never; HELD one that waits for the end of quiet hours.
    What was SENT and has another text since is STALE.  A WILL is to be edited into a message that stands
    there, unless whoever wrote it lives on.
    """

    PENDING = "pending"
    LATER = "later"
    HELD = "held"
    SENDING = "sending"
    UNCERTAIN = "uncertain"
    SENT = "sent"
    STALE = "stale"
    WILL = "will"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class NewNotice:
    """A message that the bot owes `person`.

    `key` names it once and for all: a key that was owed before is not owed again.  `payload` is what
    the message is made of, as JSON.  `place` is a channel, or empty for the direct message; `later` is
    when it is to be sent, unless something overtakes it.
    """

    key: str
    person: Person
    kind: str
    job_id: int | None
    payload: Mapping[str, Any]
    place: str = ""
    later: datetime | None = None

    @classmethod
    def said(
        cls,
        what: str,
        person: Person,
        message: Message,
        *,
        job_id: int | None = None,
        place: str | None = None,
        thread_ts: str | None = None,
        later: datetime | None = None,
    ) -> Self:
        """Owe a message as it is worded now; `what` names it among all that are said to the person.

        `place` and `thread_ts` say where, else it is a direct message; `later` is as in the class.
        """
        payload = {"text": message.text, "blocks": message.blocks, "thread_ts": thread_ts}
        key = f"{person.key}/{SAID}/{what}"
        return cls(key, person, SAID, job_id, payload, place or "", later)


@dataclass(frozen=True, slots=True)
class Notice:
    """An owed message as it stands.

    With `must_reconcile` an earlier try, begun at `first_tried_at`, may have reached Slack: look before
    sending.  `attempts` counts the claims.  `channel` and `ts` say where a sent one is, `reason` why a
    dropped one was.  `revision` is that of the payload.
    """

    id: int
    key: str
    person: Person
    place: str
    kind: str
    job_id: int | None
    payload: Mapping[str, Any]
    revision: int
    state: NoticeState
    created_at: datetime
    attempts: int
    must_reconcile: bool
    first_tried_at: datetime | None
    sent_at: datetime | None
    channel: str | None
    ts: str | None
    thread_ts: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Changes:
    """What a look owes beside news: other texts for what was sent, and what is moot or known now.

    `cards` are new payloads of jobs' cards, of which the `urgent` ones are shown before others; `texts` are
    those of other messages by their key.  `overtaken` has, for each job that moved, the kinds of messages
    that were owed and are so no more.  `runs` are of that `account` of EcoTaxa.
    """

    cards: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)
    urgent: Collection[int] = ()
    texts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    overtaken: Mapping[int, Collection[str]] = field(default_factory=dict)
    account: int = 0
    runs: Collection[Run] = ()
    watches: Collection[Watch] = ()


NameKind = Literal["user", "taxon"]
"""What an import's unmatched name stands for."""


@dataclass(frozen=True, slots=True)
class Pick:
    """The user or taxon chosen for a name."""

    id: int
    label: str


@dataclass(frozen=True, slots=True)
class Profile:
    """What Slack tells of a person: their `locale`, such as `fr-FR`, and the name of their time zone."""

    locale: str
    zone: str


@dataclass(frozen=True, slots=True)
class Handover:
    """One name of a job's question that its `owner` handed to a `colleague`.

    `channel` and `ts` say where the colleague was asked, and are empty until the question stands there;
    `picked_at` is empty until they answered, and an answer without a `pick` is *I don't know*.
    """

    id: str
    owner: Person
    job_id: int
    kind: NameKind
    name: str
    colleague: Person
    channel: str
    ts: str
    asked_at: datetime
    pick: Pick | None = None
    picked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Resealed:
    """What became of the stored tokens: so many sealed anew, so many were already, so many no key opens."""

    resealed: int
    already: int
    unreadable: int


@dataclass(frozen=True, slots=True)
class Copied:
    """What a copy of the whole database holds: rows in all, links among them, and its schema's revision."""

    rows: int
    links: int
    revision: str
