"""What every request has in common: who asks, what for, and where the answer goes."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import structlog

from bot import messages
from bot.commands import spoken
from bot.errors import (
    BegunBefore,
    DeliveryUnknown,
    MessageGone,
    MessageRefused,
    NotFound,
    NotLinked,
    PlaceGone,
    TokenRejected,
    WorkspaceGone,
)
from bot.ids import Modal
from bot.links import Link, LinkState, Person, Workspace
from bot.messages import Message
from bot.numbers import HIGHEST_JOB
from bot.services import Services
from bot.slack import Sent, Slack
from bot.text import one_line

_log = structlog.get_logger(__name__)

Payload = Mapping[str, Any]

DRAWN_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Request:
    """One thing a person did in Slack.

    `response_url` is where its answer goes, if Slack gave one; `words` are what they typed after
    `/ecotaxa` or `@EcoTaxa`, to go on with after they linked their account; `in_place` when the answer
    takes the place of the message whose button was pressed, which is `pressed` unless only the person
    sees it.
    """

    services: Services = field(repr=False)
    person: Person
    body: Payload = field(repr=False)  # a password may stand in it
    response_url: str = field(default="", repr=False)
    words: str = ""
    in_place: bool = False
    pressed: Sent | None = None

    @classmethod
    def of(cls, services: Services, body: Payload) -> "Request":
        """The request that a payload of Slack's is."""
        url = str(body.get("response_url") or "")
        return cls(services, person_of(body), body, url, _words(body), pressed=_pressed(body))

    @property
    def workspace(self) -> Workspace:
        """Where the app is installed that Slack sent it to: not always the person's own workspace."""
        return _workspace_of(self.body) or self.person.workspace

    @property
    def slack(self) -> Slack:
        """Slack as it is open to the bot where it was asked."""
        return self.services.slack.of(self.workspace)

    @property
    def act(self) -> str:
        """Slack's name for what was done, the same in every delivery of it; empty where it has none."""
        act = self.body.get("trigger_id") or self.body.get("event_id")
        return f"{act}/{self.body.get('type', '')}" if act else ""

    @property
    def action(self) -> Payload:
        """The first action of a `block_actions` payload."""
        action: Payload = self.body["actions"][0]
        return action

    @property
    def value(self) -> str:
        """The value of the pressed button."""
        return str(self.action.get("value") or "")

    @property
    def job_id(self) -> int:
        """The job that the pressed button stands for; raises NotFound when its value names none."""
        number = self.value.partition(" ")[0]
        if not number.isdecimal() or not 0 < int(number) <= HIGHEST_JOB:
            raise NotFound
        return int(number)

    @property
    def view(self) -> Payload:
        """The modal that the payload comes from; raises NotFound when it comes from none."""
        view: Payload | None = self.body.get("view")
        if view is None:
            raise NotFound
        return view

    @property
    def event(self) -> Payload:
        """What happened, when Slack tells it as an event; else empty."""
        event: Payload = self.body.get("event") or {}
        return event

    @property
    def channel(self) -> str:
        """The conversation it took place in; empty for a modal, the home and a global shortcut."""
        body = self.body
        if "channel_id" in body:
            return str(body["channel_id"] or "")
        channel = self.event.get("channel") or body.get("channel") or {}
        return str(channel.get("id") or "") if isinstance(channel, Mapping) else str(channel)

    @property
    def thread_ts(self) -> str | None:
        """The thread it took place in, if it did in one."""
        place = self.event or self.body.get("container") or {}
        return str(place["thread_ts"]) if place.get("thread_ts") else None

    async def is_direct(self) -> bool:
        """Whether its answer stands in the bot's own conversation with the person, as a real message."""
        channel = self.channel
        if not channel and not self.response_url:
            return True
        return channel.startswith("D") and channel == await self.slack.direct_channel(self.person)

    async def reply(self, message: Message, *, replace: bool = False) -> None:
        """Answer where it was asked, visible to the person alone; a direct message where that cannot be.

        What was asked in a modal that shows a message is answered on top of it, or in its place.  Where
        nobody knows whether the answer arrived, that is all that is said: it may stand there.
        """
        try:
            await self._reply(message, replace=replace)
        except DeliveryUnknown as error:
            _log.warning("an answer may be lost", person=self.person.key, why=str(error))

    async def _reply(self, message: Message, *, replace: bool) -> None:
        replace = replace or self.in_place
        try:
            if replace and self.pressed is not None:
                await self.slack.update(self.pressed, message)
                return
            if self.response_url:
                await self.slack.respond(self.response_url, message, replace=replace)
                return
            if self.is_in_modal:
                await self._reply_in_modal(messages.as_modal(message), replace=replace)
                return
            if self.event and not self.channel.startswith("D"):
                slack, thread_ts = self.slack, self.thread_ts
                await slack.whisper(self.channel, self.person, message, thread_ts=thread_ts)
                return
        except (MessageGone, PlaceGone, WorkspaceGone):
            _log.info("the place of asking is gone", person=self.person.key)
        await self.slack.post(self.person, message)

    async def is_member(self) -> bool:
        """Whether the bot is in the channel where it was asked; Slack hides private ones from it else."""
        try:
            told = await self.slack.read("conversations.info", channel=self.channel)
        except PlaceGone:
            return False
        return bool(told["channel"].get("is_member"))

    async def open_modal(self, view: Payload) -> str | None:
        """Open a modal, and give its id; None where Slack takes no trigger for it (any more).

        Slack opens one only for 3 s after an act, and only one act's worth.
        """
        trigger = self.body.get("trigger_id")
        # The trigger of a submission is as old as what was done since with it.
        if not trigger or self.body.get("type") == "view_submission":
            return None
        try:
            opened = await self.slack.call("views.open", trigger_id=trigger, view=view)
        except MessageRefused as error:
            if "trigger" not in error.detail:
                raise
            return None
        return str(opened["view"]["id"])

    async def redraw(self, view_id: str, view: Payload) -> None:
        """Show something in an open modal; one that was closed meanwhile is not missed."""
        try:
            await self.slack.call("views.update", view_id=view_id, view=view)
        except MessageGone as error:
            _log.info("the modal is gone", why=str(error))

    @property
    def has_place(self) -> bool:
        """Whether something stands where it was asked whose place an answer can take."""
        return self.pressed is not None or bool(self.response_url) or self.is_in_modal

    @property
    def is_in_modal(self) -> bool:
        """Whether it was pressed in a modal that shows a message: its answer then does so too."""
        return (self.body.get("view") or {}).get("callback_id") == Modal.SHOWN

    @property
    def called(self) -> str:
        """What Slack calls the person, and their workspace, as far as it says so with what they did."""
        body = self.body
        user, team = body.get("user") or {}, body.get("team") or {}
        name = body.get("user_name") or user.get("username") or user.get("name") or self.person.user_id
        domain = body.get("team_domain") or team.get("domain")
        return one_line(f"@{name} ({domain})" if domain else f"@{name}")

    @property
    def is_on_home(self) -> bool:
        """Whether it was pressed on the app's home."""
        return bool((self.body.get("view") or {}).get("type") == "home")

    async def _reply_in_modal(self, view: Payload, *, replace: bool) -> None:
        slack = self.slack
        if not replace:
            try:
                await slack.call("views.push", trigger_id=self.body["trigger_id"], view=view)
            except MessageRefused as error:
                # The trigger lives 3 s, and only three modals lie on each other.
                _log.info("no modal on top", why=str(error))
            else:
                return
        await slack.call("views.update", view_id=self.view["id"], view=view)

    async def link(self) -> Link:
        """The person's link; raises NotLinked, TokenUnreadable or TokenRejected."""
        link = await self.services.store.find_link(self.person)
        if link is None:
            raise NotLinked
        if link.state is not LinkState.ACTIVE or link.token.expires_at <= self.services.clock():
            raise TokenRejected
        return link

    async def once(self) -> None:
        """Note for good that what was asked is being done, just before it is: raises BegunBefore.

        The process that was asked first may have died before it acknowledged, or be another one.
        """
        act, services = self.act, self.services
        if act and not await services.store.begin_act(act, services.clock()):
            raise BegunBefore

    async def until_drawn(self) -> None:
        """Wait until an acknowledgement that changes a modal has been drawn.

        Bolt sends it up to 10 ms after it was made, and a `views.update` that overtakes it on the way
        would be drawn over.
        """
        await self.services.work.pause(DRAWN_SECONDS)

    def saying(self, words: str) -> "Request":
        """The same request with other words."""
        return replace(self, words=words)


def _pressed(body: Payload) -> Sent | None:
    container = body.get("container") or {}
    # A card under a link stands on somebody's own message, which the bot cannot change.
    if container.get("type") == "message_attachment":
        return None
    if container.get("is_ephemeral") or not container.get("message_ts"):
        return None
    return Sent(str(container["channel_id"]), str(container["message_ts"]))


def person_of(body: Payload) -> Person:
    """Who sent a payload: in an organisation-wide install the workspace is the user's, not the channel's."""
    if "user_id" in body:
        return Person(body.get("enterprise_id") or None, body["team_id"], body["user_id"])
    if "event" in body:
        user = body["event"].get("user") or ""
        # An event about somebody describes them, where others only name who did something.
        user_id = user["id"] if isinstance(user, Mapping) else user
        # What happens to a whole organisation is no workspace's.
        return Person(body.get("enterprise_id") or None, body.get("team_id") or "", user_id)
    user, team, enterprise = body["user"], body.get("team") or {}, body.get("enterprise") or {}
    # A view_submission may tell the enterprise only with the team.
    enterprise_id = enterprise.get("id") or team.get("enterprise_id") or None
    return Person(enterprise_id, user.get("team_id") or team.get("id") or "", user["id"])


def _workspace_of(body: Payload) -> Workspace | None:
    """The workspace in which the app that a payload was sent to is installed, where the payload tells it.

    For an organisation-wide install that is none: the workspace is the user's then.
    """
    if "event" in body:
        where = (body.get("authorizations") or [{}])[0]
        team_id = where.get("team_id")
        return Workspace(where.get("enterprise_id") or None, team_id) if team_id else None
    team, enterprise = body.get("team") or {}, body.get("enterprise") or {}
    if not isinstance(team, Mapping) or not team.get("id"):
        return None
    return Workspace(enterprise.get("id") or team.get("enterprise_id") or None, team["id"])


def bot_user(body: Payload) -> str:
    """The bot's own user id, as Slack tells it with each event."""
    authorizations = body.get("authorizations") or [{}]
    return str(authorizations[0].get("user_id") or "")


def _words(body: Payload) -> str:
    if "event" in body:
        return spoken(str(body["event"].get("text") or ""), bot_user(body))
    return str(body.get("text") or "")
