"""Nothing waits for PostgreSQL for ever, nor does PostgreSQL for us; what takes long is told in the log."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from bot.errors import DatabaseUnusable
from bot.links import Person
from bot.sandbox.driver import wait_for
from bot.store import NewNotice, Store, database, slowness
from bot.vault import Vault
from tests.bot.conftest import Linked

on_postgresql = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)

SECRET = "of nobody's concern"


Hasty = Callable[[str], Store]


@pytest.fixture
async def hasty(
    store: Store, database_url: str, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Hasty]:
    """Open a store of which one limit is short."""
    async with AsyncExitStack() as stack:

        def open_store(limit: str) -> Store:
            monkeypatch.setattr(database, limit, 0.2)
            hasty = Store.open(database_url, vault)
            stack.push_async_callback(hasty.close)
            return hasty

        yield open_store


@on_postgresql
async def test_a_lock_that_somebody_holds_is_waited_for_so_long(
    hasty: Hasty, store: Store, linked: Linked, ada: Person, now: datetime
) -> None:
    other = hasty("_LOCKED_SECONDS")
    await linked(ada)
    async with store._database.write() as holding:
        await holding.execute(text("LOCK TABLE notices"))

        with pytest.raises(DatabaseUnusable, match="lock timeout"):
            await other.owe(NewNotice("a", ada, "finished", 1, {}), now)

    await other.owe(NewNotice("a", ada, "finished", 1, {}), now)


@on_postgresql
async def test_a_statement_goes_on_for_so_long(hasty: Hasty, now: datetime) -> None:
    other = hasty("_STATEMENT_SECONDS")

    with pytest.raises(DatabaseUnusable, match="statement timeout"):
        async with other._database.read() as connection:
            await connection.execute(text("SELECT pg_sleep(60)"))

    assert await other.count_due(now) == 0


@on_postgresql
async def test_so_many_connections_are_open_and_whoever_gets_none_is_told(hasty: Hasty) -> None:
    other = hasty("_TURN_SECONDS")

    async with AsyncExitStack() as stack:
        for _ in range(2 * database._CONNECTIONS):
            await stack.enter_async_context(other._database.read())

        with pytest.raises(DatabaseUnusable, match="QueuePool limit"):
            await stack.enter_async_context(other._database.read())


@on_postgresql
async def test_a_transaction_that_is_left_alone_gives_its_locks_back(
    hasty: Hasty, store: Store, linked: Linked, ada: Person, now: datetime
) -> None:
    other = hasty("_ABANDONED_SECONDS")
    await linked(ada)

    async def free() -> bool | None:
        return await store.claim_accounts(now, timedelta(minutes=1), 1) != [] or None

    async def hang() -> None:
        async with other._database.write() as left:
            await left.execute(text("SELECT 1 FROM accounts FOR UPDATE"))
            await wait_for(free, "the account to be free")
            await left.execute(text("SELECT 1"))

    with pytest.raises(DatabaseUnusable):
        await hang()


async def test_a_slow_query_is_told_without_what_it_is_about(
    store: Store, linked: Linked, ada: Person, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    await linked(ada)
    with capture_logs() as quick:
        await store.owe(NewNotice("a", ada, "finished", 1, {"text": SECRET}), now)
    monkeypatch.setattr(slowness, "SLOW_SECONDS", 0)

    with capture_logs() as slow:
        await store.owe(NewNotice("b", ada, "finished", 1, {"text": SECRET}), now)

    assert [line for line in quick if line["event"] == "a slow query"] == []
    told = [line["statement"] for line in slow if line["event"] == "a slow query"]
    assert any(statement.startswith("INSERT INTO notices") for statement in told)
    assert SECRET not in str(slow)
    assert ada.key not in str(slow)
