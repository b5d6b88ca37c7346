"""Logs and files of jobs as streams that go on where a connection broke."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import httpx

from bot.ecotaxa.meaning import Part, Reply
from bot.ecotaxa.wire import MAY_PASS, Call, Wire, outcome, plain
from bot.errors import Unavailable, UnexpectedAnswer

_T = TypeVar("_T")

_RESUMES = 5
_GATHERED = 1024 * 1024
"""Bytes of a file that are waited for at a time: each time costs a task."""

_BROKEN = (*MAY_PASS, httpx.ReadTimeout)
_CHANGED = "The file changed while I was fetching it. Please try again."


class Stream:
    """The bytes of a log or a file from `position` on, to be iterated over once.

    A connection that breaks is made anew, up to five times.  Where the server then sends the whole
    again, as it does for logs, what was already read is skipped.
    """

    def __init__(self, wire: Wire, call: Call, meaning: Callable[[Reply], Part], position: int) -> None:
        self._wire, self._call, self._meaning = wire, call, meaning
        self._position = position
        self._is_file = call.path.endswith("/file")
        self._least = _GATHERED if self._is_file else 1
        self._part: Part | None = None
        self._skip = 0
        self._resumes = _RESUMES
        self._response: httpx.Response | None = None
        self._chunks: AsyncIterator[bytes] | None = None
        self._last: asyncio.Task[Any] | None = None

    async def open(self) -> Part:
        """Ask for the bytes; raises what the head of the answer means."""
        try:
            part = await self._wire.persist(lambda: self._step(self._connect()), MAY_PASS)
        except httpx.HTTPError as error:
            raise plain(error, self._call) from None
        known = self._part or part
        names = {part.filename, known.filename, ""}
        is_same = part.length == known.length and len(names) < 3
        if part.start > self._position or not is_same:
            raise UnexpectedAnswer(_CHANGED, detail=f"another part than asked for at {self._call}")
        self._part = part
        self._skip = self._position - part.start
        return part

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            try:
                chunks = await self._step(self._next())
            except _BROKEN as error:
                await self._resume(error)
                continue
            if not chunks:
                return
            for chunk in chunks:
                fresh = chunk[self._skip :] if self._skip else chunk
                self._skip -= len(chunk) - len(fresh)
                self._position += len(fresh)
                if fresh:
                    yield fresh

    async def close(self) -> None:
        """Let the connection go; the step under way, if there is one, ends first, but nobody waits for it."""
        is_idle = self._last is None or self._last.done()
        closing = self._wire.start(self._finish())
        if is_idle:
            await asyncio.wait((closing,))

    async def _resume(self, error: Exception) -> None:
        if self._resumes == 0:
            if isinstance(error, httpx.HTTPError):
                raise plain(error, self._call) from None
            raise error
        # The first time at once, then ever more patiently.
        await asyncio.sleep(self._wire.retry_pause * (_RESUMES - self._resumes))
        self._resumes -= 1
        await self.open()

    async def _step(self, work: Coroutine[Any, Any, _T]) -> _T:
        self._last = task = self._wire.start(work)
        await asyncio.wait((task,))
        return outcome(task)

    async def _connect(self) -> Part:
        await self._disconnect()
        # Compressed on the way, positions and lengths would be those of something else.
        headers = {"Accept-Encoding": "identity"}
        if self._position and self._is_file:
            headers["Range"] = f"bytes={self._position}-"
        self._response = response = await self._wire.send(self._call, headers)
        body = b"" if response.is_success else await self._wire.read(response)
        part = self._meaning(Reply(response.status_code, response.headers, body))
        self._chunks = response.aiter_raw()
        return part

    async def _next(self) -> list[bytes]:
        """The next bytes, none at the end."""
        if self._chunks is None:
            raise Unavailable(detail=f"not connected at {self._call}")
        gathered: list[bytes] = []
        try:
            while sum(map(len, gathered)) < self._least and (chunk := await anext(self._chunks, b"")):
                gathered.append(chunk)
        except _BROKEN:
            if not gathered:
                raise
            # What came before the break counts; the next step finds no connection.
            self._chunks = None
        length = self._part.length if self._part else None
        if not gathered and length is not None and self._position != length:
            raise httpx.RemoteProtocolError("fewer bytes than announced")
        return gathered

    async def _disconnect(self) -> None:
        response, self._response, self._chunks = self._response, None, None
        if response is not None:
            await response.aclose()

    async def _finish(self) -> None:
        try:
            if self._last is not None:
                await asyncio.wait((self._last,))
            await self._disconnect()
        finally:
            self._wire.leave_stream_place()


@asynccontextmanager
async def opened(
    wire: Wire, call: Call, meaning: Callable[[Reply], Part], position: int = 0
) -> AsyncIterator[tuple[Part, Stream]]:
    """Open a stream and close it again, whatever happens between."""
    await wire.take_stream_place()
    stream = Stream(wire, call, meaning, position)
    try:
        yield await stream.open(), stream
    finally:
        await stream.close()
