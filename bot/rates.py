"""Slack's rates, kept by waiting before it asks for that: calls of a method, posts to a channel."""

import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from bot.errors import SlackBusy

WINDOW = 61.0
"""Seconds in which calls count: a little over Slack's minute, since its clock is not ours."""
A_MINUTE = {
    "chat.postMessage": 290,
    "chat.update": 50,
    "conversations.history": 48,
    "conversations.replies": 48,
    "users.info": 98,
}
"""What all of a workspace share. https://docs.slack.dev/apis/web-api/rate-limits"""
AT_ONCE = 3
"""Posts that one channel takes in a burst, before it takes one a second."""
MOST_AT_ONCE = 4
"""Posts of a burst that are tried at all: Slack refuses those beyond a few."""


class Rates:
    """Counts what was called; `clock` gives seconds.

    `among` is how many processes share the workspace's rates: each keeps to its equal part.
    """

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, among: int = 1, like: "Rates | None" = None
    ) -> None:
        self.among = among
        self._like = like or self
        self._clock = clock
        self._calls: dict[str, deque[float]] = defaultdict(deque)
        self._set_aside: Counter[str] = Counter()
        self._busy_until: dict[str, float] = {}

    def another(self) -> "Rates":
        """Those of another workspace, by the same clock and among as many, also when that changes here."""
        return Rates(self._clock, like=self)

    def count(self, method: str, channel: str | None = None) -> None:
        """Count a call; for a post also where it goes."""
        if method not in A_MINUTE:
            return
        now = self._clock()
        self._calls[method].append(now)
        if method == "chat.postMessage" and channel:
            if len(self._busy_until) > 1_000:
                self._busy_until = {it: until for it, until in self._busy_until.items() if until > now}
            self._busy_until[channel] = max(self._busy_until.get(channel, now), now) + 1

    def room(self, method: str, leaving: int = 0) -> int:
        """How many more calls of a method are good right now, where so many of a minute's are left free."""
        calls, now = self._calls[method], self._clock()
        while calls and now - calls[0] >= WINDOW:
            calls.popleft()
        # Of ever so many processes each can still make a call: Slack says then that it was one too many.
        part = max(1, (A_MINUTE[method] - leaving) // self._like.among)
        return max(0, part - len(calls) - self._set_aside[method])

    @contextmanager
    def setting_aside(self, method: str) -> Iterator[None]:
        """A block in which room for one call is nobody else's: it is made right after it."""
        self._set_aside[method] += 1
        try:
            yield
        finally:
            self._set_aside[method] -= 1

    def take(self, method: str, channel: str | None = None) -> None:
        """Count a call that is about to be made; raises SlackBusy where Slack would refuse it as too many."""
        if seconds := self._refused_for(method, channel):
            raise SlackBusy(seconds, detail=f"{method} would be one too many")
        self.count(method, channel)

    def _refused_for(self, method: str, channel: str | None) -> float:
        if method not in A_MINUTE:
            return 0.0
        if not self.room(method):
            calls = self._calls[method]
            return max(0.1, calls[0] + WINDOW - self._clock()) if calls else WINDOW
        if method != "chat.postMessage" or channel is None:
            return 0.0
        return max(0.0, self.wait(channel) - (MOST_AT_ONCE - AT_ONCE))

    def wait(self, channel: str) -> float:
        """Seconds until a channel takes one more post; 0 for at once."""
        return max(0.0, self._busy_until.get(channel, 0.0) - self._clock() - (AT_ONCE - 1))
