"""Whose turn it is to see everybody's jobs, and what comes of it for the accounts."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from bot.links import Link, Person
from bot.sights import Sight
from bot.store import Settled, Store

Linked = Callable[..., Awaitable[Link]]

SOON = timedelta(seconds=5)
LATER = timedelta(hours=1)
LEASE = timedelta(minutes=1)
SEEN = Sight({5: (7, "R")}, 5)


async def resting(store: Store, now: datetime) -> None:
    """All accounts were looked at, and are let be for long."""
    claimed = await store.claim_accounts(now, LEASE, 100)
    await store.settle_accounts(
        [Settled(it.ecotaxa_user_id, now + LATER, 0, 3, now, it.leased_until) for it in claimed]
    )


async def due(store: Store, at: datetime) -> list[int]:
    return sorted(it.ecotaxa_user_id for it in await store.claim_accounts(at, LEASE, 100))


async def test_one_process_at_a_time_has_the_turn(store: Store, other_store: Store, now: datetime) -> None:
    turn = await store.take_turn(now, now + SOON)

    assert turn is not None
    assert turn.before == Sight()
    assert await other_store.take_turn(now + SOON / 2, now + 2 * SOON) is None
    assert await other_store.take_turn(now + SOON, now + 2 * SOON) is not None


async def test_those_that_moved_are_due_and_the_others_rest(
    store: Store, other_store: Store, linked: Linked, ada: Person, bob: Person, now: datetime
) -> None:
    await linked(ada, 7)
    await linked(bob, 8)
    await resting(store, now)
    turn = await store.take_turn(now, now + SOON)
    assert turn is not None

    assert await store.record_sight(turn, SEEN, {7, 99}, now, now + 4 * SOON)

    assert await due(store, now) == [7]
    assert await other_store.sees_until() == (now + 4 * SOON, 5)
    after = await other_store.take_turn(now + SOON, now + 2 * SOON)
    assert after is not None
    assert after.before == SEEN


async def test_a_turn_that_took_too_long_changes_nothing(
    store: Store, other_store: Store, linked: Linked, ada: Person, now: datetime
) -> None:
    await linked(ada, 7)
    await resting(store, now)
    slow = await store.take_turn(now, now + SOON)
    quick = await other_store.take_turn(now + SOON, now + 2 * SOON)
    assert slow is not None
    assert quick is not None
    assert await other_store.record_sight(quick, SEEN, set(), now, now + LATER)

    assert not await store.record_sight(slow, Sight(), {7}, now, now + LATER)

    assert await due(store, now + SOON) == []
    assert await store.sees_until() == (now + LATER, 5)


async def test_without_a_sight_everybody_is_looked_at_soon_though_not_at_once(
    store: Store, linked: Linked, now: datetime
) -> None:
    for number in range(1, 21):
        await linked(Person(None, "T1", f"U{number}"), number)
    await resting(store, now)
    turn = await store.take_turn(now, now + SOON)
    assert turn is not None
    await store.record_sight(turn, SEEN, set(), now, now + LATER)

    await store.lose_sight(now, now + LATER, 10 * SOON)

    assert await store.sees_until() == (None, 0)
    assert 0 < len(await due(store, now + SOON)) < 10
    assert len(await due(store, now + 9 * SOON)) > 10
    assert await store.take_turn(now + SOON, now + LATER) is None, "it is put off too"


async def test_sight_that_is_lost_for_long_puts_nobody_off_again(
    store: Store, linked: Linked, ada: Person, now: datetime
) -> None:
    await linked(ada, 7)
    turn = await store.take_turn(now, now + SOON)
    assert turn is not None
    await store.record_sight(turn, SEEN, set(), now, now + LATER)
    await store.lose_sight(now, now + SOON, SOON)
    await resting(store, now + SOON)

    await store.lose_sight(now + SOON, now + 2 * SOON, SOON)

    assert await due(store, now + 3 * SOON) == []


async def test_people_are_found_by_their_accounts(
    store: Store, linked: Linked, ada: Person, bob: Person, now: datetime
) -> None:
    await linked(ada, 7)
    await linked(bob, 7)
    assert {account: set(people) for account, people in (await store.people_of([7, 8])).items()} == {
        7: {ada, bob}
    }
