from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import messages
from bot.joblog import Entry, entries
from bot.jobs import Event, Job
from bot.sandbox.ecotaxa.wreckage import BAD_FILES, STACK, sql_error
from tests.bot.slack_limits import WEB, any_job, check_message, nasty_text

UNHURRIED = settings(deadline=None)
TIMES = "\N{MULTIPLICATION SIGN}"
AT = datetime(2026, 11, 23, 11, 25, 37, tzinfo=UTC)
MISSING = [f" - line {n}: Missing Image 'm106_{n}.jpg'." for n in range(3, 1003)]


def a_job(state: str = "E", **more: Any) -> Job:
    return Job.parse({"id": 1234, "state": state, "type": "FileImport", **more})


def failed(*errors: str, message: str = "9 error(s) during run") -> Job:
    return a_job(progress_msg=message, errors=list(errors))


def buttons(message: messages.Message) -> list[str]:
    return [
        element["text"]["text"]
        for block in message.blocks
        if block["type"] == "actions"
        for element in block["elements"]
    ]


def test_a_thousand_errors_of_one_kind_are_one_line_with_what_to_do() -> None:
    message = messages.explained(failed("In [base]/m106/ecotaxa_a.tsv:", *MISSING), WEB)

    assert message.text.splitlines() == [
        "❌ Failed · Import · #1234",
        "1,000 errors, the most frequent kind first:",
        f"• *1,000 {TIMES} missing image*, e.g. ecotaxa_a.tsv: line 3: Missing Image 'm106_3.jpg'.",
        "What to do: Put each image into the same folder as its table, spelt exactly as in `img_file_name`.",
    ]
    assert buttons(message) == ["All 1,000 lines", "Restart", "Log", "Open in EcoTaxa"]


def test_six_kinds_are_told_and_the_rest_is_counted() -> None:
    errors = [f"{word} broke" for word in "abcdefgh" for _ in range(2)]
    message = messages.explained(failed(*errors), WEB)

    assert message.text.count("•") == 6
    assert message.text.endswith("… and 4 more")


def test_one_error_stands_alone_with_what_to_do() -> None:
    message = messages.explained(failed(*STACK, message=sql_error(99999999)), WEB)

    assert "EcoTaxa knows no taxon with the number 99999999." in message.text
    assert "What to do: Correct `object_annotation_category_id`" in message.text
    assert TIMES not in message.text
    assert "All" not in str(buttons(message))


def test_where_everything_is_told_no_file_is_offered() -> None:
    message = messages.explained(failed("one", "two"), WEB)

    assert buttons(message) == ["Restart", "Log", "Open in EcoTaxa"]


def test_what_was_sent_is_said_and_not_offered_again() -> None:
    message = messages.explained(failed(*MISSING), WEB, is_sent=True)

    assert "by direct message" in message.text
    assert "without e-mail addresses, server paths and SQL" in str(message.blocks)
    assert "All 1,000 lines" not in buttons(message)


def test_remarks_of_a_finished_job_are_explained_too() -> None:
    infos = ["1 object(s) don't have GPS information.", "New field object_x found in file a.tsv -> n03"]
    message = messages.explained(a_job("F", result={"infos": infos}), WEB)

    assert "2 remarks" in message.text
    assert "`object_lat` and `object_lon`" in message.text
    assert "Restart" not in buttons(message)


@pytest.mark.parametrize(
    ("job", "says"),
    [
        (a_job("F"), "nothing to remark"),
        (a_job("R"), "so far"),
        (failed(message=""), "EcoTaxa did not say why."),
        (failed(*MISSING, message="Killed"), "It was stopped."),
    ],
)
def test_where_nothing_is_told_that_is_said(job: Job, says: str) -> None:
    message = messages.explained(job, WEB)

    assert says in message.text
    check_message(message)


def test_a_ping_tells_three_kinds_with_their_numbers_and_what_to_do_about_the_first() -> None:
    message = messages.notice(Event.FAILED, failed(*BAD_FILES, *MISSING[:8]), WEB)

    lines = message.text.splitlines()
    assert lines[1].startswith(f"• *9 {TIMES} missing image*, e.g. ecotaxa_m106")
    assert lines[2].startswith(f"• *2 {TIMES} wrong column name*, e.g. ecotaxa_m106")
    assert lines[3].startswith(f"• *1 {TIMES} wrong number*: ecotaxa_m106")
    assert lines[4] == "… and 2 more"
    assert lines[5].startswith("What to do first: Put each image")
    assert len(lines) == 6


def test_a_ping_with_one_cause_tells_it_and_what_to_do() -> None:
    message = messages.notice(Event.FAILED, failed(*STACK, message="'users'"), WEB)

    assert message.text.splitlines()[1:] == [
        "The answer was incomplete.",
        "What to do: Press Restart: EcoTaxa asks again, and you can answer anew.",
    ]


def test_what_the_outbox_keeps_of_a_failed_job_tells_the_same() -> None:
    job = failed(*BAD_FILES, *MISSING)

    kept = Job.parse(job.brief())

    assert messages.notice(Event.FAILED, kept, WEB) == messages.notice(Event.FAILED, job, WEB)


def test_the_last_entries_of_a_log_are_shown_with_the_readers_time() -> None:
    log = [Entry(AT, "", "Creating job 1234"), Entry(AT, "ERROR", "No <!channel> *such* sample")]
    message = messages.job_log(a_job("R"), log, WEB)

    assert "<!date^1795433137^{date_num} {time_secs}|2026-11-23 11:25:37 UTC>" in message.text
    assert message.text.index("Creating") < message.text.index("No &lt;!channel&gt;")
    assert "*Error* No" in message.text
    assert buttons(message) == ["Refresh", "Whole log", "Open in EcoTaxa"]
    check_message(message)


def test_of_many_entries_the_newest_are_shown() -> None:
    log = [Entry(AT, "", f"step {n} " + "x" * 400) for n in range(100)]
    message = messages.job_log(a_job("R"), log, WEB)

    assert "step 99 " in message.text
    assert "step 79 " not in message.text
    check_message(message)


def test_a_moment_before_slacks_dates_begin_is_told_in_utc() -> None:
    message = messages.job_log(a_job(), [Entry(datetime(1969, 1, 1, tzinfo=UTC), "ERROR", "odd")], WEB)

    assert "1969-01-01 00:00:00 UTC  *Error* odd" in message.text


def test_an_empty_log_says_so() -> None:
    message = messages.job_log(a_job("P"), [], WEB)

    assert "still empty" in message.text
    assert buttons(message) == ["Refresh", "Open in EcoTaxa"]


def test_a_whole_log_that_was_sent_is_not_offered_again() -> None:
    message = messages.job_log(a_job("R"), [Entry(AT, "", "x")], WEB, is_sent=True)

    assert "by direct message" in message.text
    assert buttons(message) == ["Refresh", "Open in EcoTaxa"]


def test_a_file_says_what_it_is_what_was_left_out_and_whether_it_was_cut() -> None:
    assert messages.whole_log(a_job(), is_cut=False) == (
        "The log of Import #1234, without e-mail addresses, server paths and SQL."
    )
    assert "its beginning is left out" in messages.whole_log(a_job(), is_cut=True)
    assert messages.all_errors(a_job(), 1_000).startswith("Import #1234: 1,000 error lines, without")
    assert "1 remark," in messages.all_errors(a_job("F"), 1)


@UNHURRIED
@given(any_job, st.booleans())
def test_any_explanation_keeps_slacks_rules(job: Job, is_sent: bool) -> None:
    check_message(messages.explained(job, WEB, is_sent=is_sent))


@UNHURRIED
@given(any_job, st.lists(nasty_text, max_size=40), st.booleans())
def test_any_log_keeps_slacks_rules(job: Job, lines: list[str], is_sent: bool) -> None:
    text = "\n".join(f"2026-11-23 11:25:37,191:a.b:ERROR {line}" for line in lines)
    check_message(messages.job_log(job, entries(text), WEB, is_sent=is_sent))


@UNHURRIED
@given(st.lists(nasty_text, min_size=2, max_size=40))
def test_any_errors_keep_slacks_rules_in_a_ping(errors: list[str]) -> None:
    job = failed(*errors)
    message = messages.notice(Event.FAILED, job, WEB)

    check_message(message)
    check_message(messages.explained(job, WEB))
    assert "ada@example.org" not in message.text


def test_the_widest_errors_still_fit() -> None:
    errors = [f"{chr(65 + n)} " + "&<>" * 500 for n in range(20) for _ in range(2)]
    job = failed(*errors)

    check_message(messages.explained(job, WEB))
    check_message(messages.notice(Event.FAILED, job, WEB))
    check_message(messages.job_details(job, now=AT, web_url=WEB))
