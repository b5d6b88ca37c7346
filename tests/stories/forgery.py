"""Payloads that no screen of Slack's would send, as somebody might make them by hand."""

import secrets
from collections.abc import Mapping
from typing import Any

from bot.sandbox.driver import GENERAL, Actor
from bot.sandbox.screen import View
from bot.sandbox.slack.core import SIGNING_SECRET
from bot.sandbox.slack.people import BOT_USER, TEAM_ID
from bot.sandbox.slack.signed import signature

Json = dict[str, Any]


def interaction(kind: str, person: Actor, team: str) -> Json:
    return {
        "type": kind,
        "team": {"id": team, "domain": "plankton-lab"},
        "user": {"id": person.id, "name": person.name, "team_id": team},
        "enterprise": None,
        "is_enterprise_install": False,
    }


def command(person: Actor, text: str, *, team: str = TEAM_ID) -> Json:
    """A slash command."""
    return {
        "team_id": team,
        "user_id": person.id,
        "channel_id": GENERAL,
        "command": "/ecotaxa",
        "text": text,
        "is_enterprise_install": "false",
    }


def press(person: Actor, action_id: str, value: str | None, *, team: str = TEAM_ID) -> Json:
    """A pressed button of a message that only the person sees."""
    action = {"type": "button", "action_id": action_id, "block_id": "forged", "action_ts": "1.2"}
    return {
        **interaction("block_actions", person, team),
        "container": {
            "type": "message",
            "message_ts": "1700000000.000100",
            "channel_id": GENERAL,
            "is_ephemeral": True,
        },
        "channel": {"id": GENERAL, "name": "general"},
        "actions": [action | ({} if value is None else {"value": value})],
    }


def on_message(person: Actor, callback_id: str, message: Json, *, team: str = TEAM_ID) -> Json:
    """A shortcut run on a message, which may be anybody's."""
    return {
        **interaction("message_action", person, team),
        "callback_id": callback_id,
        "channel": {"id": GENERAL, "name": "general"},
        "message_ts": "1700000000.000100",
        "message": message,
    }


def on_view(person: Actor, view: View, kind: str, *, team: str = TEAM_ID, **more: Any) -> Json:
    """Something done in a modal, which may be somebody else's, or changed."""
    return {
        **interaction(kind, person, team),
        "container": {"type": "view", "view_id": view.id},
        "view": view_of(view),
        **more,
    }


def view_of(view: View, **changed: Any) -> Mapping[str, Any]:
    """A modal as Slack tells of it, with some of it changed."""
    return {**view.raw, **changed}


def event(person: Actor, kind: str, *, team: str = TEAM_ID, **more: Any) -> Json:
    """An event of the Events API; `more` goes into the event itself."""
    return {
        "type": "event_callback",
        "team_id": team,
        "event_id": f"Ev{secrets.token_hex(5)}",
        "authorizations": [{"enterprise_id": None, "team_id": team, "user_id": BOT_USER, "is_bot": True}],
        "event": {"type": kind, "user": person.id, "event_ts": "1700000000.000100"} | more,
    }


def signed(body: bytes, at: float, secret: str = SIGNING_SECRET) -> dict[str, str]:
    """The headers of a request of Slack's over HTTP."""
    stamp = str(int(at))
    return {
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": signature(secret, stamp, body),
        "Content-Type": "application/x-www-form-urlencoded",
    }
