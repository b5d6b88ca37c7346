"""Work that goes on behind a request: kept track of, and given its time to end at shutdown."""

import asyncio
import contextvars
from collections.abc import Coroutine
from typing import Any, TypeVar

import structlog

from bot.errors import BotError, DatabaseUnusable

_T = TypeVar("_T")
_log = structlog.get_logger(__name__)


class Work:
    """The tasks under way.

    Nothing here is cancelled: a request to EcoTaxa that is cancelled from outside leaks its place in
    the connection pool (encode/httpcore issue 1093).
    """

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()
        self.stopping = asyncio.Event()

    def start(self, coroutine: Coroutine[Any, Any, _T], *, name: str) -> asyncio.Task[_T]:
        """Run `coroutine` on its own; an exception nobody asks for goes to the log."""
        context = contextvars.copy_context()
        task = asyncio.create_task(coroutine, name=name, context=context)
        self._tasks.add(task)
        # In its context, so that its failure is logged with the ref under which it failed.
        task.add_done_callback(self._ended, context=context)
        return task

    def is_under_way(self, name: str) -> bool:
        """Whether something of that name goes on: for what one press too many must not do twice."""
        return any(task.get_name() == name for task in self._tasks)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if task.cancelled() or (error := task.exception()) is None:
            return
        if isinstance(error, DatabaseUnusable):
            # The store has said so.
            _log.debug("work given up", work=task.get_name(), why=str(error))
        elif isinstance(error, BotError):
            _log.info("work ended early", work=task.get_name(), why=str(error))
        else:
            _log.error("work failed", work=task.get_name(), exc_info=error)

    async def pause(self, seconds: float) -> bool:
        """Wait, but not past a shutdown; tells whether to go on."""
        try:
            async with asyncio.timeout(seconds):
                await self.stopping.wait()
        except TimeoutError:
            return True
        return False

    async def drain(self, seconds: float) -> int:
        """Tell everything to come to its end, wait at most `seconds`, and tell how much is left."""
        self.stopping.set()
        return await self.rest(seconds)

    async def rest(self, seconds: float) -> int:
        """Wait at most `seconds` until nothing is under way, and tell how much is left."""
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        while self._tasks and (left := until - loop.time()) > 0:
            await asyncio.wait(self._tasks, timeout=left)
        return len(self._tasks)
