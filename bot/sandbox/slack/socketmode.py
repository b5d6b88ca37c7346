"""Socket Mode: the app's websockets, and the envelopes that go through them."""

import asyncio
import contextlib
import itertools
import secrets
from dataclasses import dataclass, field

from aiohttp import WSMsgType, web

from bot.sandbox.slack.faults import Faults
from bot.sandbox.slack.people import APP_ID
from bot.sandbox.slack.refusal import Json, Refused

PING_SECONDS = 10.0
CLOSE_SECONDS = 1.0
GONE_SECONDS = 30.0
"""After so long an app that answers no ping is taken for gone."""
ANSWERS_WITH_PAYLOAD = {"slash_commands", "interactive"}


class _Dropped(Exception):
    """The connection went before the acknowledgement came."""


@dataclass(eq=False)
class _Connection:
    socket: web.WebSocketResponse
    transport: asyncio.Transport | None
    deaf: bool = False
    parted: bool = False
    waiting: dict[str, asyncio.Future[Json]] = field(default_factory=dict)

    async def send(self, envelope: Json, *, in_vain: bool) -> Json:
        answer: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        waits_for = f"{envelope['envelope_id']}{' in vain' if in_vain else ''}"
        self.waiting[waits_for] = answer
        try:
            if not self.deaf:
                await self.socket.send_json(envelope)
            return await answer
        except ConnectionError:
            raise _Dropped from None
        finally:
            del self.waiting[waits_for]

    def acknowledged(self, message: Json) -> None:
        answer = self.waiting.get(message.get("envelope_id", ""))
        if answer is not None and not answer.done():
            answer.set_result(message.get("payload") or {})

    async def ping(self) -> None:
        with contextlib.suppress(ConnectionError):
            while True:
                await asyncio.sleep(PING_SECONDS)
                if self.parted:
                    return
                await self.socket.ping()

    def part(self) -> None:
        self.deaf = self.parted = True
        if self.transport is not None:
            self.transport.pause_reading()

    def gone(self) -> None:
        for answer in self.waiting.values():
            if not answer.done():
                answer.set_exception(_Dropped())


class SocketMode:
    """All connections of the app; each envelope goes through one of them, in turn."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._connections: list[_Connection] = []
        self._parted: list[_Connection] = []
        self._turn = itertools.count()
        self._connected = asyncio.Event()

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """Keep one connection until either side ends it."""
        socket = web.WebSocketResponse(timeout=CLOSE_SECONDS)
        await socket.prepare(request)
        connection = _Connection(socket, request.transport)
        pinging = asyncio.create_task(connection.ping())
        try:
            if not self._faults.no_hello:
                await socket.send_json(self._hello())
                self._connections.append(connection)
                self._connected.set()
            async for message in socket:
                if message.type is WSMsgType.TEXT and message.data.startswith("{"):
                    connection.acknowledged(message.json())
        finally:
            self._forget(connection)
            pinging.cancel()
        return socket

    def _hello(self) -> Json:
        return {
            "type": "hello",
            "num_connections": len(self._connections) + 1,
            "debug_info": {"host": "sandbox", "build_number": 1, "approximate_connection_time": 18060},
            "connection_info": {"app_id": APP_ID},
        }

    def _forget(self, connection: _Connection) -> None:
        if connection in self._connections:
            self._connections.remove(connection)
            connection.gone()
        if not self._connections:
            self._connected.clear()

    async def connected(self) -> None:
        """Wait until the app is connected."""
        await self._connected.wait()

    async def send(self, kind: str, payload: Json, attempt: int, reason: str) -> Json:
        """Deliver and wait for the acknowledgement: its payload.

        When the connection goes meanwhile, the envelope is delivered again through another one.
        Raises Refused when there is no connection; has no time limit of its own.
        """
        if not self._connections:
            raise Refused("dispatch_failed")
        while True:
            while not self._connections:
                await self._connected.wait()
            connection = self._connections[next(self._turn) % len(self._connections)]
            envelope = _envelope(kind, payload, attempt, reason)
            try:
                return await connection.send(envelope, in_vain=self._faults.loses(kind))
            except _Dropped:
                self._forget(connection)
                attempt, reason = attempt + 1, "connection_dropped"

    def deafen(self) -> None:
        """From now on the open connections hear nothing, though they stay open and answer pings."""
        for connection in self._connections:
            connection.deaf = True

    def drop(self) -> None:
        """Cut all connections without a word."""
        for connection in list(self._connections):
            self._forget(connection)
            if connection.transport is not None:
                connection.transport.abort()

    def part(self) -> None:
        """From now on nothing gets through the open connections, either way, and neither end is told."""
        for connection in self._connections:
            connection.part()
            self._parted.append(connection)
            asyncio.get_running_loop().call_later(GONE_SECONDS, self._forget, connection)

    async def want_back(self, reason: str) -> None:
        """Ask the app to connect anew: `refresh` and `warning` come every few hours.

        `link_disabled`, which comes when somebody switches Socket Mode off, also ends the connections.
        """
        told = "refresh_requested" if reason == "refresh" else reason
        for connection in list(self._connections):
            await connection.socket.send_json(
                {"type": "disconnect", "reason": told, "debug_info": {"host": "sandbox"}}
            )
            if reason == "link_disabled":
                await connection.socket.close()

    async def close(self) -> None:
        """Close all connections properly."""
        for connection in self._parted:
            if connection.transport is not None:
                connection.transport.abort()
        await asyncio.gather(*(connection.socket.close() for connection in self._connections))


def _envelope(kind: str, payload: Json, attempt: int, reason: str) -> Json:
    envelope = {
        "envelope_id": secrets.token_hex(16),
        "type": kind,
        "payload": payload,
        "accepts_response_payload": kind in ANSWERS_WITH_PAYLOAD,
    }
    if kind == "events_api" or attempt:
        envelope |= {"retry_attempt": attempt, "retry_reason": reason}
    return envelope
