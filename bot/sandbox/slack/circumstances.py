"""What stands in the app's way, though nothing ails: archived channels, people who left, a revoked token."""

from dataclasses import dataclass, fields

from bot.sandbox.slack.people import Channel, Directory
from bot.sandbox.slack.refusal import Json, Refused

DEAD_TOKEN = ("token_revoked", "account_inactive", "invalid_auth", "team_access_not_granted")


@dataclass
class Circumstances:
    """As somebody in the workspace, or its administrators, have made them."""

    archived: frozenset[str] = frozenset()
    """Channels that are read-only."""
    deleted: frozenset[str] = frozenset()
    """Channels that are no more."""
    restricted: frozenset[str] = frozenset()
    """Channels in which the app may not post."""
    disabled: frozenset[str] = frozenset()
    """People whose account is closed."""
    messages_tab: bool = True
    """Whether the app's conversations with people take messages."""
    edit_seconds: float | None = None
    """After so long the workspace lets nobody change a message."""
    token: str | None = None
    """The error that the app's token meets in every method; None while it is good."""

    def change(self, wanted: Json, directory: Directory) -> None:
        """Let other circumstances prevail; raises ValueError for those that cannot be."""
        if unknown := wanted.keys() - {each.name for each in fields(self)}:
            raise ValueError(f"no such circumstances: {sorted(unknown)}")
        if wanted.get("token") not in (None, *DEAD_TOKEN):
            raise ValueError(f"a token is good (null) or {', '.join(DEAD_TOKEN)}")
        for name, value in wanted.items():
            setattr(self, name, frozenset(value) if isinstance(value, list) else value)
        if unknown := {*self.archived, *self.deleted, *self.restricted, *self.disabled} - {
            *directory.channels,
            *directory.people,
        }:
            raise ValueError(f"nobody and nothing is {sorted(unknown)}")

    def check_post(self, channel: Channel) -> None:
        """Raise Refused when the app cannot post there."""
        if channel.id in self.archived:
            raise Refused("is_archived")
        if channel.id in self.restricted:
            raise Refused("restricted_action")
        if channel.is_im and not self.messages_tab:
            raise Refused("messages_tab_disabled")

    def check_edit(self, channel: Channel, ts: str, now: float) -> None:
        """Raise Refused when a message of that time stamp there can no longer be changed `now`."""
        if channel.id in self.archived:
            raise Refused("is_archived")
        if self.edit_seconds is not None and now - float(ts) > self.edit_seconds:
            raise Refused("edit_window_closed")

    def check_person(self, user: str) -> None:
        """Raise Refused when nobody is behind this account any more."""
        if user in self.disabled:
            raise Refused("user_disabled")

    def check_token(self) -> None:
        """Raise Refused when the app's token is no longer good."""
        if self.token is not None:
            raise Refused(self.token)
