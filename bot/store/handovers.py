"""Handovers: names of a question that their owner asked a colleague about."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, Row, and_, bindparam, delete, insert, select, update

from bot.links import Person
from bot.store.answers import has_link, keep_picks
from bot.store.database import Shelf
from bot.store.outbox import owe
from bot.store.records import Handover, NameKind, NewNotice, Pick
from bot.store.tables import UtcTime, handovers

_now: ColumnElement[datetime] = bindparam("now", type_=UtcTime)
_FIND = select(handovers).where(handovers.c.id == bindparam("known_as"))
_OF_JOB = (
    select(handovers)
    .where(handovers.c.person_key == bindparam("person"), handovers.c.job_id == bindparam("job"))
    .order_by(handovers.c.asked_at, handovers.c.id)
)
_AT = select(handovers).where(handovers.c.channel == bindparam("place"), handovers.c.ts == bindparam("stamp"))
_PLACE = (
    update(handovers)
    .where(handovers.c.id == bindparam("known_as"))
    .values(channel=bindparam("place"), ts=bindparam("stamp"))
)
_DROP = delete(handovers).where(handovers.c.id == bindparam("known_as"))
_SETTLE = (
    update(handovers)
    .where(and_(handovers.c.id == bindparam("known_as"), handovers.c.picked_at.is_(None)))
    .values(picked_id=bindparam("chosen"), label=bindparam("called"), picked_at=_now)
)


class Handovers(Shelf):
    """Who was asked about which name, and what they picked; gone with the owner's link."""

    async def save_handover(self, handover: Handover) -> None:
        """Keep a new handover."""
        values = {
            "id": handover.id,
            "person_key": handover.owner.key,
            "job_id": handover.job_id,
            "kind": handover.kind,
            "name": handover.name,
            "colleague_key": handover.colleague.key,
            "channel": handover.channel,
            "ts": handover.ts,
            "asked_at": handover.asked_at,
        }
        async with self._database.write() as connection:
            await connection.execute(insert(handovers).values(**values))

    async def place_handover(self, handover_id: str, channel: str, ts: str) -> None:
        """Keep where the colleague was asked."""
        async with self._database.write() as connection:
            await connection.execute(_PLACE, {"known_as": handover_id, "place": channel, "stamp": ts})

    async def drop_handover(self, handover_id: str) -> None:
        """Forget a handover of which the colleague was not asked."""
        async with self._database.write() as connection:
            await connection.execute(_DROP, {"known_as": handover_id})

    async def find_handover(self, handover_id: str) -> Handover | None:
        """The handover of that id, or None."""
        async with self._database.read() as connection:
            row = (await connection.execute(_FIND, {"known_as": handover_id})).one_or_none()
        return None if row is None else _handover(row)

    async def find_handover_at(self, channel: str, ts: str) -> Handover | None:
        """The handover whose message stands there, or None."""
        async with self._database.read() as connection:
            row = (await connection.execute(_AT, {"place": channel, "stamp": ts})).one_or_none()
        return None if row is None else _handover(row)

    async def handovers_of_job(self, owner: Person, job_id: int) -> list[Handover]:
        """All that the owner handed to colleagues of one job, oldest first."""
        async with self._database.read() as connection:
            rows = await connection.execute(_OF_JOB, {"person": owner.key, "job": job_id})
            return [_handover(row) for row in rows]

    async def settle_handover(
        self,
        handover: Handover,
        picked: Mapping[tuple[NameKind, str], Pick],
        news: NewNotice,
        now: datetime,
    ) -> bool:
        """Write down what the colleague `picked` for the name, nothing for *I don't know*.

        With it the pick goes into the owner's answer in the making, and `news` are owed to the owner: all
        of that or nothing.  False if it was done before, or the owner is no longer linked.
        """
        pick = next(iter(picked.values()), None)
        chosen = {"chosen": pick.id if pick else None, "called": pick.label if pick else None}
        async with self._database.write() as connection:
            if not await has_link(connection, handover.owner):
                return False
            done = await connection.execute(_SETTLE, {"known_as": handover.id, "now": now, **chosen})
            if not done.rowcount:
                return False
            await keep_picks(self._database, connection, handover.owner, handover.job_id, picked, now)
            await owe(self._database, connection, [news], now)
        return True

    async def pass_on(self, handover: Handover, news: NewNotice, now: datetime) -> None:
        """Owe the owner news of what they handed over, unless they are no longer linked."""
        async with self._database.write() as connection:
            if await has_link(connection, handover.owner):
                await owe(self._database, connection, [news], now)


def _handover(row: Row[*tuple[object, ...]]) -> Handover:
    known = row._asdict()
    picked_id, label = known.pop("picked_id"), known.pop("label")
    owner, colleague = Person.of_key(known.pop("person_key")), Person.of_key(known.pop("colleague_key"))
    pick = None if picked_id is None else Pick(picked_id, label)
    return Handover(owner=owner, colleague=colleague, pick=pick, **known)
