"""Sealing what is stored with another key, while bots are at work."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from bot.errors import DatabaseUnusable, TokenUnreadable
from bot.links import Link, Person, Workspace
from bot.store import Resealed, Store
from bot.store.database import database_url as normalised
from bot.store.keys import BATCH
from bot.transitions import Snapshot
from bot.vault import Vault

Linked = Callable[..., Awaitable[Link]]
Query = Callable[..., Awaitable[list[Any]]]
Opened = Callable[..., Store]

LEASE = timedelta(seconds=60)
NEW = Vault.new_key()


@pytest.fixture(scope="session")
def old() -> str:
    return Vault.new_key()


@pytest.fixture(scope="session")
def vault(old: str) -> Vault:
    """The vault of the bot that linked people, before there was another key."""
    return Vault([old])


@pytest.fixture
async def opened(database_url: str) -> AsyncIterator[Opened]:
    """A store on the same database with other keys: `opened(NEW, old)`."""
    stores = []

    def open_store(*keys: str, vault: Vault | None = None) -> Store:
        stores.append(Store.open(database_url, vault or Vault(keys)))
        return stores[-1]

    yield open_store
    for store in stores:
        await store.close()


def crowd(many: int) -> list[Person]:
    return [Person(None, "T1", f"U{number:04}") for number in range(many)]


async def test_everything_opens_with_the_first_key_alone(linked: Linked, opened: Opened, old: str) -> None:
    people = crowd(BATCH + 5)
    for number, person in enumerate(people):
        await linked(person, number, f"secret {number}")

    assert await opened(NEW, old).reseal_tokens() == Resealed(BATCH + 5, 0, 0)
    assert await opened(NEW, old).reseal_tokens() == Resealed(0, BATCH + 5, 0)

    rekeyed = opened(NEW)
    for number, person in enumerate(people):
        link = await rekeyed.find_link(person)
        assert link is not None
        assert link.token.secret == f"secret {number}"
    assert await rekeyed.count_unreadable() == (0, BATCH + 5)
    assert await opened(old).count_unreadable() == (BATCH + 5, BATCH + 5)


async def test_what_no_key_opens_is_counted_and_left_as_it_is(
    linked: Linked, opened: Opened, query: Query, old: str, ada: Person, bob: Person, now: datetime
) -> None:
    lost = Vault([Vault.new_key()]).seal(bob, "secret")
    await linked(ada)
    await linked(bob)
    await query("UPDATE links SET sealed = :lost WHERE person_key = :bob", lost=lost, bob=bob.key)
    both = opened(NEW, old)

    assert await both.count_unreadable() == (1, 2)
    assert await both.reseal_tokens() == Resealed(1, 0, 1)
    assert await both.reseal_tokens() == Resealed(0, 1, 1)

    assert await query("SELECT sealed FROM links WHERE person_key = :bob", bob=bob.key) == [(lost,)]
    await both.reject_link(bob, None, now)
    assert await both.count_unreadable() == (0, 1), "who was asked to link again is no news"


async def test_a_rejected_link_is_sealed_anew_too(
    store: Store, linked: Linked, opened: Opened, old: str, ada: Person, now: datetime
) -> None:
    await linked(ada)
    await store.reject_link(ada, "secret", now)

    assert await opened(NEW, old).reseal_tokens() == Resealed(1, 0, 0)
    assert await opened(NEW).find_link(ada) is not None


async def test_a_look_under_way_and_what_is_known_of_a_link_outlast_it(
    store: Store, linked: Linked, opened: Opened, old: str, ada: Person, now: datetime
) -> None:
    await linked(ada)
    (account,) = await store.claim_accounts(now, LEASE, 10)
    marks = await store.link_marks([ada.key])

    assert (await opened(NEW, old).reseal_tokens()).resealed == 1

    assert await store.link_marks([ada.key]) == marks
    assert await store.record_look(ada, account.links[0].version, Snapshot({}), [], now)
    (account,) = await opened(NEW).claim_accounts(now + LEASE, LEASE, 10)
    assert [(it.link.token.secret, it.snapshot) for it in account.links] == [("secret", Snapshot({}))]


async def test_a_bot_that_opened_the_token_before_need_not_open_it_again(
    store: Store, linked: Linked, opened: Opened, old: str, ada: Person, now: datetime
) -> None:
    await linked(ada)
    await store.claim_accounts(now, LEASE, 10)

    await opened(NEW, old).reseal_tokens()

    (account,) = await store.claim_accounts(now + LEASE, LEASE, 10)
    assert [watched.link.token.secret for watched in account.links] == ["secret"]


class Telling(Vault):
    """A vault that tells when it seals."""

    def __init__(self, *keys: str) -> None:
        super().__init__(keys)
        self.sealing = asyncio.Event()

    def seal(self, owner: Person | Workspace, secret: str) -> str:
        self.sealing.set()
        return super().seal(owner, secret)


async def test_whoever_links_anew_meanwhile_keeps_the_new_token(
    linked: Linked, opened: Opened, vault: Vault, database_url: str, old: str, ada: Person
) -> None:
    await linked(ada, secret="of yesterday")
    telling = Telling(NEW, old)
    engine = create_async_engine(normalised(database_url))
    async with engine.begin() as connection:
        anew = {"anew": vault.seal(ada, "of today")}
        await connection.execute(text("UPDATE links SET sealed = :anew"), anew)
        resealing = asyncio.create_task(opened(vault=telling).reseal_tokens())
        await telling.sealing.wait()
    await engine.dispose()

    # The token of yesterday was read and sealed by then, but that of today, under the old key, came first.
    assert await resealing == Resealed(1, 0, 0)
    link = await opened(NEW).find_link(ada)
    assert link is not None
    assert link.token.secret == "of today"


async def test_several_at_once_do_the_work_once(linked: Linked, opened: Opened, old: str) -> None:
    for number, person in enumerate(crowd(30)):
        await linked(person, number)

    done = await asyncio.gather(*(opened(NEW, old).reseal_tokens() for _ in range(3)))

    assert sum(each.resealed for each in done) == 30
    assert await opened(NEW).count_unreadable() == (0, 30)


async def test_one_that_was_cut_off_is_taken_up_again(linked: Linked, opened: Opened, old: str) -> None:
    for number, person in enumerate(crowd(BATCH + 5)):
        await linked(person, number)
    telling = Telling(NEW, old)
    first = asyncio.create_task(opened(vault=telling).reseal_tokens())
    await telling.sealing.wait()
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)

    done = await opened(NEW, old).reseal_tokens()

    assert (done.resealed + done.already, done.unreadable) == (BATCH + 5, 0)
    assert await opened(NEW).count_unreadable() == (0, BATCH + 5)


async def test_a_token_in_another_persons_row_is_not_made_theirs(
    linked: Linked, opened: Opened, query: Query, old: str, ada: Person, bob: Person
) -> None:
    await linked(ada)
    await linked(bob)
    await query(
        "UPDATE links SET sealed = (SELECT sealed FROM links WHERE person_key = :ada)"
        " WHERE person_key = :bob",
        ada=ada.key,
        bob=bob.key,
    )

    assert await opened(NEW, old).reseal_tokens() == Resealed(1, 0, 1)

    with pytest.raises(TokenUnreadable):
        await opened(NEW, old).find_link(bob)


async def test_a_database_without_tables_has_no_tokens(opened: Opened) -> None:
    assert await opened(NEW).count_unreadable() == (0, 0)
    with pytest.raises(DatabaseUnusable, match=r"^the database holds nothing of ecotaxa-bot's$"):
        await opened(NEW).reseal_tokens()


async def test_a_newer_releases_tokens_are_left_alone(
    linked: Linked, query: Query, opened: Opened, old: str
) -> None:
    await query("UPDATE alembic_version SET version_num = 'from_the_future'")

    for asked in (opened(NEW, old).reseal_tokens, opened(NEW, old).count_unreadable):
        with pytest.raises(DatabaseUnusable, match=r"newer ecotaxa-bot \(revision from_the_future\)"):
            await asked()
