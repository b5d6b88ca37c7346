"""Links to the linking page: each for one person, for ten minutes, and good for one account."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pydantic import TypeAdapter, ValidationError

from bot.errors import TicketUnreadable
from bot.links import Person
from bot.settings import Settings
from bot.vault import Vault

PATH = "/link/"
"""Below the bot's public address; the ticket follows."""
LIFE = timedelta(minutes=10)
LONGEST = 3_000
"""Characters that Slack takes for a button's address.

https://docs.slack.dev/reference/block-kit/block-elements/button-element
"""

_PURPOSE = "link an account"


@dataclass(frozen=True, slots=True)
class Ticket:
    """The right to link one EcoTaxa account to the Slack account of `person`, called `name` there.

    `words`, `response_url` and `in_place` are what the person had asked for before, to go on with.
    """

    person: Person
    name: str
    words: str = ""
    response_url: str = field(default="", repr=False)
    in_place: bool = False
    nonce: str = field(default_factory=lambda: secrets.token_urlsafe(12), repr=False)

    @property
    def act(self) -> str:
        """The name of what is done with it once."""
        return f"link/{self.nonce}"


_TICKET = TypeAdapter(Ticket)


class Tickets:
    """Makes addresses of the linking page at `public_url`, sealed by `vault`, and reads them again.

    Nothing of a ticket is kept anywhere: any process with the same keys reads it.
    """

    def __init__(self, vault: Vault, public_url: str, clock: Callable[[], datetime]) -> None:
        self._vault = vault
        self._public_url = public_url
        self._clock = clock

    @classmethod
    def of(cls, settings: Settings, clock: Callable[[], datetime]) -> "Tickets | None":
        """Those of a bot with these settings; None where no browser reaches a page of its own."""
        if settings.slack_mode == "socket" or settings.public_url is None:
            return None
        vault = Vault([key.get_secret_value() for key in settings.token_keys])
        return cls(vault, settings.public_url, clock)

    @property
    def is_secret(self) -> bool:
        """Whether what a browser sends to the page is sealed on its way: only on this machine it is not."""
        return self._public_url.startswith("https:")

    def address(self, ticket: Ticket) -> str:
        """The address of the page for a ticket; whoever knows it can use it."""
        sealed = self._vault.issue(_PURPOSE, _TICKET.dump_json(ticket).decode(), self._clock())
        return f"{self._public_url}{PATH}{sealed}"

    def read(self, sealed: str) -> Ticket:
        """The ticket of an address; raises TicketUnreadable when it is too old, or none of ours."""
        told = self._vault.redeem(_PURPOSE, sealed, self._clock(), LIFE)
        try:
            return _TICKET.validate_json(told)
        except ValidationError:
            raise TicketUnreadable from None
