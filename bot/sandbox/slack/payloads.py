"""What the app gets: the shapes of commands, clicks, submissions and events."""

import secrets

from bot.sandbox.slack.core import Slack
from bot.sandbox.slack.people import (
    APP_ID,
    BOT_ID,
    BOT_USER,
    Person,
)
from bot.sandbox.slack.refusal import Json
from bot.sandbox.slack.views import View
from bot.sandbox.slack.workspace import Message, What

TOKENS_REVOKED: Json = {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [BOT_USER]}}
"""The event that the app's token is good no more."""

VERIFICATION_TOKEN = "sandbox-verification"  # noqa: S105  # the deprecated field; nobody checks it


def slash_command(slack: Slack, user: str, channel: str, command: str, text: str) -> Json:
    """A slash command; every value is a string, as in the form that Slack posts."""
    return {
        "token": VERIFICATION_TOKEN,
        "team_id": slack.team.id,
        "team_domain": slack.team.domain,
        "channel_id": channel,
        "channel_name": slack.workspace.directory.channels[channel].name,
        "user_id": user,
        "user_name": slack.workspace.directory.people[user].name,
        "command": command,
        "text": text,
        "api_app_id": APP_ID,
        "is_enterprise_install": str(slack.is_org_wide).lower(),
        "response_url": response_url(slack, user, channel),
        "trigger_id": slack.tickets.trigger(user),
        **_enterprise(slack),
    }


def _enterprise(slack: Slack) -> Json:
    """The organisation, where there is one, as commands, and the workspaces in other payloads, tell it."""
    of = slack.organisation
    return {"enterprise_id": of.id, "enterprise_name": of.name} if of else {}


def _team(slack: Slack) -> Json:
    return {"id": slack.team.id, "domain": slack.team.domain, **_enterprise(slack)}


def response_url(slack: Slack, user: str, channel: str, message_id: str | None = None) -> str:
    """A new response_url, as an address."""
    return f"{slack.origin}/slack/respond/{slack.tickets.response_url(user, channel, message_id)}"


def interaction(slack: Slack, kind: str, user: str) -> Json:
    """What all interactive payloads have in common.

    Where the app is installed for a whole organisation, only what is done in a conversation tells the team.
    """
    person, of = slack.workspace.directory.people[user], slack.organisation
    return {
        "type": kind,
        "team": None if slack.is_org_wide else _team(slack),
        "user": {"id": user, "username": person.name, "name": person.name, "team_id": slack.team.id},
        "api_app_id": APP_ID,
        "token": VERIFICATION_TOKEN,
        "enterprise": of and {"id": of.id, "name": of.name},
        "is_enterprise_install": slack.is_org_wide,
    }


def unfurled(on: Message, block_id: str) -> Json | None:
    """The card under a person's link that holds this block, if one does."""
    for card in on.attachments:
        if any(block["block_id"] == block_id for block in card.get("blocks", [])):
            return card
    return None


def surface(slack: Slack, on: Message | View, block_id: str) -> Json:
    """Where an interaction took place.

    The app gets no copy of an ephemeral message: Slack does not keep those; nor of a person's message
    whose link it unfurled: of that only the card.
    """
    if isinstance(on, View):
        return {"container": {"type": "view", "view_id": on.id}, "view": on.payload()}
    channel = slack.workspace.directory.channels[on.channel]
    place: Json = {
        "container": {
            "type": "message",
            "message_ts": on.ts,
            "channel_id": on.channel,
            "is_ephemeral": on.reader is not None,
        },
        "channel": {"id": channel.id, "name": channel.name},
        "team": _team(slack),
    }
    if card := unfurled(on, block_id):
        place["container"] |= {
            "type": "message_attachment",
            "attachment_id": card["id"],
            "is_app_unfurl": True,
            "app_unfurl_url": card["app_unfurl_url"],
        }
        place["app_unfurl"] = card
    elif on.reader is None:
        place["message"] = message(slack, on)
    if on.thread_ts is not None:
        place["container"]["thread_ts"] = on.thread_ts
    return place


def block_actions(slack: Slack, user: str, on: Message | View, action: Json) -> Json:
    """A pressed button or a picked option."""
    payload = interaction(slack, "block_actions", user) | surface(slack, on, action["block_id"])
    payload["trigger_id"] = slack.tickets.trigger(user)
    payload["actions"] = [action]
    if isinstance(on, Message):
        payload["state"] = {"values": on.values_of(user)}
        # Nobody but Slack changes a person's own message: under it an answer can only stand beside.
        own = on.id if on.user == BOT_USER else None
        payload["response_url"] = response_url(slack, user, on.channel, own)
    return payload


def block_suggestion(
    slack: Slack, user: str, on: Message | View, block_id: str, action_id: str, query: str
) -> Json:
    """A request for the options that fit what was typed."""
    payload = interaction(slack, "block_suggestion", user) | surface(slack, on, block_id)
    return payload | {"block_id": block_id, "action_id": action_id, "value": query}


def shortcut(slack: Slack, user: str, callback_id: str, on: Message | None) -> Json:
    """A global shortcut, or one on a message."""
    payload = interaction(slack, "message_action" if on else "shortcut", user) | {
        "callback_id": callback_id,
        "trigger_id": slack.tickets.trigger(user),
        "action_ts": slack.workspace.next_ts(),
    }
    if on is None:
        return payload
    channel = slack.workspace.directory.channels[on.channel]
    return payload | {
        "channel": {"id": channel.id, "name": channel.name},
        "team": _team(slack),
        "message_ts": on.ts,
        "message": message(slack, on),
        "response_url": response_url(slack, user, on.channel),
    }


def view_submission(slack: Slack, view: View) -> Json:
    """A modal's form that was sent."""
    payload = interaction(slack, "view_submission", view.user)
    return payload | {
        "trigger_id": slack.tickets.trigger(view.user),
        "view": view.payload(),
        "response_urls": [],
    }


def view_closed(slack: Slack, view: View, *, cleared: bool) -> Json:
    """A modal that was closed; `cleared` when the whole stack went with it."""
    payload = interaction(slack, "view_closed", view.user)
    return payload | {"view": view.payload(), "is_cleared": cleared}


def event(slack: Slack, body: Json) -> Json:
    """The envelope of the Events API around one event."""
    enterprise_id = slack.organisation.id if slack.organisation else None
    told = {
        "token": VERIFICATION_TOKEN,
        "team_id": slack.team.id,
        "context_team_id": slack.team.id,
        "context_enterprise_id": enterprise_id,
        "api_app_id": APP_ID,
        "event": body,
        "type": "event_callback",
        "event_id": "Ev" + secrets.token_hex(5).upper(),
        "event_time": int(slack.clock()),
        "authorizations": [
            {
                "enterprise_id": enterprise_id,
                "team_id": None if slack.is_org_wide else slack.team.id,
                "user_id": BOT_USER,
                "is_bot": True,
                "is_enterprise_install": slack.is_org_wide,
            }
        ],
        "is_ext_shared_channel": False,
        "event_context": secrets.token_urlsafe(12),
    }
    return told if enterprise_id is None else told | {"enterprise_id": enterprise_id}


def organisation_event(slack: Slack, body: Json) -> Json:
    """The envelope around an event of a whole organisation, to which the workspace belongs."""
    told = event(slack, body) | {"team_id": None, "context_team_id": None}
    (where,) = told["authorizations"]
    return told | {"authorizations": [where | {"team_id": None, "is_enterprise_install": True}]}


def access_event(slack: Slack, name: str) -> Json:
    """The app, installed for an organisation, was let into this workspace of it, or out.

    Neither a workspace nor an authorization stands in the envelope: as in bolt-python's
    tests/scenario_tests/test_events_org_apps.py.
    """
    body = {"type": name, "team_ids": [slack.team.id], "event_ts": slack.workspace.next_ts()}
    left_out = {"team_id", "context_team_id", "context_enterprise_id", "authorizations"}
    told = event(slack, body)
    return {key: value for key, value in told.items() if key not in left_out}


def url_verification() -> Json:
    """Slack's question to a request URL before it is taken: the app answers with the challenge."""
    challenge = secrets.token_urlsafe(32)
    return {"token": VERIFICATION_TOKEN, "challenge": challenge, "type": "url_verification"}


def user(slack: Slack, person: Person) -> Json:
    """A person as the Web API tells them; of one who left neither language nor time zone are known."""
    is_gone = person.id in slack.circumstances.disabled
    profile = {"real_name": person.real_name, "display_name": person.name, "team": slack.team.id}
    if "users:read.email" in slack.scopes:
        profile["email"] = person.email
    told = {
        "id": person.id,
        "team_id": slack.team.id,
        "name": person.name,
        "deleted": is_gone,
        "real_name": person.real_name,
        "profile": profile,
        "is_bot": False,
        "is_app_user": False,
        "updated": 0,
    }
    if is_gone:
        return told
    zone = {"tz": person.tz, "tz_label": person.tz, "tz_offset": person.tz_offset(slack.clock())}
    return told | zone | {"locale": person.locale}


def user_change(slack: Slack, person: Person) -> Json:
    """What is known of a person has changed."""
    body = {"type": "user_change", "user": user(slack, person), "cache_ts": int(slack.clock())}
    return event(slack, body | {"event_ts": slack.workspace.next_ts()})


def channel_event(slack: Slack, name: str, channel: str, **more: str) -> Json:
    """Something happened to a channel, or to the bot in it."""
    return event(slack, {"type": name, "channel": channel, "event_ts": slack.workspace.next_ts()} | more)


def message_event(slack: Slack, told: Message, what: What, ts: str) -> Json:
    """A message that came, was changed or was taken away."""
    is_im = slack.workspace.directory.channels[told.channel].is_im
    place = {"channel": told.channel, "channel_type": "im" if is_im else "channel"}
    match what:
        case "posted":
            return event(slack, message(slack, told) | place | _mark(told) | {"event_ts": told.ts})
        case "edited":
            changed: Json = {"subtype": "message_changed", "message": message(slack, told)}
        case "removed":
            before = message(slack, told)
            changed = {"subtype": "message_deleted", "deleted_ts": told.ts, "previous_message": before}
    return event(slack, {"type": "message", "hidden": True, "ts": ts, "event_ts": ts} | place | changed)


def mention_event(slack: Slack, posted: Message) -> Json:
    """A person's mention of the bot in a channel."""
    body = {"type": "app_mention", "channel": posted.channel, "event_ts": posted.ts}
    return event(slack, message(slack, posted) | _mark(posted) | body)


def _mark(posted: Message) -> Json:
    return {} if posted.user == BOT_USER else {"client_msg_id": secrets.token_hex(16)}


def app_home_opened(slack: Slack, user: str, tab: str, home: View | None, ts: str) -> Json:
    """A person looks at a tab of the app; with the home tab comes what it shows, if anything."""
    body: Json = {
        "type": "app_home_opened",
        "user": user,
        "channel": slack.workspace.directory.people[user].im,
        "tab": tab,
        "event_ts": ts,
    }
    if home is not None:
        body["view"] = home.payload()
    return event(slack, body)


def message(slack: Slack, posted: Message) -> Json:
    """A message as the Web API tells it."""
    body: Json = {
        "type": "message",
        "user": posted.user,
        "text": posted.text,
        "ts": posted.ts,
        "team": slack.team.id,
    }
    if posted.user == BOT_USER:
        body |= {"bot_id": BOT_ID, "app_id": APP_ID}
    optional: Json = {
        "blocks": posted.blocks,
        "thread_ts": posted.thread_ts,
        "files": posted.files,
        "attachments": posted.attachments,
        "reactions": posted.reactions,
        "edited": {"user": posted.user, "ts": posted.edited} if posted.edited else None,
    }
    return body | {name: value for name, value in optional.items() if value}
