"""Watches and looks come one after the other, so that no move of a job falls between them."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from bot.jobs import JobState
from bot.links import Link, Person
from bot.rules.kinds import Told
from bot.rules.watches import Watch
from bot.store import NewNotice, NoticeState, Store, WatchedLink
from bot.transitions import Seen, Snapshot

Linked = Callable[..., Awaitable[Link]]

LEASE = timedelta(minutes=1)
FINISHED = Snapshot({5: Seen(JobState.FINISHED, "")}, newest=5)
WATCH = Watch("w", "", None, {5: "R"})


def card(person: Person) -> NewNotice:
    return NewNotice("card", person, Told.WATCH, None, {"id": "w"})


async def mark(store: Store, person: Person) -> str:
    return (await store.link_marks([person.key]))[person.key]


async def watched(store: Store, now: datetime) -> WatchedLink:
    (account,) = await store.claim_accounts(now, LEASE, 10)
    (link,) = account.links
    return link


async def test_a_watch_begins_once_with_its_card(
    store: Store, linked: Linked, ada: Person, now: datetime
) -> None:
    await linked(ada)

    assert await store.begin_watch(ada, WATCH, card(ada), now, await mark(store, ada))

    assert await store.find_watches(ada) == [WATCH]
    assert await store.find_notice("card") is not None
    assert await store.end_watch(ada, "w")
    assert not await store.end_watch(ada, "w")


async def test_nothing_begins_when_a_look_saw_jobs_move_since_they_were_asked_for(
    store: Store, linked: Linked, ada: Person, now: datetime
) -> None:
    await linked(ada)
    before = await mark(store, ada)
    await store.record_look(ada, (await watched(store, now)).version, FINISHED, [], now)

    assert not await store.begin_watch(ada, WATCH, card(ada), now, before)

    assert await store.find_watches(ada) == []
    assert await store.find_notice("card") is None


async def test_a_look_that_does_not_know_the_watch_writes_nothing(
    store: Store, linked: Linked, ada: Person, now: datetime
) -> None:
    await linked(ada)
    look = await watched(store, now)

    assert await store.begin_watch(ada, WATCH, card(ada), now, await mark(store, ada))

    assert not await store.record_look(ada, look.version, FINISHED, [], now)


async def test_nobody_elses_watch_is_ended(
    store: Store, linked: Linked, ada: Person, bob: Person, now: datetime
) -> None:
    await linked(ada)
    await store.begin_watch(ada, WATCH, card(ada), now, await mark(store, ada))

    assert not await store.end_watch(bob, "w")

    assert await store.find_watches(ada) == [WATCH]


async def test_a_message_that_was_sent_is_edited_once_it_has_another_text(
    store: Store, linked: Linked, ada: Person, bob: Person, now: datetime
) -> None:
    await linked(ada)
    await store.owe(card(ada), now)
    (notice,) = await store.claim_notices(now, LEASE, 1)
    await store.mark_sent(notice, "D1", "1.5", now)

    await store.retell(bob, "card", {"id": "x"}, now)
    assert await store.claim_stale(now, LEASE, 1) == []
    await store.retell(ada, "card", {"id": "w", "stopped": True}, now)

    (stale,) = await store.claim_stale(now, LEASE, 1)
    assert stale.payload == {"id": "w", "stopped": True}


async def test_what_is_moot_is_not_told_later(
    store: Store, linked: Linked, ada: Person, bob: Person, now: datetime
) -> None:
    later = now + timedelta(days=1)
    for person in (ada, bob):
        await linked(person)
        notice = NewNotice(person.key, person, Told.FILE_EXPIRES, 5, {}, later=later)
        await store.owe(notice, now)

    await store.overtake(ada, 5, {Told.FILE_EXPIRES}, now)

    left = await store.claim_notices(later, LEASE, 10)
    assert [it.person for it in left] == [bob]
    dropped = await store.find_notice(ada.key)
    assert dropped is not None
    assert dropped.state is NoticeState.DROPPED
