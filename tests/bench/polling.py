"""What a look at an account costs, beside bare httpx and json that fetch and read the same answers."""

import asyncio
import json
import tempfile
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from time import process_time

import httpx
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.sandbox import crowd
from bot.sandbox.demo import environment
from bot.sandbox.driver import SandboxDriver
from bot.watcher import AT_ONCE, Pace, Watcher
from bot.work import Work
from tests.bench import cast
from tests.bench.figures import Figure
from tests.watching import watching

BAR = 2.0
ACCOUNTS = crowd.names(40)
OLD_JOBS, MOVING_JOBS = 46, 4
LOOK_SECONDS, TICK_SECONDS = 2.0, 0.25
"""As in the bot, which ticks eight times within the seconds between two looks."""
ROUND_SECONDS, SETTLE_SECONDS = 4.0, 0.5
ROUNDS = 6
LOOKS = 3


@dataclass(frozen=True)
class Round:
    """Milliseconds of process time a look: the bot's, and the bare client's one by one and many at once."""

    ours: float
    bare: float
    bare_at_once: float


async def measure() -> Figure:
    """Let the bot's own watcher and the bare client take turns at the same accounts, in this process.

    The accounts and EcoTaxa are in another process, so this one's time is the client's alone; a
    driver's calls come between the measurements.
    """
    with tempfile.TemporaryDirectory(prefix="ecotaxa-bot-bench-") as folder:
        async with cast.sandboxes(1, len(ACCOUNTS)) as (url,), SandboxDriver(url) as driver:
            settings = environment(url, Path(folder))
            await populate(driver, ACCOUNTS)
            tokens = [await driver.ecotaxa.token(name) for name in ACCOUNTS]
            async with cast.store_of(settings) as store:
                await cast.link(driver, store, ACCOUNTS)
                pace = Pace(timedelta(seconds=LOOK_SECONDS), timedelta(seconds=30))
                # EcoTaxa hangs up after 5 s, and httpx by itself no earlier: a closed one would be met.
                limits, api_url = httpx.Limits(keepalive_expiry=3), settings["ECOTAXA_API_URL"]
                async with (
                    watching(store, api_url, pace) as (watcher, work),
                    httpx.AsyncClient(base_url=api_url, limits=limits) as client,
                ):
                    rounds = await _take_turns(driver, watcher, work, client, tokens)
    return _figure(rounds)


async def populate(driver: SandboxDriver, names: Sequence[str]) -> None:
    """Give everybody old jobs, and some that run and report for as long as the bench lasts."""
    for name in names:
        await driver.ecotaxa.jobs(OLD_JOBS, name)
        for _ in range(MOVING_JOBS):
            # In queues of their own they all run at once.
            await driver.ecotaxa.start("long-export", name, seconds=600, options={"own_queue": True})
    # EcoTaxa starts what waits every 5 s, and a job is silent for 1.5 s.
    await asyncio.sleep(7)


async def _take_turns(
    driver: SandboxDriver, watcher: Watcher, work: Work, client: httpx.AsyncClient, tokens: Sequence[str]
) -> list[Round]:
    async def cost(looks: Awaitable[None]) -> float:
        """The milliseconds of process time that a look took."""
        since = (await driver.ecotaxa.traffic())["seq"]
        before = process_time()
        await looks
        spent = process_time() - before
        entries = (await driver.ecotaxa.traffic(since))["entries"]
        count = sum(1 for entry in entries if entry["path"] == "/jobs/" and entry["status"] == 200)
        return 1000 * spent / count

    await cost(_watch(watcher, work))  # the first looks write what they see, the others find it unchanged
    return [
        Round(
            ours=await cost(_watch(watcher, work)),
            bare=await cost(_fetch(client, tokens, at_once=1)),
            bare_at_once=await cost(_fetch(client, tokens, at_once=AT_ONCE)),
        )
        for _ in range(ROUNDS)
    ]


async def _watch(watcher: Watcher, work: Work) -> None:
    """Tick as the bot does, then let every look come to its end and be settled."""

    async def tick() -> None:
        await work.start(watcher.tick(datetime.now(UTC)), name="look")

    scheduler = AsyncIOScheduler(timezone=UTC)
    scheduler.add_job(tick, "interval", seconds=TICK_SECONDS, max_instances=1, coalesce=True)
    scheduler.start()
    await asyncio.sleep(ROUND_SECONDS)
    scheduler.pause()
    await asyncio.sleep(SETTLE_SECONDS)
    await watcher.settle(datetime.now(UTC))
    scheduler.shutdown()


async def _fetch(client: httpx.AsyncClient, tokens: Sequence[str], at_once: int) -> None:
    """Fetch every account's jobs and read them, about as often as the bot did."""
    places = asyncio.Semaphore(at_once)

    async def fetch(token: str) -> None:
        async with places:
            response = await client.get("/jobs/", headers={"Authorization": f"Bearer {token}"})
            json.loads(response.content)

    for _ in range(LOOKS):
        await asyncio.gather(*(fetch(token) for token in tokens))


def _figure(rounds: Sequence[Round]) -> Figure:
    return Figure(
        "poll_cpu_ratio",
        median(each.ours / each.bare for each in rounds),
        "times bare httpx and json.loads",
        BAR,
        {
            "ours_cpu_ms": round(median(each.ours for each in rounds), 3),
            "bare_cpu_ms": round(median(each.bare for each in rounds), 3),
            "bare_at_once_cpu_ms": round(median(each.bare_at_once for each in rounds), 3),
            "ratio_to_bare_at_once": round(median(each.ours / each.bare_at_once for each in rounds), 3),
            "accounts": len(ACCOUNTS),
            "jobs_each": OLD_JOBS + MOVING_JOBS,
            "moving_jobs_each": MOVING_JOBS,
            "rounds": len(rounds),
        },
    )
