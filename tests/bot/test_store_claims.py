"""Replicas that claim at the same time never wait for each other, and what a dead one held is free again."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from bot.links import Person
from bot.store import NewNotice, Store
from bot.store.database import database_url as normalised
from tests.bot.conftest import Linked, Query

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)

LEASE = timedelta(minutes=1)

Claim = Callable[[Store, datetime], Awaitable[list[str]]]
"""Claims all there is: whose they are."""


@asynccontextmanager
async def another(url: str) -> AsyncIterator[AsyncConnection]:
    """Another replica, which has begun a transaction."""
    engine = create_async_engine(normalised(url))
    with suppress(DBAPIError):  # of one that is killed, nothing can be rolled back
        async with engine.connect() as connection:
            yield connection
    await engine.dispose()


@pytest.fixture
async def people(store: Store, linked: Linked, now: datetime) -> list[Person]:
    """Some people, to each of whom a message, and a changed one, is owed, and whose accounts are due."""
    some = [Person(None, "T1", f"U{number}") for number in range(6)]
    for number, person in enumerate(some):
        await linked(person, number + 1)
        await store.owe(NewNotice(f"{person.key}/stale", person, "card", 1, {}), now)
        (sent,) = await store.claim_notices(now, LEASE, 10)
        await store.mark_sent(sent, "D1", f"1.{number}", now)
        await store.retell(person, sent.key, {"new": True}, now)
        for key in ("one", "two"):
            await store.owe(NewNotice(f"{person.key}/{key}", person, "finished", 1, {}), now + LEASE)
    return some


async def _notices(store: Store, now: datetime) -> list[str]:
    return [it.person.key for it in await store.claim_notices(now + LEASE, LEASE, 10)]


async def _stale(store: Store, now: datetime) -> list[str]:
    return [it.person.key for it in await store.claim_stale(now, LEASE, 10)]


async def _accounts(store: Store, now: datetime) -> list[str]:
    return [it.links[0].link.person.key for it in await store.claim_accounts(now, LEASE, 10)]


HELD = [
    ("notices", "person_key = :key AND state = 'pending'", _notices),
    ("notices", "person_key = :key AND state = 'stale'", _stale),
    ("accounts", "ecotaxa_user_id = 1", _accounts),
]


@pytest.mark.parametrize(("table", "which", "claim"), HELD, ids=["notices", "edits", "accounts"])
async def test_what_another_is_just_claiming_is_passed_over(
    store: Store, database_url: str, people: list[Person], now: datetime, table: str, which: str, claim: Claim
) -> None:
    async with another(database_url) as replica:
        held = text(f"SELECT 1 FROM {table} WHERE {which} FOR UPDATE")
        await replica.execute(held, {"key": people[0].key} if ":key" in which else {})

        # Who waited for it would be refused in the end.
        assert sorted(await claim(store, now)) == [person.key for person in people[1:]]


@pytest.mark.parametrize(("table", "which", "claim"), HELD, ids=["notices", "edits", "accounts"])
async def test_what_one_that_dies_amid_its_claim_held_is_free_at_once(
    store: Store, database_url: str, people: list[Person], now: datetime, query: Query,
    table: str, which: str, claim: Claim,
) -> None:  # fmt: skip
    async with another(database_url) as replica:
        await replica.execute(text(f"SELECT 1 FROM {table} FOR UPDATE"))
        assert await claim(store, now) == []

        pid = (await replica.execute(text("SELECT pg_backend_pid()"))).scalar_one()
        await query(f"SELECT pg_terminate_backend({pid}, 10000)")

        assert sorted(await claim(store, now)) == [person.key for person in people]


@pytest.mark.parametrize("claim", [_notices, _stale, _accounts])
async def test_what_one_that_died_had_claimed_is_free_once_its_lease_is_over(
    store: Store, other_store: Store, people: list[Person], now: datetime, claim: Claim
) -> None:
    assert len(await claim(store, now)) == len(people)
    await store.close()

    assert await claim(other_store, now + LEASE / 2) == []
    assert sorted(await claim(other_store, now + LEASE)) == [person.key for person in people]
