"""A TCP proxy between the bot and a peer, which passes everything on until it is told to ail."""

import asyncio
import contextlib
import itertools
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Self

PIECE = 64 * 1024

Connect = Callable[[], Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]


@dataclass(eq=False)
class Connection:
    """One connection of the bot's, and the one to the peer behind it."""

    bot: asyncio.StreamWriter
    peer: asyncio.StreamWriter
    is_socket: bool = False
    """Whether it is the websocket of Slack's Socket Mode."""
    is_dead: bool = False
    """It fell silent, and stays so."""
    answered: int = 0
    """Bytes that reached the bot since it began to ail."""

    async def send(self, data: bytes) -> None:
        """Give the bot some bytes."""
        self.answered += len(data)
        self.bot.write(data)
        await self.bot.drain()

    def cut(self) -> None:
        """Reset it, on both sides."""
        self.bot.transport.abort()
        self.peer.transport.abort()

    def hang_up(self) -> None:
        """End it properly."""
        self.bot.close()
        self.peer.close()


Step = Callable[[Connection, bytes], Awaitable[bytes]]


async def passed(_connection: Connection, data: bytes) -> bytes:
    """Nothing amiss."""
    return data


@dataclass(frozen=True)
class Fault:
    """What becomes of what the bot sends (`out`) and of what it is sent (`back`).

    `cuts` the connections that are open when it begins; `refuses` new ones; `certificate` is the file
    that new ones are shown; `spares_socket`, or anything else but the socket.
    """

    out: Step = passed
    back: Step = passed
    cuts: bool = False
    refuses: bool = False
    certificate: str = ""
    only: bool | None = None
    """True for the websocket alone, False for all but it."""

    def fits(self, connection: Connection) -> bool:
        """Whether it is about this connection."""
        return self.only is None or self.only is connection.is_socket


WELL = Fault()


@dataclass(eq=False)
class Proxy:
    """Listens on loopback; `hits` counts what went wrong since `ail`."""

    connect: Connect
    tls: ssl.SSLContext | None = None
    certificate: str = ""
    port: int = 0
    hits: int = 0
    most: int = 0
    """Bytes that the bot took of one answer while it ailed."""
    fault: Fault = WELL
    connections: set[Connection] = field(default_factory=set)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def __aenter__(self) -> Self:
        self._show(self.certificate)
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, ssl=self.tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for connection in list(self.connections):
            connection.cut()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    def ail(self, fault: Fault) -> None:
        """Ail from now on."""
        self.fault, self.hits, self.most = fault, 0, 0
        self._show(fault.certificate)
        for connection in list(self.connections):
            connection.answered = 0
            if fault.cuts and fault.fits(connection):
                connection.cut()

    def mend(self) -> None:
        """Be well again; what is dead stays dead, what is amiss is gone."""
        self.ail(WELL)
        self._show(self.certificate)

    def _show(self, certificate: str) -> None:
        if self.tls is not None and certificate:
            self.tls.load_cert_chain(certificate)

    def _accept(self, reader: asyncio.StreamReader, bot: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self._serve(reader, bot))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, bot: asyncio.StreamWriter) -> None:
        if self.fault.refuses:
            self.hits += 1
            bot.transport.abort()
            return
        try:
            first = await reader.read(PIECE)
            back, peer = await self.connect()
        except OSError:
            bot.transport.abort()
            return
        connection = Connection(bot, peer)
        self.connections.add(connection)
        pumps = [
            asyncio.create_task(self._pump_out(connection, reader, first)),
            asyncio.create_task(self._pump_back(connection, back)),
        ]
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)
            self.connections.discard(connection)
            self.most = max(self.most, connection.answered)
            connection.hang_up()

    def _step(self, connection: Connection) -> Fault:
        if connection.is_dead:
            return SILENT
        if self.fault is WELL or not self.fault.fits(connection):
            return WELL
        self.hits += 1
        return self.fault

    async def _pump_out(self, connection: Connection, bot: asyncio.StreamReader, data: bytes) -> None:
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            while data:
                # What was used for calls may become the websocket.
                connection.is_socket = connection.is_socket or data.startswith(b"GET /slack/socket")
                connection.peer.write(await self._step(connection).out(connection, data))
                await connection.peer.drain()
                data = await bot.read(PIECE)

    async def _pump_back(self, connection: Connection, peer: asyncio.StreamReader) -> None:
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            while data := await peer.read(PIECE):
                passed_on = await self._step(connection).back(connection, data)
                if passed_on:
                    await connection.send(passed_on)
        if connection.is_dead:
            # Half a connection: the peer is gone, and nobody tells.
            await asyncio.Event().wait()


# What may happen to a connection


async def _swallow(connection: Connection, _data: bytes) -> bytes:
    connection.is_dead = True
    return b""


async def _reset(connection: Connection, _data: bytes) -> bytes:
    connection.cut()
    return b""


async def _late(_connection: Connection, data: bytes) -> bytes:
    await asyncio.sleep(0.4)
    return data


async def _drip(connection: Connection, data: bytes) -> bytes:
    """The head at once, then a byte now and then."""
    head, end, body = data.partition(b"\r\n\r\n")
    if not end:
        head, body = b"", data
    await connection.send(head + end)
    for byte in body:
        await connection.send(bytes([byte]))
        await asyncio.sleep(0.5)
    return b""


async def _truncate(connection: Connection, data: bytes) -> bytes:
    head, end, body = data.partition(b"\r\n\r\n")
    await connection.send(head + end + body[: max(1, len(body) // 2)])
    connection.hang_up()
    return b""


async def _garble(connection: Connection, _data: bytes) -> bytes:
    await connection.send(bytes(range(255, 0, -1)) * 4)
    connection.hang_up()
    return b""


async def _mistype(_connection: Connection, data: bytes) -> bytes:
    return data.replace(b"application/json", b"text/html")


def _answering(*head: str, body: Callable[[], AsyncIterator[bytes]] | None = None) -> Step:
    """Answer instead of the peer."""

    async def answer(connection: Connection, _data: bytes) -> bytes:
        await connection.send("\r\n".join((*head, "", "")).encode())
        if body is not None:
            async for piece in body():
                await connection.send(piece)
        connection.hang_up()
        return b""

    return answer


ENDLESS_BYTES = 200 * 1024 * 1024


async def _endless() -> AsyncIterator[bytes]:
    for _ in itertools.repeat(None, ENDLESS_BYTES // PIECE):
        yield b" " * PIECE


LATE = Fault(back=_late)
RESET = Fault(out=_reset, cuts=True)
RESET_AFTER = Fault(back=_reset)
REFUSED = Fault(out=_reset, cuts=True, refuses=True)
SILENT = Fault(out=_swallow, back=_swallow)
UNANSWERED = Fault(out=_swallow, back=_swallow, cuts=True)
SLOW = Fault(back=_drip)
TRUNCATED = Fault(back=_truncate)
GARBAGE = Fault(back=_garble)
MISTYPED = Fault(back=_mistype)
ENDLESS = Fault(out=_answering("HTTP/1.1 200 OK", "Content-Type: application/json", body=_endless))


def redirect(to: str) -> Fault:
    """Send everybody elsewhere, in the way that asks to send the same again there."""
    return Fault(out=_answering("HTTP/1.1 307 x", f"Location: {to}", "Content-Length: 0"))


def showing(certificate: str) -> Fault:
    """Show new connections another certificate; there are none but new ones."""
    return Fault(cuts=True, certificate=certificate)
