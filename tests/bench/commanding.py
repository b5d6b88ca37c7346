"""50 commands a second for a minute, through sockets and over HTTP: how long Slack waits for each."""

import asyncio
import tempfile
import time
from pathlib import Path

from bot.sandbox import crowd
from bot.sandbox.demo import deliver_to, environment, free_port
from bot.sandbox.driver import Failed, SandboxDriver
from tests.bench import cast
from tests.bench.figures import Figure, percentile

BAR = 1.0
A_SECOND, SECONDS = 50, 60
PEOPLE = crowd.names(300)
"""So many that nobody types more than the bot lets them."""


async def measure() -> list[Figure]:
    """Both modes, one after the other."""
    return [await _mode("socket"), await _mode("http")]


async def _mode(mode: str) -> Figure:
    with tempfile.TemporaryDirectory(prefix="ecotaxa-bot-bench-") as folder:
        async with cast.sandboxes(1, len(PEOPLE)) as (url,), SandboxDriver(url) as driver:
            settings = environment(url, Path(folder))
            if mode == "http":
                settings |= {"SLACK_MODE": "http", "HTTP_PORT": str(free_port())}
            async with cast.store_of(settings) as store:
                await cast.link(driver, store, PEOPLE)
                await cast.introduce(store, PEOPLE)
            async with cast.bot(settings, Path(folder)):
                if mode == "http":
                    await deliver_to(driver, f"http://127.0.0.1:{settings['HTTP_PORT']}/slack/events")
                await cast.listening(driver, PEOPLE[0])
                taken, refused = await _measured(driver)
    return Figure(
        f"commands_{mode}",
        max(taken),
        "s to the slowest acknowledgement",
        BAR,
        {
            "p50": round(percentile(taken, 50), 4),
            "p99": round(percentile(taken, 99), 4),
            "commands": len(taken),
            "unacknowledged": refused,
            "a_second": A_SECOND,
        },
    )


async def _measured(driver: SandboxDriver) -> tuple[list[float], int]:
    """The seconds that each acknowledgement took, and how many commands had none."""
    since, taken = (await driver.slack.traffic())[-1]["seq"], []
    typing = asyncio.create_task(_type(driver))
    is_over = False
    while not is_over:
        is_over = typing.done()
        # Slack's side remembers the last few hundred requests alone.
        entries = await driver.slack.traffic(since)
        since = entries[-1]["seq"] if entries else since
        taken += [entry["ms"] / 1000 for entry in entries if entry["name"] == "slash_commands"]
        await asyncio.sleep(0.5)
    return taken, await typing


async def _type(driver: SandboxDriver) -> int:
    """Type all commands in their time, whatever becomes of those before; how many failed."""

    async def typed(number: int) -> bool:
        try:
            await driver.person(PEOPLE[number % len(PEOPLE)]).say("/ecotaxa jobs")
        except Failed:
            return False
        return True

    began, typing = time.monotonic(), []
    for number in range(A_SECOND * SECONDS):
        await asyncio.sleep(max(0.0, began + number / A_SECOND - time.monotonic()))
        typing.append(asyncio.create_task(typed(number)))
    return (await asyncio.gather(*typing)).count(False)
