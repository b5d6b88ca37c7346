"""Waiting for an answer without blaming whoever owes it for a machine that stood still."""

import asyncio
import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

SLICE = 0.1
"""Seconds: however long the machine stands still, no more than this of it counts."""


@asynccontextmanager
async def patience(seconds: float) -> AsyncIterator[None]:
    """`asyncio.timeout`, though only the time counts in which this process could run.

    The app and the sandbox share a machine and often a process: when it stands still, so do both, and
    the answer that lies ready must not be found late.  Raises TimeoutError.
    """
    async with asyncio.timeout(None) as limit:
        ending = asyncio.create_task(_end(limit, seconds))
        try:
            yield
        finally:
            ending.cancel()


async def _end(limit: asyncio.Timeout, seconds: float) -> None:
    slices = max(1, math.ceil(seconds / SLICE))
    for _ in range(slices):
        await asyncio.sleep(seconds / slices)
    limit.reschedule(asyncio.get_running_loop().time())
