"""Slack's rate limits, counted only while the fault `rate_limits` is in force."""

import math
import time
from collections import defaultdict, deque
from collections.abc import Callable

MINUTE = 60.0

POSTS_AT_ONCE = 5
"""How many messages one channel takes in a burst before one a second is all it gets."""

PER_MINUTE = {
    "apps.connections.open": 10,
    "auth.test": 600,
    "chat.delete": 50,
    "chat.postEphemeral": 100,
    "chat.postMessage": 300,
    "chat.unfurl": 50,
    "chat.update": 50,
    "conversations.history": 50,
    "conversations.info": 50,
    "conversations.open": 50,
    "conversations.replies": 50,
    "files.completeUploadExternal": 100,
    "files.getUploadURLExternal": 100,
    "reactions.add": 50,
    "users.info": 100,
    "views.open": 100,
    "views.publish": 100,
    "views.push": 100,
    "views.update": 100,
}


EVENTS_AN_HOUR = 30_000


class EventLimit:
    """Counts the events of the last hour; always in force."""

    def __init__(self, most: int = EVENTS_AN_HOUR, clock: Callable[[], float] = time.time) -> None:
        self._most, self._clock = most, clock
        self._told: deque[float] = deque()
        self._minute = 0

    def takes(self) -> bool:
        """Count an event; whether it may be told."""
        now = self._clock()
        while self._told and now - self._told[0] >= 60 * MINUTE:
            self._told.popleft()
        if len(self._told) >= self._most:
            return False
        self._told.append(now)
        return True

    def minute_to_tell(self) -> int:
        """The minute, in Unix seconds, whose overflow nobody has been told of yet; 0 once that was told."""
        minute = int(self._clock() // MINUTE * MINUTE)
        if minute == self._minute:
            return 0
        self._minute = minute
        return minute


class RateLimits:
    """Counts the calls of each method, and the messages to each channel.

    `per_minute` holds other limits than the usual, by method: 1 for `conversations.history` is what Slack
    grants to new commercial apps outside its Marketplace.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self.per_minute: dict[str, int] = {}
        self._calls: dict[str, deque[float]] = defaultdict(deque)
        self._channels: dict[str, float] = {}

    def wait(self, method: str, channel: str | None) -> int:
        """Count a call; the whole seconds for which Slack asks to wait first, or 0 for "go on"."""
        now = self._clock()
        calls = self._calls[method]
        while calls and now - calls[0] >= MINUTE:
            calls.popleft()
        most = self.per_minute.get(method, PER_MINUTE.get(method))
        if most is not None and len(calls) >= most:
            return math.ceil(MINUTE - (now - calls[0]))
        if method == "chat.postMessage" and channel and (seconds := self._burst(channel, now)):
            return seconds
        calls.append(now)
        return 0

    def _burst(self, channel: str, now: float) -> int:
        # A leaky bucket: `full_until` is when the channel will have worked off what it was sent.
        full_until = max(self._channels.get(channel, now), now)
        if full_until - now > POSTS_AT_ONCE - 1:
            return math.ceil(full_until - now - (POSTS_AT_ONCE - 1))
        self._channels[channel] = full_until + 1
        return 0

    def reset(self) -> None:
        """Forget what was counted."""
        self._calls.clear()
        self._channels.clear()
        self.per_minute.clear()
