"""What a look owes, as facts from the store and the rules have it."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count

import pytest

from bot.captions import Captions
from bot.jobs import Job, JobState
from bot.links import Link, Person, Token
from bot.newsdesk import Look, NewsDesk
from bot.rules.kinds import Told
from bot.rules.runs import Run
from bot.store import Changes, NewNotice, Store, WatchedLink
from bot.transitions import Moved, Snapshot
from bot.work import Work

Linked = Callable[..., Awaitable[Link]]
LEASE, MINUTE = timedelta(minutes=1), timedelta(minutes=1)
SMALL, LARGE = 41, 42
OBJECTS = {SMALL: "1000", LARGE: "90000"}
DAYS = count(1)


async def objects(_token: Token, project: int) -> str:
    """How many objects a project has, as EcoTaxa tells it."""
    return OBJECTS[project]


@pytest.fixture
def desk(store: Store) -> NewsDesk:
    return NewsDesk(store, Captions(objects, Work()))


def job(state: str, job_id: int = 9, project: int = LARGE) -> Job:
    params = {"req": {"project_id": project}}
    return Job.parse({"id": job_id, "type": "Subset", "state": state, "params": params})


async def record(
    store: Store, person: Person, now: datetime, owed: Sequence[NewNotice], changes: Changes
) -> None:
    """Record what a look owes, a day later than the one before."""
    [account] = await store.claim_accounts(now + timedelta(days=next(DAYS)), LEASE, 9)
    [watched] = account.links
    assert await store.record_look(person, watched.version, Snapshot(), owed, now, changes)


def look(link: Link, now: datetime, *moved: Moved) -> Look:
    return Look(WatchedLink(link, Snapshot(), 1), [], moved, (), now)


async def carded(desk: NewsDesk, store: Store, link: Link, now: datetime, number: int) -> None:
    """Let that many jobs begin, and their cards stand in Slack."""
    jobs = range(1, number + 1)
    begun, _ = await desk.owed(look(link, now, *(Moved(job("P", job_id), None) for job_id in jobs)))
    cards = [replace(it, later=now) for it in begun if it.kind == Told.CARD]
    await record(store, link.person, now, cards, Changes())
    for job_id in jobs:
        [card] = await store.claim_notices(now, LEASE, 1)
        await store.mark_sent(card, "D1", f"{job_id}.5", now)


@pytest.mark.parametrize(("project", "usual"), [(SMALL, 10), (LARGE, 100)])
async def test_a_job_is_slow_by_what_those_of_its_size_take(
    desk: NewsDesk, store: Store, linked: Linked, ada: Person, now: datetime, project: int, usual: int
) -> None:
    link = await linked(ada)
    # In projects of others, so that the size alone tells them apart.
    past = [
        Run(job_id, "Subset", 7, 1, JobState.FINISHED, None, now - minutes * MINUTE, now, size=size)
        for job_id, (minutes, size) in enumerate([(10, 900), (100, 100_000)] * 3, 1)
    ]
    await record(store, ada, now, [], Changes(account=7, runs=past))

    moved = Moved(job("R", project=project), JobState.PENDING)
    owed, changes = await desk.owed(look(link, now, moved))

    [slow] = [it for it in owed if it.kind == Told.SLOW]
    assert slow.later == now + 3 * usual * MINUTE
    assert [run.size for run in changes.runs] == [int(OBJECTS[project])]
    assert changes.cards[9]["size"] == int(OBJECTS[project])


async def test_a_card_whose_job_has_ended_is_changed_before_those_of_jobs_that_go_on(
    desk: NewsDesk, store: Store, linked: Linked, ada: Person, now: datetime
) -> None:
    link = await linked(ada)
    await carded(desk, store, link, now, 4)

    # All go on first, so that what has ended is due no earlier than what goes on.
    goes_on = [Moved(job("R", number), JobState.PENDING) for number in range(1, 5)]
    await record(store, ada, now, *await desk.owed(look(link, now, *goes_on)))
    ended = [Moved(job(state, number), JobState.RUNNING) for number, state in ((3, "F"), (4, "A"))]
    later = now + MINUTE
    await record(store, ada, later, [], (await desk.owed(look(link, later, *ended)))[1])

    assert {it.job_id for it in await store.claim_stale(later, LEASE, 2)} == {3, 4}
    assert {it.job_id for it in await store.claim_stale(later, LEASE, 9)} == {1, 2}


async def test_a_card_whose_job_runs_once_more_waits_for_its_turn_again(
    desk: NewsDesk, store: Store, linked: Linked, ada: Person, now: datetime
) -> None:
    link = await linked(ada)
    await carded(desk, store, link, now, 2)

    for number, state, was, at in ((1, "F", "R", 0), (2, "R", "P", 1), (1, "P", "F", 2)):
        then = now + at * MINUTE
        changes = (await desk.owed(look(link, then, Moved(job(state, number), JobState(was)))))[1]
        await record(store, ada, then, [], changes)

    [first] = await store.claim_stale(now + 9 * MINUTE, LEASE, 1)
    assert first.job_id == 2
