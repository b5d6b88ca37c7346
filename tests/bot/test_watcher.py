"""When to look, and what with."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

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
        (account(size=31, seconds_ago=15), False),
        (account(size=31, seconds_ago=16), True),
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

    assert len(_asked_by_state(dict(enumerate(map(JobState, moving))), times)) == looks


@pytest.mark.parametrize("seconds", [1, 5, 6, 7, 10, 12, 29, 30, 45])
def test_however_far_apart_looks_are_new_jobs_are_looked_for(seconds: int) -> None:
    times = [NOW + timedelta(seconds=seconds * number) for number in range(200)]

    asked = _asked_by_state({1: JobState.RUNNING}, times)

    at_most = PACE.idle + timedelta(seconds=seconds)
    assert all(later - earlier <= at_most for earlier, later in pairwise([*asked, times[-1]]))


def test_a_clock_that_was_put_back_delays_no_look_for_new_jobs() -> None:
    assert PACE.wants_states({1: JobState.RUNNING}, NOW + timedelta(hours=1), NOW)


def _asked_by_state(moving: Mapping[int, JobState], times: Sequence[datetime]) -> list[datetime]:
    """At which of these looks the account would be asked by state."""
    asked: list[datetime] = []
    for at in times:
        if PACE.wants_states(moving, asked[-1] if asked else None, at):
            asked.append(at)
    return asked
