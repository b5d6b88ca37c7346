"""How requests are taken: once each, within limits, in the person's language, errors told in a sentence."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

import structlog
from cachetools import TTLCache
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.request.async_request import AsyncBoltRequest

from bot import messages, traces
from bot.bolt import kind_of
from bot.errors import (
    BotError,
    NotLinked,
    SlackError,
    TokenRejected,
    TokenUnreadable,
    UnexpectedAnswer,
)
from bot.ids import AGAIN
from bot.language import ENGLISH, speaking
from bot.messages import Message
from bot.services import Services
from handlers.context import Request

_log = structlog.get_logger(__name__)

ACK_WAITS = 125
"""Times 20 ms: as long as Slack waits for an acknowledgement, less the way."""
NOTE_SECONDS = 0.25
"""How often acts are noted, for other processes to know."""
WAIT_SECONDS = 1.0
"""For the note of an act to be there, and short enough to do it in time where it is not."""

Handler = Callable[[Request, AsyncAck], Awaitable[None]]
Listener = Callable[[AsyncAck, dict[str, Any], AsyncBoltRequest], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Manner:
    """How a handler's requests are taken: see `Front`."""

    is_quiet: bool
    speaks: bool
    by_person: bool
    is_search: bool


@dataclass
class Front:
    """Wraps handlers into Bolt's listeners.

    A listener of ours never raises: Bolt loses the acknowledgement of one that raises just after it.
    """

    services: Services
    _acks: TTLCache[str, AsyncAck] = field(default_factory=lambda: TTLCache(20_000, ttl=900))
    """The acknowledgement of each act, by its trigger: the same act may be delivered again."""
    _unnoted: TTLCache[str, AsyncAck] = field(default_factory=lambda: TTLCache(20_000, ttl=10))
    """The same of those that Slack may still deliver to another process, which does not know of them."""
    _is_noting: bool = False

    def __call__(
        self,
        handler: Handler,
        *,
        is_quiet: bool = False,
        speaks: bool = True,
        by_person: bool = True,
        is_search: bool = False,
    ) -> Listener:
        """The listener for a handler: kept track of, once a delivery, its errors told in a sentence.

        With `is_quiet` they only go to the log: for what nobody asked the bot to do.  Without `speaks`
        nobody's language is looked up, for a handler that tells nobody anything.  What happens `by_person`
        is let be where no person did it.  What somebody `is_search`ing does has a limit of its own.
        """
        manner = Manner(is_quiet, speaks, by_person, is_search)

        async def listener(ack: AsyncAck, body: dict[str, Any], request: AsyncBoltRequest) -> None:
            again = request.headers.get(AGAIN)
            with self.services.metrics.answering(kind_of(body)) as answered:
                try:
                    with traces.begun(f"Slack {_name(handler)}"):
                        if again:
                            _log.info("delivered again", again=again[0])
                        answered.outcome = await self._take(handler, manner, ack, body, is_again=bool(again))
                except Exception as error:  # noqa: BLE001  # no shape that Slack documents: nobody to tell
                    _log.error("not understood", exc_info=error)
                    if ack.response is None:
                        await ack()

        return listener

    async def _take(
        self, handler: Handler, manner: Manner, ack: AsyncAck, body: dict[str, Any], *, is_again: bool
    ) -> str:
        """Do what is asked, and tell in a word what came of it: see `Metrics.answering`."""
        if self.services.work.stopping.is_set():
            return "ignored"  # unacknowledged: Slack delivers it again, to who comes after
        if manner.by_person and "event" in body and not body["event"].get("user"):
            return "ignored"  # an app's message, or one that was changed
        request = Request.of(self.services, body)
        first = self._acks.get(request.act)
        if first is not None:
            await self._repeat(first, ack)
            return "again"
        if request.act:
            self._acks[request.act] = ack
            if is_again and await self._was_done(request.act):
                await ack()
                return "again"
            if manner.speaks and "bot_id" not in body.get("event", {}):
                self._note(request.act, ack)
        limits = self.services.limits
        limit = limits.searches if manner.is_search else limits.acts
        seconds = limit.take(request.person.key) if manner.speaks else 0.0
        if seconds:
            tells = not (manner.is_quiet or manner.is_search)
            doing = self._put_off(request, ack, seconds, tells=tells)
        else:
            doing = self._run(handler, request, ack, is_quiet=manner.is_quiet)
        running = self._speak(request, doing, speaks=manner.speaks)
        return await self.services.work.start(running, name=_name(handler))

    async def _repeat(self, first: AsyncAck, ack: AsyncAck) -> None:
        """Acknowledge what Slack delivers again as it was acknowledged first: that may have got lost."""
        for _ in range(ACK_WAITS):
            if first.response is not None:
                break
            await asyncio.sleep(0.02)
        ack.response = first.response

    def _note(self, trigger: str, ack: AsyncAck) -> None:
        """Note an act once Slack is told that it arrived; before that, another process may have to do it."""
        self._unnoted[trigger] = ack
        if not self._is_noting:
            self._is_noting = True
            self.services.work.start(self._note_acknowledged(), name="note acts")

    async def _note_acknowledged(self) -> None:
        # Many at once, and after them: nobody's answer waits for it.
        goes_on = True
        try:
            while self._unnoted and goes_on:
                goes_on = await self.services.work.pause(NOTE_SECONDS)
                triggers = [trigger for trigger, ack in self._unnoted.items() if ack.response is not None]
                for trigger in triggers:
                    del self._unnoted[trigger]
                if triggers:
                    await self.services.store.note_acts(triggers, self.services.clock())
        finally:
            self._is_noting = False

    async def _was_done(self, trigger: str) -> bool:
        """Whether another process did already what Slack delivers again."""
        await asyncio.sleep(WAIT_SECONDS)
        try:
            return await self.services.store.is_noted(trigger)
        except Exception as error:  # noqa: BLE001  # what a database raises; the act is not to be lost by it
            _log.error("could not look whether it was done", why=type(error).__name__)
            return False

    async def _speak(self, request: Request, running: Coroutine[Any, Any, str], *, speaks: bool) -> str:
        """Do all of it in the person's language."""
        people = self.services.people
        with speaking(await people.language(request.person, is_here=True) if speaks else ENGLISH):
            return await running

    async def _put_off(self, request: Request, ack: AsyncAck, seconds: float, *, tells: bool) -> str:
        """Acknowledge what is too much, and say when to try again; a form keeps what is in it."""
        body, told = request.body, messages.too_much(seconds)
        match body.get("type"):
            case "view_submission":
                blocks = (block["block_id"] for block in body["view"]["blocks"] if block["type"] == "input")
                await ack(response_action="errors", errors={next(blocks): told})
            case "block_suggestion":
                await ack(options=[])
            case _:
                await ack()
                if not tells or self.services.limits.refusals.take(request.person.key):
                    return "put_off"
                try:
                    await request.reply(messages.note(told))
                except SlackError as error:
                    _log.info("could not tell", person=request.person.key, why=str(error))
        return "put_off"

    async def go_on(self, handler: Handler, request: Request) -> None:
        """Do what was asked for in Slack some time ago, in the language spoken here."""
        nobodys = AsyncAck()
        await self._run(handler, request, nobodys, is_quiet=False)

    async def _run(self, handler: Handler, request: Request, ack: AsyncAck, *, is_quiet: bool) -> str:
        outcome = "done"
        try:
            await handler(request, ack)
        except BotError as error:
            outcome = type(error).__name__
            await self._tell(request, ack, error, is_quiet=is_quiet)
        except Exception as error:  # noqa: BLE001  # the last door: told to the person, never to Bolt
            outcome, unknown = "failed", BotError(detail=f"{type(error).__name__}")
            await self._tell(request, ack, unknown, surprise=error, is_quiet=is_quiet)
        if request.is_on_home:
            self.services.homes.opened(request.person)
        return outcome

    async def _tell(
        self,
        request: Request,
        ack: AsyncAck,
        error: BotError,
        *,
        is_quiet: bool,
        surprise: Exception | None = None,
    ) -> None:
        is_known = surprise is None and not isinstance(error, UnexpectedAnswer | SlackError)
        traces.note("error.type", type(surprise or error).__name__)
        log = _log.info if is_known else _log.error
        event = "an error" if is_quiet else "told an error"
        log(event, person=request.person.key, why=str(error), exc_info=surprise)
        try:
            if ack.response is None:
                await ack()
            if is_quiet:
                return
            await request.reply(error_message(error, request.words, None if is_known else traces.ref()))
        except (SlackError, ValueError) as failure:
            _log.error("could not tell", person=request.person.key, why=str(failure))


def _name(handler: Handler) -> str:
    return getattr(handler, "__name__", "request")


def error_message(error: BotError, words: str, ref: str | None) -> Message:
    """What a person is told: one sentence, and the button that helps where one does."""
    if isinstance(error, NotLinked):
        return messages.not_linked(words)
    if isinstance(error, TokenRejected | TokenUnreadable):
        return messages.link_again(error, words)
    return messages.sorry(error, ref)
