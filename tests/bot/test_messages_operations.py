"""What is asked before a job is stopped, deleted or cleaned up, and what is told afterwards."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import messages
from bot.cleanup import End, Kept, Plan, Progress
from bot.commands import Scope
from bot.deeds import Act, Deed, Effect
from bot.jobs import Job
from bot.messages import Message
from tests.bot.slack_limits import WEB, any_job, check_message


def a_job(state: str = "R", job_id: int = 1234, **more: object) -> Job:
    raw: dict[str, Any] = {"id": job_id, "state": state, "type": "GeneralExport", "params": {"prj_id": 42}}
    return Job.parse(raw | more)


def labels(message: Message) -> list[str]:
    rows = [block["elements"] for block in message.blocks if block["type"] == "actions"]
    return [element["text"]["text"] for row in rows for element in row]


IMPORT: dict[str, Any] = {"type": "FileImport"}
FILE: dict[str, Any] = {"result": {"out_file": "export.zip"}}
KILLED = a_job("E", progress_msg="Killed")


@pytest.mark.parametrize(
    ("deed", "says"),
    [
        (Deed(Act.RESTART, Effect.TOOK, KILLED, a_job("P")), "You restarted it."),
        (Deed(Act.RESTART, Effect.NOTHING, KILLED, KILLED), "nothing changed"),
        (Deed(Act.RESTART, Effect.OTHERWISE, KILLED, None), "deleted in that very moment"),
        (Deed.refused(Act.RESTART, a_job("F")), "not failed: it was already finished, and nothing changed"),
        (Deed.refused(Act.RESTART, a_job("A")), "not failed: it asks something"),
        (Deed.refused(Act.RESTART, a_job("R")), "already goes on"),
        (Deed.refused(Act.RESTART, a_job("X")), "do not know"),
        (Deed(Act.KILL, Effect.TOOK, a_job("R"), KILLED), "You stopped it. You can restart it later."),
        (Deed(Act.KILL, Effect.TOOK, a_job("R", **IMPORT), KILLED), "What it has imported so far stays"),
        (Deed(Act.KILL, Effect.TOOK, a_job("A", **IMPORT), KILLED), "You can restart it later."),
        (Deed(Act.KILL, Effect.NOTHING, a_job("R"), a_job("R")), "did not stop it: nothing changed"),
        (Deed(Act.KILL, Effect.OTHERWISE, a_job("R"), None), "deleted it instead of stopping it"),
        (Deed(Act.KILL, Effect.OTHERWISE, a_job("R"), a_job("F")), "finished before"),
        (Deed(Act.KILL, Effect.OTHERWISE, a_job("R"), a_job("E")), "failed before"),
        (Deed(Act.KILL, Effect.OTHERWISE, a_job("R"), a_job("X")), "changed before"),
        (Deed.refused(Act.KILL, a_job("F")), "already finished, nothing changed"),
        (Deed.refused(Act.KILL, a_job("E")), "already failed, nothing changed"),
        (Deed.refused(Act.KILL, KILLED), "already stopped, nothing changed"),
        (Deed.refused(Act.KILL, a_job("X")), "do not know"),
        (
            Deed(Act.DELETE, Effect.TOOK, a_job("F", **FILE), None),
            "You deleted it and its file: gone for good.",
        ),
        (Deed(Act.DELETE, Effect.TOOK, a_job("E"), None), "You deleted it: gone for good."),
        (Deed(Act.DELETE, Effect.NOTHING, a_job("F"), a_job("F")), "did not delete it: nothing changed"),
        (Deed(Act.DELETE, Effect.OTHERWISE, a_job("E"), KILLED), "started again in that very moment"),
        *(
            (
                Deed(act, Effect.UNSURE, job, job),
                "I cannot tell whether that was done. Look again in a minute",
            )
            for act, job in ((Act.RESTART, KILLED), (Act.KILL, a_job("R")), (Act.DELETE, a_job("F")))
        ),
        (Deed.refused(Act.DELETE, a_job("R", **IMPORT)), "What it has imported so far stays"),
        (Deed.refused(Act.DELETE, a_job("P")), "stop it first"),
        (Deed.refused(Act.DELETE, a_job("X")), "do not know"),
    ],
)
def test_what_came_of_an_act_is_said_as_it_is(deed: Deed, says: str) -> None:
    message = messages.deed_done(deed, WEB)

    assert says in message.text
    assert says in message.blocks[0]["text"]["text"]
    assert "#1234" in message.text
    assert "project 42" in message.text
    assert deed.effect is Effect.TOOK or "You " not in messages.deed_words(deed).partition(".")[0]


@pytest.mark.parametrize(
    ("deed", "offered"),
    [
        (Deed(Act.RESTART, Effect.TOOK, KILLED, a_job("P")), ["Stop"]),
        (Deed(Act.KILL, Effect.TOOK, a_job("R"), KILLED), ["Restart", "Delete"]),
        (Deed(Act.KILL, Effect.NOTHING, a_job("R"), a_job("R")), ["Stop"]),
        (Deed(Act.KILL, Effect.UNSURE, a_job("R"), a_job("R")), []),
        (Deed(Act.RESTART, Effect.UNSURE, KILLED, KILLED), []),
        (Deed.refused(Act.DELETE, a_job("R")), ["Stop"]),
        (Deed.refused(Act.KILL, a_job("F", **FILE)), ["Get the file", "Delete"]),
    ],
)
def test_what_can_be_done_next_is_offered(deed: Deed, offered: list[str]) -> None:
    assert labels(messages.deed_done(deed, WEB)) == [*offered, "Details", "Open in EcoTaxa"]


def test_a_job_that_is_gone_offers_nothing() -> None:
    assert labels(messages.deed_done(Deed(Act.DELETE, Effect.TOOK, a_job("F"), None), WEB)) == []


def test_a_question_names_the_job_and_what_is_lost() -> None:
    kill = messages.ask_kill(a_job("R", **IMPORT), WEB)
    delete = messages.ask_delete(a_job("F", **FILE), WEB)

    for message in (kill, delete):
        assert all(part in message.text for part in ("#1234", "project 42"))
    assert labels(kill) == ["Stop it", "Let it run"]
    assert "What it has imported so far stays" in kill.text
    assert labels(delete) == ["Delete it", "Keep it"]
    assert "It and its file will be gone for good" in delete.text


def test_a_clean_up_is_asked_for_with_its_counts() -> None:
    jobs = [
        *(a_job("F", n, **FILE) for n in range(1, 1_201)),
        *(a_job("E", n, **IMPORT) for n in range(2_001, 2_004)),
        a_job("E", 3_000, progress_msg="Killed"),
    ]

    message = messages.clean_question(jobs, Plan.of(jobs))

    assert labels(message) == ["Delete 1,204 jobs", "Keep them"]
    assert "1,200 finished" in message.text
    assert "3 failed" in message.text
    assert "1 stopped" in message.text
    assert "1,201 \N{MULTIPLICATION SIGN} general export, 3 \N{MULTIPLICATION SIGN} import" in message.text
    assert "Their files go with them." in message.text
    assert "oldest" not in message.text


def test_more_than_fits_is_cleaned_up_in_turns() -> None:
    jobs = [a_job("F", n * n * 37 + 1) for n in range(1, 4_000)]
    plan = Plan.of(jobs)

    message = messages.clean_question(jobs, plan)

    assert (
        f"Delete the oldest {len(plan):,} jobs of 3,999 from EcoTaxa? Ask again for the rest." in message.text
    )
    check_message(message)


@pytest.mark.parametrize(
    ("progress", "end", "says"),
    [
        (Progress(1, 1), End.DONE, "Deleted 1 job."),
        (Progress(3, 3), End.DONE, "Deleted 3 jobs."),
        (Progress(3, 2, {Kept.GONE: (7,)}), End.DONE, "Deleted 2 of 3 jobs.\n• 1 gone already (#7)"),
        (Progress(9, 2), End.STOPPED, "Deleted 2 of 9 jobs. You stopped it. 7 jobs not looked at."),
        (Progress(9, 8), End.UNLINKED, "Your account was unlinked in the middle."),
        (Progress(9, 8), End.TAKEN_OVER, "A later clean-up of yours took over."),
        (Progress(9, 8), End.SHUTDOWN, "I was switched off in the middle."),
        (Progress(9, 8), End.SIGNED_OUT, "no longer accepts your sign-in"),
        (Progress(9, 8), End.SILENT, "does not answer right now"),
    ],
)
def test_the_summary_says_what_was_deleted_what_was_kept_and_why(
    progress: Progress, end: End, says: str
) -> None:
    assert says in messages.clean_summary(progress, end).text


def test_a_summary_names_the_first_jobs_that_were_kept() -> None:
    progress = Progress(2_000, 0, {Kept.CHANGED: tuple(range(1, 1_001)), Kept.FORBIDDEN: (1_001,)})

    assert "(#1, #2, #3, #4, #5 and 995 more)" in messages.clean_summary(progress, End.DONE).text


@settings(max_examples=200, deadline=None)
@given(any_job, any_job, st.sampled_from(Act), st.sampled_from(Effect))
def test_any_jobs_acts_keep_slacks_rules(before: Job, after: Job, act: Act, effect: Effect) -> None:
    check_message(messages.ask_kill(before, WEB))
    check_message(messages.ask_delete(before, WEB))
    check_message(messages.deed_done(Deed(act, effect, before, after), WEB))
    check_message(messages.deed_done(Deed(act, effect, before, None), WEB))
    check_message(messages.deed_done(Deed.refused(act, before), WEB))


@settings(max_examples=100, deadline=None)
@given(
    st.lists(any_job, min_size=1, max_size=30),
    st.integers(0, 10**6),
    st.dictionaries(
        st.sampled_from(Kept), st.lists(st.integers(1, 2**31 - 1), min_size=1, max_size=50).map(tuple)
    ),
    st.sampled_from(End),
)
def test_any_clean_up_keeps_slacks_rules(
    jobs: list[Job], deleted: int, kept: dict[Kept, tuple[int, ...]], end: End
) -> None:
    check_message(messages.clean_question(jobs, Plan.of(jobs)))
    progress = Progress(deleted + sum(map(len, kept.values())), deleted, kept)
    check_message(messages.clean_progress(progress))
    check_message(messages.clean_summary(progress, end))
    for message in (
        messages.still_cleaning(),
        messages.cleaning_stops(),
        messages.no_cleaning(),
        messages.gone(7),
    ):
        check_message(message)
    for scope in Scope:
        check_message(messages.nothing_to_clean(scope))
