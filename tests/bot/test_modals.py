import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import messages, modals
from bot.errors import BotError, LoginRefused, NotAllowed, TokenRejected, Unavailable
from bot.links import Link, Person, Token
from bot.modals import LinkFields
from tests.bot.slack_limits import check_message, check_modal, nasty_text

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def a_token(issued: datetime) -> str:
    """A token of the form that EcoTaxa's server makes, its signature made up."""
    seconds = int(issued.timestamp())
    parts = json.dumps({"user_id": 7}).encode(), seconds.to_bytes(5, "big")
    return ".".join([*(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts), "signature"])


def sent_back(**typed: str | None) -> dict[str, Any]:
    """The view as Slack sends it back with what was typed."""
    values = {
        name: {name: {"type": "plain_text_input", "value": typed.get(name)}}
        for name in ("email", "password", "token")
    }
    return {"state": {"values": values}}


def test_the_link_modal_asks_for_a_password_or_a_token() -> None:
    view = modals.link_modal('["jobs", ""]', email="ada@example.org")
    inputs = {block["block_id"]: block for block in view["blocks"] if block["type"] == "input"}

    assert view["callback_id"] == "link"
    assert view["private_metadata"] == '["jobs", ""]'
    assert view["submit"]["text"] == "Link"
    assert list(inputs) == ["email", "password", "token"]
    assert all(block["optional"] for block in inputs.values())
    assert all(block["element"]["action_id"] == name for name, block in inputs.items())
    assert inputs["email"]["element"]["initial_value"] == "ada@example.org"


def test_the_link_modal_says_that_slack_sees_what_is_typed_and_how_to_do_without() -> None:
    said = modals.link_modal("")["blocks"][0]["text"]["text"]

    assert "passes through Slack" in said
    assert "`ecotaxa-bot token`" in said
    assert "never stored" in said


def test_the_link_modal_says_first_why_it_is_there_again() -> None:
    view = modals.link_modal("", error="Wrong <!here>.")

    assert view["blocks"][0]["text"]["text"] == "⚠️ Wrong &lt;!here&gt;."
    assert modals.link_modal("")["blocks"][0]["block_id"] == "how"


def test_a_modal_that_only_says_something_has_nothing_to_submit() -> None:
    link = Link(Person(None, "T1", "U1"), Token("a.b.c", 7, NOW), "Ada", "ada@example.org")
    view = modals.plain_modal("Linked", messages.linked(link, NOW).text)

    assert view["callback_id"] == "plain"
    assert "submit" not in view
    assert "*Ada* (`ada@example.org`)" in view["blocks"][0]["text"]["text"]
    assert "Checking" in modals.checking_modal()["blocks"][0]["text"]["text"]
    check_modal(modals.checking_modal())


@pytest.mark.parametrize(
    ("typed", "at"),
    [
        ({}, "email"),
        ({"email": "  "}, "email"),
        ({"password": "secret"}, "email"),
        ({"email": "ada@example.org"}, "password"),
        ({"token": "nonsense"}, "token"),
        ({"token": "a.b.c", "email": "ada@example.org", "password": "secret"}, "token"),
        ({"token": a_token(NOW - timedelta(days=32))}, "token"),
        ({"email": "ada@example.org", "password": " secret "}, None),
        ({"token": a_token(NOW)}, None),
        ({"token": f' "{a_token(NOW)}"\n'}, None),
    ],
)
def test_what_is_missing_or_wrong_is_told_at_its_input(typed: dict[str, str], at: str | None) -> None:
    errors = LinkFields.read(sent_back(**typed)).errors(NOW)

    assert list(errors) == ([at] if at else [])
    assert all(errors.values())


def test_what_was_typed_is_read_as_it_was_meant() -> None:
    token = a_token(NOW)
    fields = LinkFields.read(sent_back(email=" ada@example.org ", password=" my secret ", token=f'"{token}"'))

    assert fields == LinkFields("ada@example.org", " my secret ", token)
    assert "secret" not in repr(fields)
    assert token not in repr(fields)


@pytest.mark.parametrize(
    ("fields", "error", "block"),
    [
        (LinkFields("ada@example.org", "wrong"), LoginRefused(), "password"),
        (LinkFields("ada@example.org", "wrong"), NotAllowed(), "password"),
        (LinkFields(token="t"), TokenRejected(), "token"),
        (LinkFields(token="t"), NotAllowed(), "token"),
        (LinkFields(token="t"), Unavailable(), None),
        (LinkFields("ada@example.org", "right"), BotError(), None),
    ],
)
def test_an_error_is_blamed_on_the_input_it_is_about(fields: LinkFields, error: BotError, block: str) -> None:
    blamed, hint = fields.blame(error)

    assert blamed == block
    assert hint == ("EcoTaxa does not accept this token." if block == "token" else error.hint)


@given(nasty_text, st.none() | nasty_text)
def test_any_modal_keeps_slacks_rules(text: str, error: str | None) -> None:
    check_modal(modals.link_modal(text[:3_000], error=error))
    check_modal(modals.plain_modal(text, messages.not_linked(text).text))
    check_message(messages.note(messages.not_linked(text).text))
