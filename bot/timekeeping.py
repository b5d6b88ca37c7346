"""Time as it passes: whether the machine's clock was put back, and how late the event loop is."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime

import structlog

from bot.metrics import Metrics
from bot.work import Work

_log = structlog.get_logger(__name__)

EVERY_SECONDS = 0.25
"""How often the clock is compared with time as it passes."""
PUT_BACK_SECONDS = 2.0


async def mind(
    clock: Callable[[], datetime], work: Work, metrics: Metrics, *, put_back: Callable[[], Awaitable[None]]
) -> None:
    """Look at the clock until the bot stops: `put_back` is called where it was put back."""
    time = asyncio.get_running_loop().time
    began = time()
    ahead = clock().timestamp() - began
    while await work.pause(EVERY_SECONDS):
        metrics.late(time() - began - EVERY_SECONDS)
        was_ahead, ahead = ahead, clock().timestamp() - time()
        if was_ahead - ahead >= PUT_BACK_SECONDS:
            _log.warning("the clock was put back", seconds=round(was_ahead - ahead))
            await put_back()
        began = time()
