from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from bot.links import Link, Person
from bot.store import NewNotice, Settled, Store, Timetable
from bot.transitions import Snapshot

Linked = Callable[..., Awaitable[Link]]


async def test_a_job_reports_where_it_was_asked(
    store: Store, linked: Linked, ada: Person, bob: Person, now: datetime
) -> None:
    await linked(ada)
    await linked(bob)

    await store.report_to(ada, 5, "C1", now)
    await store.report_to(ada, 6, "C2", now)
    await store.report_to(bob, 5, "C3", now)

    assert await store.find_reports(ada, [5, 7]) == {5: "C1"}
    assert await store.find_reports(bob, [5, 6]) == {5: "C3"}
    assert await store.find_reports(ada, []) == {}


async def test_a_later_wish_replaces_the_earlier(
    store: Store, linked: Linked, ada: Person, now: datetime
) -> None:
    await linked(ada)
    await store.report_to(ada, 5, "C1", now)

    await store.report_to(ada, 5, "C2", now)

    assert await store.find_reports(ada, [5]) == {5: "C2"}


async def test_reports_go_with_the_link_and_with_time(
    store: Store, linked: Linked, ada: Person, bob: Person, now: datetime
) -> None:
    await linked(ada)
    await linked(bob)
    await store.report_to(ada, 5, "C1", now)
    await store.report_to(bob, 5, "C1", now)

    await store.forget_link(ada)
    await store.report_to(ada, 6, "C1", now)
    await store.clean(now + timedelta(days=31), timedelta(days=30), timedelta(days=365))

    assert await store.find_reports(ada, [5, 6]) == {}
    assert await store.find_reports(bob, [5]) == {}


async def test_how_the_looking_goes_is_known(
    store: Store, linked: Linked, ada: Person, bob: Person, now: datetime
) -> None:
    await linked(ada)
    soon = now + timedelta(seconds=30)

    fresh = await store.find_timetable(ada)
    (account,) = await store.claim_accounts(now, timedelta(minutes=1), 5)
    held = await store.find_timetable(ada)
    await store.settle_accounts([Settled(account.ecotaxa_user_id, soon, 2, 10, now, account.leased_until)])

    lease = now + timedelta(minutes=1)
    assert fresh == Timetable(None, now, None, 0)
    assert held == Timetable(None, lease, lease, 0)
    assert await store.find_timetable(ada) == Timetable(now, soon, None, 2)
    assert await store.find_timetable(bob) is None


async def test_when_somebody_was_last_told_is_known(
    store: Store, linked: Linked, ada: Person, bob: Person, now: datetime
) -> None:
    await linked(ada)
    (account,) = await store.claim_accounts(now, timedelta(minutes=1), 5)
    owed = [NewNotice(key, ada, "finished", 5, {}) for key in ("a", "b")]
    await store.record_look(ada, account.links[0].version, Snapshot(), owed, now)
    assert await store.last_sent(ada) is None

    for minutes in (1, 2):
        at = now + timedelta(minutes=minutes)
        (notice,) = await store.claim_notices(at, timedelta(minutes=1), 5)
        await store.mark_sent(notice, "D1", "1.1", at)

    assert await store.last_sent(ada) == now + timedelta(minutes=2)
    assert await store.last_sent(bob) is None
