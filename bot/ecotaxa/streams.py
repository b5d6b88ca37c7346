"""Logs and files of jobs as streams that go on where a connection broke."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import httpcore
import httpx

from bot.ecotaxa.meaning import Part, Reply
from bot.ecotaxa.wire import MAY_PASS, Call, Wire, outcome, plain
from bot.errors import Unavailable, UnexpectedAnswer
from bot.language import mark, say

_T = TypeVar("_T")

_RESUMES = 5
_GATHERED = 1024 * 1024
"""Bytes of a file that are waited for at a time: each time costs a task."""

_BROKEN = (*MAY_PASS, httpx.ReadTimeout)
_CHANGED = mark("The file changed while I was fetching it. Please try again.")


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
        self._skip = self._come = 0
        self._resumes = _RESUMES
        self._response: httpx.Response | None = None
        self._chunks: AsyncIterator[bytes] | None = None
        self._last: asyncio.Task[Any] | None = None

    async def open(self) -> Part:
        """Ask for the bytes; raises what the head of the answer means."""
        with self._wire.metrics.errors_of("ecotaxa"):
            try:
                part = await self._wire.persist(lambda: self._done(self._begin(self._connect())), MAY_PASS)
            except httpx.HTTPError as error:
                raise plain(error, self._call) from None
        known = self._part or part
        names = {part.filename, known.filename, ""}
        is_same = part.length == known.length and len(names) < 3
        if part.start > self._position or not is_same:
            raise UnexpectedAnswer(say(_CHANGED), detail=f"another part than asked for at {self._call}")
        self._part = part
        self._skip = self._position - part.start
        return part

    async def __aiter__(self) -> AsyncIterator[bytes]:
        ahead = self._begin(self._next())
        while True:
            try:
                chunk = await self._done(ahead)
            except _BROKEN as error:
                await self._resume(error)
                ahead = self._begin(self._next())
                continue
            if not chunk:
                return
            # The server need not wait until this one is used.
            ahead = self._begin(self._next())
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

    def _begin(self, step: Coroutine[Any, Any, _T]) -> asyncio.Task[_T]:
        self._last = task = self._wire.start(step)
        return task

    async def _done(self, step: asyncio.Task[_T]) -> _T:
        await asyncio.wait((step,))
        return outcome(step)

    async def _connect(self) -> Part:
        await self._disconnect()
        # Compressed on the way, positions and lengths would be those of something else.
        headers = {"Accept-Encoding": "identity"}
        if self._position and self._is_file:
            headers["Range"] = f"bytes={self._position}-"
        self._response = response = await self._wire.send(self._call, headers)
        body = b"" if response.is_success else await self._wire.read(response)
        part = self._meaning(Reply(response.status_code, response.headers, body))
        self._come = part.start
        self._chunks = _straight(response) if self._is_file else response.aiter_raw()
        return part

    async def _next(self) -> bytes:
        """The next bytes, none at the end."""
        if self._chunks is None:
            raise Unavailable(detail=f"not connected at {self._call}")
        gathered: list[bytes] = []
        start = self._come
        try:
            while self._come - start < self._least and (chunk := await anext(self._chunks, b"")):
                gathered.append(chunk)
                self._come += len(chunk)
        except _BROKEN:
            if not gathered:
                raise
            # What came before the break counts; the next step finds no connection.
            self._chunks = None
        length = self._part.length if self._part else None
        if not gathered and length is not None and self._come != length:
            raise httpx.RemoteProtocolError("fewer bytes than announced")
        return b"".join(gathered)

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


async def _straight(response: httpx.Response) -> AsyncIterator[bytes]:
    """A body's bytes as the network brings them: past the parser a file takes a tenth less time.

    The parser has what came with the head, and whatever has no announced length.  It never sees the
    body's end, so that the connection is not used again.
    https://www.python-httpx.org/advanced/extensions/#network_stream
    """
    parsed = response.aiter_raw()
    yield (piece := await anext(parsed, b""))
    if "transfer-encoding" in response.headers or "content-length" not in response.headers:
        async for piece in parsed:
            yield piece
        return
    network = response.extensions["network_stream"]
    patience = response.request.extensions["timeout"]["read"]
    left = int(response.headers["content-length"])
    while (left := left - len(piece)) > 0:
        try:
            piece = await network.read(min(left, _GATHERED), patience)
        except (httpcore.NetworkError, httpcore.TimeoutException) as error:
            raise httpx.ReadError(type(error).__name__) from None
        if not piece:
            raise httpx.RemoteProtocolError("fewer bytes than announced")
        yield piece


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
