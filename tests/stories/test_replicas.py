"""Bots that share a PostgreSQL: what one records another does at once, and they share what Slack allows."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from bot import app
from bot.links import Link, Person, Token
from bot.messages import Message
from bot.sandbox.driver import Actor, SandboxDriver, wait_for
from bot.sandbox.slack.people import TEAM_ID
from bot.store import NewNotice, Store, bell
from bot.store.database import database_url
from bot.vault import Vault
from tests.conftest import empty
from tests.stories.conftest import Start

SELDOM = 3600.0

Owe = Callable[[Actor, str], Awaitable[None]]


@pytest.fixture
async def replica(
    settings: dict[str, str], postgres: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Store]:
    """What another replica records through; the story's bot will tick seldom."""
    await empty(postgres)
    monkeypatch.setattr(app, "TICK_SECONDS", SELDOM)
    settings |= {"DATABASE_URL": postgres, "POLL_ACTIVE_SECONDS": "600", "POLL_IDLE_SECONDS": "3600"}
    store = Store.open(postgres, Vault([settings["TOKEN_KEYS"]]))
    await store.migrate()
    yield store
    await store.close()


@pytest.fixture
def owe(replica: Store) -> Owe:
    async def owe(actor: Actor, words: str) -> None:
        said = NewNotice.said(words, _person(actor), Message(words, []))
        await replica.owe(said, app.utc_now())

    return owe


def _person(actor: Actor) -> Person:
    return Person(None, TEAM_ID, actor.id)


async def _link(replica: Store, actor: Actor, driver: SandboxDriver) -> None:
    token = Token.read(await driver.ecotaxa.token("elena"))
    await replica.save_link(Link(_person(actor), token, "Elena", actor.email), app.utc_now())


async def _listening(postgres: str, *, end: bool = False) -> list[int]:
    """The processes of the server that serve whoever listens; `end` cuts their connections."""
    engine = create_async_engine(database_url(postgres))
    what = "pid, pg_terminate_backend(pid)" if end else "pid"
    async with engine.connect() as connection:
        found = await connection.execute(
            text(f"SELECT {what} FROM pg_stat_activity WHERE query LIKE 'LISTEN%'")
        )
        pids = [row.pid for row in found]
    await engine.dispose()
    return pids


async def _listens(postgres: str, *, other_than: list[int]) -> None:
    async def there() -> bool | None:
        return set(await _listening(postgres)) - set(other_than) != set() or None

    await wait_for(there, "the bot to listen")


async def test_what_one_replica_records_another_sends_at_once(
    replica: Store, owe: Owe, start: Start, driver: SandboxDriver
) -> None:
    elena = driver.person("elena")
    await _link(replica, elena, driver)
    async with start():
        for words in ("recorded elsewhere", "and once more"):
            await owe(elena, words)
            await elena.wait_for_message(words, elena.im)


async def test_an_account_that_one_replica_has_due_another_looks_at_at_once(
    replica: Store, postgres: str, start: Start, driver: SandboxDriver
) -> None:
    elena = driver.person("elena")
    async with start():
        await _listens(postgres, other_than=[])

        await _link(replica, elena, driver)

        async def looked() -> bool | None:
            entries = (await driver.ecotaxa.traffic())["entries"]
            return any(entry["path"].endswith("/jobs/") for entry in entries) or None

        await wait_for(looked, "a look at the account")


async def test_a_bell_whose_connection_was_cut_is_heard_again(
    replica: Store, owe: Owe, postgres: str, start: Start, driver: SandboxDriver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(bell, "_AGAIN_SECONDS", 0.05)
    elena = driver.person("elena")
    await _link(replica, elena, driver)
    async with start():
        await _listens(postgres, other_than=[])
        cut = await _listening(postgres, end=True)
        await _listens(postgres, other_than=cut)
        await owe(elena, "after the cut")

        await elena.wait_for_message("after the cut", elena.im)


async def test_what_was_rung_while_nobody_heard_is_done_once_somebody_does(
    replica: Store, owe: Owe, postgres: str, start: Start, driver: SandboxDriver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(bell, "_AGAIN_SECONDS", SELDOM)
    elena = driver.person("elena")
    await _link(replica, elena, driver)
    async with start():
        await _listens(postgres, other_than=[])
        await _listening(postgres, end=True)
        await owe(elena, "unheard")
    async with start():
        await elena.wait_for_message("unheard", elena.im)


async def test_without_the_bell_everything_is_done_by_ticking(
    replica: Store, owe: Owe, postgres: str, start: Start, driver: SandboxDriver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(bell, "_AGAIN_SECONDS", SELDOM)
    monkeypatch.setattr(app, "TICK_SECONDS", 0.2)
    elena = driver.person("elena")
    await _link(replica, elena, driver)
    async with start():
        await _listens(postgres, other_than=[])
        await _listening(postgres, end=True)
        await owe(elena, "by a tick")

        await elena.wait_for_message("by a tick", elena.im)


async def test_bots_share_the_workspaces_rates_as_long_as_they_are_there(
    replica: Store, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "PRESENT_SECONDS", 0.1)

    async with start() as first:
        rates = first.services.slack.rates
        assert rates.room("chat.update") == 50

        async def comes_to(room: int) -> bool | None:
            return rates.room("chat.update") == room or None

        async with start() as second:
            assert second.services.slack.rates.room("chat.update") == 25
            await wait_for(lambda: comes_to(25), "the first to leave half to the second")
        await wait_for(lambda: comes_to(50), "the first to have all again")
