"""When to look, and what with."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.jobs import Job, JobState
from bot.links import Link, Person, Token
from bot.store import Account, WatchedLink
from bot.transitions import Snapshot
from bot.watcher import LONGEST_PAUSE, Pace

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
PACE = Pace(timedelta(seconds=5), timedelta(seconds=30))
LINK = Link(Person(None, "T1", "U1"), Token("secret", 7, NOW), "Ada", "ada@example.org")


def account(size: int = 0, seconds_ago: float | None = 10, snapshot: Snapshot | None = Snapshot()) -> Account:  # noqa: B008  # frozen
    whole_at = None if seconds_ago is None else NOW - timedelta(seconds=seconds_ago)
    return Account(7, 0, size, whole_at, NOW, (WatchedLink(LINK, snapshot, 1),))


def test_looks_are_quick_while_something_moves() -> None:
    running, done = (Job.parse({"id": 1, "state": state}) for state in "RF")

    assert PACE.next([running, done], NOW) == timedelta(seconds=5)
    assert PACE.next([done], NOW) == timedelta(seconds=30)
    seen = replace(PACE, rest=lambda jobs, _now: timedelta(hours=1) if jobs == [done] else None)
    assert seen.next([done], NOW) == timedelta(hours=1)
    assert seen.next([running], NOW) == timedelta(seconds=5)


@pytest.mark.parametrize(
    ("failures", "chance", "seconds"),
    [(1, 0.5, 10), (1, 0.0, 7.5), (1, 1.0, 12.5), (3, 0.5, 40), (99, 0.5, LONGEST_PAUSE.total_seconds())],
)
def test_the_pause_grows_while_ecotaxa_ails(failures: int, chance: float, seconds: float) -> None:
    assert PACE.after_failure(failures, chance) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("looked_at", "whole"),
    [
        (account(size=0), True),
        (account(size=30), True),
        (account(size=31), False),
        (account(size=31, seconds_ago=None), True),
        (account(size=31, snapshot=None), True),
        (account(size=31, seconds_ago=119), False),
        (account(size=31, seconds_ago=120), True),
        (account(size=5000, seconds_ago=2499), False),
        (account(size=5000, seconds_ago=2500), True),
    ],
)
def test_whole_lists_are_rare_for_accounts_that_keep_many(looked_at: Account, whole: bool) -> None:
    assert PACE.wants_whole(looked_at, NOW) is whole


@pytest.mark.parametrize(
    ("moving", "looks"),
    [("R", 2), ("PA", 2), ("RRR", 12), ("A", 12), ("", 12)],
)
def test_while_few_jobs_move_new_ones_are_looked_for_as_often_as_of_an_idle_account(
    moving: str, looks: int
) -> None:
    times = [NOW + timedelta(seconds=5 * number) for number in range(12)]

    states = dict(enumerate(map(JobState, moving)))

    assert sum(PACE.wants_states(account(size=50), states, at) for at in times) == looks


def test_not_all_accounts_are_asked_by_state_at_the_same_time() -> None:
    accounts = [replace(account(size=50), ecotaxa_user_id=number) for number in range(60)]

    assert sum(PACE.wants_states(each, {1: JobState.RUNNING}, NOW) for each in accounts) == 10
