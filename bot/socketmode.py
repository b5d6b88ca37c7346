"""Socket Mode: a websocket to Slack, made anew when it ends, falls silent, or Slack asks for another."""

import asyncio
import json
from collections.abc import Coroutine
from typing import Any

import aiohttp
import structlog
from slack_bolt.adapter.socket_mode.async_internals import run_async_bolt_app
from slack_bolt.async_app import AsyncApp
from slack_sdk.socket_mode.request import SocketModeRequest

from bot.errors import SlackBusy, SlackError
from bot.slack import Slack

_log = structlog.get_logger(__name__)

PING_SECONDS = 3.0
"""How often the socket is looked after: after one and a half times as long, silence is its end."""
STEADY_SECONDS = 10.0
"""One that lasted for so long was a good one: the next is asked for at once."""
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
"""Seconds before the next try, twice as long each time."""
LINGER_SECONDS = 5.0
"""How long a socket that was replaced is kept, for the acknowledgements that belong to it."""

_Socket = aiohttp.ClientWebSocketResponse


class SocketMode:
    """Hears Slack through one socket after the other, each with an address of its own.

    slack_sdk's client tries one address for ever, though it is good for one try; waits five minutes for a
    handshake; and has lost its hearing where `bot.slack` has not (slackapi/bolt-python issue 1529).
    """

    def __init__(self, app: AsyncApp, slack: Slack, app_token: str) -> None:
        self._app = app
        self._slack = slack
        self._app_token = app_token
        self._tasks: set[asyncio.Task[None]] = set()
        self._sockets: set[_Socket] = set()
        self._current: _Socket | None = None
        self._wanted = asyncio.Event()
        self._connected = asyncio.Event()

    async def start(self) -> None:
        """Begin to listen: returns once Slack let us in, however long that takes."""
        self._begin(self._keep())
        try:
            await self._connected.wait()
        except asyncio.CancelledError:
            await self.close()
            raise

    async def close(self) -> None:
        """Hang up; what Slack sent and nobody acknowledged, it delivers again elsewhere or later."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*(socket.close() for socket in self._sockets), return_exceptions=True)

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _keep(self) -> None:
        """Have a socket, always."""
        clock = asyncio.get_running_loop().time
        failures, since = 0, 0.0
        while True:
            if failures:
                await asyncio.sleep(min(FIRST_PAUSE * 2 ** (failures - 1), LONGEST_PAUSE))
            try:
                await self._replace(await self._connect())
            except Exception as error:  # noqa: BLE001  # whatever it is, a bot that hears nothing is none
                failures += 1
                is_known = isinstance(error, SlackError | aiohttp.ClientError | TimeoutError)
                why, trace = f"{type(error).__name__}: {error}", None if is_known else error
                _log.warning("Slack is not heard", why=why, failures=failures, exc_info=trace)
                if isinstance(error, SlackBusy):
                    await asyncio.sleep(error.retry_after)
                continue
            since = clock()
            self._connected.set()
            await self._wanted.wait()
            self._wanted.clear()
            failures = 0 if clock() - since >= STEADY_SECONDS else failures + 1

    async def _connect(self) -> _Socket:
        address = await self._slack.socket_address(self._app_token)
        # A peer that is silent is noticed here, and one that never answers by the session's own time-outs.
        return await self._slack.session.ws_connect(
            address, heartbeat=PING_SECONDS, proxy=self._slack.client.proxy,
            timeout=aiohttp.ClientWSTimeout(ws_close=1.0),
        )  # fmt: skip

    async def _replace(self, socket: _Socket) -> None:
        before, self._current = self._current, socket
        self._sockets.add(socket)
        self._begin(self._listen(socket))
        if before is not None and not before.closed:
            self._begin(self._retire(before))

    async def _retire(self, socket: _Socket) -> None:
        await asyncio.sleep(LINGER_SECONDS)
        await socket.close()

    async def _listen(self, socket: _Socket) -> None:
        try:
            async for frame in socket:
                if frame.type is aiohttp.WSMsgType.TEXT:
                    self._heard(socket, frame.data)
        finally:
            self._sockets.discard(socket)
            if socket is self._current:
                _log.info("a socket has ended", code=socket.close_code)
                self._wanted.set()

    def _heard(self, socket: _Socket, text: str) -> None:
        try:
            message = json.loads(text)
        except (ValueError, RecursionError):
            message = None
        if not isinstance(message, dict):
            _log.warning("something on the socket is not Slack's")
        elif message.get("type") == "disconnect":
            if socket is self._current:
                self._wanted.set()
        elif (request := SocketModeRequest.from_dict(message)) is not None:
            self._begin(self._dispatch(socket, request))

    async def _dispatch(self, socket: _Socket, request: SocketModeRequest) -> None:
        response = await run_async_bolt_app(self._app, request)
        if response.status != 200:
            # Unacknowledged: Slack delivers it again.
            _log.info("not acknowledged", kind=request.type, status=response.status)
            return
        answer: dict[str, Any] = {"envelope_id": request.envelope_id}
        if response.body:
            is_json = response.headers.get("content-type", [""])[0].startswith("application/json")
            answer["payload"] = json.loads(response.body) if is_json else {"text": response.body}
        try:
            await socket.send_json(answer)
        except ConnectionError:
            _log.info("an acknowledgement came too late for its socket", kind=request.type)
