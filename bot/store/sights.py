"""What an administrator's token saw last, and whose turn it is to look: shared by all processes."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.links import LinkState, Person
from bot.sights import Sight
from bot.store.bell import Ring, ring
from bot.store.database import Shelf
from bot.store.tables import UtcTime, accounts, links, sights

_ONLY = 1
_SPREAD = 10
"""Parts into which all accounts are divided when they have to be looked at again one by one."""

_WAKE = (
    update(accounts)
    .where(
        accounts.c.ecotaxa_user_id.in_(bindparam("accounts", expanding=True)),
        accounts.c.due_at > bindparam("now", type_=UtcTime),
    )
    .values(due_at=bindparam("now", type_=UtcTime))
)
_PART = update(accounts).where(
    accounts.c.ecotaxa_user_id % _SPREAD == bindparam("part"),
    accounts.c.due_at > bindparam("latest", type_=UtcTime),
).values(due_at=bindparam("latest", type_=UtcTime))  # fmt: skip
_PEOPLE = select(links.c.person_key, links.c.ecotaxa_user_id).where(
    links.c.ecotaxa_user_id.in_(bindparam("accounts", expanding=True)),
    links.c.state == LinkState.ACTIVE.value,
)


@dataclass(frozen=True, slots=True)
class Turn:
    """A process's turn to look: what was seen before, and until when the turn is its own."""

    before: Sight
    until: datetime


class Sights(Shelf):
    """One sight, whichever process had it."""

    async def take_turn(self, now: datetime, until: datetime) -> Turn | None:
        """Take the turn to look at everybody's jobs, if none was taken that lasts beyond `now`."""
        insert = self._database.insert(sights).values(id=_ONLY, due_at=until)
        take = insert.on_conflict_do_update(
            index_elements=[sights.c.id], set_={"due_at": until}, where=sights.c.due_at <= now
        ).returning(sights.c.seen)
        async with self._database.write() as connection:
            row = (await connection.execute(take)).one_or_none()
        return None if row is None else Turn(Sight.load(row.seen) if row.seen else Sight(), until)

    async def record_sight(
        self, turn: Turn, sight: Sight, moved: Collection[int], now: datetime, good_until: datetime
    ) -> bool:
        """Remember what was seen and have the accounts that moved looked at now, all or nothing.

        Tells False, and writes nothing, when the turn was over and another process had one since.
        """
        record = (
            update(sights)
            .where(sights.c.id == _ONLY, sights.c.due_at == turn.until)
            .values(seen=sight.dump(), good_until=good_until)
        )
        async with self._database.write() as connection:
            if (await connection.execute(record)).rowcount != 1:
                return False
            if moved:
                await connection.execute(_WAKE, {"accounts": list(moved), "now": now})
                await ring(connection, Ring.LOOK)
        return True

    async def sees_until(self) -> tuple[datetime | None, int]:
        """Until when the last sight is good, if it is at all, and the highest id of a job in it."""
        async with self._database.read() as connection:
            row = (await connection.execute(select(sights.c.good_until, sights.c.seen))).one_or_none()
        return (None, 0) if row is None else (row.good_until, Sight.load(row.seen).newest if row.seen else 0)

    async def lose_sight(self, now: datetime, again_at: datetime, alone: timedelta) -> None:
        """Have every account looked at by itself again, within `alone`; the next turn comes at `again_at`.

        What was seen is forgotten: at the next good sight all that is active has moved.
        """
        put_off = update(sights).where(sights.c.id == _ONLY).values(due_at=again_at)
        lose = (
            update(sights)
            .where(sights.c.id == _ONLY, sights.c.good_until.is_not(None))
            .values(good_until=None, seen=None)
        )
        async with self._database.write() as connection:
            await connection.execute(put_off)
            if (await connection.execute(lose)).rowcount == 1:
                await self._spread(connection, now, alone)

    async def _spread(self, connection: AsyncConnection, now: datetime, over: timedelta) -> None:
        for part in range(_SPREAD):
            latest = now + over * part / _SPREAD
            await connection.execute(_PART, {"part": part, "latest": latest})

    async def people_of(self, account_ids: Collection[int]) -> dict[int, list[Person]]:
        """Who has a good link to each of these accounts of EcoTaxa."""
        found: dict[int, list[Person]] = {}
        async with self._database.read() as connection:
            for row in await connection.execute(_PEOPLE, {"accounts": list(account_ids)}):
                found.setdefault(row.ecotaxa_user_id, []).append(Person.of_key(row.person_key))
        return found
