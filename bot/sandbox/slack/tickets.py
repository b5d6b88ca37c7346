"""What Slack hands out for a short while: triggers, response_urls, socket and upload addresses."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.sandbox.slack.refusal import Refused

TRIGGER_SECONDS = 3
RESPONSE_URL_SECONDS = 30 * 60
RESPONSE_URL_USES = 5


@dataclass
class Trigger:
    """Leave to show one modal to one person, for 3 s."""

    user: str
    made_at: float
    used: bool = False


@dataclass
class ResponseUrl:
    """Leave to answer a command or an action: 5 times within 30 minutes."""

    user: str
    channel: str
    made_at: float
    message_id: str | None = None
    uses: int = 0


@dataclass
class Upload:
    """A file that was announced and, once its bytes are here, can be shared."""

    id: str
    name: str
    length: int
    received: int | None = None
    title: str = ""
    sha256: str = ""
    text: bytes = b""
    """The bytes themselves, of a file that is short enough to be shown."""


@dataclass
class Tickets:
    """All that was handed out."""

    clock: Callable[[], float]
    trigger_seconds: float = TRIGGER_SECONDS
    triggers: dict[str, Trigger] = field(default_factory=dict)
    response_urls: dict[str, ResponseUrl] = field(default_factory=dict)
    sockets: set[str] = field(default_factory=set)
    uploads: dict[str, Upload] = field(default_factory=dict)
    unfurls: dict[str, tuple[str, str]] = field(default_factory=dict)
    """The channel and time stamp of the message that an `unfurl_id` stands for."""

    def trigger(self, user: str) -> str:
        """A new trigger_id."""
        trigger_id = f"{secrets.randbelow(10**12)}.{secrets.randbelow(10**9)}.{secrets.token_hex(16)}"
        self.triggers[trigger_id] = Trigger(user, self.clock())
        return trigger_id

    def use_trigger(self, trigger_id: str) -> str:
        """The person that the trigger stands for; raises Refused when it is no longer good."""
        trigger = self.triggers.get(trigger_id)
        if trigger is None:
            raise Refused("invalid_trigger_id")
        if trigger.used:
            raise Refused("exchanged_trigger_id")
        if self.clock() - trigger.made_at > self.trigger_seconds:
            raise Refused("expired_trigger_id")
        trigger.used = True
        return trigger.user

    def response_url(self, user: str, channel: str, message_id: str | None = None) -> str:
        """The last part of a new response_url."""
        key = secrets.token_urlsafe(18)
        self.response_urls[key] = ResponseUrl(user, channel, self.clock(), message_id)
        return key

    def use_response_url(self, key: str) -> ResponseUrl:
        """What the response_url answers; raises Refused when it is no longer good."""
        url = self.response_urls.get(key)
        if url is None:
            raise Refused("invalid_url")
        if self.clock() - url.made_at > RESPONSE_URL_SECONDS:
            raise Refused("expired_url")
        if url.uses >= RESPONSE_URL_USES:
            raise Refused("used_url")
        url.uses += 1
        return url

    def socket(self) -> str:
        """A new ticket for one Socket Mode connection."""
        ticket = secrets.token_urlsafe(18)
        self.sockets.add(ticket)
        return ticket

    def use_socket(self, ticket: str) -> bool:
        """Whether the ticket was good; it is not any more."""
        good = ticket in self.sockets
        self.sockets.discard(ticket)
        return good

    def upload(self, name: str, length: int) -> Upload:
        """A new place for a file's bytes."""
        upload = Upload("F" + secrets.token_hex(5).upper(), name, length)
        self.uploads[upload.id] = upload
        return upload

    def age(self, seconds: float) -> None:
        """Make every trigger and response_url older."""
        for trigger in self.triggers.values():
            trigger.made_at -= seconds
        for url in self.response_urls.values():
            url.made_at -= seconds
