"""Answering an import's question: check, send once, remember, and find out what became of it."""

import asyncio
from collections.abc import Collection, Mapping
from datetime import datetime

import structlog

from bot.acts import Did
from bot.ecotaxa import EcoTaxa
from bot.errors import EcoTaxaError, NotFound, Unavailable, UsageError
from bot.forms import LEFT, Picks, row_of
from bot.jobs import Answer, Became, Job, JobState, Outcome, Question
from bot.language import say
from bot.links import Link
from bot.lookup import Lookup
from bot.names import TaxonMemory
from bot.store import NameKind, Pick, Store, if_possible
from bot.suggestions import AT_ONCE, Name, names_of
from bot.work import Work

_log = structlog.get_logger(__name__)

LOOKS = (0.3, 0.7, 1, 1, 2, 2, 3, 3)
"""Seconds between the looks that find out what became of an answer: 13 in all."""


class Answering:
    """Sends answers as the person whose link it is."""

    def __init__(self, ecotaxa: EcoTaxa, lookup: Lookup, store: Store, work: Work) -> None:
        self._ecotaxa = ecotaxa
        self._lookup = lookup
        self._store = store
        self._work = work
        self._under_way: dict[tuple[int, int, str], asyncio.Task[Outcome]] = {}

    async def answer(self, link: Link, job_id: int, mark: str, picks: Picks, now: datetime) -> Outcome:
        """Answer the question known by `mark`; raises EcoTaxaError when EcoTaxa cannot be asked.

        Raises UsageError when none of `picks` is for a name that is asked.  The kept picks go when the job
        has finished or is deleted; until then it may fail, and ask for all of them again once restarted.
        Nothing is sent when the job no longer asks that question.  Who answers it twice at the same
        time, by a double click or on two devices, gets the outcome of the first twice.
        """
        key = (link.token.ecotaxa_user_id, job_id, mark)
        task = self._under_way.get(key)
        if task is None:
            task = self._work.start(self._answer(link, job_id, mark, picks, now), name="answer")
            self._under_way[key] = task
            task.add_done_callback(lambda _: self._under_way.pop(key))
        return await task

    async def _answer(self, link: Link, job_id: int, mark: str, picks: Picks, now: datetime) -> Outcome:
        try:
            job = await self._ecotaxa.get_job(link.token, job_id)
        except NotFound:
            await self._store.drop_picks(link.person, job_id)
            return Outcome(Became.DELETED, None)
        question = job.question
        if question is None or question.mark != mark:
            return Outcome(Became.NOT_SENT, job)
        given = {name: picks.get(row_of(name), LEFT) for name in names_of(question)}
        chosen = {name: pick for name, pick in given.items() if pick != LEFT}
        if not chosen:
            raise UsageError(say("You chose nothing for the names that EcoTaxa asks for now."))
        good = await self._known(link, chosen)
        unknown = {name: pick.label for name, pick in chosen.items() if name not in good}
        if not good:
            return Outcome(Became.NOT_SENT, job, unknown=tuple(unknown.values()))
        became, after = await self._give(link, job, question, good, now)
        with if_possible("what was chosen"):
            if became in (Became.FINISHED, Became.DELETED):
                await self._store.drop_picks(link.person, job.id)
            else:
                await self._reopen(link, job, unknown, now)
        return Outcome(became, after, len(good), tuple(unknown.values()))

    async def _give(
        self, link: Link, job: Job, question: Question, good: Mapping[Name, Pick], now: datetime
    ) -> tuple[Became, Job | None]:
        """Send the answer and see what becomes of it; what is not seen here is news later."""
        answer = Answer(_ids(good, "user"), _ids(good, "taxon"))
        rest, after = question.without(answer), None
        await self._store.foresee_rest(link.person, job, rest)
        try:
            detail = f"{len(good)} of {len(question)} names"
            async with self._store.acting(link, Did.ANSWER, now, job_id=job.id, detail=detail):
                await self._send(link, job, answer)
            await self._remember(link, job, good, now)
            became, after = await self._await_outcome(link, job)
        finally:
            with if_possible("what an answer left"):
                if after is None or after.mark != rest.mark:
                    await self._store.forget_rest(link.person, job, rest)
                await self._store.wake_account(link.token.ecotaxa_user_id, now)
        return became, after

    async def _reopen(self, link: Link, job: Job, unknown: Collection[Name], now: datetime) -> None:
        """Take back what was left for later, for later has come, and what EcoTaxa does not know."""
        kept = await self._store.find_picks(link.person, job.id)
        bad = {row_of(name) for name in unknown}
        gone = {row: None for row, pick in kept.items() if pick == LEFT or row in bad}
        if gone:
            await self._store.save_picks(link.person, job.id, gone, now)

    async def _known(self, link: Link, chosen: Mapping[Name, Pick]) -> dict[Name, Pick]:
        """Those that EcoTaxa knows; most were found by its own search, and are not asked for again."""
        gate = asyncio.Semaphore(AT_ONCE)

        async def exists(name: Name, pick: Pick) -> bool:
            async with gate:
                return await self._lookup.exists(link.token, name.kind, pick.id)

        known = await asyncio.gather(*(exists(name, pick) for name, pick in chosen.items()))
        return {name: pick for (name, pick), it in zip(chosen.items(), known, strict=True) if it}

    async def _send(self, link: Link, job: Job, answer: Answer) -> None:
        try:
            await self._ecotaxa.answer_job(link.token, job.id, answer)
        except Unavailable as error:
            # It may have arrived all the same: only the job itself can tell.
            if (await self._ecotaxa.get_job(link.token, job.id)).mark == job.mark:
                raise
            _log.info("answered, though the answer was lost", job_id=job.id, why=str(error))

    async def _remember(self, link: Link, job: Job, good: Mapping[Name, Pick], now: datetime) -> None:
        users = {name.text: pick for name, pick in good.items() if name.kind == "user"}
        if users:
            with if_possible("the users of an answer"):
                await self._store.remember_users(link.person, users, now)
        taxa = {name.text: pick for name, pick in good.items() if name.kind == "taxon"}
        for project_id in job.project_ids[:1] if taxa else ():
            try:
                await self._teach(link, project_id, taxa)
            except EcoTaxaError as error:
                # Whoever may not manage the project may still answer: its memory then stays as it was.
                _log.info("project memory not written", project=project_id, why=str(error))

    async def _teach(self, link: Link, project_id: int, taxa: Mapping[str, Pick]) -> None:
        memory = await self._ecotaxa.get_taxon_memory(link.token, project_id)
        from_to = {**memory.from_to, **{name: pick.id for name, pick in taxa.items()}}
        doc = {**memory.doc, **{name: pick.label for name, pick in taxa.items()}}
        if from_to != memory.from_to:
            await self._ecotaxa.put_taxon_memory(link.token, project_id, TaxonMemory(from_to, doc))

    async def _await_outcome(self, link: Link, before: Job) -> tuple[Became, Job | None]:
        """Read the job until it has come to something; EcoTaxa answers 200 whatever happens next."""
        job, moved = before, False
        for look, seconds in enumerate(LOOKS):
            if not await self._work.pause(seconds):
                break
            try:
                job = await self._ecotaxa.get_job(link.token, before.id)
            except NotFound:
                return Became.DELETED, None
            except EcoTaxaError as error:
                _log.info("outcome not read", job_id=before.id, why=str(error))
                continue
            moved = moved or job.state.is_active
            match job.state:
                case JobState.FINISHED:
                    return Became.FINISHED, job
                case JobState.ERROR:
                    return Became.FAILED, job
                # A job may show its old state for a moment after it was answered.
                case JobState.ASKING if moved or job.mark != before.mark or look >= 3:
                    return Became.ASKS_AGAIN, job
        return Became.GOES_ON, job


def _ids(good: Mapping[Name, Pick], kind: NameKind) -> dict[str, int]:
    return {name.text: pick.id for name, pick in good.items() if name.kind == kind}
