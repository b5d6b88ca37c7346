"""One EcoTaxa with everything in it."""

import asyncio
from collections.abc import Callable
from datetime import tzinfo
from random import Random

from bot.sandbox.ecotaxa.accounts import Account, Accounts, Status
from bot.sandbox.ecotaxa.faults import Faults
from bot.sandbox.ecotaxa.jobs import Job, Jobs
from bot.sandbox.ecotaxa.pace import Pace
from bot.sandbox.ecotaxa.projects import Projects
from bot.sandbox.ecotaxa.refusals import bad_token, not_allowed, not_authenticated, not_found
from bot.sandbox.ecotaxa.runner import Runner
from bot.sandbox.ecotaxa.taxonomy import Taxonomy
from bot.sandbox.ecotaxa.traffic import Changes, Traffic

RECENT_TAXA = ("Cyclopoida", "part<Annelida", "egg<Actinopterygii", "Oithona similis")
"""What everybody in project 1 used last."""


class World:
    """The parts, and what takes more than one of them; `reset` makes them new, but job ids go on."""

    def __init__(
        self, *, speed: float, seed: int, zone: tzinfo, slots: int, crowd: int, clock: Callable[[], float]
    ) -> None:
        self.pace = Pace(speed)
        self.changes = Changes()
        self.taxonomy = Taxonomy()
        self.clock = clock
        self._seed, self._zone, self._slots, self._crowd = seed, zone, slots, crowd
        self._build(first_id=1)

    def _build(self, first_id: int) -> None:
        self.rng = Random(self._seed)  # noqa: S311 - the order of lists, not a secret
        self.accounts = Accounts(self.rng, f"sandbox {self._seed}", self.clock, self._crowd)
        self.projects = Projects(self.accounts, self.taxonomy.ids)
        self.faults = Faults()
        self.traffic = Traffic(self.clock)
        self.jobs = Jobs(self.rng, self._zone, self.clock, self.changes.ring, first_id)
        self.runner = Runner(self.jobs, self.taxonomy, self.pace, self._slots)
        for account in self.accounts:
            account.recent_taxa[1] = [self.taxonomy.ids[name] for name in RECENT_TAXA]

    async def start(self) -> None:
        """Start the background."""
        self.runner.start()

    async def close(self) -> None:
        """Stop the background."""
        self.changes.close()
        await self.runner.close()

    async def reset(self) -> None:
        """Forget every job, change and fault; logins from before stay good."""
        await self.runner.close()
        self._build(self.jobs.next_id)
        self.runner.start()
        self.changes.ring()
        await asyncio.sleep(0)

    def caller_id(self, authorization: str | None) -> int | None:
        """Whose token that header carries; None without a (good) one."""
        try:
            return self.accounts.owner(_bearer(authorization) or "")
        except ValueError:
            return None

    def caller(self, authorization: str | None) -> Account:
        """Who asks; refused without a good token of an active account."""
        token = _bearer(authorization)
        if token is None:
            raise not_authenticated()
        try:
            account = self.accounts.find(self.accounts.owner(token))
        except ValueError:
            raise bad_token() from None
        if account is None or account.status is not Status.ACTIVE:
            raise not_allowed()
        return account

    def job_of(self, caller: Account, job_id: int) -> Job:
        """A job that is the caller's to use; refused when there is none such."""
        job = self.jobs.find(job_id)
        if job is None:
            raise not_found()
        if job.owner_id != caller.id and not caller.is_admin:
            raise not_allowed()
        return job

    def erase(self, job: Job) -> None:
        """Kill, or delete; a job that survives its killing runs on, whatever its state tells."""
        if not (job.state == "R" and job.recipe.survives_kill):
            self.runner.stop(job)
        self.jobs.erase(job)


def _bearer(authorization: str | None) -> str | None:
    scheme, _, token = (authorization or "").partition(" ")
    return token if scheme.lower() == "bearer" and token else None
