"""Two thousand jobs of any state, text and size: nothing that is shown of them breaks a rule of Slack's."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot import forms, handovers, messages
from bot.deeds import Act, Deed, Effect
from bot.filters import Filter
from bot.forms import Form
from bot.jobs import Event, Job
from bot.links import Link, Person, Token
from bot.listing import Listing
from bot.messages import Message, files
from bot.messages.exports import report
from bot.messages.home import Digest, home
from tests.bot.slack_limits import WEB, any_job, check_home, check_message, check_modal, job_json, nasty_text

JOBS = 2_000
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
OWNER = Link(Person(None, "T1", "U1"), Token("a.b.c", 7, NOW - timedelta(days=11)), "Ada", "a@example.org")
WANTED = Filter.parse("failed asking exports project 42")


def of_one(job: Job, words: str) -> Iterator[Message]:
    """Every message about one job; `words` stand for file names, titles and reasons."""
    titles = dict.fromkeys(job.project_ids, words)
    yield messages.job_details(job, now=NOW, web_url=WEB, titles=titles)
    yield messages.explained(job, WEB)
    yield messages.ask_kill(job, WEB)
    yield messages.ask_delete(job, WEB)
    yield messages.already_answered(job, WEB)
    for event in Event:
        yield messages.notice(event, job, WEB)
        yield report(event, job, WEB, "U0OWNER")
    for act in Act:
        for effect in Effect:
            yield messages.deed_done(Deed(act, effect, job, job), WEB)
    yield files.where_to(job)
    yield files.on_its_way(job, words, 5, 10)
    yield files.arrived(job, words, 10**9)
    yield files.too_large(job, words, 10**12, 10**9, WEB)
    yield files.no_file(job, WEB)


def modals(job: Job) -> Iterator[dict[str, Any]]:
    """Every modal about one job."""
    yield messages.as_modal(messages.job_details(job, now=NOW, web_url=WEB))
    if job.question:
        form = Form(job.id, job.mark)
        view = forms.answer_modal(form, job, {}, {})
        yield view
        asked = handovers.ask_modal(form, view)
        if asked is not None:
            yield asked


@pytest.mark.parametrize("state", [*"PRAEFX", None])
@settings(max_examples=JOBS // 7 + 1, suppress_health_check=list(HealthCheck))
@given(raw=job_json, words=nasty_text)
def test_whatever_a_job_is_like_its_messages_and_modals_keep_slacks_rules(
    state: str | None, raw: dict[str, Any], words: str
) -> None:
    job = Job.parse(raw if state is None else raw | {"state": state})
    for message in of_one(job, words):
        check_message(message)
    for view in modals(job):
        check_modal(view)


@settings(max_examples=JOBS // 8, suppress_health_check=list(HealthCheck))
@given(st.lists(any_job, min_size=8, max_size=30), nasty_text)
def test_whatever_jobs_there_are_lists_and_home_keep_slacks_rules(jobs: list[Job], words: str) -> None:
    titles = {project: words for job in jobs for project in job.project_ids}
    for wanted in (Filter(), WANTED):
        for page in range(3):
            listing = Listing.of(jobs, page, wanted)
            check_message(messages.job_list(listing, now=NOW, web_url=WEB))
    check_home(home(OWNER, Digest.of(jobs), NOW, WEB, titles))
