"""Reports: where people want to hear of a job, if not by direct message."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import bindparam, select

from bot.links import Person
from bot.store.answers import has_link
from bot.store.database import Shelf
from bot.store.tables import reports

_FIND = select(reports.c.job_id, reports.c.channel).where(
    reports.c.person_key == bindparam("person"), reports.c.job_id.in_(bindparam("jobs", expanding=True))
)


class Reports(Shelf):
    """Jobs that report in a channel; only of people with a link."""

    async def report_to(self, person: Person, job_id: int, channel: str, now: datetime) -> None:
        """Have what becomes of a job told in `channel`, in place of where it was told before."""
        insert = self._database.insert(reports).values(
            person_key=person.key, job_id=job_id, channel=channel, asked_at=now
        )
        upsert = insert.on_conflict_do_update(
            index_elements=list(reports.primary_key), set_={"channel": channel, "asked_at": now}
        )
        async with self._database.write() as connection:
            if await has_link(connection, person):
                await connection.execute(upsert)

    async def find_reports(self, person: Person, job_ids: Collection[int]) -> dict[int, str]:
        """The channels in which those of the person's jobs report that do not by direct message."""
        async with self._database.read() as connection:
            rows = await connection.execute(_FIND, {"person": person.key, "jobs": list(job_ids)})
            return {row.job_id: row.channel for row in rows}
