"""What every request has in common: who asks, where the answer goes, and what happens when it goes wrong."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import structlog
from cachetools import TTLCache
from slack_bolt.context.ack.async_ack import AsyncAck

from bot import messages
from bot.errors import (
    BotError,
    MessageGone,
    NotLinked,
    SlackError,
    TokenRejected,
    TokenUnreadable,
    UnexpectedAnswer,
)
from bot.links import Link, LinkState, Person
from bot.messages import Message
from bot.services import Services
from bot.slack import Sent

_log = structlog.get_logger(__name__)

Payload = Mapping[str, Any]

DRAWN_SECONDS = 0.5
ACK_WAITS = 125
"""Times 20 ms: as long as Slack waits for an acknowledgement, less the way."""


@dataclass(frozen=True, slots=True)
class Request:
    """One thing a person did in Slack.

    `response_url` is where its answer goes, if Slack gave one; `words` are what they typed after
    `/ecotaxa`, to go on with after they linked their account; `in_place` when the answer takes the
    place of the message whose button was pressed, which is `pressed` unless only the person sees it.
    """

    services: Services
    person: Person
    body: Payload
    response_url: str = ""
    words: str = ""
    in_place: bool = False
    pressed: Sent | None = None

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
    def view(self) -> Payload:
        """The modal that the payload comes from."""
        view: Payload = self.body["view"]
        return view

    async def is_direct(self) -> bool:
        """Whether it was typed in the bot's own conversation with the person."""
        channel = str(self.body.get("channel_id") or "")
        return channel.startswith("D") and channel == await self.services.slack.direct_channel(self.person)

    async def reply(self, message: Message, *, replace: bool = False) -> None:
        """Answer where it was asked, visible to the person alone; a direct message where that cannot be."""
        replace = replace or self.in_place
        try:
            if replace and self.pressed is not None:
                await self.services.slack.update(self.pressed, message)
                return
            if self.response_url:
                await self.services.slack.respond(self.response_url, message, replace=replace)
                return
        except MessageGone:
            _log.info("the place of asking is gone", person=self.person.key)
        await self.services.slack.post(self.person, message)

    async def link(self) -> Link:
        """The person's link; raises NotLinked, TokenUnreadable or TokenRejected."""
        link = await self.services.store.find_link(self.person)
        if link is None:
            raise NotLinked
        if link.state is not LinkState.ACTIVE or link.token.expires_at <= self.services.clock():
            raise TokenRejected
        return link

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
    if container.get("is_ephemeral") or not container.get("message_ts"):
        return None
    return Sent(str(container["channel_id"]), str(container["message_ts"]))


def person_of(body: Payload) -> Person:
    """Who sent a payload: in an organisation-wide install the workspace is the user's, not the channel's."""
    if "user_id" in body:
        return Person(body.get("enterprise_id") or None, body["team_id"], body["user_id"])
    user, team, enterprise = body["user"], body.get("team") or {}, body.get("enterprise") or {}
    # A view_submission may tell the enterprise only with the team.
    enterprise_id = enterprise.get("id") or team.get("enterprise_id") or None
    return Person(enterprise_id, user.get("team_id") or team.get("id") or "", user["id"])


Handler = Callable[[Request, AsyncAck], Awaitable[None]]
Listener = Callable[[AsyncAck, dict[str, Any]], Awaitable[None]]


@dataclass
class Front:
    """Wraps handlers into Bolt's listeners.

    A listener of ours never raises: Bolt loses the acknowledgement of one that raises just after it.
    """

    services: Services
    _acks: TTLCache[str, AsyncAck] = field(default_factory=lambda: TTLCache(20_000, ttl=900))
    """The acknowledgement of each act, by its trigger: the same act may be delivered again."""

    def __call__(self, handler: Handler) -> Listener:
        """The listener for a handler: kept track of, once a delivery, its errors told in a sentence."""

        async def listener(ack: AsyncAck, body: dict[str, Any]) -> None:
            if self.services.work.stopping.is_set():
                return  # unacknowledged: Slack delivers it again, to who comes after
            trigger = f"{body.get('trigger_id') or ''}/{body.get('type', '')}"
            first = self._acks.get(trigger)
            if first is not None:
                await self._repeat(first, ack)
                return
            if body.get("trigger_id"):
                self._acks[trigger] = ack
            request = Request(
                self.services,
                person_of(body),
                body,
                str(body.get("response_url") or ""),
                str(body.get("text") or ""),
                pressed=_pressed(body),
            )
            name = getattr(handler, "__name__", "request")
            await self.services.work.start(self._run(handler, request, ack), name=name)

        return listener

    async def _repeat(self, first: AsyncAck, ack: AsyncAck) -> None:
        """Acknowledge what Slack delivers again as it was acknowledged first: that may have got lost."""
        for _ in range(ACK_WAITS):
            if first.response is not None:
                break
            await asyncio.sleep(0.02)
        ack.response = first.response

    async def _run(self, handler: Handler, request: Request, ack: AsyncAck) -> None:
        try:
            await handler(request, ack)
        except BotError as error:
            await self._tell(request, ack, error)
        except Exception as error:  # noqa: BLE001  # the last door: told to the person, never to Bolt
            await self._tell(request, ack, BotError(detail=f"{type(error).__name__}"), surprise=error)

    async def _tell(
        self, request: Request, ack: AsyncAck, error: BotError, surprise: Exception | None = None
    ) -> None:
        is_known = surprise is None and not isinstance(error, UnexpectedAnswer | SlackError)
        ref = None if is_known else secrets.token_hex(3)
        log = _log.info if is_known else _log.error
        log("told an error", ref=ref, person=request.person.key, why=str(error), exc_info=surprise)
        try:
            if ack.response is None:
                await ack()
            await request.reply(error_message(error, request.words, ref))
        except (SlackError, ValueError) as failure:
            _log.error("could not tell", ref=ref, person=request.person.key, why=str(failure))


def error_message(error: BotError, words: str, ref: str | None) -> Message:
    """What a person is told: one sentence, and the button that helps where one does."""
    if isinstance(error, NotLinked):
        return messages.not_linked(words)
    if isinstance(error, TokenRejected | TokenUnreadable):
        return messages.link_again(error, words)
    return messages.sorry(error, ref)
