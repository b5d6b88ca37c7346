import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy.exc import StatementError

from bot.links import Link, Person
from bot.store import Account, Settled, Store

Linked = Callable[..., Awaitable[Link]]

LEASE = timedelta(minutes=1)
SOON = timedelta(seconds=5)


def settled(account: Account, due_at: datetime) -> Settled:
    return Settled(account.ecotaxa_user_id, due_at, 0, 3, due_at, account.leased_until)


async def claim_one(store: Store, now: datetime) -> Account:
    (account,) = await store.claim_accounts(now, LEASE, 10)
    return account


async def test_a_new_link_is_looked_at_at_once(
    store: Store, linked: Linked, ada: Person, now: datetime
) -> None:
    link = await linked(ada, 7)

    account = await claim_one(store, now)

    assert (account.ecotaxa_user_id, account.failures, account.size, account.whole_at) == (7, 0, 0, None)
    assert account.links[0].link == link
    assert account.links[0].snapshot is None


async def test_nobody_else_gets_an_account_until_its_lease_is_over(
    store: Store, other_store: Store, linked: Linked, ada: Person, now: datetime
) -> None:
    await linked(ada, 7)
    await claim_one(store, now)

    assert await other_store.claim_accounts(now + LEASE - SOON, LEASE, 10) == []
    assert (await claim_one(other_store, now + LEASE)).ecotaxa_user_id == 7


async def test_a_look_decides_when_the_next_one_is_and_what_it_will_know(
    store: Store, linked: Linked, ada: Person, now: datetime
) -> None:
    await linked(ada, 7)
    await claim_one(store, now)

    await store.settle_accounts([Settled(7, now + SOON, 2, 40, now, now + LEASE)])

    assert await store.claim_accounts(now + SOON / 2, LEASE, 10) == []
    account = await claim_one(store, now + SOON)
    assert (account.failures, account.size, account.whole_at) == (2, 40, now)


async def test_settling_nothing_is_no_error(store: Store) -> None:
    await store.settle_accounts([])


async def test_those_that_waited_longest_come_first(store: Store, linked: Linked, now: datetime) -> None:
    for number in range(6):
        await linked(Person(None, "T1", f"U{number}"), number, at=now - timedelta(seconds=number))

    accounts = await store.claim_accounts(now, LEASE, 4)

    assert {account.ecotaxa_user_id for account in accounts} == {2, 3, 4, 5}
    assert await store.count_due(now) == 2


async def test_a_woken_account_is_looked_at_now(
    store: Store, linked: Linked, ada: Person, now: datetime
) -> None:
    await linked(ada, 7)
    await store.settle_accounts([settled(await claim_one(store, now), now + LEASE)])

    await store.wake_account(7, now + SOON)

    assert await claim_one(store, now + SOON)


async def test_a_wake_during_a_look_waits_for_its_end_and_is_not_lost(
    store: Store, linked: Linked, ada: Person, now: datetime
) -> None:
    await linked(ada, 7)
    account = await claim_one(store, now)

    await store.wake_account(7, now + SOON)
    assert await store.claim_accounts(now + SOON, LEASE, 10) == []
    await store.settle_accounts([settled(account, now + LEASE)])

    assert await claim_one(store, now + SOON)


async def test_a_wake_never_makes_an_account_wait_longer(
    store: Store, linked: Linked, ada: Person, now: datetime
) -> None:
    await linked(ada, 7)

    await store.wake_account(7, now + LEASE)

    assert await claim_one(store, now)


async def test_a_look_that_outlived_its_account_does_not_put_off_the_new_link(
    store: Store, linked: Linked, ada: Person, now: datetime
) -> None:
    await linked(ada, 7)
    account = await claim_one(store, now)
    await store.forget_link(ada)
    await linked(ada, 7)

    await store.settle_accounts([settled(account, now + LEASE)])

    assert (await claim_one(store, now)).whole_at is None


async def test_a_look_that_outlived_its_lease_does_not_end_that_of_another(
    store: Store, other_store: Store, linked: Linked, ada: Person, now: datetime
) -> None:
    await linked(ada, 7)
    slow = await claim_one(store, now)
    quick = await claim_one(other_store, now + LEASE)

    await store.settle_accounts([settled(slow, now + LEASE)])

    assert await store.claim_accounts(now + LEASE, LEASE, 10) == []
    await other_store.settle_accounts([settled(quick, now + LEASE + SOON)])
    assert await claim_one(store, now + LEASE + SOON)


async def test_a_moment_without_a_zone_is_refused(store: Store, now: datetime) -> None:
    with pytest.raises(StatementError, match="without a time zone"):
        await store.wake_account(7, now.replace(tzinfo=None))


async def test_however_many_claim_at_once_nobody_claims_twice(
    store: Store, other_store: Store, linked: Linked, now: datetime
) -> None:
    for number in range(40):
        await linked(Person(None, "T1", f"U{number}"), number)
    claimed: list[int] = []

    async def claim(some: Store) -> None:
        while accounts := await some.claim_accounts(now, LEASE, 3):
            assert len(accounts) <= 3
            claimed.extend(account.ecotaxa_user_id for account in accounts)

    await asyncio.gather(*(claim(some) for some in (store, other_store) for _ in range(5)))

    assert len(claimed) == len(set(claimed))
    # One whose turn coincides with another's lock is left for the next tick.
    claimed += [account.ecotaxa_user_id for account in await store.claim_accounts(now, LEASE, 40)]
    assert sorted(claimed) == list(range(40))


async def test_a_claim_that_is_cancelled_leaves_the_store_usable(
    store: Store, linked: Linked, ada: Person, now: datetime
) -> None:
    await linked(ada, 7)
    for turns in range(60):
        task = asyncio.create_task(store.claim_accounts(now + turns * LEASE, LEASE, 10))
        for _ in range(turns % 30):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    assert await claim_one(store, now + 60 * LEASE)
    await linked(ada, 8)
    assert await claim_one(store, now)
