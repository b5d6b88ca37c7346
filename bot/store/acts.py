"""Acts: what people did, so that nothing is done once more, by whatever process hears of it again."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.database import Database, Shelf
from bot.store.tables import acts

_FIND = select(acts.c.key).where(acts.c.key == bindparam("key"))


class Acts(Shelf):
    """The acts that were begun, or acknowledged to Slack, which may deliver them again."""

    async def begin_act(self, act: str, now: datetime) -> bool:
        """Begin an act, named as Slack does each; False when it was begun before, here or elsewhere."""
        async with self._database.write() as connection:
            return await begin(self._database, connection, act, now)

    async def is_begun(self, act: str) -> bool:
        """Whether an act was begun, by whatever process."""
        return await self.is_noted(_begun(act))

    async def note_acts(self, keys: Sequence[str], now: datetime) -> None:
        """Keep that acts were acknowledged, each under a key that it has in all of its deliveries."""
        insert = self._database.insert(acts).on_conflict_do_nothing()
        async with self._database.write() as connection:
            await connection.execute(insert, [{"key": key, "acted_at": now} for key in keys])

    async def is_noted(self, key: str) -> bool:
        """Whether an act was acknowledged, by whatever process."""
        async with self._database.read() as connection:
            return (await connection.execute(_FIND, {"key": key})).first() is not None


async def begin(database: Database, connection: AsyncConnection, act: str, now: datetime) -> bool:
    """Begin an act within the caller's transaction; False when it was begun before."""
    insert = database.insert(acts).values(key=_begun(act), acted_at=now)
    first = insert.on_conflict_do_nothing(index_elements=[acts.c.key]).returning(acts.c.key)
    return (await connection.execute(first)).one_or_none() is not None


def _begun(act: str) -> str:
    return f"{act}/begun"
