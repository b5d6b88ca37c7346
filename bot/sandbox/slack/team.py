"""One workspace of several, organisations of such, and the app that all of them may install."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.sandbox.slack.people import PUBLIC, RESIDENTS, TEAM_ID, Channel, Person
from bot.sandbox.slack.refusal import Json

if TYPE_CHECKING:
    from bot.sandbox.slack.core import Slack

CLIENT_ID = "1234.5678"
CLIENT_SECRET = "sandbox-client-secret"  # noqa: S105  # of a made-up app


@dataclass(frozen=True, slots=True)
class Team:
    """What a workspace is called, who is in it, and its public channels."""

    id: str
    name: str
    domain: str
    residents: tuple[Person, ...] = RESIDENTS
    public: tuple[Channel, ...] = PUBLIC


def _residents(*names: str) -> tuple[Person, ...]:
    return tuple(person for person in RESIDENTS if person.name in names)


PLANKTON = Team(TEAM_ID, "Plankton lab", "plankton-lab")
BENTHOS = Team("T0BENTHOS", "Benthos lab", "benthos-lab")
# In an organisation an id is one person, and one channel, in whichever workspace.
NEKTON = Team(
    "T0NEKTON", "Nekton lab", "nekton-lab", _residents("elena", "ada"), (Channel("C0NEKTON", "nekton"),)
)
NEUSTON = Team(
    "T0NEUSTON",
    "Neuston lab",
    "neuston-lab",
    _residents("amelie", "tomas"),
    (Channel("C0NEUSTON", "neuston"),),
)
OCEAN = ("E0OCEAN", "Ocean institute")
"""The organisation of the latter two: its id and its name."""


@dataclass
class Keys:
    """The app's tokens in one workspace, or in a whole organisation."""

    good: dict[str, float | None] = field(default_factory=dict)
    """Each with its end, in Unix seconds, where it has one."""
    revoked: set[str] = field(default_factory=set)
    """Those that were good once."""

    def know(self, token: str | None) -> bool:
        """Whether a token is one of these, or was."""
        return token in self.good or token in self.revoked

    def revoke(self) -> None:
        """All of them are good no more."""
        self.revoked.update(self.good)
        self.good.clear()


@dataclass
class Organisation:
    """What Slack calls an Enterprise: workspaces in which one installation can act, where it is let in."""

    id: str
    name: str
    keys: Keys = field(default_factory=Keys)
    workspaces: list["Slack"] = field(default_factory=list)

    def meant(self, given: Json) -> "Slack":
        """The workspace in which there is what a call names; any one for what is in none."""
        return next((it for it in self.workspaces if it.holds(given)), self.workspaces[0])


@dataclass(frozen=True, slots=True)
class Installed:
    """For whom the app is installed: one workspace, or the whole organisation that it is of."""

    slack: "Slack"
    everywhere: bool = False

    @property
    def keys(self) -> Keys:
        """The tokens with which the app acts for them."""
        organisation = self.slack.organisation
        return organisation.keys if self.everywhere and organisation else self.slack.keys

    @property
    def workspaces(self) -> list["Slack"]:
        """All that belong to it."""
        organisation = self.slack.organisation
        return organisation.workspaces if self.everywhere and organisation else [self.slack]


@dataclass(frozen=True, slots=True)
class Code:
    """What somebody allowed the app, for which it may fetch tokens once."""

    place: Installed
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
    is_org_ready: bool = False
    """Whether it may be installed for a whole organisation: `org_deploy_enabled` in its manifest."""
    codes: dict[str, Code] = field(default_factory=dict)
    refresh_tokens: dict[str, Installed] = field(default_factory=dict)
    workspaces: list["Slack"] = field(default_factory=list)

    def of_token(self, token: str | None, given: Json, otherwise: "Slack") -> "Slack":
        """The workspace whose token it is, or was; for an organisation's, the one that a call is about."""
        for workspace in self.workspaces:
            if workspace.keys.know(token):
                return workspace
            if workspace.is_acted_in_by(token) and workspace.organisation is not None:
                return workspace.organisation.meant(given)
        return otherwise
