"""With an administrator's token, everybody's jobs in a few small requests: who has to be looked at."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta

import structlog

from bot import traces
from bot.ecotaxa import EcoTaxa
from bot.errors import EcoTaxaError, NotAllowed, NotFound, Unavailable, UnexpectedAnswer
from bot.jobs import OPEN, Job
from bot.links import Person, Token
from bot.metrics import Metrics
from bot.sights import Sight
from bot.store import Store
from bot.store.sights import Turn

_log = structlog.get_logger(__name__)

MISSED_TURNS = 4
"""So many turns without a good sight, and accounts are looked at one by one again."""
REST = timedelta(minutes=30)
"""How long an account is let be that is seen: then a whole look finds what no sight showed."""
REFUSED_FOR = timedelta(minutes=10)
"""How long EcoTaxa is not asked again where it does not tell everybody's jobs, or not by their state."""


class Lookout:
    """Watches over all accounts at once; without it each is asked about by itself.

    `every` is the time between two sights, `alone` that within which every account has to be looked at once
    there is no sight any more.
    """

    def __init__(
        self,
        store: Store,
        ecotaxa: EcoTaxa,
        token: Token,
        *,
        every: timedelta,
        alone: timedelta,
        on_progress: Callable[[Person, Sequence[Job]], None],
        metrics: Metrics,
    ) -> None:
        self._store = store
        self._metrics = metrics
        self._ecotaxa = ecotaxa
        self._token = token
        self._every = every
        self._alone = alone
        self._on_progress = on_progress
        self._good_until: datetime | None = None
        self._newest = 0

    async def tick(self, now: datetime) -> None:
        """Look, if it is this process's turn, and have those looked at whose jobs moved."""
        # A little less than the pause between two ticks, which are never exactly as far apart.
        turn = await self._store.take_turn(now, now + self._every * 0.8)
        if turn is None:
            self._good_until, self._newest = await self._store.sees_until()
            return
        with traces.begun("look at everybody's jobs"):
            await self._look(turn, now)

    async def _look(self, turn: Turn, now: datetime) -> None:
        try:
            with self._metrics.looking("everybody") as looked:
                jobs = await self._open()
                sight = Sight.of(jobs, turn.before.newest)
                gone = await self._owners(sight.missed(turn.before))
                looked.outcome = "good"
        except EcoTaxaError as error:
            _log.warning("no sight of everybody's jobs", why=str(error))
            again_at = turn.until if isinstance(error, Unavailable) else now + REFUSED_FOR
            await self._store.lose_sight(now, again_at, self._alone)
            self._good_until = None
            return
        moved = sight.moved(turn.before) | gone
        good_until = now + self._every * MISSED_TURNS
        if await self._store.record_sight(turn, sight, moved, now, good_until):
            self._good_until, self._newest = good_until, sight.newest
            await self._show_progress(jobs)

    async def _open(self) -> list[Job]:
        found: dict[int, Job] = {}
        for state in OPEN:
            jobs = await self._ecotaxa.list_jobs(self._token, state, everyone=True)
            if any(job.state is not state for job in jobs):
                # Everything that everybody keeps may be a hundred thousand jobs: better to ask one by one.
                raise UnexpectedAnswer(detail="an older EcoTaxa, which does not list jobs by their state")
            found |= {job.id: job for job in jobs}
        return list(found.values())

    async def _owners(self, job_ids: Collection[int]) -> set[int]:
        """Whose these jobs are; nobody's where there is none (any more)."""
        owners = set()
        for job_id in job_ids:
            try:
                owners.add((await self._ecotaxa.get_job(self._token, job_id)).owner_id)
            except (NotFound, NotAllowed):
                continue
        return {owner for owner in owners if owner is not None}

    async def _show_progress(self, jobs: Sequence[Job]) -> None:
        running: dict[int, list[Job]] = {}
        for job in jobs:
            if job.state.is_active and job.owner_id is not None:
                running.setdefault(job.owner_id, []).append(job)
        for account, people in (await self._store.people_of(running)).items():
            for person in people:
                self._on_progress(person, running[account])

    def rest(self, jobs: Sequence[Job], now: datetime) -> timedelta | None:
        """How long an account with these jobs can be let be; None where it has to be looked at by itself.

        A job that no sight showed yet could come to its end before the next one.
        """
        if self._good_until is None or self._good_until <= now:
            return None
        is_seen = all(job.id <= self._newest for job in jobs if job.state.is_active)
        return REST if is_seen else None
