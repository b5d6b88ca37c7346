"""Handing a name to a colleague: what is shown keeps Slack's rules, and what comes back is read with care."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import forms, handovers, messages
from bot.errors import UsageError
from bot.forms import Form
from bot.handovers import POSTING, Wish, is_waiting
from bot.jobs import Job
from bot.links import Person
from bot.store import Handover, Pick
from bot.suggestions import names_of
from tests.bot.slack_limits import check_message, check_modal, nasty_text


def answer_view(names: list[str]) -> tuple[Form, dict[str, Any], Job]:
    question = {"missing_users": names[:1], "missing_taxa": names[1:]}
    job = Job.parse({"id": 12, "state": "A", "type": "FileImport", "question": question})
    form = Form(12, job.mark)
    return form, forms.answer_modal(form, job, {}, {}), job


@given(st.lists(nasty_text.filter(bool), min_size=1, max_size=30, unique=True))
def test_any_names_can_be_handed_over(names: list[str]) -> None:
    form, view, job = answer_view(names)
    modal = handovers.ask_modal(form, view)

    assert modal is not None
    check_modal(modal)
    options = modal["blocks"][0]["element"]["options"]
    assert job.question is not None
    rows = [forms.row_of(name) for name in names_of(job.question)][: forms.ROWS]
    read = [Wish.read({"state": {"values": chosen(option["value"], "U1")}}).row for option in options]
    assert read == rows


@given(st.sampled_from(["user", "taxon"]), nasty_text, st.none() | nasty_text, st.booleans())
def test_any_words_keep_slacks_rules(kind: str, name: str, pick: str | None, is_linked: bool) -> None:
    for message in (
        messages.ask_colleague(
            "a" * 16, kind, name, owner_id="U0OWNER", about="import #12", is_linked=is_linked
        ),
        messages.asked_before(kind, name, pick),
        messages.colleague_picked(12, "U0COLLEAGUE", kind, name, pick),
        messages.colleague_wrote(12, "U0COLLEAGUE", name, pick or ""),
    ):
        check_message(message)


def chosen(option: str, user_id: str) -> dict[str, Any]:
    return {
        handovers.NAME: {handovers.NAME: {"selected_option": {"value": option}}},
        handovers.COLLEAGUE: {handovers.COLLEAGUE: {"selected_user": user_id}},
    }


@pytest.mark.parametrize(
    ("option", "user_id"), [("", "U1"), ("other.abc", "U1"), ("user.abc", ""), ("a", "b")]
)
def test_what_is_none_of_ours_is_refused(option: str, user_id: str) -> None:
    with pytest.raises(UsageError):
        Wish.read({"state": {"values": chosen(option, user_id)}})


NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER, MINUTE = NOW + POSTING, timedelta(minutes=1)
ASKED = Handover(
    "h", Person(None, "T1", "U1"), 5, "taxon", "part", Person(None, "T1", "U2"), "D2", "1.2", NOW
)
BEING_ASKED = replace(ASKED, channel="", ts="")


@pytest.mark.parametrize(
    ("handover", "now", "asked_anew_at", "expected"),
    [
        (ASKED, NOW + timedelta(days=9), None, True),
        (ASKED, LATER, NOW - MINUTE, True),
        (ASKED, LATER, NOW + MINUTE, False),
        (replace(ASKED, picked_at=NOW), NOW, None, False),
        (replace(ASKED, picked_at=NOW, pick=Pick(3, "part")), NOW, None, False),
        (BEING_ASKED, LATER - MINUTE, None, True),
        (BEING_ASKED, LATER, None, False),
    ],
)
def test_a_colleague_is_waited_for_until_they_answer_or_the_question_is_another(
    handover: Handover, now: datetime, asked_anew_at: datetime | None, expected: bool
) -> None:
    assert is_waiting(handover, now, asked_anew_at=asked_anew_at) is expected
