import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from bot.jobs import Job, JobState, Question
from bot.links import Link, Person
from bot.store import NewNotice, Settled, Store, WatchedLink
from bot.transitions import Seen, Snapshot

Linked = Callable[..., Awaitable[Link]]

LEASE = timedelta(minutes=1)
RUNNING = Snapshot({5: Seen(JobState.RUNNING, "")}, newest=5)
FINISHED = Snapshot({5: Seen(JobState.FINISHED, "")}, newest=5)
ASKING = Job.parse({"id": 6, "state": "A", "question": {"missing_users": ["a"], "missing_taxa": ["b"]}})
REST = Question((), ("b",))


def owed(person: Person, key: str) -> NewNotice:
    return NewNotice(key, person, "finished", 5, {"job": {"id": 5, "names": ["Ä", None]}})


async def watched(store: Store, now: datetime) -> WatchedLink:
    (account,) = await store.claim_accounts(now, LEASE, 10)
    (link,) = account.links
    return link


async def test_what_a_look_saw_is_what_the_next_one_compares_with(
    store: Store, linked: Linked, ada: Person, now: datetime
) -> None:
    await linked(ada)
    first = await watched(store, now)

    assert await store.record_look(ada, first.version, RUNNING, [], now)
    second = await watched(store, now + LEASE)
    assert await store.record_look(ada, second.version, FINISHED, [owed(ada, "k")], now)
    third = await watched(store, now + 2 * LEASE)

    assert [first.snapshot, second.snapshot, third.snapshot] == [None, RUNNING, FINISHED]
    notice = await store.find_notice("k")
    assert notice is not None
    assert (notice.person, notice.kind, notice.job_id, notice.created_at) == (ada, "finished", 5, now)
    assert notice.payload == {"job": {"id": 5, "names": ["Ä", None]}}


async def test_a_look_that_was_overtaken_writes_nothing(
    store: Store, linked: Linked, ada: Person, now: datetime
) -> None:
    await linked(ada)
    link = await watched(store, now)
    await store.record_look(ada, link.version, FINISHED, [owed(ada, "first")], now)

    assert not await store.record_look(ada, link.version, RUNNING, [owed(ada, "late")], now)

    assert await store.find_notice("late") is None
    assert (await watched(store, now + LEASE)).snapshot == FINISHED


async def test_a_look_with_a_rejected_token_writes_nothing(
    store: Store, linked: Linked, ada: Person, now: datetime
) -> None:
    await linked(ada)
    link = await watched(store, now)
    await store.reject_link(ada, "secret", now)

    assert not await store.record_look(ada, link.version, FINISHED, [owed(ada, "late")], now)

    assert await store.find_notice("late") is None


async def test_a_look_at_the_account_linked_before_writes_nothing(
    store: Store, linked: Linked, ada: Person, now: datetime
) -> None:
    await linked(ada, 7)
    link = await watched(store, now)
    await store.forget_link(ada)
    await linked(ada, 8)

    assert not await store.record_look(ada, link.version, FINISHED, [owed(ada, "late")], now)

    assert (await watched(store, now)).snapshot is None


async def test_two_looks_at_once_tell_once(
    store: Store, other_store: Store, linked: Linked, ada: Person, now: datetime
) -> None:
    await linked(ada)
    link = await watched(store, now)

    recorded = await asyncio.gather(
        *(
            some.record_look(ada, link.version, FINISHED, [owed(ada, f"k{number}")], now)
            for number, some in enumerate((store, other_store) * 4)
        )
    )

    assert sum(recorded) == 1
    found = [await store.find_notice(f"k{number}") is not None for number in range(8)]
    assert found == recorded


async def test_a_key_that_was_owed_before_is_not_owed_again(
    store: Store, linked: Linked, ada: Person, now: datetime
) -> None:
    await linked(ada)
    link = await watched(store, now)
    await store.record_look(ada, link.version, RUNNING, [owed(ada, "k")], now)
    link = await watched(store, now + LEASE)

    assert await store.record_look(ada, link.version, FINISHED, [owed(ada, "k"), owed(ada, "l")], now)

    (first,) = await store.claim_notices(now, LEASE, 10)
    await store.mark_sent(first, "D1", "1.1", now)
    (second,) = await store.claim_notices(now, LEASE, 10)
    assert (first.key, second.key) == ("k", "l")


async def test_what_an_answer_leaves_open_is_foreseen_and_overtakes_the_look_under_way(
    store: Store, linked: Linked, ada: Person, now: datetime
) -> None:
    await linked(ada)
    await store.record_look(ada, (await watched(store, now)).version, RUNNING, [], now)
    under_way = await watched(store, now + LEASE)

    await store.foresee_rest(ada, ASKING, REST)

    assert not await store.record_look(ada, under_way.version, FINISHED, [owed(ada, "late")], now)
    seen = (await watched(store, now + 2 * LEASE)).snapshot
    foreseen = Seen(JobState.ASKING, ASKING.mark, REST.mark)
    assert seen == Snapshot({5: Seen(JobState.RUNNING, ""), 6: foreseen}, newest=5)


async def test_what_is_no_longer_foreseen_is_forgotten_and_what_nobody_foresaw_disturbs_no_look(
    store: Store, linked: Linked, ada: Person, now: datetime
) -> None:
    await linked(ada)
    await store.record_look(ada, (await watched(store, now)).version, RUNNING, [], now)
    await store.foresee_rest(ada, ASKING, REST)
    there = Snapshot({6: Seen(JobState.ASKING, REST.mark, REST.mark)}, newest=6)
    await store.record_look(ada, (await watched(store, now + LEASE)).version, there, [], now)
    under_way = await watched(store, now + 2 * LEASE)

    await store.forget_rest(ada, ASKING, REST)

    assert not await store.record_look(ada, under_way.version, there, [], now)
    under_way = await watched(store, now + 3 * LEASE)
    assert under_way.snapshot == Snapshot({6: Seen(JobState.PENDING, "")}, newest=6), "to be told anew"
    await store.forget_rest(ada, ASKING, REST)
    assert await store.record_look(ada, under_way.version, there, [owed(ada, "k")], now)


async def test_what_is_foreseen_before_the_first_look_leaves_the_baseline_to_it(
    store: Store, linked: Linked, ada: Person, bob: Person, now: datetime
) -> None:
    await linked(ada)
    link = await watched(store, now)

    await store.foresee_rest(ada, ASKING, REST)
    await store.foresee_rest(bob, ASKING, REST)

    assert await store.record_look(ada, link.version, RUNNING, [], now)


async def test_answers_at_once_are_all_remembered(
    store: Store, other_store: Store, linked: Linked, ada: Person, now: datetime
) -> None:
    await linked(ada)
    await store.record_look(ada, (await watched(store, now)).version, RUNNING, [], now)
    jobs = [Job.parse({"id": number, "state": "A"}) for number in range(10, 20)]

    await asyncio.gather(
        *(some.foresee_rest(ada, job, REST) for job, some in zip(jobs, (store, other_store) * 5, strict=True))
    )

    seen = (await watched(store, now + LEASE)).snapshot
    assert seen is not None
    assert set(seen.jobs) == {5, *range(10, 20)}


async def test_ones_own_stop_and_restart_overtake_the_look_under_way(
    store: Store, linked: Linked, ada: Person, now: datetime
) -> None:
    await linked(ada)
    await store.record_look(ada, (await watched(store, now)).version, RUNNING, [], now)
    running = Job.parse({"id": 5, "state": "R"})
    killed = Job.parse({"id": 5, "state": "E", "progress_msg": "Killed"})

    under_way = await watched(store, now + LEASE)
    await store.foresee_kill(ada, running)

    assert not await store.record_look(ada, under_way.version, FINISHED, [owed(ada, "late")], now)
    under_way = await watched(store, now + 2 * LEASE)
    assert under_way.snapshot == Snapshot({5: Seen(JobState.RUNNING, "", killed.mark)}, newest=5)
    await store.begin_anew(ada, killed)

    assert not await store.record_look(ada, under_way.version, FINISHED, [owed(ada, "late")], now)
    assert (await watched(store, now + 3 * LEASE)).snapshot == RUNNING


async def test_the_jobs_seen_last_are_told_of_accounts_that_keep_many(
    store: Store, linked: Linked, ada: Person, now: datetime
) -> None:
    await linked(ada)
    assert await store.seen_jobs(ada, more_than=2) is None, "nothing was seen yet"
    (account,) = await store.claim_accounts(now, LEASE, 10)
    (link,) = account.links
    many = Snapshot({n: Seen(JobState.ERROR, 'a"1":b') for n in (7, 30, 5)}, newest=30)
    await store.record_look(ada, link.version, many, [], now)
    for size, told in ((2, {5, 7, 30}), (3, None)):
        await store.settle_accounts(
            [Settled(account.ecotaxa_user_id, now, 0, size + 1 if told else size, now, account.leased_until)]
        )

        seen = await store.seen_jobs(ada, more_than=size)

        assert (None if seen is None else set(seen)) == told
