"""The audit: who did what, to which job, when, and what came of it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, bindparam, insert, select, update

from bot.acts import AuditEntry, CameTo, came_to
from bot.errors import NotLinked
from bot.links import Link, Person
from bot.store.answers import has_link
from bot.store.database import Shelf, if_possible
from bot.store.tables import audit

FORGOTTEN = "forgotten"
"""Stands for whoever had the bot forget them."""

_BEGIN = insert(audit).returning(audit.c.id)
_END = (
    update(audit)
    .where(audit.c.id == bindparam("entry"))
    .values(outcome=bindparam("came_to"), job_id=bindparam("job"), detail=bindparam("told"))
)


@dataclass
class Acting:
    """An act under way: what is known of it by its end is written down then."""

    job_id: int | None
    detail: str
    outcome: str = CameTo.DONE


class Audit(Shelf):
    """What people did through the bot.

    `detail` is a few words of ours, such as how many names were answered: nothing foreign, no name.
    """

    @asynccontextmanager
    async def acting(
        self,
        who: Link | Person,
        act: str,
        now: datetime,
        *,
        job_id: int | None = None,
        detail: str = "",
        other: Person | None = None,
    ) -> AsyncIterator[Acting]:
        """Write down what `who` does in the block: before it, as of unknown outcome, and its outcome after.

        `other` is whoever else has a part in it.  An act that raises came to what its error says.  What is
        done with a link raises NotLinked, and is not done, when that is gone: whoever was forgotten
        meanwhile leaves nothing behind, and the outcome of what was begun before finds no entry any more.
        """
        acting = Acting(job_id, detail)
        person = who.person if isinstance(who, Link) else who
        values = {
            "person_key": person.key,
            "act": act,
            "job_id": job_id,
            "at": now,
            "detail": detail,
            "outcome": CameTo.UNKNOWN,
            "other_key": other.key if other else None,
        }
        async with self._database.write() as connection:
            if isinstance(who, Link) and not await has_link(connection, person):
                raise NotLinked
            entry = (await connection.execute(_BEGIN, values)).scalar_one()
        try:
            yield acting
        except BaseException as error:
            acting.outcome = came_to(error)
            raise
        finally:
            ended = {
                "entry": entry, "came_to": acting.outcome, "job": acting.job_id, "told": acting.detail,
            }  # fmt: skip
            # It is done already: where the database cannot be used, the log tells it.
            with if_possible(f"{person.key} did {act} to {acting.job_id}: {acting.outcome}"):
                async with self._database.write() as connection:
                    await connection.execute(_END, ended)

    async def acts_on(self, job_id: int) -> list[AuditEntry]:
        """What was done to a job, oldest first."""
        return await self._acts(select(audit).where(audit.c.job_id == job_id).order_by(audit.c.id))

    async def acts_of(self, person: Person, most: int) -> list[AuditEntry]:
        """The last things that a person did, the newest first."""
        mine = select(audit).where(audit.c.person_key == person.key)
        return await self._acts(mine.order_by(audit.c.id.desc()).limit(most))

    async def acts_since(self, since: datetime | None) -> list[AuditEntry]:
        """What everybody did, oldest first; raises DatabaseUnusable when it cannot be read."""
        wanted = select(audit).order_by(audit.c.id)
        async with self._database.first_contact():
            return await self._acts(wanted if since is None else wanted.where(audit.c.at >= since))

    async def _acts(self, wanted: Select[*tuple[Any, ...]]) -> list[AuditEntry]:
        async with self._database.read() as connection:
            return [_entry(row) for row in await connection.execute(wanted)]


def _entry(row: Row[*tuple[Any, ...]]) -> AuditEntry:
    person = None if row.person_key == FORGOTTEN else Person.of_key(row.person_key)
    other = Person.of_key(row.other_key) if row.other_key else None
    return AuditEntry(row.at, person, row.act, row.job_id, row.outcome, row.detail, other)
