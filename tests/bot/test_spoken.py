"""What is said to the bot in a message, and the jobs that running text names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands import job_named_in, spoken


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
        ("1234", None),
        ("", None),
    ],
)
def test_the_job_that_a_text_names(text: str, job_id: int | None) -> None:
    assert job_named_in(text) == job_id


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    assert spoken(text, "U0BOT") == spoken(text, "U0BOT").strip()
    assert job_named_in(text) is None or "#" in text or "/job/show/" in text
