"""Watches: jobs that people watch as one."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.links import Person
from bot.rules.watches import Watch
from bot.store.database import Shelf
from bot.store.outbox import owe
from bot.store.records import NewNotice
from bot.store.tables import links, watches

_STAND = (
    update(links)
    .where(links.c.person_key == bindparam("person"), links.c.version == bindparam("seen"))
    .values(version=links.c.version + 1)
)
_FIND = select(watches).where(watches.c.person_key == bindparam("person"))


class Watches(Shelf):
    """The watches that go on; only of people with a link."""

    async def find_watches(self, person: Person) -> list[Watch]:
        """What a person watches now."""
        async with self._database.read() as connection:
            rows = await connection.execute(_FIND, {"person": person.key})
            return [
                Watch(row.id, row.place, row.project_id, {int(job): it for job, it in row.jobs.items()})
                for row in rows
            ]

    async def begin_watch(
        self, person: Person, watch: Watch, card: NewNotice, now: datetime, mark: str
    ) -> bool:
        """Watch jobs from now on, and owe the card that shows how they go; False where nothing was begun.

        `mark` is that of the person's link (`link_marks`) before the jobs were asked for: a look that came
        between has seen them move without the watch.  One that is under way now records nothing.
        """
        row = {
            "id": watch.id, "person_key": person.key, "place": watch.place,
            "project_id": watch.project_id, "jobs": dict(watch.jobs), "since": now,
        }  # fmt: skip
        async with self._database.write() as connection:
            seen = {"person": person.key, "seen": int(mark.partition(" ")[0])}
            if (await connection.execute(_STAND, seen)).rowcount != 1:
                return False
            await connection.execute(insert(watches), row)
            await owe(self._database, connection, [card], now)
        return True

    async def end_watch(self, person: Person, watch_id: str) -> bool:
        """Watch no longer; tells whether it went on."""
        mine = (watches.c.person_key == person.key) & (watches.c.id == watch_id)
        async with self._database.write() as connection:
            return bool((await connection.execute(delete(watches).where(mine))).rowcount)


async def change_watches(connection: AsyncConnection, changed: Collection[Watch]) -> None:
    """Keep where the jobs of watches are; those that are over go, within the caller's transaction."""
    for watch in changed:
        is_it = watches.c.id == watch.id
        if watch.is_over:
            await connection.execute(delete(watches).where(is_it))
        else:
            await connection.execute(update(watches).where(is_it).values(jobs=dict(watch.jobs)))
