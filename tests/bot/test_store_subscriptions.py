"""Places, mutes, followers, watches, runs and choices: kept for people with a link, and found again."""

from collections.abc import Awaitable, Callable
from datetime import datetime, time, timedelta
from itertools import count

from bot.jobs import JobState
from bot.links import Link, Person
from bot.rules.kinds import Told
from bot.rules.places import Place
from bot.rules.preferences import Preferences, Quiet
from bot.rules.runs import Run
from bot.rules.watches import Watch
from bot.store import Changes, NewNotice, Profile, Store
from bot.transitions import Snapshot

Linked = Callable[..., Awaitable[Link]]
LEASE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAYS = count(1)


async def mark(store: Store, person: Person) -> str:
    return (await store.link_marks([person.key])).get(person.key, "0 active")


async def test_a_channel_is_subscribed_once(store: Store, linked: Linked, ada: Person, now: datetime) -> None:
    await linked(ada)

    assert await store.tell_in(ada, "C1", None, now)
    assert not await store.tell_in(ada, "C1", None, now)
    assert await store.tell_in(ada, "C1", 42, now)

    one, two = await store.places_of(ada)
    assert (one, two) == (Place(one.id, "C1"), Place(two.id, "C1", 42))
    assert await store.end_place(ada, one.id)
    assert not await store.end_place(ada, one.id)
    assert await store.places_of(ada) == [two]


async def test_nobody_ends_what_is_another_persons(
    store: Store, linked: Linked, ada: Person, bob: Person, now: datetime
) -> None:
    await linked(ada)
    await linked(bob, 8)
    await store.tell_in(ada, "C1", None, now)
    (place,) = await store.places_of(ada)

    assert not await store.end_place(bob, place.id)
    assert await store.lose_channel("C1", bob) == []

    assert await store.places_of(ada) == [place]


async def test_a_lost_channel_ends_everybodys_subscriptions_there(
    store: Store, linked: Linked, ada: Person, bob: Person, now: datetime
) -> None:
    await linked(ada)
    await linked(bob, 8)
    for person, channel, project in ((ada, "C1", None), (ada, "C2", None), (bob, "C1", 42)):
        await store.tell_in(person, channel, project, now)

    ended = await store.lose_channel("C1")

    assert {(person, place.project_id) for person, place in ended} == {(ada, None), (bob, 42)}
    assert await store.lose_channel("C1") == []
    assert [it.channel for it in await store.places_of(ada)] == ["C2"]


async def test_without_a_link_nothing_is_kept(store: Store, ada: Person, bob: Person, now: datetime) -> None:
    assert not await store.tell_in(ada, "C1", None, now)
    assert not await store.follow(ada, 5, bob, now)
    await store.mute(ada, "job:5", None, now)
    card = NewNotice("card", ada, Told.WATCH, None, {})
    await store.begin_watch(ada, Watch("w", "", 42, {5: "R"}), card, now, await mark(store, ada))

    assert await store.places_of(ada) == []
    assert await store.mutes_of(ada, now) == {}
    assert await store.followers_of(ada, [5]) == {}
    assert await store.find_watches(ada) == []
    assert await store.claim_notices(now, LEASE, 5) == []


async def test_who_unlinks_leaves_nothing_behind(
    store: Store, linked: Linked, ada: Person, bob: Person, now: datetime
) -> None:
    await linked(ada)
    await store.tell_in(ada, "C1", None, now)
    await store.mute(ada, "job:5", None, now)
    await store.follow(ada, 5, bob, now)
    card = NewNotice("card", ada, Told.WATCH, None, {})
    await store.begin_watch(ada, Watch("w", "", 42, {5: "R"}), card, now, await mark(store, ada))

    await store.forget_link(ada)
    await linked(ada)

    assert await store.places_of(ada) == []
    assert await store.mutes_of(ada, now) == {}
    assert await store.followers_of(ada, [5]) == {}
    assert await store.find_watches(ada) == []


async def test_a_mute_ends_by_itself_or_is_undone(
    store: Store, linked: Linked, ada: Person, now: datetime
) -> None:
    await linked(ada)
    await store.mute(ada, "all", now + HOUR, now)
    await store.mute(ada, "job:5", None, now)

    assert await store.mutes_of(ada, now) == {"all": now + HOUR, "job:5": None}
    assert await store.mutes_of(ada, now + HOUR) == {"job:5": None}
    await store.mute(ada, "all", now + 2 * HOUR, now)
    await store.unmute(ada, "job:5")
    assert await store.mutes_of(ada, now + HOUR) == {"all": now + 2 * HOUR}


async def test_followers_are_told_of_the_jobs_that_they_follow(
    store: Store, linked: Linked, ada: Person, bob: Person, now: datetime
) -> None:
    await linked(ada)

    assert await store.follow(ada, 5, bob, now)
    assert not await store.follow(ada, 5, bob, now)

    assert await store.followers_of(ada, [5, 6]) == {5: [bob]}
    assert await store.followers_of(bob, [5]) == {}


async def test_a_watch_is_kept_up_to_date_until_it_is_over(
    store: Store, linked: Linked, ada: Person, bob: Person, now: datetime
) -> None:
    await linked(ada)
    await linked(bob, 8)
    card = NewNotice("card", ada, Told.WATCH, None, {})
    watch = Watch("w", "", 42, {5: "R", 6: "P"})
    await store.begin_watch(ada, watch, card, now, await mark(store, ada))
    assert await store.find_watches(ada) == [watch]
    assert [it.key for it in await store.claim_notices(now, LEASE, 5)] == ["card"]

    await _changed(store, ada, Watch("w", "", 42, {5: "F", 6: "R"}), now)
    assert [it.jobs for it in await store.find_watches(ada)] == [{5: "F", 6: "R"}]
    assert not await store.end_watch(bob, "w")
    await _changed(store, ada, Watch("w", "", 42, {5: "F", 6: "K"}), now)

    assert await store.find_watches(ada) == []
    assert not await store.end_watch(ada, "w")


async def _changed(store: Store, person: Person, watch: Watch, now: datetime) -> None:
    accounts = await store.claim_accounts(now + timedelta(days=next(DAYS)), LEASE, 9)
    version = next(it.version for account in accounts for it in account.links if it.link.person == person)
    assert await store.record_look(person, version, Snapshot(), [], now, Changes(watches=[watch]))


async def test_runs_are_kept_and_say_what_is_usual(
    store: Store, linked: Linked, ada: Person, now: datetime
) -> None:
    await linked(ada)
    done = Run(5, "Subset", 42, 1, JobState.FINISHED, now - HOUR, now - HOUR / 2, now, size=1_000)
    failed = Run(6, "Subset", None, 2, JobState.ERROR, now - HOUR, None, now, was_stopped=True)
    (account,) = await store.claim_accounts(now, LEASE, 1)
    changes = Changes(account=7, runs=[done, failed])

    assert await store.record_look(ada, account.links[0].version, Snapshot(), [], now, changes)

    assert await store.find_runs(7, [5, 6, 9]) == {5: done, 6: failed}
    assert await store.find_runs(8, [5]) == {}
    assert await store.past_runs("Subset") == [done], "a failure says nothing of how long it takes"
    assert await store.past_runs("GeneralExport") == []
    assert {run.job_id for run in await store.runs_since(7, now)} == {5, 6}
    assert await store.runs_since(7, now + HOUR) == []


async def test_choices_are_kept_before_and_after_slack_told_of_a_person(
    store: Store, linked: Linked, ada: Person, now: datetime
) -> None:
    await linked(ada)
    assert await store.find_preferences(ada) == Preferences()
    chosen = Preferences(quiet=Quiet(time(20), time(7)), least_minutes=2)

    await store.save_preferences(ada, chosen, now)
    assert await store.find_profile(ada) is None, "nothing is known of their language yet"
    await store.save_profile(ada, Profile("fr-FR", "Europe/Paris"), now)
    assert await store.find_preferences(ada) == chosen
    await store.save_preferences(ada, Preferences(), now)

    assert await store.find_preferences(ada) == Preferences()
    assert await store.find_profile(ada) == (Profile("fr-FR", "Europe/Paris"), now)
