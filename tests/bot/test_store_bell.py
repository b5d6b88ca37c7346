"""The bell is heard by every process at the database, once what it was rung for is there."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import datetime, timedelta

import pytest

from bot.links import Person
from bot.sandbox.driver import wait_for
from bot.store import NewNotice, Ring, Store
from bot.store.bell import ring
from tests.bot.conftest import Linked, Query

LATER = timedelta(hours=1)


@pytest.fixture
async def heard(other_store: Store) -> AsyncIterator[list[Ring]]:
    """What another process hears from now on."""
    rings: list[Ring] = []

    async def answer(what: Ring) -> None:
        rings.append(what)

    listening = asyncio.create_task(other_store.listen(answer))
    await wait_for(lambda: _true(set(rings) == set(Ring)), "the first answer, to whatever there is to do")
    rings.clear()
    yield rings
    listening.cancel()
    with suppress(asyncio.CancelledError):
        await listening


async def _true(whether: bool) -> bool | None:
    return whether or None


async def _hears(heard: list[Ring], what: Ring) -> None:
    await wait_for(lambda: _true(what in heard), f"{what} to be heard")


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_it_is_rung_for_what_is_owed_now_and_not_for_what_is_for_later(
    store: Store, linked: Linked, heard: list[Ring], ada: Person, now: datetime
) -> None:
    await linked(ada)
    await _hears(heard, Ring.LOOK)
    await store.owe(NewNotice("a", ada, "finished", 1, {}, later=now + LATER), now)
    await store.wake_account(7, now)
    await wait_for(lambda: _true(len(heard) > 1), "another ring")
    assert heard == [Ring.LOOK, Ring.LOOK]

    await store.owe(NewNotice("b", ada, "finished", 1, {}), now)

    await _hears(heard, Ring.DELIVER)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_it_is_heard_once_its_transaction_is_committed_and_never_if_it_is_not(
    store: Store, heard: list[Ring]
) -> None:
    async with store._database.trial() as undone:
        await ring(undone, Ring.DELIVER)
        async with store._database.write() as done:
            await ring(done, Ring.LOOK)
        await _hears(heard, Ring.LOOK)
        assert heard == [Ring.LOOK]
    async with store._database.write() as done:
        await ring(done, Ring.LOOK)

    await wait_for(lambda: _true(len(heard) == 2), "it to be heard again")
    assert heard == [Ring.LOOK, Ring.LOOK]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_what_only_a_later_release_knows_is_not_answered(heard: list[Ring], query: Query) -> None:
    await query("SELECT pg_notify('ecotaxa_bot', 'dance')")
    await query("SELECT pg_notify('ecotaxa_bot', 'look')")

    await _hears(heard, Ring.LOOK)
    assert heard == [Ring.LOOK]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_for_sqlite_there_is_nobody_to_listen_to(store: Store) -> None:
    async def answer(_what: Ring) -> None:
        raise AssertionError

    await store.listen(answer)
