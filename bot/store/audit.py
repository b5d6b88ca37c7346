"""The audit: who did what to which job."""

from datetime import datetime

from sqlalchemy import insert, select

from bot.links import Person
from bot.store.database import Shelf, if_possible
from bot.store.records import AuditEntry
from bot.store.tables import audit


class Audit(Shelf):
    """What people did through the bot, kept as long as notices are."""

    async def record_act(
        self, person: Person, act: str, job_id: int | None, now: datetime, detail: str = ""
    ) -> None:
        """Write down that `person` did `act`, such as `restart`, to a job.

        `detail` is a short text of ours; of foreign words only names belong in it.  It is done already:
        where the database cannot be used, the log tells it.
        """
        values = {"person_key": person.key, "act": act, "job_id": job_id, "at": now, "detail": detail[:500]}
        with if_possible(f"{person.key} did {act} to {job_id}"):
            async with self._database.write() as connection:
                await connection.execute(insert(audit).values(**values))

    async def acts_on(self, job_id: int) -> list[AuditEntry]:
        """What was done to a job, oldest first."""
        statement = select(audit).where(audit.c.job_id == job_id).order_by(audit.c.id)
        async with self._database.read() as connection:
            rows = (await connection.execute(statement)).all()
        return [
            AuditEntry(row.at, Person.of_key(row.person_key), row.act, row.job_id, row.detail) for row in rows
        ]
