"""The Web API's methods: one table, from the name to what it does and the scope that it needs."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from bot.sandbox.slack import oauth
from bot.sandbox.slack.core import Slack
from bot.sandbox.slack.methods import chat, conversations, files, session, unfurl, users, views
from bot.sandbox.slack.methods.arguments import Arguments
from bot.sandbox.slack.refusal import Json


@dataclass(frozen=True, slots=True)
class Method:
    """What a method does, and who may call it."""

    call: Callable[[Slack, Arguments], Json]
    scope: str | None = None
    caller: Literal["bot", "app", "anybody"] = "bot"
    """Whose token it takes."""


METHODS: dict[str, Method] = {
    "api.test": Method(session.test, caller="anybody"),
    "apps.connections.open": Method(session.connections_open, caller="app"),
    "auth.test": Method(session.auth_test),
    "apps.uninstall": Method(oauth.uninstall_method),
    "auth.revoke": Method(oauth.revoke),
    "auth.teams.list": Method(oauth.teams),
    "oauth.v2.access": Method(oauth.access, caller="anybody"),
    "chat.delete": Method(chat.delete, "chat:write"),
    "chat.postEphemeral": Method(chat.post_ephemeral, "chat:write"),
    "chat.postMessage": Method(chat.post_message, "chat:write"),
    "chat.unfurl": Method(unfurl.unfurl, "links:write"),
    "chat.update": Method(chat.update, "chat:write"),
    "conversations.history": Method(conversations.history),
    "conversations.info": Method(conversations.info),
    "conversations.open": Method(conversations.open_im, "im:write"),
    "conversations.replies": Method(conversations.replies),
    "files.completeUploadExternal": Method(files.complete_upload, "files:write"),
    "files.getUploadURLExternal": Method(files.get_upload_url, "files:write"),
    "reactions.add": Method(chat.add_reaction, "reactions:write"),
    "users.info": Method(users.info, "users:read"),
    "views.open": Method(views.open_modal),
    "views.publish": Method(views.publish),
    "views.push": Method(views.push),
    "views.update": Method(views.update),
}
"""For conversations.info, .history and .replies the scope depends on the channel: they look themselves."""
