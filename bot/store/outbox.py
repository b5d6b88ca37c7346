"""The outbox: messages owed to people, claimed in turn, and what became of each."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, bindparam, case, null, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.links import Person
from bot.rules.kinds import CAN_WAIT, PINGS, Told, urgency_of
from bot.store.answers import has_link
from bot.store.bell import Ring, ring
from bot.store.database import Database, Shelf
from bot.store.records import OVERTAKEN, NewNotice, Notice, NoticeState
from bot.store.tables import UtcTime, notices

_now: ColumnElement[datetime] = bindparam("now", type_=UtcTime)
_due: ColumnElement[datetime] = bindparam("due", type_=UtcTime)

COLUMNS = (
    notices.c.id,
    notices.c.key,
    notices.c.person_key,
    notices.c.place,
    notices.c.kind,
    notices.c.job_id,
    notices.c.payload,
    notices.c.revision,
    notices.c.state,
    notices.c.created_at,
    notices.c.attempts,
    notices.c.must_reconcile,
    notices.c.first_tried_at,
    notices.c.sent_at,
    notices.c.channel,
    notices.c.ts,
    notices.c.thread_ts,
    notices.c.reason,
)
_NOT_TRIED = (NoticeState.PENDING.value, NoticeState.LATER.value, NoticeState.HELD.value)
_TRIED = (NoticeState.SENDING.value, NoticeState.UNCERTAIN.value)
_other = notices.alias("other")
# The next ones to a place wait for what was tried, or is owed at once, before them; not for what can wait.
_waits_for = and_(
    _other.c.id < notices.c.id,
    _other.c.due_at.is_not(None),
    or_(
        _other.c.state.in_(_TRIED),
        and_(
            _other.c.state.in_(_NOT_TRIED),
            _other.c.urgency < CAN_WAIT,
            or_(_other.c.state == NoticeState.PENDING.value, _other.c.due_at <= _now),
        ),
    ),
)
# Rows may become visible in another order than that of their numbers: a later one is already under way then.
_is_at_it = and_(_other.c.state == NoticeState.SENDING.value, _other.c.due_at > _now)
_next = (
    select(notices.c.id)
    .where(
        notices.c.due_at <= _now,
        notices.c.urgency <= bindparam("urgent"),
        notices.c.id.not_in(bindparam("at_hand", expanding=True)),
        notices.c.state.not_in((NoticeState.STALE.value, NoticeState.WILL.value)),
        ~select(_other.c.id)
        .where(
            _other.c.person_key == notices.c.person_key,
            _other.c.place == notices.c.place,
            or_(_waits_for, _is_at_it),
        )
        .exists(),
    )
    .order_by(notices.c.urgency, notices.c.due_at)
    .limit(bindparam("at_most"))
    .with_for_update(skip_locked=True)
    .cte("next")
)
_is_new = notices.c.state.in_(_NOT_TRIED)
_until = bindparam("until", type_=UtcTime)
_taken: Mapping[str, Any] = {
    "state": NoticeState.SENDING.value,
    "due_at": _until,
    "attempts": notices.c.attempts + 1,
    "must_reconcile": ~_is_new,
    "first_tried_at": case((_is_new, _now), else_=notices.c.first_tried_at),
}
_CLAIM = update(notices).where(notices.c.id.in_(select(_next.c.id))).values(**_taken).returning(*COLUMNS)
# What is new does not overtake what was tried before it.
_waits_for_tried = (
    select(_other.c.id)
    .where(
        _other.c.person_key == notices.c.person_key,
        _other.c.place == notices.c.place,
        _other.c.id < notices.c.id,
        _other.c.id != bindparam("leader"),
        _other.c.due_at.is_not(None),
        _other.c.state.in_(_TRIED),
    )
    .exists()
)
# Whoever holds the first one of a place holds the place: nobody else is at these.  What was tried goes with
# what was tried, whose fate is found out together.
_company = (
    select(notices.c.id)
    .where(
        notices.c.person_key == bindparam("person"),
        notices.c.place == bindparam("at_place"),
        notices.c.kind.in_(PINGS),
        notices.c.due_at <= _now,
        notices.c.state.in_(bindparam("states", expanding=True)),
        or_(notices.c.state.in_(_TRIED), ~_waits_for_tried),
    )
    .order_by(notices.c.id)
    .limit(bindparam("at_most"))
    .with_for_update(skip_locked=True)
    .cte("company")
)
_CLAIM_COMPANY = (
    update(notices).where(notices.c.id.in_(select(_company.c.id))).values(**_taken).returning(*COLUMNS)
)
# A claim is known by its number: what a process says that lost its claim to another no longer counts.
_of_claim = and_(
    notices.c.id == bindparam("notice"),
    notices.c.attempts == bindparam("claim"),
    notices.c.state == NoticeState.SENDING.value,
)
_PUT_OFF = update(notices).where(_of_claim).values(state=bindparam("into"), due_at=_due)
# Something else may have happened to its job since it was claimed.
_is_moot = notices.c.reason == OVERTAKEN
_HOLD = (
    update(notices)
    .where(_of_claim)
    .values(
        state=case((_is_moot, NoticeState.DROPPED.value), else_=NoticeState.HELD.value),
        due_at=case((_is_moot, null()), else_=_due),
        reason=case((_is_moot, OVERTAKEN), else_=bindparam("why")),
    )
)
_DROP = (
    update(notices)
    .where(_of_claim)
    .values(state=NoticeState.DROPPED.value, due_at=null(), reason=bindparam("why"))
)
_is_current = notices.c.revision == bindparam("shown")
AS_SHOWN: Mapping[str, Any] = {
    "state": case((_is_current, NoticeState.SENT.value), else_=NoticeState.STALE.value),
    "due_at": case((_is_current, null()), else_=_now),
}
# It was sent, whatever became of the row meanwhile; what has another text since is to be edited.
_SENT = (
    update(notices)
    .where(notices.c.id == bindparam("notice"))
    .values(
        **AS_SHOWN,
        sent_at=_now,
        channel=bindparam("posted_in"),
        ts=bindparam("stamp"),
        thread_ts=bindparam("thread"),
    )
)
_FIND = select(*COLUMNS).where(notices.c.key == bindparam("known_as"))


class Outbox(Shelf):
    """What the bot owes people: each person's notices leave in the order in which they were owed."""

    async def owe(self, notice: NewNotice, now: datetime) -> None:
        """Put a notice into the outbox; a key known before is left alone.

        Nothing is owed to somebody without a link: they unlinked, or were forgotten, meanwhile.
        """
        async with self._database.write() as connection:
            if await has_link(connection, notice.person):
                await owe(self._database, connection, [notice], now)

    async def plan(self, person: Person, kind: str, notice: NewNotice | None, now: datetime) -> None:
        """Owe a notice of a kind in place of those of it that are owed so far; None owes none.

        Nothing is owed to somebody without a link, as above.
        """
        async with self._database.write() as connection:
            await drop_unsent(connection, person, "planned anew", kind=kind)
            if notice is not None and await has_link(connection, person):
                await owe(self._database, connection, [notice], now)

    async def claim_notices(
        self,
        now: datetime,
        lease: timedelta,
        limit: int,
        urgent: int = CAN_WAIT,
        at_hand: Collection[int] = (),
    ) -> list[Notice]:
        """Take at most `limit` notices that are due, one a place, until the lease is over.

        None is less `urgent` than that (what is lower goes first), and none of those `at_hand`: whoever
        asks is at them, although a clock that was put forward says that their lease is over.

        One that was left behind by a crash, or of which nobody knows whether it arrived, comes with
        `must_reconcile`.
        """
        parameters = {
            "now": now, "until": now + lease, "at_most": limit, "urgent": urgent, "at_hand": [*at_hand],
        }  # fmt: skip
        async with self._database.write() as connection:
            rows = (await connection.execute(_CLAIM, parameters)).all()
        return sorted(map(read_notice, rows), key=lambda notice: notice.id)

    async def claim_company(self, first: Notice, now: datetime, lease: timedelta, limit: int) -> list[Notice]:
        """Take the pings that are due at the same place as the `first`, which is claimed: to go with it.

        They are those that may have been sent if it is one of these, else those that were not.
        """
        parameters = {
            "person": first.person.key, "at_place": first.place, "leader": first.id,
            "now": now, "until": now + lease, "at_most": limit,
            "states": _TRIED if first.must_reconcile else _NOT_TRIED,
        }  # fmt: skip
        async with self._database.write() as connection:
            rows = (await connection.execute(_CLAIM_COMPANY, parameters)).all()
        return sorted(map(read_notice, rows), key=lambda notice: notice.id)

    async def mark_sent(
        self, notice: Notice, channel: str, ts: str, now: datetime, thread_ts: str | None = None
    ) -> None:
        """Keep where the message is: it is in Slack, and nothing is owed any more but a change since."""
        await self.mark_all_sent([notice], channel, ts, now, thread_ts)

    async def mark_all_sent(
        self, told: Sequence[Notice], channel: str, ts: str, now: datetime, thread_ts: str | None = None
    ) -> None:
        """The same for all that one message tells."""
        place = {"now": now, "posted_in": channel, "stamp": ts, "thread": thread_ts}
        await self._mark(_SENT, [{**place, "notice": it.id, "shown": it.revision} for it in told])

    async def mark_held(self, notice: Notice, due_at: datetime, reason: str) -> None:
        """Send it from `due_at` on, after quiet hours: what comes for that place meanwhile goes ahead.

        What was overtaken while it was claimed is dropped.
        """
        await self._mark(_HOLD, {**_claim(notice), "due": due_at, "why": reason})

    async def mark_delayed(self, notice: Notice, due_at: datetime) -> None:
        """Send it anew from `due_at` on: it is certain that no try reached Slack."""
        await self._mark(_PUT_OFF, {**_claim(notice), "into": NoticeState.PENDING.value, "due": due_at})

    async def mark_uncertain(self, notice: Notice, due_at: datetime) -> None:
        """Look from `due_at` on whether it is in Slack, and send it only if it is not."""
        await self._mark(_PUT_OFF, {**_claim(notice), "into": NoticeState.UNCERTAIN.value, "due": due_at})

    async def mark_dropped(self, notice: Notice, reason: str) -> None:
        """Give it up, for a reason that is kept."""
        await self._mark(_DROP, {**_claim(notice), "why": reason})

    async def find_notice(self, key: str) -> Notice | None:
        """The notice of that key, in whatever state, or None."""
        async with self._database.read() as connection:
            row = (await connection.execute(_FIND, {"known_as": key})).one_or_none()
        return None if row is None else read_notice(row)

    async def _mark(self, statement: Any, parameters: dict[str, Any] | list[dict[str, Any]]) -> None:
        async with self._database.write() as connection:
            await connection.execute(statement, parameters)


async def owe(
    database: Database, connection: AsyncConnection, owed: Sequence[NewNotice], now: datetime
) -> None:
    """Put notices into the outbox, within the caller's transaction; a key known before is left alone.

    All processes are told of those that are not for later.
    """
    if owed:
        insert = database.insert(notices)
        # What was planned and overtaken may be planned again: the card of a job that is restarted, a summary.
        statement = insert.on_conflict_do_update(
            index_elements=[notices.c.key],
            set_={name: insert.excluded[name] for name in ("state", "due_at", "payload", "created_at")},
            where=and_(
                notices.c.state == NoticeState.DROPPED.value,
                or_(notices.c.kind == Told.CARD.value, notices.c.kind == Told.SUMMARY.value),
                notices.c.sent_at.is_(None),
            ),
        )
        await connection.execute(statement, [new_row(notice, now) for notice in owed])
        if any(notice.later is None for notice in owed):
            await ring(connection, Ring.DELIVER)


async def drop_unsent(
    connection: AsyncConnection, person: Person, reason: str, *, kind: str | None = None
) -> None:
    """Give up what is still owed to the person (of one kind only, where named), within a transaction."""
    of_kind = () if kind is None else (notices.c.kind == kind,)
    await connection.execute(
        update(notices)
        .where(notices.c.person_key == person.key, notices.c.due_at.is_not(None), *of_kind)
        .values(state=NoticeState.DROPPED.value, due_at=None, reason=reason)
    )


def _claim(notice: Notice) -> dict[str, Any]:
    return {"notice": notice.id, "claim": notice.attempts}


def new_row(notice: NewNotice, now: datetime) -> dict[str, Any]:
    """The row of a notice that is owed from now on."""
    return {
        "key": notice.key,
        "person_key": notice.person.key,
        "place": notice.place,
        "kind": notice.kind,
        "job_id": notice.job_id,
        "payload": notice.payload,
        "urgency": urgency_of(notice.kind),
        "state": (NoticeState.LATER if notice.later else NoticeState.PENDING).value,
        "due_at": notice.later or now,
        "created_at": now,
        "attempts": 0,
        "must_reconcile": False,
    }


def read_notice(row: Row[*tuple[Any, ...]]) -> Notice:
    """The notice that a row of COLUMNS holds."""
    known = row._asdict()
    person = Person.of_key(known.pop("person_key"))
    return Notice(person=person, state=NoticeState(known.pop("state")), **known)
