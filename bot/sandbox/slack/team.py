"""One workspace of several, and the app that all of them may install."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.sandbox.slack.people import TEAM_ID

if TYPE_CHECKING:
    from bot.sandbox.slack.core import Slack

CLIENT_ID = "1234.5678"
CLIENT_SECRET = "sandbox-client-secret"  # noqa: S105  # of a made-up app


@dataclass(frozen=True, slots=True)
class Team:
    """What a workspace is called."""

    id: str
    name: str
    domain: str


PLANKTON = Team(TEAM_ID, "Plankton lab", "plankton-lab")
BENTHOS = Team("T0BENTHOS", "Benthos lab", "benthos-lab")


@dataclass(frozen=True, slots=True)
class Code:
    """What somebody allowed the app, for which it may fetch tokens once."""

    slack: "Slack"
    user: str
    redirect_uri: str
    scopes: frozenset[str]
    good_until: float


@dataclass
class App:
    """The app as Slack knows it, whichever workspaces have it."""

    client_id: str = CLIENT_ID
    client_secret: str = CLIENT_SECRET
    redirect_urls: frozenset[str] = frozenset()
    rotates: bool = False
    """Whether its tokens end after twelve hours."""
    codes: dict[str, Code] = field(default_factory=dict)
    refresh_tokens: dict[str, "Slack"] = field(default_factory=dict)
    workspaces: list["Slack"] = field(default_factory=list)

    def of_token(self, token: str | None, otherwise: "Slack") -> "Slack":
        """The workspace whose token it is, or was."""
        known = (it for it in self.workspaces if token in it.tokens or token in it.revoked)
        return next(known, otherwise)
