"""Runs: how jobs went, for what is usual and for summaries."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.jobs import JobState
from bot.rules.runs import Run
from bot.store.database import Database, Shelf
from bot.store.tables import UtcTime, runs

PAST = 60
"""So many of the last runs of a kind say what is usual."""

_COLUMNS = (
    runs.c.job_id, runs.c.type, runs.c.project_id, runs.c.attempt, runs.c.state, runs.c.pending_at,
    runs.c.started_at, runs.c.ended_at, runs.c.size, runs.c.was_stopped,
)  # fmt: skip
_FIND = select(*_COLUMNS).where(
    runs.c.ecotaxa_user_id == bindparam("account"), runs.c.job_id.in_(bindparam("jobs", expanding=True))
)
_PAST = (
    select(*_COLUMNS)
    .where(
        runs.c.type == bindparam("of_type"),
        runs.c.ended_at.is_not(None),
        runs.c.state == JobState.FINISHED.value,
    )
    .order_by(runs.c.ended_at.desc())
    .limit(PAST)
)
_SINCE = select(*_COLUMNS).where(
    runs.c.ecotaxa_user_id == bindparam("account"), runs.c.moved_at >= bindparam("since", type_=UtcTime)
)


class Runs(Shelf):
    """The last run of each job, by the account whose job it is."""

    async def find_runs(self, ecotaxa_user_id: int, job_ids: Collection[int]) -> dict[int, Run]:
        """The runs of these jobs of an account, as far as a look saw them."""
        async with self._database.read() as connection:
            rows = await connection.execute(_FIND, {"account": ecotaxa_user_id, "jobs": list(job_ids)})
            return {row.job_id: _run(row) for row in rows}

    async def past_runs(self, job_type: str) -> list[Run]:
        """The last good ends of jobs of a type, of all accounts: for their times alone."""
        async with self._database.read() as connection:
            return [_run(row) for row in await connection.execute(_PAST, {"of_type": job_type})]

    async def runs_since(self, ecotaxa_user_id: int, since: datetime) -> list[Run]:
        """The account's runs that moved after `since`."""
        async with self._database.read() as connection:
            rows = await connection.execute(_SINCE, {"account": ecotaxa_user_id, "since": since})
            return [_run(row) for row in rows]


async def record_runs(
    database: Database,
    connection: AsyncConnection,
    ecotaxa_user_id: int,
    seen: Collection[Run],
    now: datetime,
) -> None:
    """Keep how jobs of an account go, within the caller's transaction."""
    if not seen:
        return
    insert = database.insert(runs)
    names = ("attempt", "state", "was_stopped", "pending_at", "started_at", "ended_at", "moved_at", "size")
    statement = insert.on_conflict_do_update(
        index_elements=list(runs.primary_key), set_={name: insert.excluded[name] for name in names}
    )
    rows = [
        {
            "ecotaxa_user_id": ecotaxa_user_id,
            "job_id": run.job_id,
            "type": run.type,
            "project_id": run.project_id,
            "size": run.size,
            "attempt": run.attempt,
            "state": run.state.value,
            "was_stopped": run.was_stopped,
            "pending_at": run.pending_at,
            "started_at": run.started_at,
            "ended_at": run.ended_at,
            "moved_at": now,
        }
        for run in seen
    ]
    await connection.execute(statement, rows)


def _run(row: Row[*tuple[Any, ...]]) -> Run:
    known = row._asdict()
    return Run(state=JobState(known.pop("state")), **known)
