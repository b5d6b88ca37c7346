"""What the bot posted: found again, and given other texts that are then to be edited in."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, case, delete, func, literal, null, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.links import Person
from bot.rules.kinds import CAN_WAIT, PINGS, Told
from bot.store.database import Shelf
from bot.store.outbox import AS_SHOWN, COLUMNS, new_row, read_notice
from bot.store.records import OVERTAKEN, Changes, NewNotice, Notice, NoticeState
from bot.store.tables import UtcTime, notices

LONGEST_SILENCE = timedelta(days=30)

_now: ColumnElement[datetime] = bindparam("now", type_=UtcTime)
_WAS_SENT = notices.c.state.in_((NoticeState.SENT.value, NoticeState.STALE.value))
_stale = (
    select(notices.c.id)
    .where(notices.c.due_at <= _now, notices.c.state.in_((NoticeState.STALE.value, NoticeState.WILL.value)))
    .order_by(notices.c.urgency, notices.c.due_at)
    .limit(bindparam("at_most"))
    .with_for_update(skip_locked=True)
    .cte("stale")
)
_CLAIM_STALE = (
    update(notices)
    .where(notices.c.id.in_(select(_stale.c.id)))
    .values(
        state=NoticeState.STALE.value,
        due_at=bindparam("until", type_=UtcTime),
        attempts=notices.c.attempts + 1,
    )
    .returning(*COLUMNS)
)
_of_claim = and_(
    notices.c.id == bindparam("notice"),
    notices.c.attempts == bindparam("claim"),
    notices.c.state == NoticeState.STALE.value,
)
_EDITED = update(notices).where(_of_claim).values(**AS_SHOWN)
_EDIT_LATER = update(notices).where(_of_claim).values(due_at=bindparam("due", type_=UtcTime))
_GONE = (
    update(notices)
    .where(notices.c.id == bindparam("notice"))
    .values(state=NoticeState.DROPPED.value, due_at=null(), reason=bindparam("why"))
)
_TAKE_BACK = delete(notices).where(notices.c.key == bindparam("known_as"))
LOOK_AT_HELD = (
    update(notices)
    .where(notices.c.person_key == bindparam("person"), notices.c.state == NoticeState.HELD.value)
    .values(due_at=_now)
)
_LAST_PING = (
    select(*COLUMNS)
    .where(
        notices.c.person_key == bindparam("person"),
        notices.c.place == bindparam("place"),
        notices.c.kind.in_(PINGS),
        notices.c.sent_at.between(bindparam("since", type_=UtcTime), _now),
        notices.c.thread_ts.is_(None),
        _WAS_SENT,
    )
    .order_by(notices.c.sent_at.desc(), notices.c.id.desc())
    .limit(1)
)
_OF_OTHERS = (
    select(notices.c.kind)
    .distinct()
    .where(
        notices.c.person_key == bindparam("person"),
        notices.c.place == bindparam("place"),
        notices.c.kind.in_(PINGS),
        notices.c.job_id != bindparam("job"),
        notices.c.sent_at.between(bindparam("since", type_=UtcTime), _now),
        _WAS_SENT,
    )
)
_OF_MESSAGE = (
    select(*COLUMNS)
    .where(
        notices.c.person_key == bindparam("person"),
        notices.c.channel == bindparam("posted_in"),
        notices.c.ts == bindparam("stamp"),
        _WAS_SENT,
    )
    .order_by(notices.c.id)
)
_AT = (
    select(*COLUMNS)
    .where(notices.c.channel == bindparam("posted_in"), notices.c.ts == bindparam("stamp"), _WAS_SENT)
    .order_by(notices.c.id)
)
_OF_JOB = (
    select(*COLUMNS)
    .where(
        notices.c.person_key == bindparam("person"),
        notices.c.job_id == bindparam("job"),
        _WAS_SENT,
    )
    .order_by(notices.c.id)
)
_LAST_SENT = select(func.max(notices.c.sent_at)).where(notices.c.person_key == bindparam("person"))


_CARD = select(*COLUMNS).where(
    notices.c.person_key == bindparam("person"),
    notices.c.place == bindparam("place"),
    notices.c.job_id == bindparam("job"),
    notices.c.kind == Told.CARD.value,
    _WAS_SENT,
)
_CARDS = select(*COLUMNS).where(
    notices.c.person_key.in_(bindparam("people", expanding=True)),
    notices.c.job_id.in_(bindparam("jobs", expanding=True)),
    notices.c.kind == Told.CARD.value,
    notices.c.state == NoticeState.SENT.value,
)
_SILENCES = select(notices.c.key, notices.c.state, notices.c.payload).where(
    notices.c.person_key == bindparam("person"),
    notices.c.kind == Told.UNREACHABLE.value,
    notices.c.state != NoticeState.DROPPED.value,
    notices.c.created_at > bindparam("since", type_=UtcTime),
)
_FORGET_SILENCE = (
    update(notices)
    .where(
        notices.c.person_key == bindparam("person"),
        notices.c.kind == Told.UNREACHABLE.value,
        notices.c.state.in_((NoticeState.PENDING.value, NoticeState.LATER.value, NoticeState.HELD.value)),
    )
    .values(state=NoticeState.DROPPED.value, due_at=null(), reason=OVERTAKEN)
)


class Posted(Shelf):
    """Messages that people have in Slack, each with what it tells."""

    async def claim_stale(self, now: datetime, lease: timedelta, limit: int) -> list[Notice]:
        """Take at most `limit` messages that are to be edited, the most urgent first."""
        parameters = {"now": now, "until": now + lease, "at_most": limit}
        async with self._database.write() as connection:
            rows = (await connection.execute(_CLAIM_STALE, parameters)).all()
        return sorted(map(read_notice, rows), key=lambda notice: notice.id)

    async def mark_edited(self, notice: Notice, now: datetime) -> None:
        """The message shows what the notice had when it was claimed; what changed since is due again."""
        await self._do(
            _EDITED, {"notice": notice.id, "claim": notice.attempts, "shown": notice.revision, "now": now}
        )

    async def edit_later(self, notice: Notice, due_at: datetime) -> None:
        """Edit the message from `due_at` on."""
        await self._do(_EDIT_LATER, {"notice": notice.id, "claim": notice.attempts, "due": due_at})

    async def mark_gone(self, notice: Notice, reason: str) -> None:
        """The message is not there any more, or cannot be edited."""
        await self._do(_GONE, {"notice": notice.id, "why": reason})

    async def look_at_held(self, person: Person, now: datetime) -> None:
        """Have all that is held for a person decided anew: what they want has changed."""
        await self._do(LOOK_AT_HELD, {"person": person.key, "now": now})

    async def overtake(self, person: Person, job_id: int, kinds: Collection[str], now: datetime) -> None:
        """Drop what is owed for later of a job: something made it moot."""
        async with self._database.write() as connection:
            await change(connection, person, Changes(overtaken={job_id: kinds}), now)

    async def retell(self, person: Person, key: str, payload: Mapping[str, Any], now: datetime) -> None:
        """Give a message another text; one that was sent is edited soon."""
        async with self._database.write() as connection:
            await change(connection, person, Changes(texts={key: payload}), now)

    async def leave_will(self, notice: NewNotice, message: tuple[str, str] | None, now: datetime) -> None:
        """Have something told unless it is left anew, or taken back, before `notice.later`.

        It is what people are to read in a message (its channel and `ts`) that shows how something goes,
        should the process that does it die; without such a message it is a new one.
        """
        row = new_row(notice, now)
        if message is not None:
            row |= {"state": NoticeState.WILL.value, "channel": message[0], "ts": message[1]}
        insert = self._database.insert(notices).values(**row)
        anew = insert.on_conflict_do_update(
            index_elements=[notices.c.key],
            set_={name: insert.excluded[name] for name in ("state", "due_at", "payload")},
        )
        await self._do(anew, {})

    async def take_back_will(self, key: str) -> None:
        """What it was for has come to its end."""
        await self._do(_TAKE_BACK, {"known_as": key})

    async def last_ping(self, person: Person, place: str, since: datetime, now: datetime) -> Notice | None:
        """The newest ping to a place outside of threads, if it was sent after `since`.

        What a clock that was put back since says was sent after `now` may be old, and does not count.
        """
        parameters = {"person": person.key, "place": place, "since": since, "now": now}
        async with self._database.read() as connection:
            row = (await connection.execute(_LAST_PING, parameters)).one_or_none()
        return None if row is None else read_notice(row)

    async def told_of_others(
        self, person: Person, place: str, job_id: int, since: datetime, now: datetime
    ) -> frozenset[str]:
        """The kinds of pings about other jobs that a place got after `since`, in threads too."""
        parameters = {"person": person.key, "place": place, "job": job_id, "since": since, "now": now}
        async with self._database.read() as connection:
            return frozenset((await connection.execute(_OF_OTHERS, parameters)).scalars())

    async def notices_of_message(self, person: Person, channel: str, ts: str) -> list[Notice]:
        """What one message tells a person: several pings may share it."""
        parameters = {"person": person.key, "posted_in": channel, "stamp": ts}
        async with self._database.read() as connection:
            return [read_notice(row) for row in await connection.execute(_OF_MESSAGE, parameters)]

    async def notices_at(self, channel: str, ts: str) -> list[Notice]:
        """What a message of the bot's own accord tells, whoever it is owed to."""
        async with self._database.read() as connection:
            rows = await connection.execute(_AT, {"posted_in": channel, "stamp": ts})
            return [read_notice(row) for row in rows]

    async def find_card(self, person: Person, place: str, job_id: int) -> Notice | None:
        """The card of a job that stands in a place, if there is one."""
        parameters = {"person": person.key, "place": place, "job": job_id}
        async with self._database.read() as connection:
            row = (await connection.execute(_CARD, parameters)).first()
        return None if row is None else read_notice(row)

    async def find_cards(self, people: Collection[Person], job_ids: Collection[int]) -> list[Notice]:
        """The cards of these people's jobs that show all that they are to."""
        parameters = {"people": [person.key for person in people], "jobs": list(job_ids)}
        async with self._database.read() as connection:
            return [read_notice(row) for row in await connection.execute(_CARDS, parameters)]

    async def end_silence(self, people: Collection[Person], now: datetime) -> None:
        """EcoTaxa answers again: who was told that it does not is told so in the same message."""
        for person in people:
            async with self._database.write() as connection:
                parameters = {"person": person.key, "since": now - LONGEST_SILENCE}
                told = [
                    row
                    for row in (await connection.execute(_SILENCES, parameters)).all()
                    if "until" not in row.payload
                ]
                texts = {row.key: {**row.payload, "until": now.isoformat()} for row in told}
                await connection.execute(_FORGET_SILENCE, {"person": person.key})
                await change(connection, person, Changes(texts=texts), now)

    async def notices_of_job(self, person: Person, job_id: int) -> list[Notice]:
        """The messages about a job that the person has in Slack, oldest first."""
        async with self._database.read() as connection:
            rows = await connection.execute(_OF_JOB, {"person": person.key, "job": job_id})
            return [read_notice(row) for row in rows]

    async def last_sent(self, person: Person) -> datetime | None:
        """When the person was last told something of the bot's own accord; None when never."""
        async with self._database.read() as connection:
            at: datetime | None = (await connection.execute(_LAST_SENT, {"person": person.key})).scalar_one()
        return at

    async def _do(self, statement: Any, parameters: dict[str, Any]) -> None:
        async with self._database.write() as connection:
            await connection.execute(statement, parameters)


async def change(connection: AsyncConnection, person: Person, changes: Changes, now: datetime) -> None:
    """Give what was sent, or waits to be, other texts, and drop what is moot, within a transaction."""
    new_text = {
        "revision": notices.c.revision + 1,
        "state": case((_WAS_SENT, NoticeState.STALE.value), else_=notices.c.state),
        "due_at": case((_WAS_SENT, literal(now, UtcTime)), else_=notices.c.due_at),
    }
    urgent = {*changes.urgent}
    mine = notices.c.person_key == person.key
    alive = notices.c.state != NoticeState.DROPPED.value
    for job_id, payload in changes.cards.items():
        is_card = and_(mine, alive, notices.c.job_id == job_id, notices.c.kind == Told.CARD.value)
        # Only the edit of a card that stands there is urgent: one that does not waits for its turn.
        urgency = case((_WAS_SENT, CAN_WAIT - (job_id in urgent)), else_=notices.c.urgency)
        new_card = {"payload": payload, "reason": null(), "urgency": urgency, **new_text}
        await connection.execute(update(notices).where(is_card).values(new_card))
    for key, payload in changes.texts.items():
        is_it = and_(mine, alive, notices.c.key == key)
        await connection.execute(update(notices).where(is_it).values(payload=payload, **new_text))
    # What was tried may be in Slack already: whoever tries it again finds out, and sends it no more.
    never_tried = notices.c.state.in_((NoticeState.LATER.value, NoticeState.HELD.value))
    dropped = {
        "state": case((never_tried, NoticeState.DROPPED.value), else_=notices.c.state),
        "due_at": case((never_tried, null()), else_=notices.c.due_at),
        "reason": OVERTAKEN,
    }
    alike: dict[frozenset[str], list[int]] = defaultdict(list)
    for job_id, kinds in changes.overtaken.items():
        alike[frozenset(kinds)].append(job_id)
    for kinds, job_ids in alike.items():
        is_owed = and_(mine, notices.c.due_at.is_not(None), ~_WAS_SENT)
        is_moot = and_(is_owed, notices.c.job_id.in_(job_ids), notices.c.kind.in_(sorted(kinds)))
        await connection.execute(update(notices).where(is_moot).values(**dropped))
