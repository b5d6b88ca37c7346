"""Looking at accounts: fetch, compare with what was seen before, record what changed and what it owes."""

import asyncio
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog
from cachetools import LRUCache

from bot import traces
from bot.captions import Captions
from bot.ecotaxa import EcoTaxa
from bot.errors import DatabaseUnusable, EcoTaxaError, NotAllowed, NotFound, TokenRejected
from bot.jobs import OPEN, Job, JobState
from bot.links import Person, Token
from bot.metrics import Metrics, Timed, Useless
from bot.newsdesk import Look, NewsDesk
from bot.rules.kinds import Told
from bot.store import Account, NewNotice, Settled, Store, WatchedLink
from bot.transitions import compare, moved
from bot.work import Work

_log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=60)
"""How long a look may take before another process may look at the same account."""
AT_ONCE = 25
"""Accounts looked at at the same time, at most."""
STEP = 12
"""How many a tick adds to those while more are due: an EcoTaxa that answers soon needs no more of them, and
each connection that is kept makes every request dearer."""
SMALL = 30
"""Jobs up to which one whole list is cheaper for EcoTaxa (5 ms, and 0.45 ms a job kept) than asking by
state, which takes three requests of 5 ms however many are kept."""
SECONDS_A_JOB = 0.5
"""A larger account is asked for all its jobs no sooner than so many seconds for each that it keeps: that
is a thousandth of a core of EcoTaxa's."""
FEW = 2
"""Jobs under way that are cheaper to ask about one by one than by their state."""
_REMEMBERED = 10_000
LONGEST_PAUSE = timedelta(minutes=10)
SILENT_FOR = timedelta(minutes=2)
"""How long EcoTaxa may be silent before people are told."""


def no_rest(_jobs: Sequence[Job], _now: datetime) -> None:
    """No account can be let be: nobody else sees its jobs."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How often to look.

    `rest` tells how long an account with these jobs can be let be, where somebody else sees them meanwhile.
    """

    active: timedelta
    idle: timedelta
    rest: Callable[[Sequence[Job], datetime], timedelta | None] = no_rest

    def next(self, jobs: Sequence[Job], now: datetime) -> timedelta:
        """The pause after a look that went well and found these jobs."""
        is_active = any(job.state.is_active for job in jobs)
        return self.rest(jobs, now) or (self.active if is_active else self.idle)

    def after_failure(self, failures: int, chance: float) -> timedelta:
        """The pause after so many looks in a row that failed; `chance` in [0, 1) spreads the accounts."""
        pause = min(self.active.total_seconds() * 2 ** min(failures, 12), LONGEST_PAUSE.total_seconds())
        return timedelta(seconds=pause * (0.75 + chance / 2))

    def wants_whole(self, account: Account, now: datetime) -> bool:
        """Whether to fetch all jobs: always for a small account, rarely for one that keeps thousands.

        Only a whole list shows a job that came and went between two looks.
        """
        if account.size <= SMALL or account.whole_at is None:
            return True
        if any(watched.snapshot is None for watched in account.links):
            return True
        # After a clock was put back, the last one seems to lie ahead.
        rarely = timedelta(seconds=SECONDS_A_JOB * account.size)
        return abs(now - account.whole_at) >= rarely

    def wants_states(self, moving: Mapping[int, JobState], asked_at: datetime | None, now: datetime) -> bool:
        """Whether to ask by state, which shows new jobs: as often as of an idle account where few are moving.

        `asked_at` is when that was done last.
        """
        if len(moving) > FEW or not any(state.is_active for state in moving.values()):
            return True
        return asked_at is None or abs(now - asked_at) >= self.idle


@dataclass(frozen=True, slots=True)
class Looked:
    """What one look found; `whole` when these are all the account's jobs, else `gone` are no more."""

    jobs: Sequence[Job]
    whole: bool
    gone: frozenset[int] = frozenset()


class Watcher:
    """Looks at every linked account in its time, one look an account however many people share it."""

    def __init__(
        self,
        store: Store,
        ecotaxa: EcoTaxa,
        pace: Pace,
        *,
        work: Work,
        on_news: Callable[[], None],
        on_progress: Callable[[Person, Sequence[Job]], None],
        metrics: Metrics,
    ) -> None:
        self._store = store
        self._metrics = metrics
        self._desk = NewsDesk(store, Captions.of_sizes(ecotaxa, work))
        self._on_progress = on_progress
        self._ecotaxa = ecotaxa
        self._pace = pace
        self._work = work
        self._on_news = on_news
        self._claiming = asyncio.Lock()
        self._more_due: tuple[datetime, int] | None = None
        """Where the last claim left some behind: its time, and how many looks were under way after it."""
        self._under_way: dict[int, datetime] = {}
        """By account: until when it is leased for the look that goes on."""
        self._settled: list[tuple[datetime, Settled]] = []
        self._asked_at: LRUCache[int, datetime] = LRUCache(_REMEMBERED)
        """By account: when it was asked by state last.  Another process may ask once more often for that."""
        self._chance = random.Random()  # noqa: S311  # spreads load, guards nothing
        self.good_at: datetime | None = None
        """When the last look that went well began; None before the first."""

    async def tick(self, now: datetime) -> None:
        """Settle the looks that ended since the last tick and start those that are due."""
        await self.settle(now)
        await self._begin(now, STEP)

    async def _begin(self, now: datetime, most: int) -> None:
        """Start looks at accounts that are due, `most` of them."""
        # One after the other: a timer and a ring that come together would each fill what room there is.
        async with self._claiming:
            places = min(most, AT_ONCE - len(self._under_way))
            if self._work.stopping.is_set() or places <= 0:
                return
            claimed = await self._store.claim_accounts(now, LEASE, places)
            for account in claimed:
                # A look that outlived its lease is still at it, and has another.
                is_at_it = account.ecotaxa_user_id in self._under_way
                self._under_way[account.ecotaxa_user_id] = account.leased_until
                if not is_at_it:
                    look = self._look_and_settle(account, now)
                    self._work.start(look, name=f"look {account.ecotaxa_user_id}")
            # Where every place was taken more may be due, for which the clock's next tick is too far away.
            self._more_due = (now, len(self._under_way)) if len(claimed) == places else None

    def _go_on(self) -> None:
        """Look at more accounts that are due, as many at once as were before."""
        if self._more_due is not None:
            now, before = self._more_due
            if (free := before - len(self._under_way)) >= STEP // 2:
                self._more_due = None
                self._work.start(self._begin(now, free), name="look")

    async def settle(self, now: datetime) -> None:
        """Write down when to look again at the accounts whose look has ended.

        Where the clock was put back since a look began, its pause counts from `now` on.
        """
        settled, self._settled = self._settled, []
        if settled:
            looks = [replace(it, due_at=min(it.due_at, now + (it.due_at - began))) for began, it in settled]
            try:
                await self._store.settle_accounts(looks)
            except DatabaseUnusable:
                self._settled = settled + self._settled
                raise

    async def _look_and_settle(self, account: Account, now: datetime) -> None:
        settled = Settled(
            account.ecotaxa_user_id,
            now + self._pace.idle,
            account.failures + 1,
            account.size,
            account.whole_at,
            account.leased_until,
        )
        try:
            with traces.begun("look"):
                settled = await self.look(account, now)
        finally:
            lease = self._under_way.pop(account.ecotaxa_user_id)
            self._settled.append((now, replace(settled, leased_until=lease)))
            self._go_on()

    async def look(self, account: Account, now: datetime) -> Settled:
        """Look at one account now; what changed is recorded, and told what it owes to each linked person."""
        with self._metrics.looking("account") as timed:
            return await self._look(account, now, timed)

    async def _look(self, account: Account, now: datetime, timed: Timed) -> Settled:
        done = Settled(account.ecotaxa_user_id, now, 0, account.size, account.whole_at, account.leased_until)
        for person in account.unreadable:
            await self._reject(person, None, now, "unreadable")
        account = await self._without_expired(account, now)
        links = sorted(account.links, key=lambda watched: watched.link.token.issued_at, reverse=True)
        for watched in links:
            try:
                looked = await self._fetch(watched.link.token, account, now)
            except TokenRejected:
                await self._reject(watched.link.person, watched.link.token.secret, now, "refused")
                account = replace(account, links=tuple(w for w in account.links if w is not watched))
            except EcoTaxaError as error:
                failures = account.failures + 1
                _log.warning(
                    "look failed", account=account.ecotaxa_user_id, why=str(error), failures=failures
                )
                await self._owe_silence(account, now)
                pause = self._pace.after_failure(failures, self._chance.random())
                return replace(done, due_at=now + pause, failures=failures)
            else:
                self.good_at = now
                if account.failures:
                    await self._store.end_silence([it.link.person for it in account.links], now)
                    self._on_news()
                settled = await self._record(account, looked, now)
                timed.outcome = "good"
                return settled
        timed.outcome = "no_token"
        return replace(done, due_at=now + LONGEST_PAUSE)

    async def _fetch(self, token: Token, account: Account, now: datetime) -> Looked:
        if self._pace.wants_whole(account, now):
            return Looked(await self._ecotaxa.list_jobs(token), whole=True)
        found: dict[int, Job] = {}
        gone: set[int] = set()
        moving = _moving(account.links)
        asked_at = self._asked_at.get(account.ecotaxa_user_id)
        by_state = self._pace.wants_states(moving, asked_at, now)
        if by_state:
            self._asked_at[account.ecotaxa_user_id] = now
        for state in OPEN if by_state else ():
            jobs = await self._ecotaxa.list_jobs(token, state)
            if any(job.state is not state for job in jobs):
                return Looked(jobs, whole=True)  # an older server, which ignores the filter
            found |= {job.id: job for job in jobs}
        for job_id in sorted(moving.keys() - found.keys())[:AT_ONCE]:
            try:
                found[job_id] = await self._ecotaxa.get_job(token, job_id)
            except (NotFound, NotAllowed):
                _log.info("a job is gone", job_id=job_id)
                gone.add(job_id)
        return Looked(list(found.values()), whole=False, gone=frozenset(gone))

    async def _record(self, account: Account, looked: Looked, now: datetime) -> Settled:
        news = False
        for watched in account.links:
            snapshot, transitions = compare(watched.snapshot, looked.jobs, whole=looked.whole)
            snapshot, before = snapshot.without(looked.gone), watched.snapshot
            person = watched.link.person
            self._on_progress(person, [job for job in looked.jobs if job.state.is_active])
            if snapshot == before:
                continue
            gone = before.jobs.keys() - snapshot.jobs.keys() if before else ()
            look = Look(watched, transitions, moved(before, looked.jobs), gone, now)
            notices, changes = await self._desk.owed(look)
            recorded = await self._store.record_look(person, watched.version, snapshot, notices, now, changes)
            news = news or (recorded and bool(notices or changes.cards))
            for transition in transitions if recorded else ():
                self._metrics.news(transition.event)
        if news:
            self._on_news()
        return Settled(
            account.ecotaxa_user_id,
            now + self._pace.next(looked.jobs, now),
            0,
            len(looked.jobs) if looked.whole else account.size,
            now if looked.whole else account.whole_at,
            account.leased_until,
        )

    async def _owe_silence(self, account: Account, now: datetime) -> None:
        """EcoTaxa does not answer: those who wait for something are told, if that goes on for a while."""
        if account.failures:
            return
        for watched in account.links:
            jobs = watched.snapshot.jobs.values() if watched.snapshot else ()
            if any(seen.state.is_active for seen in jobs):
                person, since = watched.link.person, now.isoformat()
                key = f"{person.key}/{Told.UNREACHABLE}/{since}"
                silence = NewNotice(
                    key, person, Told.UNREACHABLE, None, {"since": since}, later=now + SILENT_FOR
                )
                await self._store.owe(silence, now)

    async def _without_expired(self, account: Account, now: datetime) -> Account:
        """The account without links whose token's time is over, also where a colleague's still works."""
        expired = [watched.link for watched in account.links if watched.link.token.expires_at <= now]
        for link in expired:
            await self._reject(link.person, link.token.secret, now, "expired")
        return replace(account, links=tuple(it for it in account.links if it.link not in expired))

    async def _reject(self, person: Person, secret: str | None, now: datetime, why: Useless) -> None:
        if await self._store.reject_link(person, secret, now):
            self._metrics.useless(why)
            _log.info("link of no more use", person=person.key, why=why)
            self._on_news()


def _moving(links: Sequence[WatchedLink]) -> dict[int, JobState]:
    """The jobs that were under way or asking when any of the links last saw them."""
    snapshots = [watched.snapshot for watched in links if watched.snapshot is not None]
    return {job_id: state for snapshot in snapshots for job_id, state in snapshot.open.items()}
