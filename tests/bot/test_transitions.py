"""What changed between two looks, and what of it is news."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.jobs import Event, Job, JobState, Question
from bot.transitions import Seen, Snapshot, begin_anew, compare, foresee, foresee_kill, forget_foreseen, moved
from tests.bot.slack_limits import any_job

ASKING = {"missing_users": ["e. rodriguez"], "missing_taxa": ["part"]}
KILLED: dict[str, Any] = {"state": "E", "progress_msg": "Killed"}


def job(job_id: int = 7, state: str = "R", **fields: Any) -> Job:
    return Job.parse({"id": job_id, "state": state, **fields})


def events(before: Snapshot | None, *jobs: Job, whole: bool = True) -> list[tuple[int, Event]]:
    return [(t.job.id, t.event) for t in compare(before, jobs, whole=whole)[1]]


def seen(*jobs: Job) -> Snapshot:
    return compare(None, jobs)[0]


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


@pytest.mark.parametrize("way", ["", "P", "PR", "A", "PRA", "F"])
def test_the_rest_that_nobody_waits_for_any_more_is_news_once(way: str) -> None:
    asked = job(state="A", question={"missing_users": [], "missing_taxa": ["a", "b"]})
    rest = job(state="A", question={"missing_users": [], "missing_taxa": ["b"]})
    left = Question((), ("b",))
    known = foresee(seen(asked), asked, left)
    for letter in way:
        known, told = compare(known, [rest if letter == "A" else job(state=letter)])
        assert [it.event for it in told] == ([Event.FINISHED] if letter == "F" else [])

    known = forget_foreseen(known, asked, left)

    known, told = compare(known, [rest])
    assert [it.event for it in told] == [Event.ASKED], "also where a look saw it meanwhile, in silence"
    assert events(known, rest) == []


def test_what_is_foreseen_of_another_answer_or_of_a_stop_is_not_forgotten() -> None:
    asked = job(state="A", question={"missing_users": [], "missing_taxa": ["a", "b"]})
    stopping = foresee_kill(seen(asked), asked)

    assert forget_foreseen(stopping, asked, Question((), ("b",))) is stopping
    assert forget_foreseen(seen(), asked, Question((), ("b",))) == seen()


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


@pytest.mark.parametrize("before", ["P", "R", "A", "E?"])
@pytest.mark.parametrize("errors", [[], ["left by an earlier run"]])
def test_ones_own_stop_is_no_news_and_whatever_else_becomes_of_the_job_is(
    before: str, errors: list[str]
) -> None:
    going = job(state=before[0] if before != "E?" else "R", question=ASKING, errors=errors)
    known = seen() if before == "E?" else seen(going)
    stopping = foresee_kill(known, going)
    stopped = job(**KILLED, question=ASKING, errors=errors)

    assert compare(stopping, [going])[1] == [], "a look may come before the stop has arrived"
    waiting, _ = compare(stopping, [going])
    assert events(waiting, stopped) == []
    assert events(stopping, stopped) == []
    there, _ = compare(waiting, [stopped])
    assert events(there, stopped) == []
    assert events(there, job(state="F")) == [(7, Event.FINISHED)], "it may run on to its end"
    assert events(waiting, job(state="E", progress_msg="Disk full")) == [(7, Event.FAILED)]
    running, _ = compare(there, [job(state="R", errors=errors)])
    assert events(running, stopped) == [(7, Event.KILLED)], "of a later run it is news again"
    assert events(seen(going), stopped) == [(7, Event.KILLED)], "also to who shares the account"


def test_a_stop_is_foreseen_also_for_a_job_that_no_look_saw() -> None:
    known = compare(None, [job(1, "F")])[0]

    assert events(known, job(2, **KILLED), job(1, "F")) == [(2, Event.KILLED)]
    assert events(foresee_kill(known, job(2)), job(2, **KILLED), job(1, "F")) == []


@pytest.mark.parametrize("message", ["Disk full", "Killed"])
def test_a_restarted_job_that_ends_as_it_did_before_is_news(message: str) -> None:
    failed = job(state="E", progress_msg=message, errors=["a"])
    known = seen(failed)
    assert events(known, failed) == []

    again = begin_anew(known, failed)

    assert events(again, failed) == [(7, Event.KILLED if message == "Killed" else Event.FAILED)]
    assert events(again, job(state="F")) == [(7, Event.FINISHED)]
    assert compare(again, [job(state="P")])[1] == []
    unseen = begin_anew(seen(job(9, "F")), failed)
    assert events(unseen, failed) == [(7, events(again, failed)[0][1])]


def test_a_restart_forgets_that_a_stop_was_foreseen_and_nothing_that_was_seen_since() -> None:
    going, stopped = job(), job(**KILLED)
    at_once = begin_anew(foresee_kill(seen(going), going), stopped)

    assert events(at_once, stopped) == [(7, Event.KILLED)]
    asked = job(state="A", question=ASKING)
    assert events(begin_anew(seen(asked), stopped), asked) == [], "a look was quicker, and told it"


@settings(deadline=None)
@given(st.lists(any_job, max_size=4), st.lists(any_job, max_size=4))
def test_whatever_the_server_tells_is_compared_and_told_once(before: list[Job], after: list[Job]) -> None:
    known, _ = compare(None, before)
    now, told = compare(known, {each.id: each for each in after}.values())

    assert {t.job.id for t in told} <= {each.id for each in after}
    assert compare(now, {each.id: each for each in after}.values()) == (now, [])


# What moved, told or not.


@pytest.mark.parametrize(
    ("before", "jobs", "found"),
    [
        (None, [job(1, "F"), job(2, "R"), job(3, "P"), job(4, "A", question=ASKING)], [(2, None), (3, None)]),
        (seen(job(1, "P")), [job(1, "R")], [(1, "P")]),
        (seen(job(1, "R")), [job(1, "R", progress_pct=50)], []),
        (seen(job(1, "R")), [job(1, "?")], []),
        (seen(job(1, "A", question=ASKING)), [job(1, "A", question={"missing_users": ["b"]})], [(1, "A")]),
        (seen(job(5, "F")), [job(5, "F"), job(3, "F"), job(6, "R")], [(6, None)]),  # an old one was not seen
    ],
)
def test_what_moved_is_found_also_what_is_no_news(
    before: Snapshot | None, jobs: list[Job], found: list[tuple[int, str | None]]
) -> None:
    assert [(it.job.id, it.was and it.was.value) for it in moved(before, jobs)] == found
