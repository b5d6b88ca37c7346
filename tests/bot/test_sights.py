"""What moved between two sights of everybody's jobs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.jobs import Job
from bot.sights import MOST_MISSED, Sight


def job(job_id: int, owner: int | None = 7, state: str = "R", **more: object) -> Job:
    return Job.parse({"id": job_id, "owner_id": owner, "state": state, **more})


def asking(job_id: int, *names: str) -> Job:
    return job(job_id, state="A", question={"missing_users": [], "missing_taxa": list(names)})


SEEN = Sight.of([job(10), job(11, 8)])


@pytest.mark.parametrize(
    ("jobs", "accounts"),
    [
        ([job(10), job(11, 8)], set()),
        ([job(10, progress_pct=40), job(11, 8)], set()),
        ([job(10)], {8}),
        ([], {7, 8}),
        ([job(10, state="P"), job(11, 8)], {7}),
        ([job(10, state="F"), job(11, 8)], {7}),
        ([job(10), job(11, 8), job(12, 9)], {9}),
        ([job(10), job(11, 8), job(12, None)], set()),
    ],
)
def test_an_account_moves_when_one_of_its_jobs_comes_goes_or_changes(
    jobs: list[Job], accounts: set[int]
) -> None:
    assert Sight.of(jobs, SEEN.newest).moved(SEEN) == accounts


def test_another_question_is_a_move() -> None:
    before = Sight.of([asking(5, "part")])

    assert Sight.of([asking(5, "part")], before.newest).moved(before) == set()
    assert Sight.of([asking(5, "thing")], before.newest).moved(before) == {7}


def test_what_came_and_went_between_two_sights_shows_in_the_numbers() -> None:
    now = Sight.of([job(10), job(14)], SEEN.newest)

    assert now.missed(SEEN) == [12, 13]
    assert now.missed(Sight()) == [], "at the first sight everything old is over"
    assert len(Sight.of([job(10**6)], SEEN.newest).missed(SEEN)) == MOST_MISSED


def test_numbers_that_were_given_away_stay_so_when_their_jobs_are_over() -> None:
    assert Sight.of([], SEEN.newest).newest == 11


@given(
    st.lists(
        st.builds(job, st.integers(1, 10**9), st.integers(1, 10**6), st.sampled_from("PRAFE")), max_size=20
    )
)
def test_a_sight_is_kept_as_it_is(jobs: list[Job]) -> None:
    sight = Sight.of(jobs, 3)

    assert Sight.load(sight.dump()) == sight
    assert sight.moved(sight) == set()
