"""500 jobs of 100 people that end in the same moment, before a Slack that counts every call.

Each person hears of five jobs in one message: at Slack's 300 posts a minute, 100 messages take 20 s.  A
person is told when the last of their jobs stands in Slack.
"""

import asyncio
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from bot.sandbox import crowd
from bot.sandbox.demo import environment
from bot.sandbox.driver import SandboxDriver, wait_for
from tests.bench import cast
from tests.bench.figures import Figure, percentile

PEOPLE = crowd.names(100)
JOBS_EACH = 5
OLD_JOBS = 20
LOOK_SECONDS = 2
POSTS_A_MINUTE = 300
"""What Slack takes of a workspace: https://docs.slack.dev/apis/web-api/rate-limits"""
MEDIAN_BAR = 3.0
ALL_BAR = 1.2 * 60 * len(PEOPLE) / POSTS_A_MINUTE
FORGOTTEN_SECONDS = 61
"""After so long Slack's minute is over, and news are no longer added to what was told before."""

DONE = {"state": "F", "progress_pct": 100, "progress_msg": "Done", "result": {"rowcount": 8}}


async def warm() -> list[Figure]:
    """As on any day: everybody was told something before."""
    return await _measure("burst", is_cold=False)


async def cold() -> list[Figure]:
    """As just after a restart: no conversation's id is known, though people's languages are."""
    return await _measure("burst_cold", is_cold=True)


async def _measure(name: str, *, is_cold: bool) -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="ecotaxa-bot-bench-") as folder:
        async with cast.sandboxes(1, len(PEOPLE)) as (url,), SandboxDriver(url) as driver:
            await driver.slack.break_(rate_limits=True)
            settings = environment(url, Path(folder)) | {"POLL_ACTIVE_SECONDS": str(LOOK_SECONDS)}
            jobs = await _populate(driver)
            async with cast.store_of(settings) as store:
                await cast.link(driver, store, PEOPLE)
                await cast.introduce(store, PEOPLE)
            async with cast.bot(settings, Path(folder)):
                await _all_seen(driver)
                if not is_cold:
                    await _greet(driver, jobs)
                ended = time.time()
                await driver.ecotaxa.set_all([job_id for ids in jobs.values() for job_id in ids], **DONE)
                await _as_many_posts(driver, len(PEOPLE), ended)
                told = [await _told(driver, person, ids) - ended for person, ids in jobs.items()]
                calls = await driver.slack.calls()
    made = [call for call in calls if call["at"] >= ended and call["method"].startswith("chat.")]
    refused = [call["method"] for call in calls if call["status"] == 429]
    more = {
        "p90": round(percentile(told, 90), 3),
        "jobs": JOBS_EACH * len(PEOPLE),
        "people": len(PEOPLE),
        "posts_and_edits": len(made),
        "look_seconds": LOOK_SECONDS,
        "rounds": 1,
    }
    return [
        Figure(f"{name}_median_person", percentile(told, 50), "s", MEDIAN_BAR, more),
        Figure(f"{name}_all_told", max(told), "s", ALL_BAR, more),
        Figure(f"{name}_refused_calls", len(refused), "calls answered 429", 0, {"calls": len(calls)}),
    ]


async def _populate(driver: SandboxDriver) -> dict[str, list[int]]:
    """By person: the running jobs that are to end."""
    jobs = {}
    for name in PEOPLE:
        await driver.ecotaxa.jobs(OLD_JOBS, name)
        jobs[name] = await driver.ecotaxa.jobs(JOBS_EACH, name, state="R")
    return jobs


async def _all_seen(driver: SandboxDriver) -> None:
    """Wait until the bot has looked at every account once more: a first look tells no news."""
    since = (await driver.ecotaxa.traffic())["seq"]

    async def seen() -> bool | None:
        entries = (await driver.ecotaxa.traffic(since))["entries"]
        looks = [entry["user_id"] for entry in entries if entry["path"] == "/jobs/"]
        return (len(set(looks)) == len(PEOPLE) and min(map(looks.count, looks)) >= 2) or None

    await wait_for(seen, "two looks at every account", timeout=60)


async def _greet(driver: SandboxDriver, jobs: dict[str, list[int]]) -> None:
    """Let everybody be told of a job of their own, a minute before."""
    greeted = {name: await driver.ecotaxa.jobs(1, name, state="R", days=0) for name in jobs}
    await asyncio.sleep(2 * LOOK_SECONDS)
    await driver.ecotaxa.set_all([job_id for ids in greeted.values() for job_id in ids], **DONE)
    for name, ids in greeted.items():
        await _told(driver, name, ids)
    await asyncio.sleep(FORGOTTEN_SECONDS)


async def _as_many_posts(driver: SandboxDriver, count: int, since: float) -> None:
    """Wait until there are so many: to look at everybody's screen meanwhile would keep the stand-in busy."""

    async def there() -> bool | None:
        posts = await driver.slack.calls("chat.postMessage")
        if sum(call["at"] >= since for call in posts) >= count:
            return True
        await asyncio.sleep(0.5)
        return None

    await wait_for(there, f"{count} messages", timeout=90)


async def _told(driver: SandboxDriver, name: str, job_ids: Sequence[int]) -> float:
    """When the last of these jobs' messages stood in Slack, which is what a message's `ts` says."""
    actor = driver.person(name)
    messages = [await actor.wait_for_message(f"#{it}", actor.im, timeout=90) for it in job_ids]
    return max(float(message.ts) for message in messages)
