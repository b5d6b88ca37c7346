"""When to look, and what with."""

from datetime import UTC, datetime, timedelta

import pytest

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
    assert PACE.next(active=True) == timedelta(seconds=5)
    assert PACE.next(active=False) == timedelta(seconds=30)


@pytest.mark.parametrize(
    ("failures", "chance", "seconds"),
    [(1, 0.5, 10), (1, 0.0, 7.5), (1, 1.0, 12.5), (3, 0.5, 40), (99, 0.5, LONGEST_PAUSE.total_seconds())],
)
def test_the_pause_grows_while_ecotaxa_ails(failures: int, chance: float, seconds: float) -> None:
    assert PACE.after_failure(failures, chance) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("looked_at", "whole"),
    [
        (account(size=50), True),
        (account(size=200), True),
        (account(size=201), False),
        (account(size=201, seconds_ago=None), True),
        (account(size=201, snapshot=None), True),
        (account(size=201, seconds_ago=31), True),
        (account(size=5000, seconds_ago=299), False),
        (account(size=5000, seconds_ago=300), True),
    ],
)
def test_whole_lists_are_rare_for_accounts_that_keep_thousands(looked_at: Account, whole: bool) -> None:
    assert PACE.wants_whole(looked_at, NOW) is whole
