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
_METHOD = "users.info"
GOOD_FOR = timedelta(days=1)
"""How long what Slack told is taken for true."""
MOST, KEPT_SECONDS, REST_SECONDS = 10_000, 3600, 60
"""People in memory, how long, and how long Slack is left alone after it did not tell."""


class People:
    """What Slack tells of people: the language they read, the time zone they live in.

    Nothing waits long for it: what comes later is there the next time.  Of more strangers at once than
    Slack tells in a minute, the others are asked for when they do the next thing.
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
        """Keep nothing in mind of a person, also not what Slack is just being asked.

        To be done before the store forgets them: nobody who is asked of makes room for them any more.
        """
        self._known.pop(person.key, None)
        self._resting.pop(person.key, None)
        if (asked := self._under_way.pop(person.key, None)) is not None:
            asked[0].add_done_callback(lambda _: self._known.pop(person.key, None))

    async def changed(self, person: Person, user: Mapping[str, Any]) -> None:
        """Take note of `user`, Slack's new account of a person; of strangers to the bot nothing is kept."""
        found = await self._store.find_profile(person)
        if person.key not in self._known and found is None:
            return
        told = user if user.get("locale") else await self._told(person)
        if told is not None:
            # A profile that changes is not one that is used: it is not kept any longer for that.
            await self._keep(person, told, found[1] if found else self._clock())

    async def _in_time(self, person: Person, *, is_here: bool) -> None:
        """Wait until the person is known, together with whoever waits for it already."""
        clock, key = asyncio.get_running_loop().time, person.key
        if key not in self._under_way:
            task = self._work.start(self._learn(person, is_here=is_here), name="profile")
            self._under_way[key] = task, clock() + self._patience
            task.add_done_callback(lambda _: self._under_way.pop(key, None))
        task, until = self._under_way[key]
        await asyncio.wait({task}, timeout=max(0.0, until - clock()))

    async def _learn(self, person: Person, *, is_here: bool) -> None:
        found = await self._store.find_profile(person)
        if found is None:
            await self._meet(person, is_here=is_here)
            return
        self._known[person.key], asked_at = found
        if self._clock() - asked_at > GOOD_FOR:
            self._work.start(self._ask(person), name="profile again")

    async def _meet(self, person: Person, *, is_here: bool) -> None:
        rates = self._slack.of(person.workspace).rates
        was_forgotten = person.key not in self._under_way
        if was_forgotten or person.key in self._resting or not rates.room(_METHOD):
            return
        # Others who come meanwhile see by that whether there is still room for them.
        with rates.setting_aside(_METHOD):
            await self._store.meet(person, self._clock(), at_work=not is_here)
        await self._ask(person)

    async def _ask(self, person: Person) -> None:
        told = await self._told(person)
        if told is not None:
            await self._keep(person, told, self._clock())

    async def _told(self, person: Person) -> Mapping[str, Any] | None:
        if person.key in self._resting:
            return None
        try:
            slack = self._slack.of(person.workspace)
            told = await slack.read(_METHOD, user=person.user_id, include_locale="true")
        except SlackError as error:
            _log.info("no profile", person=person.key, why=str(error))
            self._resting[person.key] = True
            return None
        return told.get("user") or {}

    async def _keep(self, person: Person, user: Mapping[str, Any], asked_at: datetime) -> None:
        profile = Profile(str(user.get("locale") or UNKNOWN.locale), str(user.get("tz") or UNKNOWN.zone))
        self._known[person.key] = profile
        await self._store.save_profile(person, profile, asked_at)
