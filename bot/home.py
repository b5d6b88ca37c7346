"""App Homes that keep up to date while they are looked at, within what Slack lets an app publish."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from weakref import WeakValueDictionary

import structlog
from cachetools import LRUCache

from bot.captions import Captions
from bot.ecotaxa import EcoTaxa
from bot.errors import (
    DeliveryUnknown,
    EcoTaxaError,
    NotAllowed,
    NotFound,
    SlackBusy,
    SlackError,
    TokenRejected,
    TokenUnreadable,
)
from bot.jobs import JobState
from bot.links import Link, LinkState, Person, Workspace
from bot.lister import MANY
from bot.messages import shown_projects
from bot.messages.home import SHOWN, Digest, home, home_of_broken, home_of_unlinked
from bot.slack import Slack
from bot.store import Store
from bot.work import Work

_log = structlog.get_logger(__name__)

LATELY = timedelta(minutes=15)
"""How long EcoTaxa is asked for progress after a person last opened their home or pressed something on it."""
KEPT = timedelta(days=1)
"""How long a home is published anew after changes: of one that was left open, Slack tells nothing more."""
AT_ONCE = 1_000
"""Homes kept up to date: of more, those that were opened first wait for being opened again."""
GAP_SECONDS = 3.0
"""From one publishing of a home to the next that its person did not ask for: all people of a workspace
share about 100 a minute."""
LEAST_WAIT = 1.0
"""Seconds without publishing after Slack asked to wait, however few it named."""
AGAIN = (3.0, 6.0, 12.0, 24.0, 48.0)
"""Seconds from a publishing that failed, or may have, to each further try: after the last, a change is
waited for."""

_LISTED = (JobState.PENDING, JobState.RUNNING, JobState.ASKING, JobState.ERROR)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A home as it is to be published: its view, the jobs on it, if it shows any, and the link's mark.

    `is_whole` is False when EcoTaxa did not tell the jobs.
    """

    view: Mapping[str, Any]
    mark: str | None = None
    digest: Digest | None = None
    is_whole: bool = True


class Views:
    """Draws homes, with the rights of whose home it is."""

    def __init__(
        self,
        ecotaxa: EcoTaxa,
        store: Store,
        titles: Captions,
        *,
        clock: Callable[[], datetime],
        web_url: str,
    ) -> None:
        self._ecotaxa = ecotaxa
        self._store = store
        self._titles = titles
        self._clock = clock
        self._web_url = web_url

    async def draw(self, person: Person, before: Digest | None) -> Drawn:
        """The person's home now; with `before`, only the jobs that ran are read again, if that will do."""
        # Read first: what changes meanwhile then has another mark.
        mark = (await self._store.link_marks([person.key])).get(person.key)
        try:
            link = await self._store.find_link(person)
            if link is None:
                return Drawn(home_of_unlinked(self._web_url), mark)
            if link.state is not LinkState.ACTIVE or link.token.expires_at <= self._clock():
                raise TokenRejected
            digest = await self._digest(link, before)
        except (TokenRejected, TokenUnreadable) as error:
            return Drawn(home_of_broken(error, self._web_url), mark)
        if isinstance(digest, EcoTaxaError):
            _log.info("a home shows no jobs", why=str(digest))
            return Drawn(home(link, digest, self._clock(), self._web_url), mark, is_whole=False)
        projects = {project for job in digest.jobs for project in shown_projects(job)}
        titles = await self._titles.find(link.token, projects)
        return Drawn(home(link, digest, self._clock(), self._web_url, titles), mark, digest)

    async def _digest(self, link: Link, before: Digest | None) -> Digest | EcoTaxaError:
        """The jobs to show, or why there are none to be had; raises TokenRejected."""
        try:
            return (await self._moved(link, before) if before else None) or await self._listed(link)
        except TokenRejected:
            raise
        except EcoTaxaError as error:
            return error

    async def _moved(self, link: Link, before: Digest) -> Digest | None:
        """The same jobs, those that run as they are now; None when they have to be listed anew."""
        try:
            running = [await self._ecotaxa.get_job(link.token, job.id) for job in before.running]
        except (NotFound, NotAllowed):
            return None
        is_same = all(job.state.is_active for job in running)
        return replace(before, running=running) if is_same else None

    async def _listed(self, link: Link) -> Digest:
        """All there is, without asking for the whole list of an account that keeps many jobs."""
        token = link.token
        seen = await self._store.seen_jobs(link.person, MANY)
        if seen is None:
            return Digest.of(await self._ecotaxa.list_jobs(token))
        lists = await asyncio.gather(*(self._ecotaxa.list_jobs(token, state) for state in _LISTED))
        jobs = {job.id: job for some in lists for job in some}
        ended = sorted(set(seen) - jobs.keys(), reverse=True)
        total = len(jobs) + len(ended)
        for job_id in ended[:SHOWN]:
            try:
                jobs[job_id] = await self._ecotaxa.get_job(token, job_id)
            except (NotFound, NotAllowed):
                total -= 1
        return Digest.of(jobs.values(), total)


@dataclass(eq=False)
class _Publishing:
    """What all homes of a workspace have in common: how much Slack takes of them."""

    quiet_until: float = float("-inf")
    """Until then Slack asked to wait."""
    queue: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held by the one that goes first after that; the others wait for it."""

    @property
    def is_quiet(self) -> bool:
        """Whether Slack asked to wait."""
        return _now() < self.quiet_until

    @property
    def is_scarce(self) -> bool:
        """Whether people wait for it: what nobody asked for comes behind them."""
        return self.is_quiet or self.queue.locked()


@dataclass(eq=False)
class _Home:
    """One person's home: what stands there, and what is still to be done about it."""

    person: Person
    publishing: _Publishing
    opened_at: datetime
    drawn: Drawn | None = None
    mark: str | None = None
    tried_at: float = float("-inf")
    failures: int = 0
    is_due: bool = False
    wants_list: bool = False
    wants_publishing: bool = False

    @property
    def moves(self) -> bool:
        """Whether it becomes another one by itself: jobs run, or EcoTaxa did not tell them."""
        drawn = self.drawn
        return drawn is not None and (not drawn.is_whole or bool(drawn.digest and drawn.digest.running))

    def is_to_be_tried_again(self, age: float) -> bool:
        """Whether the last publishing failed, `age` seconds ago, and it is time for the next."""
        return 0 < self.failures <= len(AGAIN) and age >= AGAIN[self.failures - 1]

    def put_off(self) -> None:
        """Have it published later, as it is by then."""
        self.is_due = self.wants_list = self.wants_publishing = True


class Homes:
    """Publishes homes: at once when their person opens them, and again when something changes.

    Of one person's home one publishing is under way at a time: what is asked for meanwhile is in the next.
    When Slack asks to wait, all homes of that workspace do, and those that were asked for go one after the
    other then, each as it is by then; what failed otherwise, or may have, is tried again a few times.
    Changes are seen in the store, so that it does not matter which process looked at the account; the
    progress of the jobs shown is asked of EcoTaxa every `progress_seconds`, while the person was there
    lately.
    """

    def __init__(
        self,
        slack: Slack,
        store: Store,
        work: Work,
        views: Views,
        *,
        clock: Callable[[], datetime],
        progress_seconds: float,
    ) -> None:
        self._slack = slack
        self._store = store
        self._work = work
        self._views = views
        self._clock = clock
        self._progress_seconds = max(progress_seconds, GAP_SECONDS)
        self._homes: LRUCache[str, _Home] = LRUCache(AT_ONCE)
        self._under_way: dict[str, _Home] = {}
        self._publishing: WeakValueDictionary[Workspace, _Publishing] = WeakValueDictionary()

    def opened(self, person: Person) -> None:
        """A person looks at their home, or did something on it: publish it anew, and keep it so."""
        key, now = person.key, self._clock()
        # Taken out and put back as the last: the first one goes when there are too many.
        shown = self._homes.pop(key, None)
        # One that was forgotten may still be on its way.
        shown = shown or self._under_way.get(key) or self._new(person, now)
        self._homes[key] = shown
        shown.opened_at = now
        shown.failures = 0
        # Another process may have published something else since: what stands there is not relied on.
        shown.wants_publishing = True
        self._ask(shown, wants_list=True)

    def _new(self, person: Person, now: datetime) -> _Home:
        publishing = self._publishing.setdefault(person.workspace, _Publishing())
        return _Home(person, publishing, now)

    def forget(self, person: Person) -> None:
        """Publish a home once more, as it is for a stranger, and keep nothing of it in mind."""
        shown = self._homes.pop(person.key, None)
        if shown is not None:
            self._ask(shown, wants_list=True)

    async def tick(self) -> None:
        """Start publishing the homes for which something has changed, behind all that people ask for."""
        now = self._clock()
        for key in [key for key, shown in self._homes.items() if shown.opened_at < now - KEPT]:
            del self._homes[key]
        homes = {key: shown for key, shown in self._homes.items() if not shown.publishing.is_scarce}
        if not homes:
            return
        marks = await self._store.link_marks(list(homes))
        for key, shown in homes.items():
            if key in self._homes and key not in self._under_way:
                self._keep_up(shown, marks.get(key), is_recent=shown.opened_at >= now - LATELY)

    def _keep_up(self, shown: _Home, mark: str | None, *, is_recent: bool) -> None:
        """Publish a home if there is something new, or the last publishing failed."""
        age = _now() - shown.tried_at
        if mark != shown.mark:
            if age >= GAP_SECONDS:
                # Kept even if it cannot be drawn: what fails for one state fails a few times, not for ever.
                shown.mark, shown.failures = mark, 0
                self._ask(shown, wants_list=True)
        elif shown.is_to_be_tried_again(age):
            shown.put_off()
            self._ask(shown)
        elif is_recent and shown.moves and age >= self._progress_seconds:
            self._ask(shown)

    def _ask(self, shown: _Home, *, wants_list: bool = False) -> None:
        shown.is_due = True
        shown.wants_list = shown.wants_list or wants_list
        key = shown.person.key
        if key not in self._under_way:
            self._under_way[key] = shown
            self._work.start(self._keep(shown), name="home")

    async def _keep(self, shown: _Home) -> None:
        """Publish until nothing new is asked for: whatever comes meanwhile is in the next one."""
        publishing = shown.publishing
        try:
            while shown.is_due:
                if not publishing.is_quiet:
                    await self._draw(shown)
                    continue
                async with publishing.queue:
                    if not await self._work.pause(publishing.quiet_until - _now()):
                        return
                    await self._draw(shown)
        except Exception:
            shown.failures, shown.tried_at = shown.failures + 1, _now()
            raise
        finally:
            del self._under_way[shown.person.key]

    async def _draw(self, shown: _Home) -> None:
        before = shown.drawn.digest if shown.drawn and not shown.wants_list else None
        # Taken down before anything is read: what is asked for meanwhile is for the next time.
        shown.is_due = shown.wants_list = False
        drawn = await self._views.draw(shown.person, before)
        shown.tried_at = _now()
        is_new = shown.drawn is None or drawn.view != shown.drawn.view
        shown.drawn, shown.mark = drawn, drawn.mark
        if is_new or shown.wants_publishing:
            await self._publish(shown, drawn)
        shown.failures = 0

    async def _publish(self, shown: _Home, drawn: Drawn) -> None:
        """Give the home to Slack; raises DeliveryUnknown when nobody knows whether Slack took it."""
        publishing = shown.publishing
        # Slack may have asked to wait while this one was drawn.
        if publishing.is_quiet:
            shown.put_off()
            return
        shown.wants_publishing = False
        try:
            slack = self._slack.of(shown.person.workspace)
            await slack.call("views.publish", user_id=shown.person.user_id, view=drawn.view)
        except SlackBusy as busy:
            _log.info("homes wait", workspace=shown.person.workspace.key, seconds=busy.retry_after)
            quiet_until = _now() + max(LEAST_WAIT, busy.retry_after)
            publishing.quiet_until = max(publishing.quiet_until, quiet_until)
            shown.put_off()
        except SlackError as error:
            shown.wants_publishing = True
            _log.warning("a home could not be published", person=shown.person.key, why=str(error))
            if isinstance(error, DeliveryUnknown):
                raise


def _now() -> float:
    return asyncio.get_running_loop().time()
