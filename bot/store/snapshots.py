"""Snapshots: what each link saw last, recorded together with what it owes."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, select, update

from bot.jobs import Job, Question, Snapshot, foresee
from bot.links import LinkState, Person
from bot.store.database import Shelf
from bot.store.outbox import owe
from bot.store.records import NewNotice
from bot.store.tables import links

_RECORD = (
    update(links)
    .where(
        links.c.person_key == bindparam("person"),
        links.c.version == bindparam("seen"),
        links.c.state == LinkState.ACTIVE.value,
    )
    .values(snapshot=bindparam("text"), version=links.c.version + 1)
)
_LOCK = (
    select(links.c.snapshot)
    .where(links.c.person_key == bindparam("person"), links.c.snapshot.is_not(None))
    .with_for_update()
)
_ACKNOWLEDGE = (
    update(links)
    .where(links.c.person_key == bindparam("person"))
    .values(snapshot=bindparam("text"), version=links.c.version + 1)
)


class Snapshots(Shelf):
    """What was last seen through each link."""

    async def record_look(
        self, person: Person, version: int, snapshot: Snapshot, notices: Sequence[NewNotice], now: datetime
    ) -> bool:
        """Remember what a look saw and owe the notices that come of it, all or nothing.

        Tells False, and writes nothing, when the link is no longer what the look began with
        (`WatchedLink.version`): another look, an answer, a new link or a rejection came first.
        """
        async with self._database.write() as connection:
            parameters = {"person": person.key, "seen": version, "text": snapshot.dump()}
            if (await connection.execute(_RECORD, parameters)).rowcount != 1:
                return False
            await owe(self._database, connection, notices, now)
        return True

    async def foresee_rest(self, person: Person, job: Job, rest: Question) -> None:
        """Note that the person leaves `rest` of an asking job open, so that it is not told as news.

        Does nothing without a link, or before its first look.
        """
        async with self._database.write() as connection:
            text = (await connection.execute(_LOCK, {"person": person.key})).scalar_one_or_none()
            if text is None:
                return
            seen = foresee(Snapshot.load(text), job, rest)
            await connection.execute(_ACKNOWLEDGE, {"person": person.key, "text": seen.dump()})
