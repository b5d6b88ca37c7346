"""How jobs went, and what is usual."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.jobs import Job, JobState
from bot.rules.runs import Run, Usual, follow, usual

NOW = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def job(state: str, **fields: object) -> Job:
    raw = {"id": 7, "type": "GeneralExport", "params": {"req": {"project_id": 42}}}
    return Job.parse({**raw, "state": state, "creation_date": "2026-11-27T11:50:00", **fields})


def past(minutes: float, *, project: int = 42, size: int | None = None, waited: float = 1) -> Run:
    began = NOW - timedelta(hours=1)
    waits, runs = timedelta(minutes=waited), timedelta(minutes=minutes)
    return Run(
        1, "GeneralExport", project, 1, JobState.FINISHED, began, began + waits, began + waits + runs, size
    )


def followed(*states: str) -> Run:
    """The run of a job that looks saw in these states, a minute apart."""
    run: Run | None = None
    for number, state in enumerate(states):
        told = {"progress_msg": "Killed"} if state == "K" else {}
        run = follow(run, job("E" if state == "K" else state, **told), NOW + number * MINUTE)
    assert run is not None
    return run


@pytest.mark.parametrize(
    ("states", "attempt", "waited", "took"),
    [
        ("P", 1, None, None),
        ("PR", 1, 11, None),  # it was created ten minutes before the first look
        ("PRF", 1, 11, 1),
        ("PRRRF", 1, 11, 3),
        ("PRE", 1, 11, 1),
        ("PREPRF", 2, 1, 1),
        ("PRERF", 2, 0, 1),  # no look saw it wait again
        ("PRAPRF", 1, 1, 1),  # an answer begins no new attempt
        ("PREPREPR", 3, 1, None),
        ("F", 1, None, None),
    ],
)
def test_a_run_is_what_the_looks_saw(states: str, attempt: int, waited: int | None, took: int | None) -> None:
    run = followed(*states)

    assert run.attempt == attempt
    assert run.waited == (None if waited is None else waited * MINUTE)
    assert run.took == (None if took is None else took * MINUTE)


def test_a_job_that_stays_where_it_is_changes_nothing() -> None:
    run = followed("P", "R")

    assert follow(run, job("R", progress_pct=50), NOW + timedelta(hours=3)) is run


def test_since_when_a_job_runs_that_a_first_look_finds_running_nobody_knows() -> None:
    run = follow(None, job("R"), NOW, is_first=True)

    assert (run.started_at, run.took) == (None, None)
    assert follow(run, job("F"), NOW + MINUTE).took is None


def test_a_stop_is_no_failure() -> None:
    assert followed("P", "R", "K").was_stopped
    assert not followed("P", "R", "E").was_stopped


@pytest.mark.parametrize(("states", "minutes"), [("P", 30), ("PR", 30), ("PRF", 12), ("F", 10)])
def test_how_long_somebody_waited_for_it(states: str, minutes: int) -> None:
    assert followed(*states).lasted(NOW + 20 * MINUTE) == minutes * MINUTE


@pytest.mark.parametrize(
    ("runs", "project", "size", "minutes"),
    [
        ([past(3), past(4), past(50)], 42, None, 4),
        ([past(3), past(4)], 42, None, None),  # too few to be usual
        ([past(3)] * 3 + [past(60, project=9)] * 5, 42, None, 3),
        ([past(3)] * 2 + [past(60, project=9)] * 5, 42, None, 60),
        ([past(3, size=1_000)] * 3 + [past(60, size=90_000)] * 3, 9, 80_000, 60),
        ([past(3, size=1_000)] * 3 + [past(60, size=90_000)] * 3, 9, 1_900, 3),
        ([past(3, size=1_000)] * 3 + [past(60, size=90_000)] * 3, 42, 9_000, 31.5),  # none of about that size
    ],
)
def test_usual_is_what_the_nearest_runs_took(
    runs: list[Run], project: int, size: int | None, minutes: float | None
) -> None:
    took = usual(runs, project, size).took

    assert took == (None if minutes is None else minutes * MINUTE)


@pytest.mark.parametrize(
    ("took", "elapsed", "pct", "left"),
    [
        (10, 4, None, 6),
        (10, 4, 5, 6),  # its own progress says too little yet
        (10, 4, 40, 6),
        (10, 4, 80, 3.5),
        (10, 12, None, None),  # it should be done by now
        (None, 4, 40, None),  # a job's own progress alone is not to be trusted
    ],
)
def test_how_long_a_job_goes_on(
    took: float | None, elapsed: float, pct: int | None, left: float | None
) -> None:
    known = Usual(None if took is None else took * MINUTE)

    assert known.left(NOW - elapsed * MINUTE, pct, NOW) == (None if left is None else left * MINUTE)
