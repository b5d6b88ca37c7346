"""What Slack tells of people, in time for what they are told: their language and their time zone."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog
from cachetools import TTLCache

from bot.errors import SlackError
from bot.language import language_of
from bot.links import Person
from bot.slack import Slack
from bot.store import Profile, Store
from bot.work import Work

_log = structlog.get_logger(__name__)

UNKNOWN = Profile("en-US", "UTC")
"""Of whom nothing is known (yet)."""
PATIENCE = 1.0
"""Seconds that an answer waits at most: Slack wants some within 3 s."""
GOOD_FOR = timedelta(days=1)
"""How long what Slack told is taken for true."""
MOST, KEPT_SECONDS, REST_SECONDS = 10_000, 3600, 60
"""People in memory, how long, and how long Slack is left alone after it did not tell."""


class People:
    """What Slack tells of people: the language they read, the time zone they live in.

    Nothing waits long for it: what comes later is there the next time.
    """

    def __init__(
        self,
        slack: Slack,
        store: Store,
        work: Work,
        *,
        clock: Callable[[], datetime],
        patience: float = PATIENCE,
    ) -> None:
        self._slack = slack
        self._store = store
        self._work = work
        self._clock = clock
        self._patience = patience
        self._known: TTLCache[str, Profile] = TTLCache(MOST, KEPT_SECONDS, timer=self._seconds)
        self._resting: TTLCache[str, bool] = TTLCache(MOST, REST_SECONDS, timer=self._seconds)
        self._under_way: dict[str, tuple[asyncio.Task[None], float]] = {}

    def _seconds(self) -> float:
        return self._clock().timestamp()

    async def of(self, person: Person, *, is_here: bool = False) -> Profile:
        """What is known of a person, UNKNOWN where that is nothing; never raises.

        It is kept of whom the bot has something for, and of who `is_here`: did something just now.
        """
        if person.key not in self._known:
            await self._in_time(person, is_here=is_here)
        return self._known.get(person.key, UNKNOWN)

    async def language(self, person: Person, *, is_here: bool = False) -> str:
        """The language to speak with a person; as `of`."""
        return language_of((await self.of(person, is_here=is_here)).locale)

    def forget(self, person: Person) -> None:
        """Keep nothing in mind of a person, also not what Slack is just being asked."""
        self._known.pop(person.key, None)
        self._resting.pop(person.key, None)
        if person.key in self._under_way:
            learning, _ = self._under_way[person.key]
            learning.add_done_callback(lambda _: self._known.pop(person.key, None))

    async def changed(self, person: Person, user: Mapping[str, Any]) -> None:
        """Take note of `user`, Slack's new account of a person; of strangers to the bot nothing is kept."""
        if person.key not in self._known and await self._store.find_profile(person) is None:
            return
        if user.get("locale"):
            await self._keep(person, user)
        else:
            await self._ask(person)

    async def _in_time(self, person: Person, *, is_here: bool) -> None:
        """Wait until the person is known, together with whoever waits for it already."""
        clock, key = asyncio.get_running_loop().time, person.key
        if key not in self._under_way:
            task = self._work.start(self._learn(person, is_here=is_here), name="profile")
            self._under_way[key] = task, clock() + self._patience
            task.add_done_callback(lambda _: self._under_way.pop(key))
        task, until = self._under_way[key]
        await asyncio.wait({task}, timeout=max(0.0, until - clock()))

    async def _learn(self, person: Person, *, is_here: bool) -> None:
        found = await self._store.find_profile(person)
        if found is None:
            if person.key not in self._resting:
                await self._store.meet(person, self._clock(), at_work=not is_here)
            await self._ask(person)
            return
        self._known[person.key], asked_at = found
        if self._clock() - asked_at > GOOD_FOR:
            self._work.start(self._ask(person), name="profile again")

    async def _ask(self, person: Person) -> None:
        if person.key in self._resting:
            return
        try:
            told = await self._slack.read("users.info", user=person.user_id, include_locale="true")
        except SlackError as error:
            _log.info("no profile", person=person.key, why=str(error))
            self._resting[person.key] = True
            return
        await self._keep(person, told.get("user") or {})

    async def _keep(self, person: Person, user: Mapping[str, Any]) -> None:
        profile = Profile(str(user.get("locale") or UNKNOWN.locale), str(user.get("tz") or UNKNOWN.zone))
        self._known[person.key] = profile
        await self._store.save_profile(person, profile, self._clock())
