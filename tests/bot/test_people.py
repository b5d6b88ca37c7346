"""What is known of people's language and time zone, whatever Slack does."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from bot.links import Person
from bot.people import UNKNOWN, People
from bot.rates import A_MINUTE, WINDOW, Rates
from bot.slack import Slack
from bot.store import Profile, Store
from bot.work import Work
from tests.bot.scripted_server import Act, ScriptedServer, after, be_silent, say, send, serving

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

PARIS = Profile("fr-FR", "Europe/Paris")
BELEM = Profile("pt-BR", "America/Belem")
BUSY = say({"ok": False, "error": "ratelimited"}, 429, retry_after="30")
IN_BELEM = say({"ok": True, "user": {"id": "UADA", "locale": BELEM.locale, "tz": BELEM.zone}})


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **time: float) -> None:
        self.now += timedelta(**time)


@pytest.fixture
def clock(now: datetime) -> Clock:
    return Clock(now)


class Asked:
    """People who are asked for from a scripted Slack."""

    def __init__(self, server: ScriptedServer, slack: Slack, store: Store, clock: Clock) -> None:
        self.server = server
        self.work = Work()
        self._parts = slack, store, clock
        self.people = self.started_anew()

    def started_anew(self, patience: float = 5.0) -> People:
        """What another process, or the next one, knows."""
        slack, store, clock = self._parts
        return People(slack, store, self.work, clock=clock, patience=patience)

    @property
    def times(self) -> int:
        """How often Slack was asked."""
        return len(self.server.asked)


@asynccontextmanager
async def asking(
    store: Store, clock: Clock, *script: Act, rates: Rates | None = None
) -> AsyncIterator[Asked]:
    async with serving(*script) as server:
        slack = Slack.connect(token="xoxb-1", api_url=server.url, rates=rates)
        asked = Asked(server, slack, store, clock)
        try:
            yield asked
        finally:
            await slack.close()
            await asked.work.drain(5)


async def test_slack_is_asked_once_with_the_locale_included(store: Store, clock: Clock, ada: Person) -> None:
    async with asking(store, clock, IN_BELEM) as asked:
        assert await asked.people.of(ada) == BELEM
        assert await asked.people.of(ada) == BELEM
        assert await asked.people.language(ada) == "pt"

        assert asked.times == 1
        target = urlsplit(asked.server.targets[0])
        assert target.path == "/api/users.info"
        assert parse_qs(target.query) == {"user": ["UADA"], "include_locale": ["true"]}


async def test_a_restart_asks_nobody_again(store: Store, clock: Clock, ada: Person) -> None:
    async with asking(store, clock, IN_BELEM) as asked:
        await asked.people.of(ada, is_here=True)
        clock.pass_by(hours=23)

        assert await asked.started_anew().of(ada) == BELEM
        assert asked.times == 1


async def test_after_a_day_slack_is_asked_again_and_nobody_waits_for_it(
    store: Store, clock: Clock, ada: Person
) -> None:
    await store.meet(ada, clock())
    await store.save_profile(ada, PARIS, clock())
    clock.pass_by(days=1, seconds=1)
    may_answer = asyncio.Event()

    async with asking(store, clock, after(may_answer, IN_BELEM)) as asked:
        assert await asked.people.of(ada) == PARIS
        may_answer.set()
        await asked.work.drain(5)

        assert await asked.people.of(ada) == BELEM
        assert await store.find_profile(ada) == (BELEM, clock())


@pytest.mark.parametrize(
    "failure", [BUSY, send(502, b"<html>"), say({"ok": False, "error": "user_not_found"})]
)
async def test_where_slack_does_not_tell_it_is_english_and_slack_is_left_alone_for_a_minute(
    failure: Act, store: Store, clock: Clock, ada: Person
) -> None:
    async with asking(store, clock, failure, IN_BELEM) as asked:
        assert await asked.people.of(ada) == UNKNOWN
        clock.pass_by(seconds=59)
        assert await asked.people.language(ada) == "en"
        assert asked.times == 1

        clock.pass_by(seconds=2)
        assert await asked.people.of(ada) == BELEM


async def test_where_slack_does_not_tell_anew_what_it_told_before_counts(
    store: Store, clock: Clock, ada: Person
) -> None:
    await store.meet(ada, clock())
    await store.save_profile(ada, PARIS, clock())
    clock.pass_by(days=30)

    async with asking(store, clock, BUSY) as asked:
        await asked.people.of(ada)
        await asked.work.drain(5)

        assert asked.times == 1
        assert await asked.people.of(ada) == PARIS


async def test_a_slow_slack_is_not_waited_for_and_its_answer_is_there_next_time(
    store: Store, clock: Clock, ada: Person
) -> None:
    may_answer = asyncio.Event()
    async with asking(store, clock, after(may_answer, IN_BELEM)) as asked:
        people = asked.started_anew(patience=0.01)

        assert await people.of(ada) == UNKNOWN
        assert await people.of(ada) == UNKNOWN
        may_answer.set()
        await asked.work.drain(5)

        assert await people.of(ada) == BELEM
        assert asked.times == 1


async def test_a_silent_slack_keeps_nobody_from_anybody_else(
    store: Store, clock: Clock, ada: Person, bob: Person
) -> None:
    async with asking(store, clock, be_silent) as asked:
        await store.meet(bob, clock())
        await store.save_profile(bob, PARIS, clock())
        people = asked.started_anew(patience=0.5)

        assert await people.of(ada) == UNKNOWN
        assert await people.of(bob) == PARIS


async def test_who_is_one_too_many_for_slack_waits_for_nothing_and_is_asked_for_the_next_time(
    store: Store, clock: Clock, ada: Person, bob: Person
) -> None:
    minutes = 0
    room_for_one = Rates(lambda: minutes * WINDOW, among=A_MINUTE["users.info"])
    async with asking(store, clock, IN_BELEM, rates=room_for_one) as asked:
        people = asked.started_anew(patience=60)
        # Whom the bot is to meet waits for whoever writes.
        async with store._database.write():
            of_ada = asyncio.create_task(people.of(ada, is_here=True))
            await asyncio.sleep(0)  # she comes first

            assert await people.of(bob, is_here=True) == UNKNOWN
            assert not of_ada.done()
        assert await of_ada == BELEM
        assert await people.of(bob, is_here=True) == UNKNOWN
        assert asked.times == 1

        minutes += 1
        assert await people.of(bob, is_here=True) == BELEM


@pytest.mark.parametrize("user", [{}, {"locale": None, "tz": None}, {"locale": "", "tz": ""}])
async def test_what_slack_leaves_out_is_as_if_unknown(
    user: dict[str, object], store: Store, clock: Clock, ada: Person
) -> None:
    async with asking(store, clock, say({"ok": True, "user": user})) as asked:
        assert await asked.people.of(ada) == UNKNOWN


async def test_a_change_is_taken_from_what_slack_tells_of_it(store: Store, clock: Clock, ada: Person) -> None:
    async with asking(store, clock, IN_BELEM) as asked:
        await asked.people.of(ada, is_here=True)

        await asked.people.changed(ada, {"locale": "fr-FR", "tz": "Europe/Paris"})

        assert await asked.people.of(ada) == PARIS
        assert await asked.started_anew().of(ada) == PARIS
        assert asked.times == 1


async def test_a_change_without_its_locale_is_asked_for(store: Store, clock: Clock, ada: Person) -> None:
    await store.meet(ada, clock())
    await store.save_profile(ada, PARIS, clock())
    async with asking(store, clock, IN_BELEM) as asked:
        await asked.people.changed(ada, {"id": "UADA", "tz": "America/Belem"})

        assert await asked.people.of(ada) == BELEM


async def test_of_a_stranger_no_change_is_kept(store: Store, clock: Clock, ada: Person) -> None:
    async with asking(store, clock, IN_BELEM) as asked:
        await asked.people.changed(ada, {"locale": "fr-FR", "tz": "Europe/Paris"})

        assert await store.find_profile(ada) is None
        assert asked.times == 0


async def test_a_profile_that_changes_is_kept_no_longer_for_that(
    store: Store, clock: Clock, ada: Person
) -> None:
    used_at = clock()
    await store.meet(ada, used_at)
    await store.save_profile(ada, PARIS, used_at)
    clock.pass_by(days=20)

    async with asking(store, clock, IN_BELEM) as asked:
        for _ in range(2):
            await asked.people.changed(ada, {"id": "UADA"})

    assert await store.find_profile(ada) == (BELEM, used_at)


async def test_who_is_forgotten_while_slack_is_asked_is_known_no_more(
    store: Store, clock: Clock, ada: Person
) -> None:
    may_answer = asyncio.Event()
    async with asking(store, clock, after(may_answer, IN_BELEM), IN_BELEM) as asked:
        people = asked.started_anew(patience=0.01)
        assert await people.of(ada, is_here=True) == UNKNOWN
        await asked.server.was_asked()

        people.forget(ada)
        await store.forget_person(ada, clock())
        may_answer.set()
        await asked.work.rest(5)

        assert await store.find_profile(ada) is None
        await people.of(ada)
        await asked.work.rest(5)
        assert asked.times == 2, "what Slack told of them was not kept in mind"
