"""What the app brought along when it was installed: `deploy/slack/manifest.yaml`, as far as people see it."""

from bot import commands
from bot.sandbox.slack.refusal import Json

COMMANDS: list[Json] = [
    {
        "command": commands.NAME,
        "description": "Your EcoTaxa jobs",
        "hint": "[jobs | job 1234 | link | help]",
        "words": [str(entry.word) for entry in commands.TABLE],
    }
]

SHORTCUTS: list[Json] = [
    {
        "name": "My EcoTaxa jobs",
        "type": "global",
        "callback_id": "jobs",
        "description": "Your jobs in EcoTaxa",
    },
    {
        "name": "Show this job",
        "type": "message",
        "callback_id": "job_of_message",
        "description": "The EcoTaxa job that this message names",
    },
]

UNFURL_DOMAINS = frozenset({"ecotaxa.obs-vlfr.fr"})
"""Links to these, and to the sandbox's own EcoTaxa, are told to the app as `link_shared`."""

SCOPES = frozenset(
    {
        "app_mentions:read",
        "channels:history",
        "channels:read",
        "chat:write",
        "chat:write.public",
        "commands",
        "files:write",
        "groups:history",
        "groups:read",
        "im:history",
        "im:write",
        "links:read",
        "links:write",
        "users:read",
    }
)
"""What the app was granted, when no test grants something else."""

EVENTS = frozenset(
    {
        "app_home_opened",
        "app_mention",
        "app_uninstalled",
        "channel_archive",
        "channel_deleted",
        "channel_left",
        "group_archive",
        "group_deleted",
        "group_left",
        "link_shared",
        "message.im",
        "team_access_revoked",
        "tokens_revoked",
        "user_change",
    }
)
"""The events that the app listens to, when no test says otherwise."""

SCOPE_OF_EVENT: dict[str, str | None] = {
    "app_home_opened": None,
    "app_mention": "app_mentions:read",
    "app_uninstalled": None,
    "channel_archive": "channels:read",
    "channel_deleted": "channels:read",
    "channel_left": "channels:read",
    "channel_unarchive": "channels:read",
    "group_archive": "groups:read",
    "group_deleted": "groups:read",
    "group_left": "groups:read",
    "link_shared": "links:read",
    "member_joined_channel": "channels:read",
    "message.channels": "channels:history",
    "message.im": "im:history",
    "team_access_granted": None,
    "team_access_revoked": None,
    "tokens_revoked": None,
    "user_change": "users:read",
}
"""All events that are told here, each with the scope that it needs."""


def shortcut_named(callback_id: str, kind: str) -> Json | None:
    """The shortcut of this kind (`global` or `message`) with this callback_id."""
    known = {(shortcut["callback_id"], shortcut["type"]): shortcut for shortcut in SHORTCUTS}
    return known.get((callback_id, kind))
