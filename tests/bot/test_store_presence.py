"""Who comes alone frees what the dead held; who comes to others leaves it to them."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy.exc import SQLAlchemyError

from bot.links import Person
from bot.store import NewNotice, Store
from tests.bot.conftest import Linked, Query

LEASE = timedelta(minutes=2)
SOON = timedelta(seconds=5)


def notice(person: Person, key: str) -> NewNotice:
    return NewNotice(key, person, "finished", 1, {})


async def test_what_a_dead_process_was_sending_is_looked_for_soon(
    store: Store, now: datetime, ada: Person, linked: Linked
) -> None:
    await linked(ada)
    await store.owe(notice(ada, "a"), now)
    assert await store.claim_notices(now, LEASE, 5)

    assert await store.attend(now, SOON) is True

    assert await store.claim_notices(now, LEASE, 5) == []
    [again] = await store.claim_notices(now + SOON, LEASE, 5)
    assert again.must_reconcile


async def test_a_bot_that_dies_over_and_over_puts_nothing_off(
    store: Store, other_store: Store, now: datetime, ada: Person, linked: Linked
) -> None:
    await linked(ada)
    await store.owe(notice(ada, "a"), now)
    await store.claim_notices(now, LEASE, 5)
    await store.attend(now, SOON)
    await store.close()

    await other_store.attend(now + timedelta(seconds=3), SOON)

    assert len(await other_store.claim_notices(now + SOON, LEASE, 5)) == 1


async def test_what_a_dead_process_was_editing_and_looking_at_is_due_at_once(
    store: Store, now: datetime, ada: Person, linked: Linked
) -> None:
    await linked(ada)
    await store.owe(notice(ada, "a"), now)
    [sent] = await store.claim_notices(now, LEASE, 5)
    await store.mark_sent(sent, "D1", "1.1", now)
    await store.retell(ada, "a", {"new": True}, now)
    assert await store.claim_stale(now, LEASE, 5)
    assert await store.claim_accounts(now, LEASE, 5)
    assert await store.begin_cleaning(ada, "run", now)

    await store.attend(now, SOON)

    assert len(await store.claim_stale(now, LEASE, 5)) == 1
    assert len(await store.claim_accounts(now, LEASE, 5)) == 1
    assert not await store.is_cleaning(ada, now)


async def test_what_a_process_holds_that_lives_is_left_to_it(
    store: Store, other_store: Store, now: datetime, ada: Person, linked: Linked
) -> None:
    await linked(ada)
    assert await store.attend(now, SOON)
    await store.owe(notice(ada, "a"), now)
    assert await store.claim_notices(now, LEASE, 5)

    assert await other_store.attend(now, SOON) is False

    assert await other_store.claim_notices(now + SOON, LEASE, 5) == []


async def test_whoever_has_left_is_not_waited_for(store: Store, other_store: Store, now: datetime) -> None:
    await store.attend(now, SOON)
    await store.close()

    assert await other_store.attend(now, SOON) is True


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_a_process_whose_connection_was_cut_is_present_again(
    store: Store, other_store: Store, now: datetime, query: Query
) -> None:
    await store.attend(now, SOON)
    await query("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'")

    assert await store.stay() == 1

    assert await other_store.attend(now, SOON) is False


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_a_process_that_could_not_come_back_at_first_is_present_again_later(
    store: Store, other_store: Store, now: datetime, query: Query
) -> None:
    await store.attend(now, SOON)
    [(lock, name)] = await query(
        "SELECT objid, current_database() FROM pg_locks WHERE locktype = 'advisory' AND granted"
    )
    await query(f"ALTER DATABASE \"{name}\" SET lock_timeout = '50ms'")
    try:
        await query("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'")
        await query("SELECT pg_advisory_lock(:lock)", lock=lock)  # somebody is alone just then
        with pytest.raises(SQLAlchemyError):
            await store.stay()
    finally:
        await query(f'ALTER DATABASE "{name}" RESET lock_timeout')
    await query("SELECT pg_advisory_unlock(:lock)", lock=lock)

    await store.stay()

    assert await other_store.attend(now, SOON) is False


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_processes_count_each_other_as_long_as_they_are_there(
    store: Store, other_store: Store, now: datetime
) -> None:
    await store.attend(now, SOON)
    alone = await store.stay()
    await other_store.attend(now, SOON)

    assert [alone, await store.stay(), await other_store.stay()] == [1, 2, 2]
    await other_store.close()
    assert await store.stay() == 1


async def test_whoever_is_not_there_counts_for_one(store: Store) -> None:
    assert await store.stay() == 1
