"""What can be done to a job in which state, and what it came to."""

from typing import Any

import pytest

from bot.deeds import Act, Effect, judge
from bot.jobs import Job, JobState


def job(state: str, message: str = "", **fields: Any) -> Job:
    return Job.parse({"id": 7, "state": state, "progress_msg": message, **fields})


@pytest.mark.parametrize(
    ("act", "states"), [(Act.RESTART, "E"), (Act.KILL, "PRA"), (Act.DELETE, "EF")], ids=str
)
def test_an_act_fits_the_states_in_which_ecotaxa_does_it(act: Act, states: str) -> None:
    assert {state for state in JobState if act.fits(state)} == {JobState(letter) for letter in states}


FAILED, KILLED, DONE, RUNS, WAITS = job("E", "Disk full"), job("E", "Killed"), job("F"), job("R"), job("P")


@pytest.mark.parametrize(
    ("act", "before", "after", "effect"),
    [
        (Act.RESTART, FAILED, FAILED, None),
        (Act.RESTART, FAILED, job("P", "Restarting"), Effect.TOOK),
        (Act.RESTART, FAILED, DONE, Effect.TOOK),
        (Act.RESTART, FAILED, job("E", "Another failure"), Effect.TOOK),
        (Act.RESTART, KILLED, KILLED, None),
        (Act.RESTART, FAILED, None, Effect.OTHERWISE),
        (Act.KILL, RUNS, RUNS, None),
        (Act.KILL, WAITS, RUNS, None),
        (Act.KILL, RUNS, KILLED, Effect.TOOK),
        (Act.KILL, RUNS, DONE, Effect.OTHERWISE),
        (Act.KILL, RUNS, FAILED, Effect.OTHERWISE),
        (Act.KILL, RUNS, None, Effect.OTHERWISE),
        (Act.DELETE, DONE, None, Effect.TOOK),
        (Act.DELETE, DONE, DONE, None),
        (Act.DELETE, KILLED, KILLED, None),
        (Act.DELETE, FAILED, KILLED, Effect.OTHERWISE),
        (Act.DELETE, FAILED, RUNS, Effect.OTHERWISE),
    ],
)
def test_what_an_act_came_to_is_seen_from_the_job(
    act: Act, before: Job, after: Job | None, effect: Effect | None
) -> None:
    assert judge(act, before, after) is effect


def test_a_leftover_of_the_last_run_is_not_what_the_act_came_to() -> None:
    failed = job("E", "1 error(s) during run", errors=["x"])

    assert (
        judge(Act.RESTART, failed, job("E", "1 error(s) during run", errors=["x"], updated_on="later"))
        is None
    )
