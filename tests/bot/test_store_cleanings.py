"""Clean-ups under way, on both databases."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from bot.links import Link, Person
from bot.store import Store
from bot.store.cleanings import FORSAKEN

Linked = Callable[..., Awaitable[Link]]
MOMENT = timedelta(seconds=1)


async def test_a_person_has_one_clean_up_at_a_time_whatever_process_runs_it(
    store: Store, other_store: Store, linked: Linked, ada: Person, bob: Person, now: datetime
) -> None:
    await linked(ada)
    await linked(bob, 8)

    begun = await asyncio.gather(
        *(some.begin_cleaning(ada, run, now) for some, run in ((store, "a"), (other_store, "b")))
    )

    assert sorted(begun) == [False, True]
    assert await other_store.begin_cleaning(bob, "c", now), "another person's is another"
    run = "a" if begun[0] else "b"
    await other_store.end_cleaning(ada, run)
    assert await store.begin_cleaning(ada, "d", now)


async def test_a_clean_up_is_stopped_from_another_process(
    store: Store, other_store: Store, linked: Linked, ada: Person, now: datetime
) -> None:
    await linked(ada)
    await store.begin_cleaning(ada, "a", now)
    assert await store.beat_cleaning(ada, "a", now + MOMENT)

    assert await other_store.stop_cleaning(ada, now + MOMENT)

    assert not await store.beat_cleaning(ada, "a", now + 2 * MOMENT)
    assert await store.cleaning_of(ada) == "a"
    await store.end_cleaning(ada, "a")
    assert await store.cleaning_of(ada) is None
    assert not await other_store.stop_cleaning(ada, now + MOMENT), "there is nothing to stop any more"
    assert not await other_store.is_cleaning(ada, now + MOMENT)


async def test_a_clean_up_whose_process_died_stands_in_nobodys_way(
    store: Store, linked: Linked, ada: Person, now: datetime
) -> None:
    await linked(ada)
    await store.begin_cleaning(ada, "a", now)
    assert await store.is_cleaning(ada, now + FORSAKEN - MOMENT)

    assert not await store.is_cleaning(ada, now + FORSAKEN)
    assert not await store.stop_cleaning(ada, now + FORSAKEN)
    assert await store.begin_cleaning(ada, "b", now + FORSAKEN)

    assert not await store.beat_cleaning(ada, "a", now + FORSAKEN), "the old one is not taken for the new"
    await store.end_cleaning(ada, "a")
    assert await store.beat_cleaning(ada, "b", now + FORSAKEN)


async def test_a_clean_up_ends_with_the_link(
    store: Store, linked: Linked, ada: Person, now: datetime
) -> None:
    assert not await store.begin_cleaning(ada, "a", now), "who is not linked has nothing to clean up"
    await linked(ada)
    await store.begin_cleaning(ada, "a", now)

    await store.forget_link(ada)

    assert not await store.beat_cleaning(ada, "a", now)
