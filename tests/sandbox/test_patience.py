import asyncio
import time

import pytest

from bot.sandbox.patience import SLICE, patience


async def test_patience_comes_to_an_end() -> None:
    with pytest.raises(TimeoutError):
        async with patience(0.1):
            await asyncio.sleep(60)


async def test_a_machine_that_stood_still_is_not_the_apps_fault() -> None:
    async with patience(3 * SLICE):
        time.sleep(5 * SLICE)  # noqa: ASYNC251  # it is the loop that has to stand still
        await asyncio.sleep(0)
        await asyncio.sleep(SLICE / 10)
