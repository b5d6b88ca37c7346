"""Open job lists that move by themselves, within what Slack lets a message change."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

import structlog
from cachetools import TTLCache

from bot import messages
from bot.ecotaxa import EcoTaxa
from bot.errors import (
    BotError,
    DatabaseUnusable,
    NotAllowed,
    NotFound,
    SlackBusy,
    SlackError,
    TokenUnreadable,
)
from bot.links import Link, Person
from bot.lister import Lister
from bot.listing import Listing
from bot.messages import Message
from bot.slack import Sent, Slack
from bot.store import Store
from bot.work import Work

_log = structlog.get_logger(__name__)

LIVE_SECONDS = 1800
"""How long an open list looks again by itself."""


class Screen(Protocol):
    """Where an open list stands: how many changes it still takes, and how long to wait before the next."""

    left: int

    @property
    def place(self) -> str:
        """Which message it is; empty where that is not known."""

    @property
    def message(self) -> tuple[str, str] | None:
        """Its channel and `ts`; None for what only one person sees."""

    @property
    def gap(self) -> float:
        """Seconds that mere progress waits since the last change; a changed state does not wait."""

    async def show(self, message: Message) -> None:
        """Change what stands there; raises SlackError."""


@dataclass
class ByResponse:
    """An ephemeral message, changed through the response_url of a press: 5 uses, one of them spent.

    The response_url of a slash command changes nothing, it only adds (slackapi/bolt-js issue 2287).
    """

    slack: Slack
    url: str = field(repr=False)
    left: int = 4
    place: str = ""
    message: tuple[str, str] | None = None

    @property
    def gap(self) -> float:
        """Longer each time, and never for the last: that one is kept for the end."""
        return (float("inf"), 40.0, 15.0, 5.0, 3.0)[min(self.left - 1, 4)]

    async def show(self, message: Message) -> None:
        """Replace the message."""
        self.left -= 1
        await self.slack.respond(self.url, message, replace=True)


@dataclass
class ByUpdate:
    """A real message in the direct conversation, changed as often as `chat.update`'s rate allows."""

    slack: Slack
    sent: Sent
    left: int = 300

    @property
    def message(self) -> tuple[str, str]:
        """Its channel and `ts`."""
        return self.sent.channel, self.sent.ts

    @property
    def place(self) -> str:
        """The message itself."""
        return self.sent.ts

    @property
    def gap(self) -> float:
        """Quick at first, then calmer: 50 changes a minute are shared by the whole workspace."""
        return 3.0 if self.left > 280 else 10.0

    async def show(self, message: Message) -> None:
        """Change the message."""
        self.left -= 1
        await self.slack.update(self.sent, message)


class LiveLists:
    """Keeps each person's newest list moving; one at a time, and only its active jobs are asked for."""

    def __init__(
        self,
        ecotaxa: EcoTaxa,
        lister: Lister,
        store: Store,
        work: Work,
        *,
        clock: Callable[[], datetime],
        web_url: str,
        every_seconds: float,
    ) -> None:
        self._ecotaxa = ecotaxa
        self._lister = lister
        self._store = store
        self._work = work
        self._clock = clock
        self._web_url = web_url
        self._every = every_seconds
        self._newest: TTLCache[str, Screen] = TTLCache(10_000, ttl=2 * LIVE_SECONDS)
        self._newest_in: TTLCache[tuple[str, str], Screen] = TTLCache(10_000, ttl=2 * LIVE_SECONDS)

    def render(self, listing: Listing, *, live: bool) -> Message:
        """The message for a list; `live` when it will move by itself."""
        return messages.job_list(
            listing, now=self._clock(), web_url=self._web_url, live=live and listing.moves
        )

    def follow(self, link: Link, listing: Listing, screen: Screen) -> None:
        """Keep a list moving from now on; an earlier one of the same person stands still.

        One in the same place is gone: to follow the new list before it is shown keeps the old one away.
        """
        self._newest[link.person.key] = self._newest_in[link.person.key, screen.place] = screen
        if listing.moves:
            self._work.start(self._follow(link, listing, screen), name="open list")

    def forget(self, person: Person) -> None:
        """Let a person's lists stand as they are."""
        self._newest.pop(person.key, None)
        for key in [key for key in self._newest_in if key[0] == person.key]:
            self._newest_in.pop(key).left = 0

    async def _follow(self, link: Link, shown: Listing, screen: Screen) -> None:
        try:
            shown = await self._keep_moving(link, shown, screen)
            if shown.moves and self._still_stands(link, screen) and not self._work.stopping.is_set():
                await screen.show(self.render(shown, live=False))
        except SlackError as error:
            _log.info("an open list is gone", why=str(error))

    def _is_newest(self, link: Link, screen: Screen) -> bool:
        return self._newest.get(link.person.key) is screen

    def _still_stands(self, link: Link, screen: Screen) -> bool:
        """Whether the list is there and can change: in its place there may be another page or filter."""
        newest = self._newest_in.get((link.person.key, screen.place))
        return bool(screen.left) and (not screen.place or newest is screen)

    async def _keep_moving(self, link: Link, shown: Listing, screen: Screen) -> Listing:
        """Show what changes until nothing moves, or it may not go on: what is shown in the end."""
        waited = quiet = 0.0
        while screen.left and shown.moves and waited < LIVE_SECONDS:
            if not await self._work.pause(self._every):
                break
            try:
                if not await self._may_go_on(link, screen):
                    break
            except DatabaseUnusable:
                waited += self._every
                continue  # nobody knows whether it may: it waits
            waited, quiet = waited + self._every, quiet + self._every
            now = await self._look_again(link, shown)
            if not self._is_newest(link, screen):
                break
            is_due = now.progress() != shown.progress() and quiet >= screen.gap
            if now.states() == shown.states() and not is_due:
                continue
            try:
                await screen.show(self.render(now, live=screen.left > 1))
            except SlackBusy as busy:
                await self._work.pause(busy.retry_after)
                continue
            shown, quiet = now, 0.0
        return shown

    async def _may_go_on(self, link: Link, screen: Screen) -> bool:
        """Whether this is still the person's newest list, and their link still the same."""
        if not self._is_newest(link, screen):
            return False
        try:
            current = await self._store.find_link(link.person)
        except TokenUnreadable:
            return False
        return current == link

    async def _look_again(self, link: Link, shown: Listing) -> Listing:
        """The list as it is now: whole anew once one of its jobs has come to another state."""
        jobs = []
        for job in shown.jobs:
            try:
                jobs.append(await self._ecotaxa.get_job(link.token, job.id) if job.state.is_active else job)
            except (NotFound, NotAllowed):
                continue
            except BotError as error:
                _log.info("an open list waits", why=str(error))
                jobs.append(job)
        now = replace(shown, jobs=jobs)
        if now.states() == shown.states():
            return now
        try:
            return await self._lister.page(link, shown.page, shown.wanted)
        except BotError as error:
            _log.info("an open list goes on as it is", why=str(error))
            return now
