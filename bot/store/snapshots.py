"""Snapshots: what each link saw last, recorded together with what it owes."""

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import bindparam, select, update

from bot.jobs import Job, Question
from bot.links import LinkState, Person
from bot.store.database import Shelf
from bot.store.outbox import owe
from bot.store.posted import change
from bot.store.records import Changes, NewNotice
from bot.store.runs import record_runs
from bot.store.tables import accounts, links
from bot.store.watches import change_watches
from bot.transitions import Snapshot, begin_anew, foresee, foresee_kill, forget_foreseen

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
_SEEN = (
    select(links.c.snapshot)
    .join(accounts, accounts.c.ecotaxa_user_id == links.c.ecotaxa_user_id)
    .where(links.c.person_key == bindparam("person"), accounts.c.size > bindparam("more_than"))
)
_ACKNOWLEDGE = (
    update(links)
    .where(links.c.person_key == bindparam("person"))
    .values(snapshot=bindparam("text"), version=links.c.version + 1)
)


class Snapshots(Shelf):
    """What was last seen through each link."""

    async def record_look(
        self,
        person: Person,
        version: int,
        snapshot: Snapshot,
        notices: Sequence[NewNotice],
        now: datetime,
        changes: Changes = Changes(),  # noqa: B008  # frozen
    ) -> bool:
        """Remember what a look saw and owe the notices that come of it, all or nothing.

        Tells False, and writes nothing, when the link is no longer what the look began with
        (`WatchedLink.version`): another look, an answer, a new link or a rejection came first.
        """
        async with self._database.write() as connection:
            parameters = {"person": person.key, "seen": version, "text": snapshot.dump()}
            if (await connection.execute(_RECORD, parameters)).rowcount != 1:
                return False
            await change(connection, person, changes, now)
            await owe(self._database, connection, notices, now)
            await record_runs(self._database, connection, changes.account, changes.runs, now)
            await change_watches(connection, changes.watches)
        return True

    async def seen_jobs(self, person: Person, more_than: int) -> list[int] | None:
        """The ids of the jobs that were there at the last look, in no order.

        None for an account that keeps no more than so many, or was not looked at yet.
        """
        async with self._database.read() as connection:
            parameters = {"person": person.key, "more_than": more_than}
            text = (await connection.execute(_SEEN, parameters)).scalar_one_or_none()
        return None if text is None else Snapshot.ids(text)

    async def foresee_rest(self, person: Person, job: Job, rest: Question) -> None:
        """Note that the person leaves `rest` of an asking job open, so that it is not told as news.

        Does nothing without a link, or before its first look.
        """
        await self._change(person, lambda snapshot: foresee(snapshot, job, rest))

    async def forget_rest(self, person: Person, job: Job, rest: Question) -> None:
        """Take back `foresee_rest`: that the job asks for `rest` is news, also where a look saw it already.

        Does nothing where something else is foreseen, or nothing any more.
        """
        await self._change(person, lambda snapshot: forget_foreseen(snapshot, job, rest))

    async def foresee_kill(self, person: Person, job: Job) -> None:
        """Note that the person is about to stop a job, so that its stop is not told as news.

        Does nothing without a link, or before its first look.
        """
        await self._change(person, lambda snapshot: foresee_kill(snapshot, job))

    async def begin_anew(self, person: Person, job: Job) -> None:
        """Note that the person has restarted a job, so that it is news when it ends as it did before.

        Does nothing without a link, or before its first look.
        """
        await self._change(person, lambda snapshot: begin_anew(snapshot, job))

    async def _change(self, person: Person, change: Callable[[Snapshot], Snapshot]) -> None:
        """Change what is remembered; a look that is under way records nothing then.

        A `change` that gives back the very snapshot leaves everything as it is.
        """
        async with self._database.write() as connection:
            text = (await connection.execute(_LOCK, {"person": person.key})).scalar_one_or_none()
            if text is None:
                return
            before = Snapshot.load(text)
            seen = change(before)
            if seen is before:
                return
            await connection.execute(_ACKNOWLEDGE, {"person": person.key, "text": seen.dump()})
