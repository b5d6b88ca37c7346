"""When homes are published: one at a time for each person, and no more than Slack takes."""

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot import home
from bot.captions import Captions
from bot.ecotaxa import EcoTaxa
from bot.home import AGAIN, KEPT, LATELY, Homes, Views
from bot.links import Link, Person, Token
from bot.sandbox.driver import wait_for
from bot.slack import Slack
from bot.store import Store
from bot.vault import Vault
from bot.work import Work
from tests.bot.scripted_server import Act, ScriptedServer, after, say, serving

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ADA, BOB, EVE = (Person(None, "T1", name) for name in ("UADA", "UBOB", "UEVE"))
FAR = Person(None, "T2", "UFAR")
OK = say({"ok": True})
LOST = say({"ok": False, "error": "internal_error"}, 500)
MINUTE = timedelta(minutes=1)
PATIENCE = 60.0
"""Seconds for what is under way to end: far more than it takes."""


def too_many(seconds: int) -> Act:
    """Slack asks to wait."""
    return say({"ok": False, "error": "ratelimited"}, 429, retry_after=str(seconds))


@dataclass
class Desk:
    """Homes on a Slack that answers by a script; people without a link are drawn without EcoTaxa."""

    homes: Homes
    work: Work
    store: Store
    api: ScriptedServer
    slack: Slack
    now: datetime = NOW

    @property
    def published(self) -> list[str]:
        """Whose home was published, in order."""
        asked = [it for it in self.api.asked if it.target.endswith("/views.publish")]
        return [
            person.user_id
            for it in asked
            for person in (ADA, BOB, EVE, FAR)
            if person.user_id in str(it.body)
        ]

    async def ends(self) -> list[str]:
        """What was published, once all that waits for nothing has come to its end; nothing begins then."""
        assert await self.work.drain(PATIENCE) == 0
        return self.published


@asynccontextmanager
async def desk(
    path: Path, *script: Act, ecotaxa_url: str = "http://127.0.0.1:9", progress_seconds: float = 1.0
) -> AsyncIterator[Desk]:
    async with serving(*script) as api:
        slack, ecotaxa, work = Slack.connect(token="xoxb-1", api_url=api.url), EcoTaxa(ecotaxa_url), Work()
        store = Store.open(f"sqlite:///{path}/bot.sqlite3", Vault([Vault.new_key()]))
        await store.migrate()

        def clock() -> datetime:
            return made.now

        titles = Captions.of_projects(ecotaxa, work)
        views = Views(ecotaxa, store, titles, clock=clock, web_url="https://ecotaxa.example")
        homes = Homes(slack, store, work, views, clock=clock, progress_seconds=progress_seconds)
        made = Desk(homes, work, store, api, slack)
        try:
            yield made
        finally:
            await work.drain(PATIENCE)
            await slack.close()
            await ecotaxa.aclose()
            await store.close()


async def test_what_a_person_asks_for_waits_for_nothing(tmp_path: Path) -> None:
    async with desk(tmp_path, OK) as it:
        it.homes.opened(ADA)
        await it.api.was_asked()
        it.homes.opened(ADA)

        assert await it.ends() == ["UADA", "UADA"]


async def test_what_is_asked_for_during_a_publishing_is_one_more_after_it(tmp_path: Path) -> None:
    answered = asyncio.Event()
    async with desk(tmp_path, after(answered, OK), OK) as it:
        it.homes.opened(ADA)
        await it.api.was_asked()
        for _ in range(5):
            it.homes.opened(ADA)
        it.homes.opened(BOB)
        await it.api.was_asked(2)
        assert it.published == ["UADA", "UBOB"], "nobody waits for somebody else's"
        answered.set()

        assert await it.ends() == ["UADA", "UBOB", "UADA"]


async def test_a_home_that_was_forgotten_while_it_was_published_is_not_published_beside(
    tmp_path: Path,
) -> None:
    answered = asyncio.Event()
    async with desk(tmp_path, after(answered, OK), OK) as it:
        it.homes.opened(ADA)
        await it.api.was_asked()
        it.now += KEPT + MINUTE
        await it.homes.tick()
        it.homes.opened(ADA)
        it.homes.opened(BOB)
        await it.api.was_asked(2)
        assert it.published == ["UADA", "UBOB"]
        answered.set()

        assert await it.ends() == ["UADA", "UBOB", "UADA"]


async def test_what_changed_by_itself_waits_after_a_publishing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(home, "GAP_SECONDS", 3600.0)
    async with serving(say([])) as ecotaxa, desk(tmp_path, OK, ecotaxa_url=ecotaxa.url) as it:
        it.homes.opened(ADA)
        await idle(it)
        await it.store.save_link(a_link(ADA), NOW)

        await it.homes.tick()

        assert await it.ends() == ["UADA"]


async def test_after_slack_asked_to_wait_one_goes_first_and_the_others_wait_for_it(tmp_path: Path) -> None:
    async with desk(tmp_path, too_many(1), too_many(1), too_many(1), too_many(3600), OK) as it:
        for person in (ADA, BOB, EVE):
            it.homes.opened(person)

        await it.api.was_asked(4)

        assert len(await it.ends()) == 4, "nobody goes on behind the one that was refused again"


async def test_what_is_asked_for_until_slack_takes_it_is_published_once(tmp_path: Path) -> None:
    answered = asyncio.Event()
    async with desk(tmp_path, after(answered, too_many(1)), OK) as it:
        it.homes.opened(ADA)
        await it.api.was_asked()
        for _ in range(5):
            it.homes.opened(ADA)
        answered.set()
        await it.api.was_asked(2)

        assert await it.ends() == ["UADA", "UADA"]


async def test_what_is_drawn_while_slack_asks_to_wait_waits_too(tmp_path: Path) -> None:
    told = asyncio.Event()
    async with (
        serving(after(told, say([]))) as ecotaxa,
        desk(tmp_path, too_many(3600), OK, ecotaxa_url=ecotaxa.url) as it,
    ):
        await it.store.save_link(a_link(BOB), NOW)
        it.homes.opened(BOB)
        await ecotaxa.was_asked()
        it.homes.opened(ADA)
        await it.api.was_asked()
        await settled(it)
        told.set()

        assert await it.ends() == ["UADA"]


@pytest.mark.usefixtures("no_pauses")
async def test_what_slack_refuses_one_workspace_keeps_no_other_waiting(tmp_path: Path) -> None:
    script = (OK, too_many(3600), OK)
    async with serving(say([])) as ecotaxa, desk(tmp_path, *script, ecotaxa_url=ecotaxa.url) as it:
        it.homes.opened(FAR)
        await idle(it)
        it.homes.opened(ADA)
        await it.api.was_asked(2)
        await settled(it)
        it.homes.opened(BOB)

        await it.store.save_link(a_link(FAR), NOW)
        await it.homes.tick()
        await it.api.was_asked(3 + TRIPS)

        assert it.published == ["UFAR", "UADA", "UFAR"]


async def test_while_people_wait_for_slack_nothing_is_published_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(home, "GAP_SECONDS", 0.0)
    answered = asyncio.Event()
    script = (OK, too_many(1), after(answered, OK), OK)
    async with serving(say([])) as ecotaxa, desk(tmp_path, *script, ecotaxa_url=ecotaxa.url) as it:
        it.homes.opened(ADA)
        await idle(it)
        await it.store.save_link(a_link(ADA), NOW)
        it.homes.opened(EVE)
        await it.api.was_asked(3)

        await it.homes.tick()
        it.homes.opened(BOB)
        await it.api.was_asked(4)
        assert it.published == ["UADA", "UEVE", "UEVE", "UBOB"]
        answered.set()
        await idle(it)
        await it.homes.tick()

        assert await it.ends() == ["UADA", "UEVE", "UEVE", "UBOB", "UADA"]


@pytest.fixture
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is to be published by itself is so at the next tick."""
    monkeypatch.setattr(home, "GAP_SECONDS", 0.0)
    monkeypatch.setattr(home, "AGAIN", (0.0,) * len(AGAIN))


@pytest.mark.usefixtures("no_pauses")
async def test_what_slack_may_have_lost_is_published_again_though_nothing_changed(tmp_path: Path) -> None:
    async with desk(tmp_path, LOST, LOST, OK) as it:
        it.homes.opened(ADA)
        for _ in range(5):
            await idle(it)
            await it.homes.tick()

        assert await it.ends() == ["UADA"] * 3, "until Slack took it, and no more"


async def test_what_slack_may_have_lost_is_not_published_again_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(home, "AGAIN", (3600.0,))
    async with desk(tmp_path, LOST, OK) as it:
        it.homes.opened(ADA)
        await idle(it)
        await it.homes.tick()

        assert await it.ends() == ["UADA"]


@pytest.mark.usefixtures("no_pauses")
async def test_slack_that_loses_everything_is_tried_a_few_times_until_there_is_something_new(
    tmp_path: Path,
) -> None:
    async with serving(say([])) as ecotaxa, desk(tmp_path, LOST, ecotaxa_url=ecotaxa.url) as it:
        it.homes.opened(ADA)
        for _ in range(len(AGAIN) + 3):
            await idle(it)
            await it.homes.tick()
        assert len(it.published) == 1 + len(AGAIN)
        await it.store.save_link(a_link(ADA), NOW)
        await it.homes.tick()
        await idle(it)

        assert len(await it.ends()) == 2 + len(AGAIN)


@pytest.mark.usefixtures("no_pauses")
async def test_what_slack_refuses_for_good_is_not_published_again(tmp_path: Path) -> None:
    refusal = say({"ok": False, "error": "account_inactive"})
    async with desk(tmp_path, refusal) as it:
        it.homes.opened(ADA)
        for _ in range(3):
            await idle(it)
            await it.homes.tick()

        assert await it.ends() == ["UADA"]


@pytest.mark.usefixtures("no_pauses")
async def test_a_home_that_could_not_be_drawn_is_drawn_again(tmp_path: Path) -> None:
    async with serving(say([])) as ecotaxa, desk(tmp_path, OK, ecotaxa_url=ecotaxa.url) as it:
        await it.store.save_link(a_link(ADA), NOW)
        with contextlib.closing(sqlite3.connect(tmp_path / "bot.sqlite3")) as database:
            (good,) = database.execute("SELECT issued_at FROM links").fetchone()
            database.execute("UPDATE links SET issued_at = 'no date'")
            database.commit()
            it.homes.opened(ADA)
            await idle(it)
            await it.homes.tick()
            await idle(it)
            assert it.published == []
            database.execute("UPDATE links SET issued_at = ?", (good,))
            database.commit()
        await it.homes.tick()
        await idle(it)

        assert await it.ends() == ["UADA"]


JOB = {"id": 5, "state": "R", "type": "GeneralExport"}


@pytest.mark.usefixtures("no_pauses")
async def test_a_home_left_open_asks_for_no_progress_but_shows_what_changed(tmp_path: Path) -> None:
    script = (say([JOB]), say(JOB), say([{**JOB, "state": "F"}]))
    async with (
        serving(*script) as ecotaxa,
        desk(tmp_path, OK, ecotaxa_url=ecotaxa.url, progress_seconds=0.0) as it,
    ):
        await it.store.save_link(a_link(ADA), NOW)
        it.homes.opened(ADA)
        await idle(it)
        await it.homes.tick()
        await idle(it)
        assert len(ecotaxa.asked) == 2, "while its person is there, also for progress"

        it.now += LATELY + MINUTE
        await it.homes.tick()
        await idle(it)
        assert len(ecotaxa.asked) == 2
        await it.store.save_link(a_link(ADA), NOW)
        await it.homes.tick()
        await idle(it)

        assert len(ecotaxa.asked) == 3
        assert await it.ends() == ["UADA", "UADA"]


@pytest.mark.usefixtures("no_pauses")
async def test_a_home_that_was_not_opened_for_a_day_is_let_be(tmp_path: Path) -> None:
    async with serving(say([])) as ecotaxa, desk(tmp_path, OK, ecotaxa_url=ecotaxa.url) as it:
        it.homes.opened(ADA)
        await idle(it)
        it.now += KEPT + MINUTE
        await it.store.save_link(a_link(ADA), NOW)
        await it.homes.tick()

        assert await it.ends() == ["UADA"]


@pytest.mark.usefixtures("no_pauses")
async def test_of_too_many_homes_the_one_opened_longest_ago_is_let_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(home, "AT_ONCE", 2)
    async with serving(say([])) as ecotaxa, desk(tmp_path, OK, ecotaxa_url=ecotaxa.url) as it:
        for person in (ADA, BOB, ADA):
            it.homes.opened(person)
            await idle(it)
        await it.homes.tick()
        it.homes.opened(EVE)
        await idle(it)
        for person in (ADA, BOB):
            await it.store.save_link(a_link(person), NOW)
        await it.homes.tick()

        assert await it.ends() == ["UADA", "UBOB", "UADA", "UEVE", "UADA"]


TRIPS = 5


async def settled(it: Desk) -> None:
    """Let the answer that was just given be read: others that come after it are."""
    for _ in range(TRIPS):
        await it.slack.call("auth.test")


async def idle(it: Desk) -> None:
    """Wait until no publishing is under way."""

    async def is_idle() -> bool | None:
        return None if it.work.is_under_way("home") else True

    await wait_for(is_idle, "the publishing to end", PATIENCE)


def a_link(person: Person) -> Link:
    expires_at = NOW + timedelta(days=9)
    return Link(person, Token("secret", 7, expires_at), "Ada L.", "ada@example.org")
