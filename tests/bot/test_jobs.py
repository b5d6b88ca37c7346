"""Jobs as EcoTaxa tells them."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.jobs import Answer, Job, JobState

ODD = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
FIELDS = (
    "owner_id", "type", "state", "progress_pct", "progress_msg", "creation_date", "updated_on", "params",
    "result", "errors", "question", "reply", "inside",
)  # fmt: skip
INNER = ("prj_id", "req", "rowcount", "out_file", "missing_users", "missing_taxa", "found_users")
ASKING = {"missing_users": ["e. rodriguez"], "missing_taxa": ["part"]}


def job(job_id: int = 7, state: str = "R", **fields: Any) -> Job:
    return Job.parse({"id": job_id, "state": state, **fields})


@pytest.mark.parametrize(
    ("letter", "state"),
    [
        *((s.value, s) for s in JobState),
        ("X", JobState.UNKNOWN),
        (None, JobState.UNKNOWN),
        (3, JobState.UNKNOWN),
    ],
)
def test_any_letter_is_a_state(letter: object, state: JobState) -> None:
    assert Job.parse({"id": 1, "state": letter}).state is state


@pytest.mark.parametrize("bad", [{}, {"id": None}, {"id": "7"}, {"id": True}, {"id": 1.5}])
def test_a_job_without_an_id_is_refused(bad: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="without an id"):
        Job.parse(bad)


def test_missing_and_null_fields_are_nobodys_problem() -> None:
    nothing = dict.fromkeys(FIELDS)
    for bare in (Job.parse({"id": 1}), Job.parse({"id": 1, **nothing})):
        assert (bare.owner_id, bare.type, bare.progress_pct, bare.progress_msg) == (None, "", None, "")
        assert (bare.created_at, bare.updated_at, bare.errors, bare.project_ids) == (None, None, (), ())
        assert (bare.rowcount, bare.out_file, bare.question, bare.mark) == (None, None, None, "")


@given(
    st.dictionaries(
        st.sampled_from(FIELDS),
        st.one_of(ODD, st.lists(ODD, max_size=3), st.dictionaries(st.sampled_from(INNER), ODD, max_size=3)),
    )
)
def test_whatever_the_server_sends_parses(fields: dict[str, Any]) -> None:
    odd = Job.parse({"id": 1, **fields})

    assert odd.progress_pct is None or 0 <= odd.progress_pct <= 100
    assert isinstance(odd.brief(), dict)
    assert isinstance(odd.mark, str)


@pytest.mark.parametrize(
    ("params", "projects"),
    [
        ({"prj_id": 3}, (3,)),
        ({"req": {"project_id": 5}}, (5,)),
        ({"req": {"project_id": "1,2"}}, (1, 2)),
        ({"req": {"project_id": None, "collection_id": 4}}, ()),
        ({"prj_id": "x"}, ()),
        ({"prj_id": f"0,-3,{2**31},{10**30},7"}, (7,)),
        ({"req": "odd"}, ()),
    ],
)
def test_the_project_is_found_where_each_kind_of_job_keeps_it(
    params: object, projects: tuple[int, ...]
) -> None:
    assert job(params=params).project_ids == projects


def test_naive_dates_are_read_in_the_servers_zone() -> None:
    raw = {"id": 1, "creation_date": "2026-07-01T12:00:00", "updated_on": "nonsense"}

    assert Job.parse(raw).created_at == datetime(2026, 7, 1, 12, tzinfo=UTC)
    assert Job.parse(raw, ZoneInfo("Europe/Paris")).created_at == datetime(2026, 7, 1, 10, tzinfo=UTC)
    assert Job.parse(raw).updated_at is None


@pytest.mark.parametrize(
    "text", ["9999-12-31T23:59:59", "9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00", "1969-12-31T23:59:59"]
)
def test_a_date_at_the_calendars_ends_is_none(text: str) -> None:
    assert Job.parse({"id": 1, "creation_date": text}).created_at is None


def test_only_an_asking_job_has_a_question() -> None:
    inside = {
        "found_users": {"e. rodriguez": {"email": "e@example.org"}, "other": {"email": "o@example.org"}}
    }
    asking = job(state="A", question=ASKING, inside=inside)

    assert asking.question is not None
    assert (asking.question.users, asking.question.taxa) == (("e. rodriguez",), ("part",))
    assert asking.question.emails == {"e. rodriguez": "e@example.org"}
    assert job(state="F", question=ASKING).question is None, "it stays behind after the end"


def test_an_answer_always_has_both_keys() -> None:
    assert Answer().as_json() == {"users": {}, "taxa": {}}
    assert Answer({"a": 1}).as_json() == {"users": {"a": 1}, "taxa": {}}


def test_a_brief_job_tells_the_same_news() -> None:
    whole = job(
        state="A",
        type="FileImport",
        question=ASKING,
        inside={"found_users": {"e. rodriguez": {"email": "e@x"}}},
        params={"prj_id": 9},
        creation_date="2026-07-01T12:00:00",
        progress_msg="x" * 9000,
        errors=["e" * 9000],
    )
    brief = Job.parse(whole.brief(), ZoneInfo("Asia/Tokyo"))

    assert (brief.question, brief.project_ids, brief.created_at) == (whole.question, (9,), whole.created_at)
    assert len(str(whole.brief())) < 2000
