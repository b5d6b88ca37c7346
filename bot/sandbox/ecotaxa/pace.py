"""Time that can run faster than the clock on the wall."""

import asyncio
import time


class Pace:
    """Counts seconds `speed` times as fast as they pass; the speed may change while somebody sleeps."""

    def __init__(self, speed: float) -> None:
        self._speed = speed
        self._seconds = 0.0
        self._since = time.monotonic()
        self._sleepers: set[asyncio.Future[None]] = set()

    @property
    def speed(self) -> float:
        """How many seconds pass here in a second outside."""
        return self._speed

    @speed.setter
    def speed(self, speed: float) -> None:
        self._seconds, self._since = self.now(), time.monotonic()
        self._speed = speed
        for sleeper in self._sleepers:
            _wake(sleeper)

    def now(self) -> float:
        """The seconds that have passed here."""
        return self._seconds + (time.monotonic() - self._since) * self._speed

    async def sleep(self, seconds: float) -> None:
        """Wait until that many seconds have passed here."""
        until = self.now() + seconds
        while (left := until - self.now()) > 0:
            loop = asyncio.get_running_loop()
            sleeper = loop.create_future()
            self._sleepers.add(sleeper)
            alarm = loop.call_later(left / self._speed, _wake, sleeper)
            try:
                await sleeper
            finally:
                alarm.cancel()
                self._sleepers.discard(sleeper)


def _wake(sleeper: asyncio.Future[None]) -> None:
    if not sleeper.done():
        sleeper.set_result(None)
