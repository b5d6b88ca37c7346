"""What a look costs at an account that keeps 5,000 jobs, beside one that keeps 10, over hours of looks.

Both sides: the bot's process time, and EcoTaxa's by the model of `tests.bench.fleet`.  Once while a job
runs, when a look is due every 5 s, and once while none does, every 60 s.
"""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import process_time
from typing import Any

from bot.sandbox.demo import environment
from bot.sandbox.driver import SandboxDriver
from bot.watcher import Pace, Watcher
from bot.work import Work
from tests.bench import cast
from tests.bench.figures import Figure
from tests.bench.fleet import JOB_MS, REQUEST_MS
from tests.watching import watching

BAR = 1.5
KEPT = {"elena": 10, "amelie": 5_000}
PACE = Pace(timedelta(seconds=5), timedelta(seconds=60))
LOOKS = 1_000
PATIENCE = 30


@dataclass(frozen=True)
class Cost:
    """Milliseconds a look, on the bot's side and on EcoTaxa's, and its requests."""

    ours: float
    ecotaxa: float
    requests: float


async def measure() -> list[Figure]:
    """A thousand looks at each account, one after the other, at the times at which they would be due."""
    async with cast.sandboxes(1, 0) as (url,), SandboxDriver(url) as driver:
        for name, kept in KEPT.items():
            await driver.ecotaxa.jobs(kept - 1, name)
        running = [(await driver.ecotaxa.jobs(1, name, state="R"))[0] for name in KEPT]
        active = [await _looks(driver, url, name, PACE.active) for name in KEPT]
        await driver.ecotaxa.set_all(running, state="F", progress_pct=100)
        idle = [await _looks(driver, url, name, PACE.idle) for name in KEPT]
    return [*_figures("look_active", *active), *_figures("look_idle", *idle)]


async def _looks(driver: SandboxDriver, url: str, name: str, every: timedelta) -> Cost:
    """Let a watcher tick through the hours, with a database that knows nobody else."""
    with tempfile.TemporaryDirectory(prefix="ecotaxa-bot-bench-") as folder:
        settings = environment(url, Path(folder))
        async with (
            cast.store_of(settings) as store,
            watching(store, settings["ECOTAXA_API_URL"], PACE) as (watcher, work),
        ):
            await cast.link(driver, store, [name])
            now = datetime.now(UTC)
            await _look(watcher, work, now)  # the first one writes what it sees
            since = (await driver.ecotaxa.traffic(2**40))["seq"]
            before = process_time()
            for number in range(1, LOOKS + 1):
                await _look(watcher, work, now + number * every)
            spent = process_time() - before
            entries = (await driver.ecotaxa.traffic(since))["entries"]
    theirs = sum(_model(entry, KEPT[name]) for entry in entries)
    return Cost(1000 * spent / LOOKS, theirs / LOOKS, len(entries) / LOOKS)


async def _look(watcher: Watcher, work: Work, now: datetime) -> None:
    await watcher.tick(now)
    await work.rest(PATIENCE)
    await watcher.settle(now)


def _model(entry: Mapping[str, Any], kept: int) -> float:
    """The milliseconds that a request takes EcoTaxa."""
    is_whole = entry["path"] == "/jobs/" and "job_status" not in entry["query"]
    return REQUEST_MS + JOB_MS * (kept if is_whole else 0)


def _figures(name: str, small: Cost, large: Cost) -> list[Figure]:
    def figure(whose: str, of_small: float, of_large: float) -> Figure:
        more = {"ms_with_10": round(of_small, 2), "ms_with_5000": round(of_large, 2), "looks": LOOKS}
        requests = {"requests_with_10": small.requests, "requests_with_5000": large.requests}
        return Figure(f"{name}_{whose}", of_large / of_small, "times that with 10 jobs", BAR, more | requests)

    return [figure("bot", small.ours, large.ours), figure("ecotaxa", small.ecotaxa, large.ecotaxa)]
