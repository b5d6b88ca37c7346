"""Slack's Web API on the wire: one pool of connections, verified, bounded, and never sent elsewhere."""

import base64
import json
import ssl
from typing import Any

import aiohttp
from aiohttp import ClientHandlerType, ClientRequest, ClientResponse
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse
from yarl import URL

from bot import traces
from bot.metrics import Metrics

TIMEOUT = aiohttp.ClientTimeout(total=15, connect=5)
"""Seconds: longer than Slack ever takes, short enough to end within a lease."""
KEEPALIVE_SECONDS = 4.0
MOST_BYTES = 16 * 1024 * 1024
"""The longest answer that is read: a page of 200 messages with all their blocks is a fraction of it."""


class EndlessAnswer(aiohttp.ClientError):
    """An answer is longer than any that Slack gives."""


class Redirected(aiohttp.ClientError):
    """Somebody on the way to Slack points elsewhere: nothing is sent there, and Slack got nothing."""


class HungUp(aiohttp.ClientConnectionError):
    """The pool is closed, since the bot stops: nothing is sent any more."""


class WebApi(AsyncWebClient):
    """slack_sdk's client with a wire of its own.

    The library's reads answers of any length, takes a good answer of an unusual content type for none,
    repeats a post whose answer was lost, and sleeps through a 429.
    """

    session: aiohttp.ClientSession

    @property
    def pool(self) -> aiohttp.ClientSession:
        """What requests are made with; raises HungUp once it was closed."""
        if self.session.closed:
            # The library raises a RuntimeError: as if that were a mistake, and not the end of a day.
            raise HungUp
        return self.session

    async def api_call(
        self,
        api_method: str,
        *,
        auth: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
        **request: Any,
    ) -> AsyncSlackResponse:
        """Call a method; with `auth` as the app itself, by its id and secret.

        They go as a header: the class of aiohttp's that the library has for them will be no more.
        """
        if auth is not None:
            proof = base64.b64encode(f"{auth['client_id']}:{auth['client_secret']}".encode()).decode()
            headers = {**(headers or {}), "Authorization": f"Basic {proof}"}
        return await super().api_call(api_method, headers=headers, **request)

    async def _request(self, *, http_verb: str, api_url: str, req_args: dict[str, Any]) -> dict[str, Any]:
        given = {name: value for name, value in req_args.items() if value is not None}
        with traces.step(f"Slack {api_url.rpartition('/')[2]}"):
            async with self.pool.request(http_verb, api_url, **given) as answer:
                body = await whole(answer)
                traces.note("http.response.status_code", answer.status)
        return {"data": _object(body), "headers": answer.headers, "status_code": answer.status}


def connect(*, token: str | None, api_url: str, tls: ssl.SSLContext, metrics: Metrics) -> WebApi:
    """A client with a pool of its own, timed by `metrics`; must be called where an event loop runs."""
    base = api_url.rstrip("/") + "/"

    async def timed(request: ClientRequest, send: ClientHandlerType) -> ClientResponse:
        with metrics.asking_slack(_method(request, URL(base))) as asked:
            answer = await send(request)
            asked.answered(answer.status)
        return answer

    # A connection that the server closes just when it is used again costs an answer: keep none for long.
    connector = aiohttp.TCPConnector(keepalive_timeout=KEEPALIVE_SECONDS, ssl=tls)
    session = aiohttp.ClientSession(connector=connector, timeout=TIMEOUT, middlewares=[_here_only, timed])
    return WebApi(token=token, base_url=base, session=session, ssl=tls)


def _method(request: ClientRequest, base: URL) -> str:
    """The method of the Web API that is called; else what the address, which is a secret, is for."""
    url = request.url
    if url.origin() == base.origin() and url.path.startswith(base.path):
        return url.path.removeprefix(base.path)
    if url.scheme in ("ws", "wss"):
        return "socket"
    return "upload" if request.headers.get("Content-Type") == "application/octet-stream" else "response_url"


async def _here_only(request: ClientRequest, send: ClientHandlerType) -> ClientResponse:
    """Follow no redirect, whoever uses the session: tokens and messages are for the host that was meant."""
    answer = await send(request)
    if 300 <= answer.status < 400:
        answer.close()
        raise Redirected(f"an answer {answer.status}")
    return answer


async def whole(answer: aiohttp.ClientResponse) -> bytes:
    """The body of an answer; raises EndlessAnswer where it goes on for too long."""
    chunks, size = [], 0
    async for chunk in answer.content.iter_any():
        chunks.append(chunk)
        size += len(chunk)
        if size > MOST_BYTES:
            raise EndlessAnswer
    return b"".join(chunks)


def _object(body: bytes) -> dict[str, Any]:
    """The JSON object that an answer is, whatever it calls itself; empty where it is none."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}
