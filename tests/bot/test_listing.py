from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.filters import Filter
from bot.jobs import Job, JobState
from bot.listing import PAGE, Listing, place_dump, place_load, states_of, takes, type_of
from tests.bot.slack_limits import any_job, nasty_text
from tests.bot.test_filters import any_filter


def a_job(state: str, job_type: str = "GeneralExport", project: object = 42, **more: Any) -> Job:
    raw = {"id": 1, "state": state, "type": job_type, "params": {"req": {"project_id": project}}}
    return Job.parse(raw | more)


@pytest.mark.parametrize(
    ("words", "job", "is_taken"),
    [
        ("", a_job("X", ""), True),
        ("failed", a_job("E"), True),
        ("failed", a_job("E", progress_msg="Killed"), False),
        ("stopped", a_job("E", progress_msg="Killed"), True),
        ("stopped", a_job("E"), False),
        ("failed", a_job("R", progress_msg="Killed"), False),
        ("waiting", a_job("P"), True),
        ("failed asking", a_job("A"), True),
        ("failed asking running waiting finished stopped", a_job("X"), False),
        ("exports", a_job("F", "DarwinCoreExport"), True),
        ("exports", a_job("F", "SimpleImport"), False),
        ("imports", a_job("F", "SimpleImport"), True),
        ("imports", a_job("F", "FileImport"), True),
        ("predictions", a_job("F", "Prediction"), True),
        ("subsets", a_job("F", "Subset"), True),
        ("subsets imports", a_job("F", "Prediction"), False),
        ("project 42", a_job("F"), True),
        ("project 42", a_job("F", project="7,42"), True),
        ("project 42", a_job("F", project=4), False),
        ("project 42", a_job("F", params=None), False),
        ("failed exports project 42", a_job("E", "Subset"), False),
    ],
)
def test_a_filter_takes_the_jobs_it_names(words: str, job: Job, is_taken: bool) -> None:
    assert takes(Filter.parse(words), job) is is_taken


@pytest.mark.parametrize(
    ("words", "states", "job_type"),
    [
        ("", [None], ""),
        ("failed", ["E"], ""),
        ("failed stopped", ["E"], ""),
        ("running waiting asking", ["A", "P", "R"], ""),
        ("finished", ["F"], ""),
        ("finished failed", [None], ""),
        ("predictions", [None], "Prediction"),
        ("failed subsets", ["E"], "Subset"),
        ("exports", [None], ""),
        ("predictions subsets", [None], ""),
    ],
)
def test_ecotaxa_is_asked_for_no_more_than_it_can_tell_apart(
    words: str, states: list[str | None], job_type: str
) -> None:
    wanted = Filter.parse(words)

    assert list(states_of(wanted)) == states
    assert type_of(wanted) == job_type


@given(any_filter, any_job)
def test_what_a_filter_takes_is_among_what_is_asked_for(wanted: Filter, job: Job) -> None:
    asked = states_of(wanted)

    if takes(wanted, job):
        assert None in asked or job.state in asked
        assert type_of(wanted) in ("", job.type) or not job.type.endswith(("Prediction", "Subset"))


@given(st.lists(any_job, max_size=30), st.integers(-3, 9), any_filter)
def test_pages_hold_every_job_that_is_wanted_once(jobs: list[Job], page: int, wanted: Filter) -> None:
    fitting = {job.id for job in {job.id: job for job in jobs if takes(wanted, job)}.values()}
    first = Listing.of(jobs, 0, wanted)
    pages = [Listing.of(jobs, n, wanted) for n in range(-(-first.total // PAGE))]
    ids = [job.id for listing in pages for job in listing.jobs]

    assert sorted(ids) == sorted(fitting)
    assert first.total == len(fitting)
    assert Listing.of(jobs, page, wanted).page in range(max(1, len(pages)))
    open_ones = [job.state.is_open for listing in pages for job in listing.jobs]
    assert open_ones == sorted(open_ones, reverse=True)


@given(st.integers(0, 99_999), any_filter)
def test_a_place_in_a_list_travels_in_a_button(page: int, wanted: Filter) -> None:
    value = place_dump(page, wanted)

    assert len(value) <= 150, "as long as an option's value may be"
    assert place_load(value) == (page, wanted)


@given(nasty_text | st.text())
def test_any_button_value_is_a_place(value: str) -> None:
    page, wanted = place_load(value)

    assert 0 <= page <= 99_999
    assert place_load(place_dump(page, wanted)) == (page, wanted)


@pytest.mark.parametrize("value", ["", "x", "-1", "1" * 6, "٣", "²"])
def test_an_odd_place_is_the_first_page(value: str) -> None:
    assert place_load(value) == (0, Filter())


def test_a_list_moves_while_one_of_its_jobs_does() -> None:
    assert Listing.of([a_job("R")]).moves
    assert not Listing.of([a_job("A")]).moves
    assert Listing.of([a_job("R")]).states() == [(1, JobState.RUNNING)]
