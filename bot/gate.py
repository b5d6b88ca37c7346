"""Slack's requests over HTTP: small, whole, fresh, signed, and each only once; all else is turned away."""

import asyncio
import hashlib
import hmac
import ipaddress
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import structlog
from aiohttp import web
from cachetools import TTLCache
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest

_log = structlog.get_logger(__name__)

MOST_BYTES = 1_000_000
"""Of a body; Slack's own are a quarter of it at most: a modal's view has 250 kB."""
BODY_SECONDS = 5.0
"""For a body to arrive: who sends a byte now and then holds nothing open."""
FRESH_SECONDS = 300
"""How old a request may be, as Slack wants it.

https://docs.slack.dev/authentication/verifying-requests-from-slack
"""
REMEMBERED = 100_000
"""Requests that are known again: more than Slack sends in the time; nobody else's are remembered."""
LIMITS: dict[str, Any] = {
    # Also for a connection that never sends a whole head.
    "keepalive_timeout": 30.0,
    "lingering_time": 1.0,
    # A small body that unpacks to a large one stays small; Slack packs nothing.
    "auto_decompress": False,
    # Strangers could fill it.
    "access_log": None,
}
"""For aiohttp's AppRunner."""

_TYPES = frozenset({"application/json", "application/x-www-form-urlencoded"})
_STAMP = re.compile(r"[0-9]{1,12}", re.ASCII)


class BodyRefused(Exception):
    """A body is too large, or does not arrive in time; `status` is HTTP's for that, `why` is for the log."""

    def __init__(self, status: int, why: str) -> None:
        self.status = status
        self.why = why
        super().__init__(why)


async def body_of(request: web.Request, most: int) -> bytes:
    """A request's body, whole; raises BodyRefused where it has more than `most` bytes or takes too long."""
    if (request.content_length or 0) > most:
        raise BodyRefused(413, "size")
    try:
        async with asyncio.timeout(BODY_SECONDS):
            body = await request.read()
    except web.HTTPRequestEntityTooLarge:
        raise BodyRefused(413, "size") from None
    except (TimeoutError, ConnectionError):  # too slow, or hung up, who reads no answer
        raise BodyRefused(408, "time") from None
    if len(body) > most:
        raise BodyRefused(413, "size")
    return body


class Gate:
    """Lets into `app` what `secret` signed within the last five minutes by `clock`.

    Raises ValueError for an empty secret, with which anybody could sign.
    """

    def __init__(self, secret: str, app: AsyncApp, clock: Callable[[], datetime]) -> None:
        if not secret:
            raise ValueError("no signing secret")
        self._secret = secret.encode()
        self._app = app
        self._clock = clock
        # A stamp may lie ahead as far as behind, and is good all that time.
        self._seen: TTLCache[str, bool] = TTLCache(REMEMBERED, 2 * FRESH_SECONDS + 1, timer=self._now)

    def web_app(self, path: str) -> web.Application:
        """What serves POST at `path`, and nothing else."""
        served = web.Application(client_max_size=MOST_BYTES)
        served.router.add_post(path, self._receive)
        served.on_response_prepare.append(nameless)
        return served

    async def _receive(self, request: web.Request) -> web.Response:
        stamp = request.headers.get("X-Slack-Request-Timestamp", "")
        signature = request.headers.get("X-Slack-Signature", "")
        if request.content_type not in _TYPES:
            return _refused(415, "content type")
        if not self._is_fresh(stamp):
            return _refused(401, "age")
        try:
            body = await body_of(request, MOST_BYTES)
        except BodyRefused as refusal:
            return _refused(refusal.status, refusal.why)
        if not self._is_signed(stamp, body, signature):
            return _refused(401, "signature")
        if signature in self._seen:
            # The same second, the same bytes: it was answered before, and must not be done twice.
            return _refused(200, "sent before")
        self._seen[signature] = True
        came = AsyncBoltRequest(body=body.decode(errors="replace"), headers=dict(request.headers))
        response = await to_aiohttp_response(await self._app.async_dispatch(came))
        if response.status != 200:
            self._seen.pop(signature, None)  # Slack may deliver it again
        return response

    def _now(self) -> float:
        return self._clock().timestamp()

    def _is_fresh(self, stamp: str) -> bool:
        return bool(_STAMP.fullmatch(stamp)) and abs(self._now() - int(stamp)) <= FRESH_SECONDS

    def _is_signed(self, stamp: str, body: bytes, signature: str) -> bool:
        proof = hmac.new(self._secret, b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
        # As bytes: it takes other letters than ASCII's for no error.
        return hmac.compare_digest(f"v0={proof}".encode(), signature.encode(errors="replace"))


def _refused(status: int, why: str) -> web.Response:
    """Turn a request away without a word; the log tells why, and nothing of what came."""
    _log.info("a request was turned away", status=status, why=why)
    return web.Response(status=status)


def client_of(request: web.Request) -> str:
    """The address from which a browser asks: of IPv6 the network, of which one household has all addresses.

    The proxy that speaks TLS for the bot writes whom it sees at the end of `X-Forwarded-For`; what stands
    before that may be anybody's invention.
    https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/X-Forwarded-For
    """
    told = ",".join(request.headers.getall("X-Forwarded-For", [])).rpartition(",")[2].strip()
    for candidate in (told, request.remote or ""):
        try:
            address = ipaddress.ip_address(candidate)
        except ValueError:
            continue
        if isinstance(address, ipaddress.IPv6Address):
            return str(address.ipv4_mapped or ipaddress.ip_network((address, 64), strict=False))
        return str(address)
    return ""


async def nameless(_request: web.Request, response: web.StreamResponse) -> None:
    """Tell nobody what serves here, and in which version."""
    response.headers.popall("Server", None)
