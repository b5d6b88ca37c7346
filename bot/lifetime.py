"""The life of a process: the bot runs from the start until a signal ends it."""

import asyncio
import contextlib
import gc
import signal
from collections.abc import Callable
from datetime import datetime

import structlog

from bot.app import running, utc_now
from bot.settings import Settings

_log = structlog.get_logger(__name__)


async def run(settings: Settings, clock: Callable[[], datetime] = utc_now) -> None:
    """Run the bot until SIGTERM or SIGINT, which also end a start that does not come to an end.

    `clock` is the time it goes by.
    """
    stop, started = asyncio.Event(), asyncio.Event()

    async def serve() -> None:
        async with running(settings, clock):
            # What is loaded by now stays: looking through it again at every collection stops the loop.
            gc.collect()
            gc.freeze()
            gc.enable()
            _log.info("ready")
            started.set()
            await stop.wait()

    serving = asyncio.create_task(serve())

    def told_to_stop() -> None:
        stop.set()
        if not started.is_set():
            serving.cancel()

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, told_to_stop)
    with contextlib.suppress(asyncio.CancelledError):
        await serving
