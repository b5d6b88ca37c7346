"""The outbox: messages owed to people, and where those that were sent are."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, bindparam, case, func, null, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.links import Person
from bot.store.database import Database, Shelf
from bot.store.records import NewNotice, Notice, NoticeState
from bot.store.tables import UtcTime, notices

_now: ColumnElement[datetime] = bindparam("now", type_=UtcTime)
_due: ColumnElement[datetime] = bindparam("due", type_=UtcTime)

_COLUMNS = (
    notices.c.id,
    notices.c.key,
    notices.c.person_key,
    notices.c.kind,
    notices.c.job_id,
    notices.c.payload,
    notices.c.state,
    notices.c.created_at,
    notices.c.attempts,
    notices.c.must_reconcile,
    notices.c.first_tried_at,
    notices.c.channel,
    notices.c.ts,
    notices.c.reason,
)
_earlier = notices.alias("earlier")
_next = (
    select(notices.c.id)
    .where(
        notices.c.due_at <= _now,
        ~select(_earlier.c.id)
        .where(
            _earlier.c.person_key == notices.c.person_key,
            _earlier.c.due_at.is_not(None),
            _earlier.c.id < notices.c.id,
        )
        .exists(),
    )
    .order_by(notices.c.due_at)
    .limit(bindparam("at_most"))
    .with_for_update(skip_locked=True)
    .cte("next")
)
_was_pending = notices.c.state == NoticeState.PENDING.value
_CLAIM = (
    update(notices)
    .where(notices.c.id.in_(select(_next.c.id)))
    .values(
        state=NoticeState.SENDING.value,
        due_at=bindparam("until", type_=UtcTime),
        attempts=notices.c.attempts + 1,
        must_reconcile=~_was_pending,
        first_tried_at=case((_was_pending, _now), else_=notices.c.first_tried_at),
    )
    .returning(*_COLUMNS)
)
# A claim is known by its number: what a process says that lost its claim to another no longer counts.
_of_claim = and_(
    notices.c.id == bindparam("notice"),
    notices.c.attempts == bindparam("claim"),
    notices.c.state == NoticeState.SENDING.value,
)
_PUT_OFF = update(notices).where(_of_claim).values(state=bindparam("into"), due_at=_due)
_DROP = (
    update(notices)
    .where(_of_claim)
    .values(state=NoticeState.DROPPED.value, due_at=null(), reason=bindparam("why"))
)
# It was sent, whatever became of the row meanwhile.
_SENT = (
    update(notices)
    .where(notices.c.id == bindparam("notice"))
    .values(
        state=NoticeState.SENT.value,
        due_at=null(),
        sent_at=_now,
        channel=bindparam("place"),
        ts=bindparam("stamp"),
    )
)
_FIND = select(*_COLUMNS).where(notices.c.key == bindparam("known_as"))
_OF_JOB = (
    select(*_COLUMNS)
    .where(
        notices.c.person_key == bindparam("person"),
        notices.c.job_id == bindparam("job"),
        notices.c.state == NoticeState.SENT.value,
    )
    .order_by(notices.c.id)
)
_LAST_SENT = select(func.max(notices.c.sent_at)).where(notices.c.person_key == bindparam("person"))


class Outbox(Shelf):
    """What the bot owes people: each person's notices leave in the order in which they were owed."""

    async def owe(self, notice: NewNotice, now: datetime) -> None:
        """Put a notice into the outbox; a key known before is left alone."""
        async with self._database.write() as connection:
            await owe(self._database, connection, [notice], now)

    async def claim_notices(self, now: datetime, lease: timedelta, limit: int) -> list[Notice]:
        """Take at most `limit` notices that are due, one a person, until the lease is over.

        One that was left behind by a crash, or of which nobody knows whether it arrived, comes with
        `must_reconcile`.
        """
        parameters = {"now": now, "until": now + lease, "at_most": limit}
        async with self._database.write() as connection:
            rows = (await connection.execute(_CLAIM, parameters)).all()
        return sorted(map(_notice, rows), key=lambda notice: notice.id)

    async def mark_sent(self, notice: Notice, channel: str, ts: str, now: datetime) -> None:
        """Keep where the message is: it is in Slack, and nothing is owed any more."""
        await self._mark(_SENT, {"notice": notice.id, "place": channel, "stamp": ts, "now": now})

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
        return None if row is None else _notice(row)

    async def notices_of_job(self, person: Person, job_id: int) -> list[Notice]:
        """The messages about a job that the person has in Slack, oldest first."""
        async with self._database.read() as connection:
            rows = await connection.execute(_OF_JOB, {"person": person.key, "job": job_id})
            return [_notice(row) for row in rows]

    async def last_sent(self, person: Person) -> datetime | None:
        """When the person was last told something of the bot's own accord; None when never."""
        async with self._database.read() as connection:
            at: datetime | None = (await connection.execute(_LAST_SENT, {"person": person.key})).scalar_one()
        return at

    async def _mark(self, statement: Any, parameters: dict[str, Any]) -> None:
        async with self._database.write() as connection:
            await connection.execute(statement, parameters)


async def owe(
    database: Database, connection: AsyncConnection, owed: Sequence[NewNotice], now: datetime
) -> None:
    """Put notices into the outbox, within the caller's transaction; a key known before is left alone."""
    if owed:
        statement = database.insert(notices).on_conflict_do_nothing(index_elements=[notices.c.key])
        await connection.execute(statement, [_row(notice, now) for notice in owed])


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


def _row(notice: NewNotice, now: datetime) -> dict[str, Any]:
    return {
        "key": notice.key,
        "person_key": notice.person.key,
        "kind": notice.kind,
        "job_id": notice.job_id,
        "payload": notice.payload,
        "state": NoticeState.PENDING.value,
        "due_at": now,
        "created_at": now,
        "attempts": 0,
        "must_reconcile": False,
    }


def _notice(row: Row[*tuple[Any, ...]]) -> Notice:
    known = row._asdict()
    person = Person.of_key(known.pop("person_key"))
    return Notice(person=person, state=NoticeState(known.pop("state")), **known)
