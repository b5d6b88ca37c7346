"""What the app gets: the shapes of commands, clicks, submissions and events."""

import secrets
import time

from bot.sandbox.slack.core import Slack
from bot.sandbox.slack.people import (
    APP_ID,
    BOT_ID,
    BOT_USER,
    CHANNELS,
    PEOPLE,
    TEAM_DOMAIN,
    TEAM_ID,
)
from bot.sandbox.slack.refusal import Json
from bot.sandbox.slack.views import View
from bot.sandbox.slack.workspace import Message

VERIFICATION_TOKEN = "sandbox-verification"  # noqa: S105  # the deprecated field; nobody checks it


def slash_command(slack: Slack, user: str, channel: str, command: str, text: str) -> Json:
    """A slash command; every value is a string, as in the form that Slack posts."""
    return {
        "token": VERIFICATION_TOKEN,
        "team_id": TEAM_ID,
        "team_domain": TEAM_DOMAIN,
        "channel_id": channel,
        "channel_name": CHANNELS[channel].name,
        "user_id": user,
        "user_name": PEOPLE[user].name,
        "command": command,
        "text": text,
        "api_app_id": APP_ID,
        "is_enterprise_install": "false",
        "response_url": response_url(slack, user, channel),
        "trigger_id": slack.tickets.trigger(user),
    }


def response_url(slack: Slack, user: str, channel: str, message_id: str | None = None) -> str:
    """A new response_url, as an address."""
    return f"{slack.origin}/slack/respond/{slack.tickets.response_url(user, channel, message_id)}"


def interaction(kind: str, user: str) -> Json:
    """What all interactive payloads have in common."""
    person = PEOPLE[user]
    return {
        "type": kind,
        "team": {"id": TEAM_ID, "domain": TEAM_DOMAIN},
        "user": {"id": user, "username": person.name, "name": person.name, "team_id": TEAM_ID},
        "api_app_id": APP_ID,
        "token": VERIFICATION_TOKEN,
        "enterprise": None,
        "is_enterprise_install": False,
    }


def surface(on: Message | View) -> Json:
    """Where an interaction took place.

    The app gets no copy of an ephemeral message: Slack does not keep those.
    """
    if isinstance(on, View):
        return {"container": {"type": "view", "view_id": on.id}, "view": on.payload()}
    channel = CHANNELS[on.channel]
    place: Json = {
        "container": {
            "type": "message",
            "message_ts": on.ts,
            "channel_id": on.channel,
            "is_ephemeral": on.reader is not None,
        },
        "channel": {"id": channel.id, "name": channel.name},
    }
    if on.reader is None:
        place["message"] = message(on)
    if on.thread_ts is not None:
        place["container"]["thread_ts"] = on.thread_ts
    return place


def block_actions(slack: Slack, user: str, on: Message | View, action: Json) -> Json:
    """A pressed button or a picked option."""
    payload = interaction("block_actions", user) | surface(on)
    payload["trigger_id"] = slack.tickets.trigger(user)
    payload["actions"] = [action]
    if isinstance(on, Message):
        payload["state"] = {"values": on.values_of(user)}
        payload["response_url"] = response_url(slack, user, on.channel, on.id)
    return payload


def block_suggestion(user: str, on: Message | View, block_id: str, action_id: str, query: str) -> Json:
    """A request for the options that fit what was typed."""
    payload = interaction("block_suggestion", user) | surface(on)
    return payload | {"block_id": block_id, "action_id": action_id, "value": query}


def view_submission(slack: Slack, view: View) -> Json:
    """A modal's form that was sent."""
    payload = interaction("view_submission", view.user)
    return payload | {
        "trigger_id": slack.tickets.trigger(view.user),
        "view": view.payload(),
        "response_urls": [],
    }


def view_closed(view: View, *, cleared: bool) -> Json:
    """A modal that was closed; `cleared` when the whole stack went with it."""
    payload = interaction("view_closed", view.user)
    return payload | {"view": view.payload(), "is_cleared": cleared}


def event(body: Json) -> Json:
    """The envelope of the Events API around one event."""
    return {
        "token": VERIFICATION_TOKEN,
        "team_id": TEAM_ID,
        "context_team_id": TEAM_ID,
        "context_enterprise_id": None,
        "api_app_id": APP_ID,
        "event": body,
        "type": "event_callback",
        "event_id": "Ev" + secrets.token_hex(5).upper(),
        "event_time": int(time.time()),
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": TEAM_ID,
                "user_id": BOT_USER,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": False,
        "event_context": secrets.token_urlsafe(12),
    }


def message_event(posted: Message, *, mention: bool = False) -> Json:
    """A person's message, or its mention of the bot."""
    body = message(posted) | {
        "type": "app_mention" if mention else "message",
        "channel": posted.channel,
        "event_ts": posted.ts,
        "client_msg_id": secrets.token_hex(16),
    }
    if not mention:
        body["channel_type"] = "im" if CHANNELS[posted.channel].is_im else "channel"
    return event(body)


def app_home_opened(user: str, home: View | None, ts: str) -> Json:
    """A person looks at the app's home tab."""
    body: Json = {
        "type": "app_home_opened",
        "user": user,
        "channel": PEOPLE[user].im,
        "tab": "home",
        "event_ts": ts,
    }
    if home is not None:
        body["view"] = home.payload()
    return event(body)


def message(posted: Message) -> Json:
    """A message as the Web API tells it."""
    body: Json = {
        "type": "message",
        "user": posted.user,
        "text": posted.text,
        "ts": posted.ts,
        "team": TEAM_ID,
    }
    if posted.user == BOT_USER:
        body |= {"bot_id": BOT_ID, "app_id": APP_ID}
    optional: Json = {
        "blocks": posted.blocks,
        "thread_ts": posted.thread_ts,
        "files": posted.files,
        "reactions": posted.reactions,
        "edited": {"user": posted.user, "ts": posted.edited} if posted.edited else None,
    }
    return body | {name: value for name, value in optional.items() if value}
