"""Answering an import's question: check, send once, remember, and find out what became of it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import structlog

from bot.ecotaxa import EcoTaxa
from bot.errors import EcoTaxaError, NotFound, Unavailable
from bot.forms import Picks, row_of
from bot.jobs import Answer, Became, Job, JobState, Outcome
from bot.links import Link
from bot.lookup import Lookup
from bot.names import TaxonMemory
from bot.store import Pick, Store
from bot.suggestions import Name, names_of
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

    async def answer(self, link: Link, job_id: int, mark: str, picks: Picks, now: datetime) -> Outcome:
        """Answer the question known by `mark`; raises EcoTaxaError when EcoTaxa cannot be asked.

        Nothing is sent when the job no longer asks that question.
        """
        try:
            job = await self._ecotaxa.get_job(link.token, job_id)
        except NotFound:
            return Outcome(Became.DELETED, None)
        if job.question is None or job.question.mark != mark:
            return Outcome(Became.NOT_SENT, job)
        chosen = {name: pick for name in names_of(job.question) if (pick := picks.get(row_of(name)))}
        good = {n: p for n, p in chosen.items() if await self._lookup.exists(link.token, n.kind, p.id)}
        unknown = tuple(pick.label for name, pick in chosen.items() if name not in good)
        if not good:
            return Outcome(Became.NOT_SENT, job, unknown=unknown)
        await self._send(link, job, good)
        await self._remember(link, job, good, now)
        became, after = await self._await_outcome(link, job)
        if became is not Became.NOT_SENT:
            await self._store.wake_account(link.token.ecotaxa_user_id, now)
        return Outcome(became, after, len(good), unknown)

    async def _send(self, link: Link, job: Job, good: Mapping[Name, Pick]) -> None:
        answer = Answer(
            {name.text: pick.id for name, pick in good.items() if name.kind == "user"},
            {name.text: pick.id for name, pick in good.items() if name.kind == "taxon"},
        )
        # What is left to ask is no news to the person who leaves it: seen before it can be told.
        await self._store.acknowledge_job(link.person, without(job, answer))
        try:
            await self._ecotaxa.answer_job(link.token, job.id, answer)
        except Unavailable as error:
            # It may have arrived all the same: only the job itself can tell.
            now = await self._ecotaxa.get_job(link.token, job.id)
            if now.question is not None and now.question.mark == _mark(job):
                await self._store.acknowledge_job(link.person, job)
                raise
            _log.info("answered, though the answer was lost", job_id=job.id, why=str(error))
        except EcoTaxaError:
            await self._store.acknowledge_job(link.person, job)
            raise

    async def _remember(self, link: Link, job: Job, good: Mapping[Name, Pick], now: datetime) -> None:
        users = {name.text: pick for name, pick in good.items() if name.kind == "user"}
        if users:
            await self._store.remember_users(link.person, users, now)
        await self._store.drop_picks(link.person, job.id)
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

    async def _await_outcome(self, link: Link, before: Job) -> tuple[Became, Job]:
        """Read the job until it has come to something; EcoTaxa answers 200 whatever happens next."""
        job, moved = before, False
        for look, seconds in enumerate(LOOKS):
            if not await self._work.pause(seconds):
                break
            try:
                job = await self._ecotaxa.get_job(link.token, before.id)
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


def without(job: Job, answer: Answer) -> Job:
    """The job as it will ask for the rest once `answer` is taken."""
    question = job.question
    if question is None:
        return job
    left: dict[str, Any] = {
        "missing_users": [name for name in question.users if name not in answer.users],
        "missing_taxa": [name for name in question.taxa if name not in answer.taxa],
    }
    return Job(job.id, job.state, {**job.raw, "question": left}, job.zone)


def _mark(job: Job) -> str:
    return job.question.mark if job.question is not None else ""
