"""The wire to EcoTaxa: one bounded pool of connections, requests that nobody cuts off, retries.

httpcore loses a place in its pool for good when a request is cancelled from outside at a bad moment
(encode/httpcore issue 1093).  So every step of httpx runs in a task of our own that nobody cancels:
who asked may go away at once, the request goes on to its own end, which httpx's timeouts bound.
"""

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, TypeVar

import httpx
import stamina
import structlog

from bot import __version__, traces
from bot.ecotaxa.meaning import Reply
from bot.errors import TokenRejected, Unavailable, UnexpectedAnswer
from bot.links import Token
from bot.metrics import Metrics
from bot.tls import distrusted

_T = TypeVar("_T")
_log = structlog.get_logger(__name__)

_CONNECT_SECONDS, _POOL_SECONDS = 3.0, 1.0
_KEEPALIVE_SECONDS = 4.0
"""EcoTaxa's server hangs up after 5 s of idling; whoever keeps a connection that long meets a reset."""

_LARGE_BYTES = 256 * 1024
_MOST_BYTES = 32 * 1024 * 1024
"""The longest answer that is read: a list of some twenty thousand jobs."""
_MOST_HELD = 4 * _MOST_BYTES
"""What all answers under way may hold together: a longer one gives way."""
_SLOWEST = 3
"""A whole body may take so many times the patience that there is with a silence."""

_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_CUT = (httpx.ReadError, httpx.WriteError, httpx.CloseError, httpx.RemoteProtocolError)
MAY_PASS = (*_NOT_SENT, *_CUT, Unavailable)
"""The failures after which a read may be made again."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request; `has_effect` forbids to make it twice.

    `doubt` is what to tell when nobody knows whether the effect took place.
    """

    method: str
    path: str
    token: Token | None = None
    query: Mapping[str, str] | None = None
    content: bytes | None = field(default=None, repr=False)
    has_effect: bool = False
    doubt: str | None = None

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


class Wire:
    """Requests to one EcoTaxa: so many `connections` at a time, and a third as many streams beside them.

    `patience` is how many seconds EcoTaxa may be silent, and how long retries may begin;
    `retry_pause` is about the first pause before a retry, in seconds.  `client` is the httpx client in
    use, replaced should its pool starve.
    """

    def __init__(
        self,
        base_url: str,
        *,
        tls: ssl.SSLContext,
        patience: float,
        retry_pause: float,
        connections: int,
        metrics: Metrics,
    ) -> None:
        self._base = base_url.rstrip("/")
        self.metrics = metrics
        self.retry_pause = retry_pause
        self._patience = patience
        self._connections, self._streams = connections, max(1, connections // 3)
        self._tls = tls
        self.client = self._new_client()
        self._retired: list[httpx.AsyncClient] = []
        self._tasks: set[asyncio.Task[Any]] = set()
        # Requests wait here and not in the pool: here a wait can be cut off without harm, and a pool
        # that has no place although one was free here is known to have lost some.
        self._places = asyncio.Semaphore(self._connections)
        self._stream_places = asyncio.Semaphore(self._streams)
        self._is_closed = False
        self._held = 0

    async def ask(self, call: Call, meaning: Callable[[Reply], _T]) -> _T:
        """Make a request and read its reply; reads are made again, effects only when nothing was sent.

        Raises what `meaning` raises, and Unavailable when there is no reply.
        """
        again = _NOT_SENT if call.has_effect else MAY_PASS
        with self.metrics.errors_of("ecotaxa"):
            try:
                return await self.persist(lambda: self._once(call, meaning), again)
            except httpx.HTTPError as error:
                raise plain(error, call) from None

    async def persist(self, attempt: Callable[[], Awaitable[_T]], again: tuple[type[Exception], ...]) -> _T:
        """Make up to three attempts while they end in `again`, the second one at once after a cut."""
        clock = asyncio.get_running_loop().time
        deadline = clock() + self._patience
        try:
            return await attempt()
        except again as error:
            failure = error
        if clock() >= deadline or self._is_closed:
            raise failure
        at_once = isinstance(failure, (*_CUT, httpx.PoolTimeout))
        async for trial in stamina.retry_context(
            on=again,
            attempts=2 if at_once else 3,
            timeout=deadline - clock(),
            wait_initial=self.retry_pause,
            wait_jitter=self.retry_pause,
        ):
            with trial:
                if trial.num == 1 and not at_once:
                    raise failure
                return await attempt()
        raise failure

    async def send(self, call: Call, headers: Mapping[str, str] | None = None) -> httpx.Response:
        """Send a request and read the head of its answer; only ever within a task from `start`."""
        if self._is_closed:
            raise Unavailable(detail="closing")
        client = self.client
        request = client.build_request(
            call.method,
            self._base + call.path,
            params=call.query,
            content=call.content,
            headers={
                **_credential(call.token),
                **traces.headers(),
                **(_JSON if call.content else {}),
                **(headers or {}),
            },
        )
        with self.metrics.asking_ecotaxa(call.method, call.path) as asked, traces.step(f"EcoTaxa {call}"):
            try:
                response = await client.send(request, stream=True)
            except httpx.PoolTimeout:
                self._replace(client)
                raise
            asked.answered(response.status_code)
            traces.note("http.response.status_code", response.status_code)
        return response

    async def read(self, response: httpx.Response) -> bytes:
        """The whole body of an answer; only ever within a task from `start`."""
        clock = asyncio.get_running_loop().time
        deadline = clock() + _SLOWEST * self._patience
        chunks, size = [], 0
        try:
            async for chunk in response.aiter_bytes():
                chunks.append(chunk)
                size += len(chunk)
                self._held += len(chunk)
                if size > _MOST_BYTES or (self._held > _MOST_HELD and size > _LARGE_BYTES):
                    raise UnexpectedAnswer(detail="an endless answer")
                if clock() > deadline:
                    raise httpx.ReadTimeout("the answer trickles")
        finally:
            self._held -= size
        return b"".join(chunks)

    def start(self, work: Coroutine[Any, Any, _T]) -> asyncio.Task[_T]:
        """Begin a piece of work that nobody cancels but the end of the process."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._forget)
        return task

    async def take_stream_place(self) -> None:
        """Wait for a place among the streams; `leave_stream_place` gives it back."""
        await self._take(self._stream_places)

    def leave_stream_place(self) -> None:
        """Give a place among the streams back."""
        self._stream_places.release()

    async def aclose(self, grace: float) -> None:
        """Let what is under way end within `grace` seconds, then close every connection."""
        self._is_closed = True
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=grace)
        for client in (*self._retired, self.client):
            await client.aclose()
        # Whatever is left has lost its connection, and the pool is of no use any more.
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    async def _once(self, call: Call, meaning: Callable[[Reply], _T]) -> _T:
        await self._take(self._places)
        task = self.start(self._exchange(call))
        task.add_done_callback(self._leave_place)
        await asyncio.wait((task,))
        reply = outcome(task)
        try:
            if len(reply.body) > _LARGE_BYTES:
                return await asyncio.to_thread(meaning, reply)
            return meaning(reply)
        except Unavailable as error:
            raise Unavailable(call.doubt, detail=error.detail) from None

    async def _exchange(self, call: Call) -> Reply:
        response = await self.send(call)
        try:
            return Reply(response.status_code, response.headers, await self.read(response))
        finally:
            await response.aclose()

    async def _take(self, places: asyncio.Semaphore) -> None:
        if self._is_closed:
            raise Unavailable(detail="closing")
        try:
            async with asyncio.timeout(self._patience):
                await places.acquire()
        except TimeoutError:
            raise Unavailable(detail="every place is taken") from None

    def _leave_place(self, _task: asyncio.Task[Any]) -> None:
        self._places.release()

    def _forget(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            # Whoever asked may be gone: a failure that nobody collects is no news.
            task.exception()

    def _new_client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            verify=self._tls,
            timeout=httpx.Timeout(self._patience, connect=_CONNECT_SECONDS, pool=_POOL_SECONDS),
            limits=httpx.Limits(
                max_connections=self._connections + self._streams,
                max_keepalive_connections=self._connections,
                keepalive_expiry=_KEEPALIVE_SECONDS,
            ),
            # A cookie would make one person's request go as another: the server takes cookies for tokens.
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            follow_redirects=False,
            # What runs on this machine is not reached through a proxy, whatever the environment says.
            mounts={"all://127.0.0.1": None, "all://localhost": None},
            headers={"User-Agent": f"ecotaxa-bot/{__version__}"},
        )

    def _replace(self, starved: httpx.AsyncClient) -> None:
        if self.client is starved:
            _log.warning("ecotaxa_pool_replaced")
            # Not closed before the end: other requests and streams may still use it.
            self._retired.append(starved)
            self.client = self._new_client()


def outcome(task: asyncio.Task[_T]) -> _T:
    """The result of a task that has ended."""
    if task.cancelled():
        raise Unavailable(detail="closing")
    return task.result()


def plain(error: httpx.HTTPError, call: Call) -> Unavailable | UnexpectedAnswer:
    """One of our errors for one of httpx's, whose own text may quote what was sent."""
    detail = f"{distrusted(error) or type(error).__name__} at {call}"
    if isinstance(error, httpx.DecodingError):
        return UnexpectedAnswer(detail=detail)
    return Unavailable(None if isinstance(error, _NOT_SENT) else call.doubt, detail=detail)


_JSON = {"Content-Type": "application/json"}


def _credential(token: Token | None) -> dict[str, str]:
    if token is None:
        return {}
    secret = token.secret
    if not secret or not secret.isascii() or not secret.isprintable() or " " in secret:
        # No server made it; and it must neither add a header nor be quoted in an error.
        raise TokenRejected(detail="a token of foreign characters")
    return {"Authorization": f"Bearer {secret}"}
