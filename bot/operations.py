"""Restarting, stopping and deleting jobs: look, act once, look again, and tell what really came of it."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from weakref import WeakValueDictionary

import structlog

from bot.deeds import Act, Deed, Effect, judge
from bot.ecotaxa import EcoTaxa
from bot.errors import EcoTaxaError, NotFound, Unavailable
from bot.jobs import Job, JobState
from bot.links import Link
from bot.store import Store, if_possible
from bot.work import Work

_log = structlog.get_logger(__name__)

LOOKS = (0.0, 0.3, 0.7, 1.5)
"""Seconds before each look that finds out what an act came to."""


class Operations:
    """Does what people want done to jobs, with the token of who wants it."""

    def __init__(self, ecotaxa: EcoTaxa, store: Store, work: Work, *, clock: Callable[[], datetime]) -> None:
        self._ecotaxa = ecotaxa
        self._store = store
        self._work = work
        self._clock = clock
        self._alone: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    async def restart(self, link: Link, job_id: int) -> Deed:
        """Restart a failed or stopped job; raises EcoTaxaError, NotLinked when the link is gone by then."""
        deed = await self._do(link, Act.RESTART, job_id)
        if deed.effect is Effect.TOOK and _is_own(link, deed.before):
            with if_possible("a restart"):
                await self._store.begin_anew(link.person, deed.before)
            await self._look_soon(link)
        return deed

    async def kill(self, link: Link, job_id: int) -> Deed:
        """Stop a job that waits, runs or asks; raises like `restart`.

        EcoTaxa has one call to stop and to delete: a job that ends between the look and the call is deleted.
        """
        deed = await self._do(link, Act.KILL, job_id)
        await self._look_soon(link)
        return deed

    async def delete(self, link: Link, job_id: int, only: JobState | None = None) -> Deed:
        """Delete a job that has ended, or only one in that state; raises like `restart`."""
        return await self._do(link, Act.DELETE, job_id, only)

    async def _look_soon(self, link: Link) -> None:
        with if_possible("a look that is due"):
            await self._store.wake_account(link.token.ecotaxa_user_id, self._clock())

    async def _do(self, link: Link, act: Act, job_id: int, only: JobState | None = None) -> Deed:
        # One act on a job at a time: two calls after one look would stop a job and then delete it.
        async with self._alone.setdefault(job_id, asyncio.Lock()):
            before = await self._ecotaxa.get_job(link.token, job_id)
            if not act.fits(before.state) or only not in (None, before.state):
                return Deed.refused(act, before)
            if act is Act.KILL and _is_own(link, before):
                await self._store.foresee_kill(link.person, before)
            async with self._store.acting(link, act, self._clock(), job_id=job_id) as acting:
                is_answered = await self._order(link, act, job_id)
                deed = await self._find_out(link, act, before, is_answered=is_answered)
                acting.outcome = deed.effect
        return deed

    async def _order(self, link: Link, act: Act, job_id: int) -> bool:
        """Give the order, once; False when it is unknown whether it arrived, or is still being done."""
        order = self._ecotaxa.restart_job if act is Act.RESTART else self._ecotaxa.erase_job
        try:
            await order(link.token, job_id)
        except Unavailable as error:
            _log.info("an order without an answer", job_id=job_id, why=str(error))
            return False
        except NotFound:
            _log.info("a job went before the order came", job_id=job_id)
        return True

    async def _find_out(self, link: Link, act: Act, before: Job, *, is_answered: bool) -> Deed:
        """Read the job until the act is seen: EcoTaxa says 200 also when it did nothing.

        Only an order that was answered, and a last look that saw the job as before, tell that it did.
        """
        last = before
        for seconds in LOOKS:
            is_nothing = False
            if seconds and not await self._work.pause(seconds):
                break
            try:
                last = await self._ecotaxa.get_job(link.token, before.id)
            except NotFound:
                return Deed(act, judge(act, before, None) or Effect.TOOK, before, None)
            except EcoTaxaError as error:
                _log.info("an act's effect was not read", job_id=before.id, why=str(error))
                continue
            if (effect := judge(act, before, last)) is not None:
                return Deed(act, effect, before, last)
            is_nothing = is_answered
        return Deed(act, Effect.NOTHING if is_nothing else Effect.UNSURE, before, last)


def _is_own(link: Link, job: Job) -> bool:
    """Whether it is one of the account's jobs: an administrator's list does not show those of others."""
    return job.owner_id in (None, link.token.ecotaxa_user_id)
