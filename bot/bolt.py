"""Bolt as this bot uses it: what a request is, and how long Slack waits for its acknowledgement."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.metrics import Kind, Metrics

_KINDS: Mapping[str, Kind] = {
    "block_actions": "press",
    "block_suggestion": "search",
    "view_submission": "form",
    "shortcut": "shortcut",
    "message_action": "shortcut",
}


def kind_of(body: Mapping[str, Any]) -> Kind:
    """What a request from Slack is."""
    if "command" in body:
        return "command"
    if "event" in body:
        return "event"
    return _KINDS.get(str(body.get("type")), "other")


class Bolt(AsyncApp):
    """Hands each request to its listener, and times that.

    `authorize` finds the token of the workspace that a request is from, where there are many.
    """

    def __init__(
        self,
        client: AsyncWebClient,
        metrics: Metrics,
        authorize: Callable[..., Awaitable[AuthorizeResult]] | None = None,
    ) -> None:
        super().__init__(
            client=client,
            authorize=authorize,
            # A socket is Slack's own, and over HTTP the gate looks at each request.
            request_verification_enabled=False,
            ssl_check_enabled=False,
            # Without one, each of Bolt's loggers takes the root's level for its own.
            logger=logging.getLogger("slack_bolt"),
        )
        self._metrics = metrics

    async def async_dispatch(self, req: AsyncBoltRequest) -> BoltResponse:
        """Give the acknowledgement of a request."""
        with self._metrics.acknowledging(kind_of(req.body)):
            return await super().async_dispatch(req)
