"""An HTTP server on loopback that answers by a script, byte by byte, and remembers what it was asked."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

Act = Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass(frozen=True)
class Asked:
    """One request; header names are lower-case."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes


class ScriptedServer:
    """Plays `script` in order, its last act for ever after."""

    def __init__(self) -> None:
        self.url = ""
        self.asked: list[Asked] = []
        self.connections = 0
        self.script: list[Act] = []
        self._news = asyncio.Condition()

    @property
    def targets(self) -> list[str]:
        return [asked.target for asked in self.asked]

    async def was_asked(self, times: int = 1) -> None:
        """Wait until so many requests have come."""
        async with self._news:
            await self._news.wait_for(lambda: len(self.asked) >= times)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                first, *lines = head.strip().split("\r\n")
                method, target, _ = first.split(" ")
                headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
                body = await reader.readexactly(int(headers.get("content-length", "0")))
                self.asked.append(Asked(method, target, headers, body))
                async with self._news:
                    self._news.notify_all()
                await (self.script.pop(0) if len(self.script) > 1 else self.script[0])(writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def serving(*script: Act, port: int = 0) -> AsyncIterator[ScriptedServer]:
    scripted = ScriptedServer()
    scripted.script = list(script)
    tasks: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(scripted.serve(reader, writer))
        tasks.add(task)

    server = await asyncio.start_server(accept, "127.0.0.1", port)
    scripted.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/api"
    try:
        yield scripted
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.wait_closed()


def say(value: object, status: int = 200, *, content_type: str = "application/json", **headers: str) -> Act:
    """Answer with JSON."""
    body = json.dumps(value).encode()
    return send(status, body, announced=None, content_type=content_type, **headers)


def send(status: int, body: bytes, *, announced: int | None = None, **headers: str) -> Act:
    """Answer with these bytes, hanging up where fewer are sent than `announced`."""
    lines = [f"HTTP/1.1 {status} x", f"content-length: {len(body) if announced is None else announced}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]

    async def act(writer: asyncio.StreamWriter) -> None:
        writer.write("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body)
        await writer.drain()
        if announced is not None:
            writer.close()

    return act


async def hang_up(writer: asyncio.StreamWriter) -> None:
    """Reset the connection without an answer."""
    writer.transport.abort()


async def be_silent(_writer: asyncio.StreamWriter) -> None:
    """Never answer."""
    await asyncio.Event().wait()


def after(event: asyncio.Event, act: Act) -> Act:
    """Wait for the event first."""

    async def wait_then_act(writer: asyncio.StreamWriter) -> None:
        await event.wait()
        await act(writer)

    return wait_then_act
