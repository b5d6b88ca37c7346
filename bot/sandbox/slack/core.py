"""The stand-in's parts, held together."""

from dataclasses import dataclass, field

from bot.sandbox.slack.delivery import Delivery
from bot.sandbox.slack.faults import Faults
from bot.sandbox.slack.ratelimits import RateLimits
from bot.sandbox.slack.tickets import Tickets
from bot.sandbox.slack.traffic import Traffic
from bot.sandbox.slack.workspace import Workspace

BOT_TOKEN = "xoxb-sandbox"  # noqa: S105  # a made-up token of a made-up workspace
APP_TOKEN = "xapp-sandbox"  # noqa: S105  # likewise
SIGNING_SECRET = "sandbox-signing-secret"  # noqa: S105  # likewise

SCOPES = frozenset(
    {
        "channels:history",
        "chat:write",
        "chat:write.public",
        "commands",
        "files:write",
        "groups:history",
        "im:history",
        "im:write",
        "links:read",
        "links:write",
        "users:read",
    }
)
"""What the bot was granted when it was installed."""


@dataclass
class Slack:
    """A workspace with one app in it."""

    workspace: Workspace = field(default_factory=Workspace)
    tickets: Tickets = field(default_factory=Tickets)
    faults: Faults = field(default_factory=Faults)
    limits: RateLimits = field(default_factory=RateLimits)
    traffic: Traffic = field(default_factory=Traffic)
    scopes: frozenset[str] = SCOPES
    origin: str = "http://127.0.0.1:8765"
    """Where the app reaches this server; it is in every address that the app is given."""

    def __post_init__(self) -> None:
        self.delivery = Delivery(self.faults, self.traffic, SIGNING_SECRET)

    def reset(self) -> None:
        """Empty everything but people and channels, and end all faults."""
        self.workspace.reset()
        self.faults.change({"heal": True})
        self.limits.reset()
        self.traffic.reset()
        self.tickets.triggers.clear()
        self.tickets.response_urls.clear()
        self.tickets.uploads.clear()
        self.scopes = SCOPES
