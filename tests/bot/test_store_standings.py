"""How things stand in the database, in figures."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from bot.links import Link, Person
from bot.metrics import Standing
from bot.store import NewNotice, Store

Linked = Callable[..., Awaitable[Link]]
Query = Callable[..., Awaitable[list[object]]]

LEASE = timedelta(minutes=2)


async def owe(store: Store, person: Person, key: str, at: datetime, later: datetime | None = None) -> None:
    await store.owe(NewNotice(key, person, "finished", 5, {}, later=later), at)


async def test_an_empty_database_stands_well(store: Store, now: datetime) -> None:
    assert await store.standing(now, 10) == Standing(0, 0.0, {"active": 0, "rejected": 0})


async def test_links_are_counted_by_their_state(
    store: Store, linked: Linked, ada: Person, bob: Person, now: datetime
) -> None:
    await linked(ada, 7, "one")
    await linked(bob, 8, "two")
    await store.reject_link(bob, "two", now)

    # The rejection itself is to be told.
    assert await store.standing(now, 10) == Standing(1, 0.0, {"active": 1, "rejected": 1})


async def test_what_should_be_told_by_now_is_counted_and_how_late_its_first_is(
    store: Store, linked: Linked, ada: Person, bob: Person, now: datetime
) -> None:
    await linked(ada, 7, "one")
    await linked(bob, 8, "two")
    await owe(store, ada, "first", now)
    await owe(store, ada, "second", now + timedelta(seconds=5))
    await owe(store, bob, "tomorrow", now, later=now + timedelta(days=1))

    async def figures(seconds: float) -> tuple[int, float]:
        standing = await store.standing(now + timedelta(seconds=seconds), 10)
        assert standing is not None
        return standing.due, standing.oldest_age

    assert await figures(4) == (1, 4)
    assert await figures(10) == (2, 10)
    (notice,) = await store.claim_notices(now + timedelta(seconds=10), LEASE, 1)
    # What is under way is not late, until whoever took it must have died of it.
    assert await figures(11) == (1, 6)
    assert await figures(10 + LEASE.total_seconds() + 1) == (2, LEASE.total_seconds() + 6)
    await store.mark_sent(notice, "D1", "1.5", now + timedelta(seconds=12))
    assert await figures(13) == (1, 8)


async def test_a_database_that_cannot_tell_is_no_reason_to_fail(
    store: Store, query: Query, now: datetime
) -> None:
    await query("ALTER TABLE notices RENAME TO gone")

    assert await store.standing(now, 10) is None
