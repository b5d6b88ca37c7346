"""What came in: who asked for what, how it was answered, how many at once; and a bell for every change."""

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from time import monotonic
from typing import Any

KEPT = 20_000
"""How many requests are remembered."""


class Traffic:
    """The requests of late; no body, and of the headers only the request's id: no token and no password."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.seq = 0
        self._entries: deque[dict[str, Any]] = deque(maxlen=KEPT)
        self._open: Counter[int | None] = Counter()
        self._peak: dict[int, int] = {}

    @contextmanager
    def watch(
        self, method: str, path: str, query: str, user_id: int | None, request_id: str | None
    ) -> Iterator[dict[str, Any]]:
        """Note a request while it is being answered; its status is to be filled in, None is no answer."""
        entry: dict[str, Any] = {
            "at": datetime.fromtimestamp(self._clock(), UTC).isoformat(),
            "method": method,
            "path": path,
        }
        entry |= {"query": query, "status": None, "user_id": user_id, "request_id": request_id}
        started = monotonic()
        self._open[user_id] += 1
        if user_id is not None:
            self._peak[user_id] = max(self._peak.get(user_id, 0), self._open[user_id])
        try:
            yield entry
        finally:
            self._open[user_id] -= 1
            self.seq += 1
            entry |= {"seq": self.seq, "ms": round((monotonic() - started) * 1000, 1)}
            self._entries.append(entry)

    def since(self, seq: int) -> dict[str, Any]:
        """The requests answered after that one, oldest first."""
        entries = [entry for entry in self._entries if entry["seq"] > seq]
        peak = {str(user_id): most for user_id, most in self._peak.items()}
        return {"seq": self.seq, "entries": entries, "peak_concurrency_by_user": peak}


class Changes:
    """Tells whoever listens that some job changed."""

    def __init__(self) -> None:
        self.seq = 0
        self.closed = False
        self._bell = asyncio.Event()

    def ring(self) -> None:
        """Something changed."""
        self.seq += 1
        self._bell.set()
        self._bell = asyncio.Event()

    def close(self) -> None:
        """Send the listeners home."""
        self.closed = True
        self.ring()

    async def after(self, seq: int) -> int:
        """Wait until there is a change after that one; return the newest."""
        while self.seq <= seq:
            await self._bell.wait()
        return self.seq
