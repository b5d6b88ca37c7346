"""10,000 linked accounts of which 500 are at work: how soon news are told, and what that costs both sides.

Once with a look at each account, once with an administrator's token, which sees everybody's jobs in
a few requests.  EcoTaxa's own cost is a model: what a request costs there was measured on a real server.
"""

import asyncio
import contextlib
import os
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.sandbox import crowd
from bot.sandbox.demo import environment
from bot.sandbox.driver import SandboxDriver, wait_for
from tests.bench import cast
from tests.bench.figures import Figure, percentile

ACCOUNTS = int(os.environ.get("BENCH_ACCOUNTS", "10000"))
ACTIVE = ACCOUNTS // 20
KEPT = 10
ACTIVE_SECONDS, IDLE_SECONDS = 5, 60
CHANGES_A_SECOND = 4
"""Slack takes five posts a second of a workspace."""
SECONDS = ACTIVE // CHANGES_A_SECOND
NAIVE_SECONDS = 10
"""How often whoever knows no better asks every account for all it keeps."""
DAY = 86_400

REQUEST_MS, JOB_MS = 5.0, 0.45
"""What EcoTaxa's process spends on a request, and on each job that it lists."""

P99_BAR, CPU_BAR, MEMORY_BAR, OF_THAT_CPU_BAR, ECOTAXA_BAR = 10.0, 0.7, 300.0, 0.05, 1 / 20

DONE = {"state": "F", "progress_pct": 100, "progress_msg": "Done", "result": {"rowcount": 8}}


@dataclass(frozen=True)
class Found:
    """What was measured while people's jobs ended."""

    delays: Sequence[float]
    """Seconds from each change to its message."""
    untold: int
    quiet_cpu: float
    """The bot's share of one core while nothing ends, for as long as an idle account waits for its look."""
    cpu: float
    """That while jobs end."""
    peak_mb: float
    requests: float
    """Requests to EcoTaxa a second."""
    ecotaxa: float
    """The cores that they keep busy there, by the model."""


async def measure() -> list[Figure]:
    """Both ways, one after the other."""
    alone = await _watched(by_administrator=False)
    together = await _watched(by_administrator=True)
    naive = ACCOUNTS / NAIVE_SECONDS * _cost({"path": "/jobs/", "query": ""})
    saved = together.quiet_cpu / alone.quiet_cpu
    return [
        *_figures("fleet", alone, naive),
        *_figures("fleet_by_administrator", together, naive),
        Figure("fleet_by_administrator_cpu_ratio", saved, "times the CPU of looks", OF_THAT_CPU_BAR),
    ]


async def _watched(*, by_administrator: bool) -> Found:
    names = crowd.names(ACCOUNTS)
    with tempfile.TemporaryDirectory(prefix="ecotaxa-bot-bench-") as folder:
        async with cast.sandboxes(1, ACCOUNTS) as (url,), SandboxDriver(url) as driver:
            settings = environment(url, Path(folder)) | {
                "POLL_ACTIVE_SECONDS": str(ACTIVE_SECONDS),
                "POLL_IDLE_SECONDS": str(IDLE_SECONDS),
            }
            if by_administrator:
                settings["ECOTAXA_ADMIN_TOKEN"] = await driver.ecotaxa.token("ada")
            jobs = await _populate(driver, names)
            async with cast.store_of(settings) as store:
                await cast.link(driver, store, names)
                await cast.introduce(store, names[:ACTIVE])
            async with cast.bot(settings, Path(folder)) as process:
                await _all_seen(driver)
                before = _cpu_seconds(process.pid)
                await asyncio.sleep(IDLE_SECONDS)
                quiet = (_cpu_seconds(process.pid) - before) / IDLE_SECONDS
                return await _observe(driver, process.pid, jobs, quiet)


async def _populate(driver: SandboxDriver, names: Sequence[str]) -> dict[str, int]:
    """Give everybody what they keep; by person, for those at work: the job that runs."""
    for name in names:
        await driver.ecotaxa.jobs(KEPT, name)
    return {name: (await driver.ecotaxa.jobs(1, name, state="R"))[0] for name in names[:ACTIVE]}


async def _all_seen(driver: SandboxDriver) -> None:
    """Wait for the first look at every account, and until looks have come to their pace.

    Cards take turns with what somebody waits for: so many at once there are only after a first start.
    """

    async def seen() -> bool | None:
        await asyncio.sleep(1)
        return (await driver.ecotaxa.traffic(2**40))["seq"] >= ACCOUNTS or None

    async def shown() -> bool | None:
        await asyncio.sleep(1)
        return len(await driver.slack.calls("chat.postMessage")) >= ACTIVE or None

    await wait_for(seen, "a look at every account", timeout=300)
    await wait_for(shown, "a card for every job under way", timeout=600)
    await asyncio.sleep(2 * ACTIVE_SECONDS)


async def _observe(driver: SandboxDriver, pid: int, jobs: Mapping[str, int], quiet: float) -> Found:
    ended: dict[str, float] = {}
    left = list(jobs)
    since = (await driver.ecotaxa.traffic(2**40))["seq"]
    began, spent = time.monotonic(), _cpu_seconds(pid)
    requests, cost = 0, 0.0
    for second in range(SECONDS):
        now, left = left[:CHANGES_A_SECOND], left[CHANGES_A_SECOND:]
        ended |= dict.fromkeys(now, time.time())
        await driver.ecotaxa.set_all([jobs[name] for name in now], **DONE)
        if left and second % ACTIVE_SECONDS == 0:
            await driver.ecotaxa.set_all([jobs[name] for name in left], progress_pct=second % 90)
        if second % 30 == 29 or second == SECONDS - 1:
            traffic = await driver.ecotaxa.traffic(since)
            since = traffic["seq"]
            requests += len(traffic["entries"])
            cost += sum(_cost(entry) for entry in traffic["entries"])
        await asyncio.sleep(max(0.0, began + second + 1 - time.monotonic()))
    lasted, spent = time.monotonic() - began, _cpu_seconds(pid) - spent
    told = await _told(driver, ended)
    return Found(
        [told[name] - at for name, at in ended.items() if name in told],
        len(ended.keys() - told.keys()),
        quiet,
        spent / lasted,
        _peak_mb(pid),
        requests / lasted,
        cost / lasted,
    )


async def _told(driver: SandboxDriver, ended: Mapping[str, float]) -> dict[str, float]:
    """When the last message to each person reached Slack: where a job has a card, one in its thread."""
    people = {name: driver.person(name) for name in ended}
    whose = {place: name for name, person in people.items() for place in (person.id, person.im)}

    async def posted() -> dict[str, float]:
        calls = await driver.slack.calls("chat.postMessage")
        told = ((whose[call["channel"]], call["at"]) for call in calls if call["channel"] in whose)
        return {name: at for name, at in told if at >= ended[name]}

    async def all_told() -> bool | None:
        await asyncio.sleep(1)
        return len(await posted()) == len(ended) or None

    with contextlib.suppress(TimeoutError):  # who was not told is counted
        await wait_for(all_told, "everybody's message", timeout=60)
    return await posted()


def _cost(entry: Mapping[str, Any]) -> float:
    """The seconds that a request takes EcoTaxa."""
    listed = 0
    if entry["path"] == "/jobs/":
        running = ACTIVE if "for_admin" in entry["query"] else 1
        listed = KEPT if "job_status" not in entry["query"] else running * ("=R" in entry["query"])
    return (REQUEST_MS + JOB_MS * listed) / 1000


def _figures(name: str, found: Found, naive: float) -> list[Figure]:
    def figure(what: str, value: float, unit: str, bar: float, **more: object) -> Figure:
        return Figure(f"{name}_{what}", value, unit, bar, more)

    def hours(cores: float) -> float:
        return round(cores * DAY / 3600, 1)

    p50, p99 = percentile(found.delays, 50), percentile(found.delays, 99)
    fleet = {"accounts": ACCOUNTS, "at_work": ACTIVE, "jobs_kept": KEPT, "changes": len(found.delays)}
    core_hours = {"core_hours_a_day": hours(found.ecotaxa), "naive_core_hours": hours(naive)}
    return [
        figure("p99", p99, "s from change to message", P99_BAR, p50=round(p50, 3), **fleet),
        figure("untold", found.untold, "people", 0),
        figure("cpu", found.cpu, "of one core", CPU_BAR, requests_a_second=round(found.requests, 1)),
        figure("quiet_cpu", found.quiet_cpu, "of one core", CPU_BAR),
        figure("memory", found.peak_mb, "MB at most", MEMORY_BAR),
        figure("ecotaxa_cpu", found.ecotaxa / naive, "times all lists every 10 s", ECOTAXA_BAR, **core_hours),
    ]


def _cpu_seconds(pid: int) -> float:
    # After the name, which may hold anything, come the fields from the third on: see proc(5).
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _peak_mb(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))
