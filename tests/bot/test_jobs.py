"""Jobs as EcoTaxa tells them, and what counts as news."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.jobs import Answer, Event, Job, JobState, Question, Seen, Snapshot, compare, foresee

ODD = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
FIELDS = (
    "owner_id", "type", "state", "progress_pct", "progress_msg", "creation_date", "updated_on", "params",
    "result", "errors", "question", "reply", "inside",
)  # fmt: skip
INNER = ("prj_id", "req", "rowcount", "out_file", "missing_users", "missing_taxa", "found_users")
ASKING = {"missing_users": ["e. rodriguez"], "missing_taxa": ["part"]}


def job(job_id: int = 7, state: str = "R", **fields: Any) -> Job:
    return Job.parse({"id": job_id, "state": state, **fields})


def events(before: Snapshot | None, *jobs: Job, whole: bool = True) -> list[tuple[int, Event]]:
    return [(t.job.id, t.event) for t in compare(before, jobs, whole=whole)[1]]


def seen(*jobs: Job) -> Snapshot:
    return compare(None, jobs)[0]


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
    compare(None, [odd])


@pytest.mark.parametrize(
    ("params", "projects"),
    [
        ({"prj_id": 3}, (3,)),
        ({"req": {"project_id": 5}}, (5,)),
        ({"req": {"project_id": "1,2"}}, (1, 2)),
        ({"req": {"project_id": None, "collection_id": 4}}, ()),
        ({"prj_id": "x"}, ()),
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


# What counts as news: every state before, every state after, with the same or another question or failure.
TOLD = {"F": Event.FINISHED, "E": Event.FAILED, "A": Event.ASKED}


def _state(letter: str, other: bool) -> Job:
    question = {"missing_users": ["b" if other else "a"], "missing_taxa": []}
    return job(
        state=letter, progress_msg="other" if other else "same", question=question, updated_on=str(other)
    )


@pytest.mark.parametrize("other", [False, True], ids=["same", "other"])
@pytest.mark.parametrize("after", "PRAEF?")
@pytest.mark.parametrize("before", "PRAEF?")
def test_a_state_is_news_when_it_was_not_seen_before(before: str, after: str, other: bool) -> None:
    told = events(seen(_state(before, False)), _state(after, other))

    is_new = before != after or (other and after in "AE")
    assert told == ([(7, TOLD[after])] if is_new and after in TOLD else [])


def test_the_first_look_tells_only_of_questions() -> None:
    assert events(None, job(1, "F"), job(2, "E"), job(3, "A", question=ASKING), job(4, "R")) == [
        (3, Event.ASKED)
    ]


def test_a_job_so_short_that_no_look_saw_it_run_is_told() -> None:
    before = seen(job(1, "F"))

    assert events(before, job(1, "F"), job(2, "F"), job(3, "E")) == [(2, Event.FINISHED), (3, Event.FAILED)]


def test_a_list_that_was_short_for_a_moment_makes_no_old_news() -> None:
    before = seen(job(1, "F"), job(2, "E"), job(3, "F"))
    short, nothing = compare(before, [job(3, "F")])

    assert nothing == []
    assert events(short, job(1, "F"), job(2, "E"), job(3, "F")) == []
    assert events(compare(before, [])[0], job(1, "F"), job(4, "A", question=ASKING)) == [(4, Event.ASKED)]


def test_a_killed_job_is_not_a_failed_one() -> None:
    assert events(seen(job(state="R")), job(state="E", progress_msg="Killed")) == [(7, Event.KILLED)]


def test_a_job_that_asks_for_the_rest_is_news_and_the_same_question_is_not() -> None:
    asked = job(state="A", question={"missing_users": [], "missing_taxa": ["a", "b"]})
    rest = job(state="A", question={"missing_users": [], "missing_taxa": ["b"]})

    assert events(seen(asked), asked) == []
    assert events(seen(asked), rest) == [(7, Event.ASKED)]
    shown = foresee(seen(asked), asked, Question((), ("b",)))
    assert events(shown, rest) == [], "what the person left open is no news"
    waiting, told = compare(shown, [asked])
    assert told == [], "a look may come before the answer has arrived"
    running, _ = compare(waiting, [job(state="R")])
    assert events(running, rest) == [], "also when it comes there by way of running"
    assert events(running, asked) == [(7, Event.ASKED)]
    there, _ = compare(running, [rest])
    assert events(there, rest) == []
    assert events(compare(there, [job(state="F")])[0], rest) == [(7, Event.ASKED)], "but only once"


def test_a_touched_job_is_no_news() -> None:
    assert (
        events(seen(job(state="F", updated_on="2026-01-01")), job(state="F", updated_on="2026-01-02")) == []
    )


def test_a_partial_look_forgets_nothing() -> None:
    before = seen(job(1, "F"), job(2, "R"))
    after, told = compare(before, [job(2, "A", question=ASKING)], whole=False)

    assert [t.event for t in told] == [Event.ASKED]
    assert after.jobs.keys() == {1, 2}
    assert compare(before, [job(2, "R")])[0].jobs.keys() == {2}, "a whole look forgets what is gone"


def test_an_unknown_state_changes_nothing() -> None:
    before = seen(job(state="R"))
    during, told = compare(before, [job(state="X")])

    assert (during.jobs, told) == (before.jobs, [])
    assert events(during, job(state="F")) == [(7, Event.FINISHED)]


@given(
    st.dictionaries(
        st.integers(1, 2**31),
        st.builds(Seen, st.sampled_from(JobState), st.text(max_size=12), st.text(max_size=12)),
    ),
    st.integers(0, 2**31),
)
def test_a_snapshot_comes_back_as_it_was_kept(jobs: dict[int, Seen], newest: int) -> None:
    snapshot = Snapshot(jobs, newest)

    assert Snapshot.load(snapshot.dump()) == snapshot
