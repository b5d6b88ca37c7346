"""The arguments of a Web API call, from JSON, a form or the query: Slack takes each of them."""

import json
from typing import Any

from bot.sandbox.slack.core import Slack
from bot.sandbox.slack.people import Channel, Person
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

    def __init__(self, slack: Slack, given: Json, *, is_org_wide: bool = False) -> None:
        """`is_org_wide`: by a token for a whole organisation."""
        self._slack = slack
        self.is_org_wide = is_org_wide
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
        channel = self._slack.channel(str(self.need("channel")))
        if channel is None:
            raise Refused("channel_not_found")
        return channel

    def place_to_post(self) -> Channel:
        """The conversation in `channel`: its id, its `#name`, or a person's id for their direct messages."""
        wanted = str(self.need("channel"))
        directory = self._slack.workspace.directory
        if person := directory.people.get(wanted):
            wanted = person.im
        ids = {channel.name: channel.id for channel in directory.channels.values() if not channel.is_im}
        channel = self._slack.channel(ids.get(wanted.removeprefix("#"), wanted))
        if channel is None:
            raise Refused("channel_not_found")
        return channel

    def person(self, name: str = "user") -> Person:
        """The person whose id is in this argument; raises Refused."""
        person = self._slack.workspace.directory.people.get(str(self.need(name)))
        if person is None:
            raise Refused("user_not_found")
        return person


def need_scope(slack: Slack, scope: str) -> None:
    """Raise Refused when the app was not granted `scope`."""
    if scope not in slack.scopes:
        raise Refused("missing_scope", needed=scope, provided=",".join(sorted(slack.scopes)))


def need_membership(slack: Slack, channel: Channel) -> None:
    """Raise Refused when the bot is not in this channel; it always is in its direct messages."""
    if not slack.workspace.hears(channel.id):
        raise Refused("not_in_channel")
