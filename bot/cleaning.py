"""Clean-ups: one job after the other, slowly, in sight, and stopped at any moment."""

import asyncio
import secrets
from collections.abc import Callable
from datetime import datetime

import structlog

from bot import messages
from bot.acts import CameTo, Did
from bot.cleanup import End, Kept, Plan, Progress
from bot.commands import Scope
from bot.deeds import Effect
from bot.ecotaxa import EcoTaxa
from bot.errors import (
    DatabaseUnusable,
    EcoTaxaError,
    NotAllowed,
    NotFound,
    NotLinked,
    SlackBusy,
    SlackError,
    TokenRejected,
    Unavailable,
)
from bot.jobs import Job, JobState
from bot.links import Link
from bot.live import Screen
from bot.messages import Message
from bot.operations import Operations
from bot.store import WILL_AFTER, WILL_EVERY, NewNotice, Store, if_possible
from bot.work import Work

_log = structlog.get_logger(__name__)

PER_SECOND = 5.0
"""Jobs deleted in a second: three requests each, which EcoTaxa answers beside all that it does."""
SILENCES = 3
"""Jobs in a row for which EcoTaxa did not answer, after which a clean-up gives up."""

STATES = {
    Scope.DONE: (JobState.FINISHED,),
    Scope.FAILED: (JobState.ERROR,),
    Scope.ALL: (JobState.FINISHED, JobState.ERROR),
}
"""Which jobs a clean-up is about; those that somebody stopped count as failed."""

_EFFECTS = {Effect.TOOK: None, Effect.NOTHING: Kept.REFUSED, Effect.UNSURE: Kept.UNREACHED}


class Cleaning:
    """Deletes the jobs that were counted; a person has one clean-up at a time.

    `per_second` is how many jobs it deletes in a second at most.
    """

    def __init__(
        self,
        ecotaxa: EcoTaxa,
        operations: Operations,
        store: Store,
        work: Work,
        *,
        clock: Callable[[], datetime],
    ) -> None:
        self._ecotaxa = ecotaxa
        self._operations = operations
        self._store = store
        self._work = work
        self._clock = clock
        self.per_second = PER_SECOND

    async def find(self, link: Link, scope: Scope) -> list[Job]:
        """The person's own jobs that a clean-up would be about; raises EcoTaxaError."""
        found: dict[int, Job] = {}
        for state in STATES[scope]:
            for job in await self._ecotaxa.list_jobs(link.token, state):
                # Older servers ignore the filter.
                if job.state in STATES[scope]:
                    found[job.id] = job
        return list(found.values())

    async def start(self, link: Link, plan: Plan, screen: Screen) -> bool:
        """Begin to delete what was counted, shown on `screen`; False when another one is still at work."""
        run = secrets.token_hex(8)
        if not await self._store.begin_cleaning(link.person, run, self._clock()):
            return False
        self._work.start(self._run(link, plan, screen, run), name="clean up")
        return True

    async def _run(self, link: Link, plan: Plan, screen: Screen, run: str) -> None:
        try:
            async with self._store.acting(link, Did.CLEAN, self._clock()) as acting:
                progress, end = await self._delete_all(link, plan, screen, run)
                acting.outcome = CameTo.DONE if end is End.DONE else CameTo.STOPPED
                acting.detail = f"{progress.deleted} of {progress.total} deleted"
        finally:
            with if_possible("the end of a clean-up"):
                await self._store.end_cleaning(link.person, run)
        await self._tell(link, screen, messages.clean_summary(progress, end), run)
        await self._store.take_back_will(self._will(link, progress, run).key)

    def _will(self, link: Link, progress: Progress, run: str) -> NewNotice:
        """What the person is to read in place of the progress, should this process die."""
        summary, later = messages.clean_summary(progress, End.SHUTDOWN), self._clock() + WILL_AFTER
        return NewNotice.said(f"clean-up/{run}/broke-off", link.person, summary, later=later)

    async def _delete_all(self, link: Link, plan: Plan, screen: Screen, run: str) -> tuple[Progress, End]:
        progress, silent = Progress(len(plan)), 0
        sight, time = _Sight(screen), asyncio.get_running_loop().time
        left_at = time()
        await self._store.leave_will(self._will(link, progress, run), screen.message, self._clock())
        await sight.show(progress)
        for job_id, state in plan:
            if time() - left_at >= WILL_EVERY.total_seconds():
                left_at = time()
                will = self._will(link, progress, run)
                await self._store.leave_will(will, screen.message, self._clock())
            if not await self._work.pause(1 / self.per_second):
                return progress, End.SHUTDOWN
            try:
                if not await self._store.beat_cleaning(link.person, run, self._clock()):
                    return progress, await self._why(link, run)
            except DatabaseUnusable:
                return progress, End.BLIND
            try:
                kept = await self._delete(link, job_id, state)
            except TokenRejected:
                return progress, End.SIGNED_OUT
            except NotLinked:
                return progress, End.UNLINKED
            progress = progress.plus(job_id, kept)
            silent = silent + 1 if kept is Kept.UNREACHED else 0
            if silent == SILENCES:
                return progress, End.SILENT
            await sight.show_if_due(progress)
        return progress, End.DONE

    async def _why(self, link: Link, run: str) -> End:
        """Why the store takes no more signs of life of this clean-up."""
        if await self._store.cleaning_of(link.person) == run:
            return End.STOPPED
        is_linked = await self._store.link_marks([link.person.key])
        return End.TAKEN_OVER if is_linked else End.UNLINKED

    async def _delete(self, link: Link, job_id: int, state: JobState) -> Kept | None:
        """Delete one job, if it still is in the state in which it was counted; why it was kept."""
        try:
            deed = await self._operations.delete(link, job_id, only=state)
        except TokenRejected:
            raise
        except NotFound:
            return Kept.GONE
        except NotAllowed:
            return Kept.FORBIDDEN
        except EcoTaxaError as error:
            _log.info("a job was not cleaned up", job_id=job_id, why=str(error))
            return Kept.UNREACHED if isinstance(error, Unavailable) else Kept.REFUSED
        return _EFFECTS.get(deed.effect, Kept.CHANGED)

    async def _tell(self, link: Link, screen: Screen, summary: Message, run: str) -> None:
        """Show the summary where the progress stood; where that is gone, owe it as a direct message."""
        for _ in range(2):
            try:
                if screen.left:
                    await screen.show(summary)
                    return
                break
            except SlackBusy as busy:
                if not await self._work.pause(busy.retry_after):
                    break
            except SlackError as error:
                _log.info("the progress of a clean-up is gone", why=str(error))
                break
        said = NewNotice.said(f"clean-up/{run}", link.person, summary)
        await self._store.owe(said, self._clock())


class _Sight:
    """Shows progress as often as the screen allows."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._clock = asyncio.get_running_loop().time
        self._next = 0.0

    async def show_if_due(self, progress: Progress) -> None:
        """Show progress, if the last time was long enough ago."""
        if self._clock() >= self._next:
            await self.show(progress)

    async def show(self, progress: Progress) -> None:
        """Show progress now; where that cannot be, the clean-up goes on without."""
        if not self._screen.left:
            return
        try:
            await self._screen.show(messages.clean_progress(progress))
            pause = self._screen.gap
        except SlackBusy as busy:
            pause = busy.retry_after
        except SlackError as error:
            _log.info("the progress of a clean-up is not seen", why=str(error))
            pause = float("inf")
        self._next = self._clock() + pause
