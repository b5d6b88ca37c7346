"""The arguments of a Web API call, from JSON, a form or the query: Slack takes each of them."""

import json
from typing import Any

from bot.sandbox.slack.core import Slack
from bot.sandbox.slack.people import CHANNELS, PEOPLE, Channel
from bot.sandbox.slack.refusal import Json, Refused, needs

_UNREADABLE = {
    "blocks": "invalid_blocks_format",
    "view": "invalid_arguments",
    "metadata": "metadata_must_be_sent_as_json",
    "files": "invalid_arguments",
    "unfurls": "invalid_unfurls_format",
}
"""Arguments that hold JSON also when they come in a form, and the error when they do not parse."""


class Arguments:
    """What a call was given."""

    def __init__(self, given: Json) -> None:
        self.given = dict(given)
        for name, error in _UNREADABLE.items():
            if isinstance(value := given.get(name), str):
                try:
                    self.given[name] = json.loads(value)
                except ValueError:
                    raise Refused(error) from None

    def get(self, name: str) -> Any:
        """The argument, or None."""
        return self.given.get(name)

    def need(self, name: str) -> Any:
        """The argument; raises Refused when it is missing or empty."""
        if self.given.get(name) in (None, ""):
            raise needs(name)
        return self.given[name]

    def says_yes(self, name: str) -> bool:
        """Whether a true-or-false argument is true, in any of its spellings."""
        return self.given.get(name) in (True, "true", "1", 1)

    def number(self, name: str, default: int, error: str) -> int:
        """The argument as a whole number; raises Refused(error) when it is none."""
        try:
            return int(self.given.get(name) or default)
        except (TypeError, ValueError):
            raise Refused(error) from None

    def channel(self) -> Channel:
        """The conversation whose id is in `channel`; raises Refused."""
        channel = CHANNELS.get(str(self.need("channel")))
        if channel is None:
            raise Refused("channel_not_found")
        return channel

    def place_to_post(self) -> Channel:
        """The conversation in `channel`: its id, its `#name`, or a person's id for their direct messages."""
        wanted = str(self.need("channel"))
        if wanted in PEOPLE:
            return CHANNELS[PEOPLE[wanted].im]
        for channel in CHANNELS.values():
            if channel.id == wanted or (not channel.is_im and wanted.removeprefix("#") == channel.name):
                return channel
        raise Refused("channel_not_found")

    def person(self, name: str = "user") -> str:
        """The person whose id is in this argument; raises Refused."""
        user = str(self.need(name))
        if user not in PEOPLE:
            raise Refused("user_not_found")
        return user


def need_scope(slack: Slack, scope: str) -> None:
    """Raise Refused when the app was not granted `scope`."""
    if scope not in slack.scopes:
        raise Refused("missing_scope", needed=scope, provided=",".join(sorted(slack.scopes)))


def need_membership(slack: Slack, channel: Channel) -> None:
    """Raise Refused when the bot is not in this channel; it always is in its direct messages."""
    if not channel.is_im and channel.id not in slack.workspace.bot_is_in:
        raise Refused("not_in_channel")
