"""How the bot hears Slack: through one socket, looked after, and replaced before it is missed."""

import asyncio
import json
import random
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import aiohttp
import structlog
from slack_bolt.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest

from bot.egress import is_slacks_socket
from bot.errors import SlackBusy, SlackError, WorkspaceGone
from bot.ids import AGAIN
from bot.slack import Slack
from bot.work import Work

_log = structlog.get_logger(__name__)

SILENCE = timedelta(seconds=55)
"""After so long without a word the socket is replaced, since only what is delivered proves that it hears:
one that is deaf stays open and answers pings (slackapi/bolt-python issues 417, 945, 1529).  Slack lets an
app ask for about one socket a minute, and delivers again a minute later what was not acknowledged."""
DEAF = timedelta(seconds=60)
"""After so long without a word the bot is not ready: Slack gave no other socket meanwhile."""
STEADY = timedelta(seconds=10)
"""A socket that lasts so long is a good one: should it go, the next is opened at once."""
LONGEST_PAUSE = 30.0
"""Seconds between two tries while Slack gives no socket, give or take a quarter."""
LONGEST_WAIT = 300.0
"""Seconds that Slack may ask to wait before the next try."""
PING_SECONDS = 10.0
"""How often a socket on which nothing comes is asked whether its other end is there, which has half of that
to answer."""
HELLO_SECONDS = 10.0
"""How long Slack may take to greet a new socket: before that it delivers nothing there."""
OWED_SECONDS = 3.0
"""How long a socket that was replaced is kept for what it still has to acknowledge: Slack waits no longer."""
LAST_SECONDS = 0.2
"""The same when the bot stops, where all that could be acknowledged has been."""
SILENT = "silence"
CLOSE_SECONDS = 1.0
"""Slack does not always end a connection that was closed (slackapi/node-slack-sdk issue 2752)."""


class Line:
    """One socket that Slack has greeted: brings its envelopes to Bolt, and back what acknowledges them.

    What takes too long, or is not acknowledged for another reason, Slack delivers again.
    """

    def __init__(
        self, socket: aiohttp.ClientWebSocketResponse, app: AsyncApp, clock: Callable[[], datetime]
    ) -> None:
        self._socket = socket
        self._app = app
        self._clock = clock
        self._owed: set[asyncio.Task[None]] = set()
        self._listening = asyncio.create_task(self._listen(), name="listen")
        self.opened_at = self.heard_at = clock()
        self.farewell = ""
        """Why Slack wants it closed, once it said so."""

    @property
    def is_open(self) -> bool:
        """Whether somebody listens at both ends, as far as can be told."""
        return not self._socket.closed and not self._listening.done()

    async def _listen(self) -> None:
        async for message in self._socket:
            told = _told(message)
            if told.get("type") == "disconnect":
                self.farewell = f"Slack wants it back: {str(told.get('reason'))[:60]}"
            elif "envelope_id" in told:
                self.heard_at = self._clock()
                task = asyncio.create_task(self._take(told), name="take")
                self._owed.add(task)
                task.add_done_callback(self._taken)

    async def _take(self, envelope: Mapping[str, Any]) -> None:
        headers: dict[str, str | Sequence[str]] = {}
        if envelope.get("retry_attempt"):
            # As it stands over HTTP.
            headers[AGAIN] = str(envelope["retry_attempt"])
        payload = envelope.get("payload") or {}
        request = AsyncBoltRequest(mode="socket_mode", body=payload, headers=headers)
        response = await self._app.async_dispatch(request)
        if response.status != 200:
            _log.info("left without acknowledgement", status=response.status)
            return
        acknowledgement = {"envelope_id": envelope["envelope_id"]}
        if response.body:
            is_json = response.first_headers().get("content-type", "").startswith("application/json")
            acknowledgement["payload"] = json.loads(response.body) if is_json else {"text": response.body}
        await self._socket.send_json(acknowledgement)

    def _taken(self, task: asyncio.Task[None]) -> None:
        self._owed.discard(task)
        if task.cancelled() or (error := task.exception()) is None:
            return
        if isinstance(error, ConnectionError):
            _log.info("the socket went before the acknowledgement")
        else:
            _log.error("an envelope was not taken", exc_info=error)

    async def close(self, patience: float) -> None:
        """Close it, once what was delivered here is acknowledged or `patience` seconds have passed."""
        if self._owed and self.is_open:
            await asyncio.wait(self._owed, timeout=patience)
        await self._socket.close()
        for task in (self._listening, *self._owed):
            task.cancel()
        await asyncio.wait({self._listening})


class Ear:
    """Sees to it that Slack is heard; `tick` looks, every second or so.

    A socket that went, that Slack wants back, or that brought nothing for too long is replaced, and kept
    until the new one was greeted and the old one's last acknowledgement is out.  Slack's own client is not
    used: it closes the old socket first, tries for ever, and may go on without anybody who listens.
    """

    def __init__(self, app: AsyncApp, door: Slack, work: Work, *, clock: Callable[[], datetime]) -> None:
        """`door` calls Slack with the app's own token; it is closed with the ear."""
        self._app = app
        self._door = door
        self._work = work
        self._clock = clock
        self._line: Line | None = None
        self._lines: set[Line] = set()
        self._tries = 0
        self._tried_at = clock()
        self._pause = timedelta(0)
        self._why = ""
        self._chance = random.Random()  # noqa: S311  # spreads load, guards nothing

    async def open(self) -> None:
        """Open the first socket; where Slack has none to give right now, the ticks go on trying.

        Raises WorkspaceGone when Slack refuses the token.
        """
        try:
            await self._replace()
        except (WorkspaceGone, asyncio.CancelledError):
            await self.close()
            raise
        except SlackError as error:
            self._put_off(error)

    async def tick(self) -> None:
        """Look whether the socket is good, and replace it if not."""
        line, now = self._line, self._clock()
        why = self._what_ails(now)
        if why is None:
            # A clock that was set back counts as far on: what lasts, lasts.
            if line is not None and not _within(now - line.opened_at, STEADY):
                self._tries = 0
            return
        if _within(now - self._tried_at, self._pause):
            return
        # Where nobody says anything, silence is the usual.
        log = _log.debug if why == SILENT else _log.info
        log("another socket is needed", why=why)
        try:
            await self._replace()
        except SlackError as error:
            self._put_off(error)

    def _what_ails(self, now: datetime) -> str | None:
        line = self._line
        if line is None or not line.is_open:
            return "no socket"
        if line.farewell:
            return line.farewell
        if not _within(now - line.heard_at, SILENCE):
            return SILENT
        return None

    async def _replace(self) -> None:
        self._tries += 1
        self._tried_at = self._clock()
        self._pause = timedelta(seconds=pause(self._tries, self._chance.random()))
        line = await self._greeted()
        if self._why:
            self._why = ""
            _log.info("Slack gives a socket again")
        old, self._line = self._line, line
        if old is not None:
            self._work.start(self._part(old, OWED_SECONDS), name="part with a socket")

    def _put_off(self, error: SlackError) -> None:
        if self._why != str(error):
            self._why = str(error)
            _log.warning("Slack gives no socket", why=self._why)
        if isinstance(error, SlackBusy):
            asked = timedelta(seconds=min(error.retry_after, LONGEST_WAIT))
            self._pause = max(self._pause, asked)

    async def _greeted(self) -> Line:
        """A new socket that Slack has greeted; raises SlackError."""
        client = self._door.client
        address = str((await self._door.call("apps.connections.open")).get("url"))
        if not is_slacks_socket(address, client.base_url):
            raise SlackBusy(0.0, detail="the socket's address is not Slack's")
        try:
            async with asyncio.timeout(HELLO_SECONDS):
                socket = await client.pool.ws_connect(
                    address,
                    heartbeat=PING_SECONDS,
                    timeout=aiohttp.ClientWSTimeout(ws_close=CLOSE_SECONDS),
                    proxy=client.proxy,
                )
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise SlackBusy(0.0, detail=f"the socket does not open: {type(error).__name__}") from None
        if trouble := await _greeting(socket):
            await socket.close()
            raise SlackBusy(0.0, detail=trouble)
        line = Line(socket, self._app, self._clock)
        self._lines.add(line)
        return line

    async def _part(self, line: Line, patience: float) -> None:
        try:
            await line.close(patience)
        finally:
            self._lines.discard(line)

    def trouble(self) -> str | None:
        """Why Slack is not heard, in one line for the operator; None when it is."""
        line = self._line
        if line is None or not line.is_open:
            return self._why or "no socket is open"
        if not _within(self._clock() - line.heard_at, DEAF):
            return f"nothing was heard for {DEAF.seconds} s" + (f", and {self._why}" if self._why else "")
        return None

    async def close(self) -> None:
        """Hang up; what was not acknowledged by now, Slack delivers again."""
        try:
            await asyncio.gather(*(self._part(line, LAST_SECONDS) for line in list(self._lines)))
        finally:
            await self._door.close()


def pause(tries: int, chance: float) -> float:
    """Seconds until the next try, after so many that brought no lasting socket; `chance` in [0, 1)."""
    return min(2.0 ** min(tries - 2, 10), LONGEST_PAUSE) * (0.75 + chance / 2) if tries > 1 else 0.0


def _within(passed: timedelta, limit: timedelta) -> bool:
    """Whether no more than `limit` has passed; a clock that was set back tells nothing, so no."""
    return timedelta(0) <= passed < limit


def _told(message: aiohttp.WSMessage) -> dict[str, Any]:
    """What a frame says; nothing when it is none of Slack's JSON, like the empty ones it sends."""
    try:
        told = json.loads(message.data) if message.type is aiohttp.WSMsgType.TEXT else {}
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


async def _greeting(socket: aiohttp.ClientWebSocketResponse) -> str:
    """Wait until Slack says hello; what it did instead, if it does not."""
    try:
        async with asyncio.timeout(HELLO_SECONDS):
            async for message in socket:
                told = _told(message)
                if told.get("type") == "hello":
                    return ""
                if told.get("type") == "disconnect":
                    return f"Slack ends a new socket: {str(told.get('reason'))[:60]}"
    except TimeoutError:
        return "Slack does not greet a new socket"
    return "Slack closed a new socket"
