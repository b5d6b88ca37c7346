"""Deliveries as signed HTTP requests, as an app with a request URL gets them."""

import hashlib
import hmac
import json
import time
from urllib.parse import urlencode

import aiohttp

from bot.sandbox.slack.refusal import Json, Refused


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """The `X-Slack-Signature` of a request."""
    base = b"v0:" + timestamp.encode() + b":" + body
    return "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()


class SignedHttp:
    """Posts deliveries to the app's request URL."""

    def __init__(self, secret: str) -> None:
        self._secret = secret
        self._session: aiohttp.ClientSession | None = None

    async def send(self, url: str, kind: str, payload: Json, attempt: int, reason: str) -> Json:
        """Deliver: what the app answers; raises Refused("dispatch_failed") for anything but a 200."""
        if self._session is None:
            self._session = aiohttp.ClientSession()
        content_type, body = _body(kind, payload)
        timestamp = str(int(time.time()))
        headers = {
            "Content-Type": content_type,
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": signature(self._secret, timestamp, body),
        }
        if attempt:
            headers |= {"X-Slack-Retry-Num": str(attempt), "X-Slack-Retry-Reason": reason}
        try:
            async with self._session.post(url, data=body, headers=headers) as response:
                text = await response.text()
                status = response.status
        except aiohttp.ClientError:
            raise Refused("dispatch_failed") from None
        if status != 200:
            raise Refused("dispatch_failed", http_status=status)
        return _answer(text)

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()


def _body(kind: str, payload: Json) -> tuple[str, bytes]:
    form = "application/x-www-form-urlencoded"
    match kind:
        case "events_api":
            return "application/json", json.dumps(payload).encode()
        case "interactive":
            return form, urlencode({"payload": json.dumps(payload)}).encode()
        case _:
            return form, urlencode(payload).encode()


def _answer(text: str) -> Json:
    if not text:
        return {}
    if text.startswith("{"):
        answer: Json = json.loads(text)
        return answer
    return {"text": text}
