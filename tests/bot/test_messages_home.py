"""The home tab, the card under a link and messages as modals: what they say, and Slack's limits."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import messages
from bot.errors import BotError, TokenRejected, Unavailable
from bot.ids import Action
from bot.jobs import Job
from bot.links import Link, Person, Token
from bot.messages import Message, as_modal, link_card
from bot.messages.home import Digest, home, home_of_broken, home_of_unlinked
from tests.bot.slack_limits import WEB, any_job, check_home, check_message, check_modal, nasty_text

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def a_link(name: str = "Ada Lovelace", email: str = "ada@example.org") -> Link:
    issued = NOW - timedelta(days=11)
    return Link(Person(None, "T1", "U1"), Token("a.b.c", 7, issued), name, email)


def a_job(job_id: int, state: str = "F", **more: Any) -> Job:
    return Job.parse({"id": job_id, "state": state, "type": "GeneralExport"} | more)


def says(blocks: list[dict[str, Any]]) -> str:
    """The words of sections, headers and contexts, one a line."""
    lines = []
    for block in blocks:
        texts = block["elements"] if block["type"] == "context" else [block.get("text")]
        lines += [text["text"] for text in texts if text and block["type"] != "actions"]
    return "\n".join(lines)


def actions_of(blocks: list[dict[str, Any]]) -> set[str]:
    """The ids of all buttons, without what tells several apart."""
    rows = [block["elements"] for block in blocks if block["type"] == "actions"]
    return {button["action_id"].partition(":")[0] for row in rows for button in row}


def test_the_home_says_who_one_is_and_until_when() -> None:
    said = says(home(a_link(), Digest.of([]), NOW, WEB)["blocks"])

    assert "You are *Ada Lovelace* (`ada@example.org`)" in said
    assert "(20 days)" in said
    assert "You have no jobs in EcoTaxa" in said


@pytest.mark.parametrize(("days_left", "style"), [(20, None), (2, "primary"), (-1, "primary")])
def test_renewing_the_sign_in_stands_out_only_when_it_is_time(days_left: int, style: str | None) -> None:
    blocks = home(a_link(), Digest.of([]), NOW + timedelta(days=20 - days_left), WEB)["blocks"]

    buttons = [button for block in blocks if block["type"] == "actions" for button in block["elements"]]
    (renew,) = (button for button in buttons if button["text"]["text"] == "Renew my sign-in")
    assert renew.get("style") == style


def test_questions_come_before_failures_and_what_was_stopped_needs_nobody() -> None:
    question = {"missing_users": ["x"], "missing_taxa": []}
    jobs = [
        a_job(5, "F"),
        a_job(4, "E", progress_msg="Killed"),
        a_job(3, "E", errors=["Disk full"]),
        a_job(2, "A", type="FileImport", question=question),
        a_job(1, "R", progress_pct=30),
    ]

    said = says(home(a_link(), Digest.of(jobs), NOW, WEB)["blocks"])

    order = ["Needs you", "#2", "#3", "Running", "#1", "30 %", "Recent", "#5", "#4", "5 jobs in all"]
    assert [said.index(words) for words in order] == sorted(said.index(words) for words in order)


def test_each_part_shows_five_and_says_how_many_more_there_are() -> None:
    jobs = [a_job(n, state) for n, state in enumerate("EEEEEEE" + "RRRRRR" + "FFFFFFFF", 1)]

    digest = Digest.of(jobs)
    said = says(home(a_link(), digest, NOW, WEB)["blocks"])

    assert [job.id for job in digest.needing] == [7, 6, 5, 4, 3]
    assert len(digest.jobs) == 15
    assert "… and 2 more" in said
    assert "… and 1 more" in said
    assert "21 jobs in all" in said


def test_a_job_named_twice_is_shown_once() -> None:
    digest = Digest.of([a_job(1, "R"), a_job(1, "R")])

    assert len(digest.jobs) == digest.total == 1


def test_the_same_jobs_make_the_same_home_a_minute_later() -> None:
    jobs = Digest.of([a_job(1, creation_date="2026-11-23T11:59:30")])

    views = [home(a_link(), jobs, NOW + timedelta(minutes=n), WEB) for n in (1, 2)]
    assert views[0] == views[1]


def test_without_ecotaxa_the_home_still_has_its_settings() -> None:
    view = home(a_link(), Unavailable(), NOW, WEB)

    assert "EcoTaxa does not answer right now" in says(view["blocks"])
    assert {Action.HOME_REFRESH, Action.UNLINK_YES, Action.LINK_OPEN} <= actions_of(view["blocks"])


def test_the_welcome_and_a_broken_link_lead_to_linking() -> None:
    assert Action.LINK_OPEN in actions_of(home_of_unlinked(WEB)["blocks"])
    broken = home_of_broken(TokenRejected(), WEB)["blocks"]
    assert {Action.LINK_OPEN, Action.UNLINK_YES} <= actions_of(broken)
    assert TokenRejected.hint in says(broken)


def test_project_titles_stand_beside_their_numbers() -> None:
    jobs = Digest.of([a_job(1, params={"req": {"project_id": 42}})])

    assert "Tara Pacific" in says(home(a_link(), jobs, NOW, WEB, {42: "Tara Pacific"})["blocks"])


@pytest.mark.parametrize(
    ("job", "tells", "hides"),
    [
        (a_job(1, "R", progress_pct=40, progress_msg="Reading secret.tsv"), "40 %", "secret"),
        (a_job(1, "F", result={"rowcount": 12, "out_file": "secret.zip"}), "12 rows", "secret"),
        (a_job(1, "E", progress_msg="secret", errors=["secret"]), "❌ Failed", "secret"),
        (a_job(1, "P", progress_msg="secret"), "⏳ Waiting", "secret"),
        (
            a_job(
                1, "A", type="FileImport", question={"missing_users": ["secret"], "missing_taxa": ["a", "b"]}
            ),
            "could not match 1 user and 2 taxa",
            "secret",
        ),
    ],
)
def test_a_card_tells_how_far_and_hides_what_the_job_says(job: Job, tells: str, hides: str) -> None:
    blocks = link_card(job, NOW, WEB)

    assert tells in says(blocks)
    assert hides not in str(blocks)


def test_everybody_can_press_a_card() -> None:
    assert actions_of(link_card(a_job(7), NOW, WEB)) == {Action.JOB_SHOW, Action.WEB_OPEN}


_jobs = st.lists(any_job, max_size=30)


@given(_jobs, nasty_text, nasty_text, nasty_text)
def test_any_home_fits_into_slacks_limits(jobs: list[Job], name: str, email: str, title: str) -> None:
    digest = Digest.of(jobs)
    titles = {project: title for job in jobs for project in job.project_ids}

    check_home(home(a_link(name, email), digest, NOW, WEB, titles))


@given(any_job)
def test_any_card_fits_into_slacks_limits_and_is_a_modal_too(job: Job) -> None:
    check_message(Message("a card", link_card(job, NOW, WEB)))
    check_modal(as_modal(messages.job_details(job, now=NOW, web_url=WEB)))


@given(nasty_text)
def test_any_error_fits_into_the_home(hint: str) -> None:
    for view in (home(a_link(), BotError(hint), NOW, WEB), home_of_broken(BotError(hint), WEB)):
        check_home(view)
