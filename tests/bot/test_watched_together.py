"""Jobs that are watched as one."""

from typing import Any

import pytest

from bot.jobs import Job, JobState
from bot.rules.watches import Watch, letter_of
from bot.transitions import Moved


def moved(job_id: int, state: str, project: int = 42, **fields: Any) -> Moved:
    raw = {"id": job_id, "state": state, "params": {"req": {"project_id": project}}, **fields}
    return Moved(Job.parse(raw), JobState.PENDING)


OF_PROJECT = Watch("w", "", 42, {1: "R", 2: "P"})
CHOSEN = Watch("w", "", None, {1: "R", 2: "P"})


@pytest.mark.parametrize(
    ("watch", "moves", "gone", "jobs"),
    [
        (CHOSEN, [moved(1, "F")], (), {1: "F", 2: "P"}),
        (CHOSEN, [moved(3, "R")], (), {1: "R", 2: "P"}),
        (OF_PROJECT, [moved(3, "R")], (), {1: "R", 2: "P", 3: "R"}),
        (OF_PROJECT, [moved(3, "R", project=43)], (), {1: "R", 2: "P"}),
        (CHOSEN, [moved(1, "E", progress_msg="Killed")], (), {1: "K", 2: "P"}),
        (CHOSEN, [], (2, 9), {1: "R"}),
    ],
)
def test_a_watch_follows_its_jobs(
    watch: Watch, moves: list[Moved], gone: tuple[int, ...], jobs: dict[int, str]
) -> None:
    assert watch.after(moves, gone).jobs == jobs


def test_a_watch_of_which_nothing_moved_is_the_same() -> None:
    assert CHOSEN.after([moved(3, "F")], [4]) is CHOSEN


@pytest.mark.parametrize(
    ("letters", "is_over"),
    [("FF", True), ("FK", True), ("EF", True), ("FA", False), ("P", False), ("", True)],
)
def test_a_watch_is_over_once_nothing_goes_on_or_asks(letters: str, is_over: bool) -> None:
    assert Watch("w", "", None, dict(enumerate(letters))).is_over is is_over


def test_a_stop_is_spelt_apart_from_a_failure() -> None:
    assert letter_of(moved(1, "E", progress_msg="Killed").job) == "K"
    assert letter_of(moved(1, "E", progress_msg="1 error(s)").job) == "E"
