"""Which jobs a clean-up deletes, as it travels in a button, and how far it is."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.cleanup import ROOM, Kept, Plan, Progress
from bot.jobs import Job, JobState

_ids = st.sets(st.integers(1, 2**31 - 1), max_size=60)


def jobs(*states: tuple[int, str]) -> list[Job]:
    return [Job.parse({"id": job_id, "state": state}) for job_id, state in states]


def test_only_what_has_ended_is_in_a_plan() -> None:
    plan = Plan.of(jobs((9, "F"), (1, "P"), (2, "R"), (3, "A"), (4, "E"), (5, "X"), (6, "F"), (6, "F")))

    assert list(plan) == [(4, JobState.ERROR), (6, JobState.FINISHED), (9, JobState.FINISHED)]
    assert len(plan) == 3


@settings(deadline=None)
@given(_ids, _ids)
def test_a_plan_comes_back_from_its_button(finished: set[int], failed: set[int]) -> None:
    plan = Plan(tuple(sorted(finished)), tuple(sorted(failed)))

    assert Plan.load(plan.dump()) == plan


@pytest.mark.parametrize("step", [1, 7, 1_000, 400_000])
def test_a_plan_that_is_too_large_for_a_button_keeps_the_oldest(step: int) -> None:
    many = jobs(*((n * step + n * n % step + 1, "FE"[n % 3 == 0]) for n in range(5_000)))

    plan = Plan.of(many)

    assert len(plan.dump()) <= ROOM
    assert 300 < len(plan) <= 5_000
    oldest = sorted(job.id for job in many)[: len(plan)]
    assert [job_id for job_id, _ in plan] == oldest


@settings(deadline=None)
@given(st.text(max_size=80) | st.binary(max_size=80).map(lambda raw: raw.hex()))
def test_what_is_no_plan_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # of whatever kind
        Plan.load(text)


@pytest.mark.parametrize(
    ("finished", "failed"), [((3, 2), ()), ((0,), ()), ((), (5, 5)), ((-4,), ())], ids=str
)
def test_a_plan_of_numbers_that_no_job_has_is_refused(
    finished: tuple[int, ...], failed: tuple[int, ...]
) -> None:
    with pytest.raises(ValueError, match="do not rise"):
        Plan.load(Plan(finished, failed).dump())


def test_progress_counts_what_is_deleted_and_what_is_kept() -> None:
    progress = Progress(5).plus(1, None).plus(2, Kept.GONE).plus(3, Kept.CHANGED).plus(4, Kept.GONE)

    assert (progress.deleted, progress.done, progress.left, progress.pct) == (1, 4, 1, 80)
    assert progress.kept == {Kept.GONE: (2, 4), Kept.CHANGED: (3,)}
