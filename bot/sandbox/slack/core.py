"""The stand-in's parts, held together."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.sandbox.slack.circumstances import Circumstances
from bot.sandbox.slack.delivery import Delivery
from bot.sandbox.slack.faults import Faults
from bot.sandbox.slack.installed import EVENTS, SCOPE_OF_EVENT, SCOPES
from bot.sandbox.slack.people import Channel, Directory
from bot.sandbox.slack.ratelimits import EventLimit, RateLimits
from bot.sandbox.slack.refusal import Json
from bot.sandbox.slack.team import PLANKTON, App, Keys, Organisation, Team
from bot.sandbox.slack.tickets import Tickets, Upload
from bot.sandbox.slack.traffic import Traffic
from bot.sandbox.slack.workspace import Workspace

BOT_TOKEN = "xoxb-sandbox"  # noqa: S105  # a made-up token of a made-up workspace
APP_TOKEN = "xapp-sandbox"  # noqa: S105  # likewise
SIGNING_SECRET = "sandbox-signing-secret"  # noqa: S105  # likewise


@dataclass
class Slack:
    """A workspace, in which an app may be installed, and `crowd` people more than the usual ones."""

    crowd: int = 0
    clock: Callable[[], float] = time.time
    """Tells the Unix seconds that everything here is stamped and measured with."""
    faults: Faults = field(default_factory=Faults)
    circumstances: Circumstances = field(default_factory=Circumstances)
    files: dict[str, Upload] = field(default_factory=dict)
    """What was shared, by its id."""
    scopes: frozenset[str] = SCOPES
    events: frozenset[str] = EVENTS
    origin: str = "http://127.0.0.1:8765"
    """Where the app reaches this server; it is in every address that the app is given."""
    team: Team = PLANKTON
    app: App = field(default_factory=App)
    """The app that is, or may be, installed here: one for all workspaces that share a server."""
    prefix: str = ""
    """Stands before the paths of all but the first workspace."""
    keys: Keys = field(default_factory=Keys)
    """The app's tokens of this workspace alone."""
    organisation: Organisation | None = None
    """The one that the workspace is of, if it is of one."""
    is_let_in: bool = False
    """Whether its organisation lets the app into this workspace, where the app is installed for all."""
    scheme: str = "http"
    """`https` where something before this server speaks TLS for it."""

    def __post_init__(self) -> None:
        self.app.workspaces.append(self)
        if self.organisation is not None:
            self.organisation.workspaces.append(self)
        directory = Directory(self.crowd, residents=self.team.residents, public=self.team.public)
        self.workspace = Workspace(directory, self.clock)
        self.tickets = Tickets(self.clock)
        self.limits = RateLimits(self.clock)
        self.event_limit = EventLimit(clock=self.clock)
        self.traffic = Traffic(self.clock)
        self.delivery = Delivery(self.faults, self.traffic, SIGNING_SECRET)

    @property
    def is_down(self) -> bool:
        """Whether Slack as a whole does not work."""
        return self.clock() < self.faults.outage

    @property
    def is_org_wide(self) -> bool:
        """Whether the app acts here by its installation for the whole organisation."""
        return bool(not self.keys.good and self.organisation and self.organisation.keys.good)

    @property
    def installed_id(self) -> str:
        """Where the app is installed that acts here: the workspace, or the organisation."""
        return self.organisation.id if self.organisation and self.is_org_wide else self.team.id

    def is_acted_in_by(self, token: str | None) -> bool:
        """Whether a token is, or was, one for the whole organisation."""
        return self.organisation is not None and self.organisation.keys.know(token)

    def holds(self, given: Json) -> bool:
        """Whether a person, conversation, view or trigger that a call names is of this workspace."""
        named = {str(given.get(name)) for name in ("channel", "channel_id", "user", "users", "user_id")}
        if trigger := self.tickets.triggers.get(str(given.get("trigger_id"))):
            named.add(trigger.user)
        if place := self.tickets.unfurls.get(str(given.get("unfurl_id"))):
            named.add(place[0])
        directory = self.workspace.directory
        is_here = not named.isdisjoint({*directory.people, *directory.channels})
        return is_here or self.workspace.has_view(str(given.get("view_id")))

    def channel(self, channel_id: str) -> Channel | None:
        """The conversation with this id, if there is one (still)."""
        if channel_id in self.circumstances.deleted:
            return None
        return self.workspace.directory.channels.get(channel_id)

    def channels_of(self, user: str) -> list[Channel]:
        """The conversations that a person sees."""
        mine = self.workspace.directory.of(user)
        return [channel for channel in mine if channel.id not in self.circumstances.deleted]

    def announce(self, event: str, payload: Json) -> None:
        """Deliver an event of this kind, if the app listens to it and was granted the scope for it.

        Beyond 30,000 an hour Slack keeps the events, and tells only, once a minute, that it does.
        """
        if event not in self.events or SCOPE_OF_EVENT[event] not in {None, *self.scopes}:
            return
        if self.event_limit.takes():
            self.delivery.announce(payload)
        elif minute := self.event_limit.minute_to_tell():
            told = {"type": "app_rate_limited", "minute_rate_limited": minute}
            self.delivery.announce(
                told | {name: payload.get(name) for name in ("token", "team_id", "api_app_id")}
            )

    def reset(self) -> None:
        """Empty everything but people and channels, and end all faults."""
        self.workspace.reset()
        self.faults.change({"heal": True})
        self.limits.reset()
        self.event_limit = EventLimit(clock=self.clock)
        self.circumstances = Circumstances()
        self.traffic.reset()
        self.tickets.triggers.clear()
        self.tickets.response_urls.clear()
        self.tickets.uploads.clear()
        self.files.clear()
        self.tickets.unfurls.clear()
        self.scopes, self.events = SCOPES, EVENTS
