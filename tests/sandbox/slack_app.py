"""An app that talks to the Slack stand-in with Slack's own SDK, and blocks to send."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient

Json = dict[str, Any]

SILENCE = object()
"""What an app answers that does not acknowledge."""


class App:
    """An app on Socket Mode: remembers what it hears, and acknowledges with what `answer` gives."""

    def __init__(self, web: AsyncWebClient) -> None:
        self.web = web
        self.heard: list[SocketModeRequest] = []
        self._news = asyncio.Event()
        self.answer: Callable[[SocketModeRequest], Any] = lambda _request: None
        self._greetings = 0
        # A connection whose pings stay unanswered for four intervals counts as lost: on a busy machine
        # a short interval would tear down connections that are well.
        self.socket = SocketModeClient("xapp-sandbox", web_client=web, ping_interval=2)
        self.socket.message_listeners.append(self._greet)
        self.socket.socket_mode_request_listeners.append(self._hear)

    async def connect(self) -> None:
        """Connect, and wait for Slack's hello: before it nothing is delivered."""
        await self.socket.connect()
        await self.is_greeted()

    async def is_greeted(self, times: int = 1) -> None:
        """Wait until Slack has said hello this many times, once a connection."""
        async with asyncio.timeout(30):
            while self._greetings < times:
                await self._more()

    async def _greet(self, _socket: AsyncBaseSocketModeClient, message: Json, _raw: str | None) -> None:
        if message.get("type") == "hello":
            self._greetings += 1
            self._news.set()

    async def _hear(self, socket: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        self.heard.append(request)
        self._news.set()
        answer = self.answer(request)
        if answer is not SILENCE:
            await socket.send_socket_mode_response(SocketModeResponse(request.envelope_id, answer))

    async def hears(self, count: int, kind: str = "") -> list[SocketModeRequest]:
        """The first `count` things that were heard (`interactive`, `events_api`, … only), once they were."""
        async with asyncio.timeout(30):
            while len(heard := [request for request in self.heard if kind in ("", request.type)]) < count:
                await self._more()
        return heard[:count]

    async def hears_of(self, kind: str) -> Json:
        """The newest payload of this type, once there is one."""
        async with asyncio.timeout(30):
            while True:
                for request in reversed(self.heard):
                    payload = request.payload
                    if kind in (request.type, payload.get("type"), payload.get("event", {}).get("type")):
                        return payload
                await self._more()

    async def _more(self) -> None:
        self._news.clear()
        await self._news.wait()


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text}


def section(text: str = "words", **more: Any) -> Json:
    return {"type": "section", "text": mrkdwn(text), **more}


def button(action_id: str = "press", text: str = "Press", **more: Any) -> Json:
    return {"type": "button", "action_id": action_id, "text": plain(text), **more}


def actions(*elements: Json, **more: Any) -> Json:
    return {"type": "actions", "elements": list(elements), **more}


def option(text: str, value: str | None = None) -> Json:
    return {"text": plain(text), "value": value or text}


def field(block_id: str = "name", action_id: str = "typed", **more: Any) -> Json:
    element = {"type": "plain_text_input", "action_id": action_id}
    return {"type": "input", "block_id": block_id, "label": plain("Name"), "element": element, **more}


def modal(*blocks: Json, **more: Any) -> Json:
    view = {"type": "modal", "callback_id": "form", "title": plain("A form"), "submit": plain("Send")}
    return view | {"blocks": list(blocks) or [section()]} | more


async def refusal(call: Any) -> Json:
    """The answer to a call that Slack refuses."""
    with pytest.raises(SlackApiError) as caught:
        await call
    answer: Json = caught.value.response.data
    return answer
