"""How commands, clicks and events reach the app: the 3-second rule, and deliveries that come again."""

import asyncio
import contextlib
import time
from collections.abc import Coroutine
from typing import Any

from bot.sandbox.patience import patience
from bot.sandbox.slack.faults import Faults
from bot.sandbox.slack.refusal import Json, Refused
from bot.sandbox.slack.signed import SignedHttp
from bot.sandbox.slack.socketmode import SocketMode
from bot.sandbox.slack.traffic import Traffic

ACKNOWLEDGED_WITHIN = 3.0
"""Seconds that the app has."""

RETRY_PAUSES = (0.0, 60.0, 300.0)
"""Seconds before each further delivery of what was not acknowledged."""

_RETRY_REASONS = {
    "socket": {"operation_timeout": "timeout", "dispatch_failed": "not_connected"},
    "http": {"operation_timeout": "http_timeout", "dispatch_failed": "http_error"},
}


class Delivery:
    """Delivers through the sockets or, if the app has a request URL, over signed HTTP."""

    def __init__(self, faults: Faults, traffic: Traffic, signing_secret: str) -> None:
        self._faults = faults
        self._traffic = traffic
        self._http = SignedHttp(signing_secret)
        self._under_way: set[asyncio.Task[Any]] = set()
        self.sockets = SocketMode(faults)
        self.request_url: str | None = None
        self.patience = ACKNOWLEDGED_WITHIN
        self.retry_pauses: tuple[float, ...] = RETRY_PAUSES

    async def deliver(self, kind: str, payload: Json) -> Json:
        """Deliver and return what the acknowledgement carried.

        `kind` is `slash_commands`, `interactive` or `events_api`.  Raises Refused: `operation_timeout` when
        the app did not acknowledge within 3 s, `dispatch_failed` when it could not be reached.
        """
        try:
            answer = await self._attempt(kind, payload)
        except Refused as refused:
            if self._comes_again(kind, refused):
                self._in_background(self._until_acknowledged(kind, payload, refused))
            raise
        if self._faults.repeat_deliveries:
            self._in_background(self._repeated(kind, payload))
        return answer

    async def verify(self, url: str, question: Json) -> None:
        """Ask the app at a request URL to echo the challenge; raises Refused when it does not."""
        try:
            async with patience(self.patience):
                answer = await self._http.send(url, "events_api", question, 0, "")
        except (TimeoutError, ValueError, Refused):
            raise Refused("url_verification_failed") from None
        if question["challenge"] not in (answer.get("challenge"), answer.get("text")):
            raise Refused("url_verification_failed")

    def announce(self, payload: Json) -> None:
        """Deliver an event; nobody waits for its acknowledgement."""
        self._in_background(self._announced(payload))

    async def _announced(self, payload: Json) -> None:
        try:
            await self.deliver("events_api", payload)
        except Refused:
            return

    def _comes_again(self, kind: str, refused: Refused) -> bool:
        if self._faults.repeat_deliveries is False:
            return False
        if kind == "events_api":
            return True
        # Over HTTP Slack repeats events only; and what never left is not delivered late.
        return self.request_url is None and refused.error == "operation_timeout"

    async def _until_acknowledged(self, kind: str, payload: Json, refused: Refused) -> None:
        for attempt, pause in enumerate(self.retry_pauses, 1):
            await asyncio.sleep(pause)
            if self.request_url is None:
                await self.sockets.connected()
            try:
                await self._attempt(kind, payload, attempt, refused.error)
            except Refused as again:
                refused = again
            else:
                return

    async def _repeated(self, kind: str, payload: Json) -> None:
        for attempt in range(1, self._faults.repeat + 1):
            with contextlib.suppress(Refused):
                await self._attempt(kind, payload, attempt, "operation_timeout")

    async def _attempt(self, kind: str, payload: Json, attempt: int = 0, why: str = "") -> Json:
        url = self.request_url
        reason = _RETRY_REASONS["http" if url else "socket"].get(why, "")
        outcome: Json = {}
        started = time.perf_counter()
        try:
            async with patience(self.patience):
                await asyncio.sleep(self._faults.deliver_delay_ms / 1000)
                started = time.perf_counter()
                if url is None:
                    outcome = await self.sockets.send(kind, payload, attempt, reason)
                else:
                    outcome = await self._http.send(url, kind, payload, attempt, reason)
                return outcome
        except TimeoutError:
            outcome = {"error": "operation_timeout"}
            raise Refused("operation_timeout") from None
        except Refused as refused:
            outcome = refused.answer()
            raise
        finally:
            name = _name(kind, payload)
            request = {"kind": kind, "retry_attempt": attempt, "payload": payload}
            self._traffic.add("http" if url else "socket", name, request, outcome, started)

    def _in_background(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def close(self) -> None:
        """Give up what is still under way, and close the connections."""
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)
        await self.sockets.close()
        await self._http.close()


def _name(kind: str, payload: Json) -> str:
    match kind:
        case "interactive":
            return str(payload.get("type", kind))
        case "events_api":
            return str(payload.get("event", {}).get("type", kind))
    return kind
