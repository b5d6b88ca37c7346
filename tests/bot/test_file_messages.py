"""What is said about files on their way: within Slack's limits whatever the job, and in plain words."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.jobs import Job
from bot.messages import Message, files
from tests.bot.slack_limits import WEB, any_job, check_message, nasty_text

DIGEST = "0123456789abcdef" * 4
sizes = st.integers(0, 10**13)


def a_job(**more: object) -> Job:
    result = {"rowcount": 240, "out_file": "export__TSV_42.zip"}
    raw = {"id": 1234, "state": "F", "type": "GeneralExport", "params": {"prj_id": 42}, "result": result}
    return Job.parse(raw | more)


def every_message(job: Job, name: str, sent: int, length: int) -> list[Message]:
    return [
        files.where_to(job),
        files.where_to(job, "1795000000.000100"),
        files.comes_to_you(job),
        files.waits(job, is_own=True),
        files.waits(job, is_own=False),
        files.on_its_way(job, name, min(sent, length), length),
        files.arrived(job, name, length),
        files.under_way(job),
        files.is_here(job),
        files.is_here(job, is_elsewhere=True),
        files.may_be_here(job),
        files.may_be_here(job, is_elsewhere=True),
        files.cancelled(job),
        files.not_stopped(job.id),
        files.interrupted(job),
        files.too_large(job, name, length, sent, WEB),
        files.not_brought(job, name, WEB),
        files.not_allowed_here(job),
        files.no_file(job, WEB),
    ]


@given(job=any_job, name=nasty_text, sent=sizes, length=sizes)
@settings(deadline=None, max_examples=300)
def test_every_message_keeps_slacks_limits(job: Job, name: str, sent: int, length: int) -> None:
    for message in every_message(job, name, sent, length):
        check_message(message)


@given(job=any_job, name=nasty_text, length=sizes, members=st.none() | st.integers(0, 10**6))
@settings(deadline=None)
def test_the_words_above_a_file_hold_nothing_that_comes_alive(
    job: Job, name: str, length: int, members: int | None
) -> None:
    said = files.comment(job, name, length, DIGEST, members=members)

    assert "<" not in said
    assert len(said) < 2_000
    assert said.endswith(f"`{DIGEST}`")


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1_000, "1.0 kB"),
        (99_940, "99.9 kB"),
        (99_960, "100 kB"),
        (999_499, "999 kB"),
        (999_500, "1.0 MB"),
        (12_345_678, "12.3 MB"),
        (999_999_999, "1.0 GB"),
        (2_000_000_000, "2.0 GB"),
        (10**13, "10,000 GB"),
    ],
)
def test_sizes_in_words(size: int, words: str) -> None:
    assert files.size_words(size) == words


def test_the_words_above_a_file_tell_what_it_is() -> None:
    said = files.comment(a_job(), "export__TSV_42.zip", 900_000_000, DIGEST, members=858)

    assert said == (
        "`export__TSV_42.zip` · 900 MB · 240 rows · 858 files inside, checked · "
        f"General export #1234 · project 42\nSHA-256 `{DIGEST}`"
    )


def test_a_shared_file_names_who_shares_it() -> None:
    assert files.comment(a_job(), "x.tsv", 5, DIGEST, sender="U1").startswith(
        "<@U1> shares `x.tsv` · 5 bytes"
    )


def test_progress_is_a_bar_a_number_and_two_sizes() -> None:
    message = files.on_its_way(a_job(), "x.zip", 225_000_000, 900_000_000)

    assert "▓▓░░░░░░░░ 25 % · 225 MB of 900 MB" in str(message.blocks)
    assert message.text == "▶️ Bringing `x.zip` of General export #1234 · 25 % · 225 MB of 900 MB"


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"type": "FileImport", "result": {"rowcount": 5}}, "Only exports have one"),
        ({"state": "R", "result": None}, "It has one once it is finished. Now: ▶️ Running"),
        ({"state": "E", "type": "Subset", "result": None}, "Only finished exports have one. Now: ❌ Failed"),
    ],
)
def test_why_a_job_has_no_file(more: dict[str, object], says: str) -> None:
    assert says in files.no_file(a_job(**more), WEB).text
