"""How long it takes from a job's change in EcoTaxa to the message in Slack."""

import asyncio
import random
import tempfile
import time
from pathlib import Path

from bot.sandbox import crowd
from bot.sandbox.demo import environment
from bot.sandbox.driver import SandboxDriver, wait_for
from tests.bench import cast
from tests.bench.figures import Figure, percentile

BAR = 3.0
ACCOUNTS = crowd.names(50)
OLD_JOBS = 45
CHANGES_EACH = 4
STAYING = 1
"""Jobs that run on, so that every account stays active."""
LOOK_SECONDS = 2
SPREAD_SECONDS = 20.0


async def measure() -> Figure:
    """Finish one job after the other at random moments, and see when Slack has the message."""
    with tempfile.TemporaryDirectory(prefix="ecotaxa-bot-bench-") as folder:
        async with cast.sandboxes(1, len(ACCOUNTS)) as (url,), SandboxDriver(url) as driver:
            settings = environment(url, Path(folder)) | {"POLL_ACTIVE_SECONDS": str(LOOK_SECONDS)}
            jobs = await _populate(driver)
            async with cast.store_of(settings) as store:
                await cast.link(driver, store, ACCOUNTS)
            async with cast.bot(settings, Path(folder)):
                await _all_seen(driver)
                changed = await _change(driver, [job_id for ids in jobs.values() for job_id in ids])
                told = await _told(driver, jobs)
    return _figure([told[job_id] - at for job_id, at in changed.items()])


async def _populate(driver: SandboxDriver) -> dict[str, list[int]]:
    """By account: the running jobs that are to finish."""
    jobs = {}
    for name in ACCOUNTS:
        await driver.ecotaxa.jobs(OLD_JOBS, name)
        running = await driver.ecotaxa.jobs(CHANGES_EACH + STAYING, name, state="R")
        jobs[name] = running[STAYING:]
    return jobs


async def _all_seen(driver: SandboxDriver) -> None:
    """Wait until the bot has looked at every account twice: a first look tells no news."""

    async def twice() -> bool | None:
        entries = (await driver.ecotaxa.traffic())["entries"]
        looks = [entry["user_id"] for entry in entries if entry["path"] == "/jobs/"]
        return (len(set(looks)) == len(ACCOUNTS) and min(map(looks.count, looks)) >= 2) or None

    await wait_for(twice, "two looks at every account", timeout=30)


async def _change(driver: SandboxDriver, job_ids: list[int]) -> dict[int, float]:
    """Finish the jobs at random moments; by job: when the change was ordered."""
    rng = random.Random(1)
    start = time.time() + 0.5
    due = [(start + rng.uniform(0, SPREAD_SECONDS), job_id) for job_id in job_ids]
    changed = {}
    for at, job_id in sorted(due):
        await asyncio.sleep(max(0.0, at - time.time()))
        changed[job_id] = time.time()
        done = {"state": "F", "progress_pct": 100, "progress_msg": "Done", "result": {"rowcount": 8}}
        await driver.ecotaxa.set(job_id, **done)
    return changed


async def _told(driver: SandboxDriver, jobs: dict[str, list[int]]) -> dict[int, float]:
    """By job: when its message stood in Slack, which is what a message's `ts` says."""
    told = {}
    for name, job_ids in jobs.items():
        actor = driver.person(name)
        for job_id in job_ids:
            message = await actor.wait_for_message(f"#{job_id}", actor.im)
            told[job_id] = float(message.ts)
    return told


def _figure(seconds: list[float]) -> Figure:
    return Figure(
        "change_to_message_p99",
        percentile(seconds, 99),
        "s",
        BAR,
        {
            "p50": round(percentile(seconds, 50), 3),
            "max": round(max(seconds), 3),
            "changes": len(seconds),
            "accounts": len(ACCOUNTS),
            "look_seconds": LOOK_SECONDS,
            "rounds": 1,
        },
    )
