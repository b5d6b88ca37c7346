import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import pytest

from bot.links import Link, Person
from bot.store import NewNotice, Notice, NoticeState, Pick, Settled, Store
from bot.transitions import Snapshot

Linked = Callable[..., Awaitable[Link]]
Owe = Callable[..., Awaitable[None]]

LEASE = timedelta(minutes=1)
SOON = timedelta(seconds=5)


@pytest.fixture
def owe(store: Store, linked: Linked, now: datetime) -> Owe:
    """Owe a person notices about job 5, one for each key, as a look at their account would."""

    async def owe(person: Person, *keys: str, at: datetime = now) -> None:
        await linked(person)
        accounts = await store.claim_accounts(now, LEASE, 100)
        (watched,) = [w for account in accounts for w in account.links if w.link.person == person]
        notices = [NewNotice(key, person, "finished", 5, {"n": 1}) for key in keys]
        assert await store.record_look(person, watched.version, Snapshot(), notices, at)
        await store.settle_accounts(
            [Settled(account.ecotaxa_user_id, now, 0, 0, now, account.leased_until) for account in accounts]
        )

    return owe


async def claim_one(store: Store, now: datetime) -> Notice:
    (notice,) = await store.claim_notices(now, LEASE, 10)
    return notice


async def test_what_is_owed_is_told_once_and_its_place_kept(
    store: Store, owe: Owe, ada: Person, bob: Person, now: datetime
) -> None:
    await owe(ada, "k")

    notice = await claim_one(store, now)
    await store.mark_sent(notice, "D1", "171.5", now)

    assert (notice.key, notice.person, notice.payload) == ("k", ada, {"n": 1})
    assert (notice.state, notice.attempts, notice.must_reconcile) == (NoticeState.SENDING, 1, False)
    assert notice.first_tried_at == now
    assert await store.claim_notices(now + 2 * LEASE, LEASE, 10) == []
    (sent,) = await store.notices_of_job(ada, 5)
    assert (sent.state, sent.channel, sent.ts) == (NoticeState.SENT, "D1", "171.5")
    assert sent == await store.find_notice("k")
    assert await store.notices_of_job(ada, 6) == []
    assert await store.notices_of_job(bob, 5) == []


async def test_a_persons_notices_leave_in_order_and_one_at_a_time(
    store: Store, owe: Owe, ada: Person, now: datetime
) -> None:
    await owe(ada, "first", "second")

    first = await claim_one(store, now)
    assert await store.claim_notices(now, LEASE, 10) == []
    await store.mark_sent(first, "D1", "1", now)
    second = await claim_one(store, now)

    assert (first.key, second.key) == ("first", "second")


async def test_one_persons_trouble_holds_up_nobody_else(
    store: Store, owe: Owe, ada: Person, bob: Person, now: datetime
) -> None:
    await owe(ada, "a1", "a2")
    await store.mark_uncertain(await claim_one(store, now), now + LEASE)
    await owe(bob, "b1")

    assert (await claim_one(store, now)).key == "b1"


async def test_a_notice_is_not_tried_before_its_time(
    store: Store, owe: Owe, ada: Person, now: datetime
) -> None:
    await owe(ada, "k", "l")

    await store.mark_delayed(await claim_one(store, now), now + SOON)

    assert await store.claim_notices(now + SOON / 2, LEASE, 10) == []
    again = await claim_one(store, now + SOON)
    assert (again.key, again.attempts, again.must_reconcile) == ("k", 2, False)
    assert again.first_tried_at == now + SOON


async def test_a_crash_between_claim_and_mark_is_looked_into_before_it_is_sent_again(
    store: Store, other_store: Store, owe: Owe, ada: Person, now: datetime
) -> None:
    await owe(ada, "k", "l")
    await claim_one(store, now)

    assert await other_store.claim_notices(now + LEASE - SOON, LEASE, 10) == []
    again = await claim_one(other_store, now + LEASE)

    assert (again.key, again.attempts, again.must_reconcile) == ("k", 2, True)
    assert again.first_tried_at == now


async def test_an_uncertain_notice_is_looked_into_and_keeps_its_place_in_the_line(
    store: Store, owe: Owe, ada: Person, now: datetime
) -> None:
    await owe(ada, "k", "l")
    await store.mark_uncertain(await claim_one(store, now), now + SOON)
    assert await store.claim_notices(now, LEASE, 10) == []

    again = await claim_one(store, now + SOON)
    assert again.must_reconcile
    await store.mark_uncertain(again, now + 2 * SOON)
    last = await claim_one(store, now + 2 * SOON)

    assert (last.must_reconcile, last.attempts, last.first_tried_at) == (True, 3, now)


async def test_a_dropped_notice_says_why_and_lets_the_next_one_go(
    store: Store, owe: Owe, ada: Person, now: datetime
) -> None:
    await owe(ada, "k", "l")

    await store.mark_dropped(await claim_one(store, now), "is_archived")

    assert (await claim_one(store, now)).key == "l"
    dropped = await store.find_notice("k")
    assert dropped is not None
    assert (dropped.state, dropped.reason) == (NoticeState.DROPPED, "is_archived")


async def test_who_lost_the_claim_no_longer_decides(
    store: Store, other_store: Store, owe: Owe, ada: Person, now: datetime
) -> None:
    await owe(ada, "k")
    lost = await claim_one(store, now)
    held = await claim_one(other_store, now + LEASE)

    await store.mark_delayed(lost, now)
    await store.mark_uncertain(lost, now)
    await store.mark_dropped(lost, "gone")

    assert await store.claim_notices(now + LEASE, LEASE, 10) == []
    await other_store.mark_delayed(held, now + LEASE + SOON)
    assert await claim_one(store, now + LEASE + SOON)


async def test_what_was_sent_is_sent_whoever_says_so(
    store: Store, other_store: Store, owe: Owe, ada: Person, now: datetime
) -> None:
    await owe(ada, "k")
    lost = await claim_one(store, now)
    held = await claim_one(other_store, now + LEASE)

    await store.mark_sent(lost, "D1", "1", now)
    await other_store.mark_uncertain(held, now + LEASE)

    assert await store.claim_notices(now + 2 * LEASE, LEASE, 10) == []
    assert len(await store.notices_of_job(ada, 5)) == 1


async def test_a_notice_of_a_link_that_was_forgotten_can_still_be_marked(
    store: Store, owe: Owe, ada: Person, now: datetime
) -> None:
    await owe(ada, "k")
    notice = await claim_one(store, now)
    await store.forget_link(ada)

    await store.mark_sent(notice, "D1", "1", now)

    assert await store.find_notice("k") is None


async def test_however_many_send_at_once_nothing_is_claimed_twice_or_out_of_order(
    store: Store, other_store: Store, owe: Owe, now: datetime
) -> None:
    people = [Person(None, "T1", f"U{number}") for number in range(8)]
    for person in people:
        await owe(person, *(f"{person.user_id}/{number}" for number in range(5)))
    told: list[str] = []

    async def send(some: Store) -> None:
        while len(told) < 40:
            for notice in await some.claim_notices(now, LEASE, 3):
                told.append(notice.key)
                await some.mark_sent(notice, "D1", notice.key, now)

    await asyncio.gather(*(send(some) for some in (store, other_store) for _ in range(3)))

    assert len(told) == len(set(told)) == 40
    for person in people:
        keys = [key for key in told if key.startswith(f"{person.user_id}/")]
        assert keys == sorted(keys)


async def test_cleaning_keeps_what_is_owed_and_what_is_recent(
    store: Store, owe: Owe, ada: Person, bob: Person, now: datetime
) -> None:
    await owe(ada, "old sent", "old owed", at=now - timedelta(days=40))
    await store.mark_sent(await claim_one(store, now), "D1", "1", now)
    await owe(bob, "new sent")
    await store.mark_sent((await store.claim_notices(now, LEASE, 10))[1], "D2", "1", now)
    await store.save_picks(bob, 5, {("user", "old"): Pick(1, "A")}, now - timedelta(days=40))
    await store.save_picks(bob, 5, {("user", "new"): Pick(1, "A")}, now)

    assert await store.clean(now, timedelta(days=30), timedelta(days=365)) == 2
    assert await store.clean(now, timedelta(days=30), timedelta(days=365)) == 0

    assert await store.find_notice("old sent") is None
    assert await store.find_notice("old owed") is not None
    assert await store.find_notice("new sent") is not None
    assert list(await store.find_picks(bob, 5)) == [("user", "new")]


async def test_what_is_new_does_not_go_with_what_came_before_something_that_was_tried(
    store: Store, owe: Owe, ada: Person, now: datetime
) -> None:
    await owe(ada, "a", "b", "c")
    first = await claim_one(store, now)
    [second] = await store.claim_company(first, now, LEASE, 1)
    await store.mark_uncertain(second, now + SOON)
    await store.mark_delayed(first, now)

    again = await claim_one(store, now)

    assert again.key == "a"
    assert await store.claim_company(again, now, LEASE, 9) == [], "c comes after b, whose fate is not known"


async def test_what_was_tried_together_is_found_out_together(
    store: Store, owe: Owe, ada: Person, now: datetime
) -> None:
    await owe(ada, "a", "b", "c")
    first = await claim_one(store, now)
    await store.claim_company(first, now, LEASE, 1)

    later = now + LEASE
    again = await claim_one(store, later)
    company = await store.claim_company(again, later, LEASE, 9)

    assert [(it.key, it.must_reconcile) for it in (again, *company)] == [("a", True), ("b", True)]


async def test_what_one_is_at_is_not_taken_again_when_the_clock_is_put_forward(
    store: Store, owe: Owe, ada: Person, now: datetime
) -> None:
    await owe(ada, "a")
    sending = await claim_one(store, now)

    assert await store.claim_notices(now + timedelta(hours=1), LEASE, 9, at_hand={sending.id}) == []
