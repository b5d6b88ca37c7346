"""What is said to the bot in a message, and the jobs that running text names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands import spoken
from bot.numbers import job_named_in, job_worded_in

WEB = "https://ecotaxa.example"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<@U0BOT> jobs", "jobs"),
        ("<@U0BOT>\u00a0jobs failed ", "jobs failed"),
        ("<@U0BOT>: jobs", "jobs"),
        ("<@U0BOT>", ""),
        ("<@U0TOM> ask <@U0BOT> jobs", "jobs"),
        ("jobs", "jobs"),
        ("`jobs`", "jobs"),
        ("*job 12*", "job 12"),
        ("`/ecotaxa jobs failed`", "jobs failed"),
        ("EcoTaxa jobs", "jobs"),
        ("a &lt;b&gt; &amp;amp; c", "a <b> &amp; c"),
        ("<https://ecotaxa.example/gui/job/show/5>", "<https://ecotaxa.example/gui/job/show/5>"),
        ("", ""),
    ],
)
def test_what_is_said_to_the_bot(text: str, words: str) -> None:
    assert spoken(text, "U0BOT") == words


@pytest.mark.parametrize(
    ("text", "job_id"),
    [
        ("look at #1234, please", 1234),
        ("(#7)", 7),
        ("<https://ecotaxa.example/gui/job/show/5|the job>", 5),
        ("#1 is better at https://ecotaxa.example/gui/job/show/5/", 5),
        ("https://ecotaxa.example/gui/job/show/5?x=1", 5),
        ("#0 but #3", 3),
        ("#99999999999", None),
        ("#2147483648", None),
        ("https://example.org/page#12", None),
        ("<#C12|1234>", None),
        ("&#39;", None),
        ("issue#12", None),
        ("https://other.example/gui/job/show/5", None),
        ("<https://other.example/gui/job/show/5|#5>", None),
        ("https://other.example/gui/job/show/5 is our #6", 6),
        ("https://other.example/gui/job/show/5 and https://ecotaxa.example/gui/job/show/6", 6),
        ("job 1234", None),
        ("1234", None),
        ("", None),
    ],
)
def test_the_job_that_a_text_names(text: str, job_id: int | None) -> None:
    assert job_named_in(text, WEB) == job_id


@pytest.mark.parametrize(
    ("text", "job_id"),
    [
        ("job 1234", 1234),
        ("Why is Task 1234 slow?", 1234),
        ("the IMPORT 1234, again", 1234),
        ("(export 1234)", 1234),
        ("export 1234.", 1234),
        ("prediction #1234", 1234),
        ("subset\u00a0# 1234", 1234),
        ("job#1234", 1234),
        ("job 0 or job 3", 3),
        ("<https://ecotaxa.example/prj/4|import 1234>", 1234),
        ("<https://other.example/gui/job/show/5|job 5>", None),
        ("export 2026-07-01", None),
        ("import 1,234 objects", None),
        ("import 12.5 GB", None),
        ("task 80 % done", None),
        ("job 12:30", None),
        ("job 12345678901", None),
        ("job 1234a", None),
        ("reimport 1234", None),
        ("job1234", None),
        ("project 1234", None),
        ("1234", None),
        ("", None),
    ],
)
def test_the_job_that_a_text_puts_in_words(text: str, job_id: int | None) -> None:
    assert job_worded_in(text, WEB) == job_id


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    assert spoken(text, "U0BOT") == spoken(text, "U0BOT").strip()
    assert job_named_in(text, WEB) is None or "#" in text or "/job/show/" in text
    assert job_worded_in(text, WEB) is None or any(letter.isdecimal() for letter in text)
