"""What `/ecotaxa jobs` costs for an account that keeps 5,000 jobs, beside one that keeps 50.

The value is the bot's own processor time for a command, which nothing else on the machine disturbs; the
time on the clock, without that in which EcoTaxa answers, stands beside it.
"""

import tempfile
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from statistics import median

from bot.sandbox import crowd
from bot.sandbox.demo import environment
from bot.sandbox.driver import SandboxDriver, wait_for
from tests.bench import cast
from tests.bench.figures import Figure

BAR = 3.0
FEW, MANY = 50, 5_000
SMALL_ACCOUNT, BIG_ACCOUNT = crowd.names(2)
PADDING = 300
"""Bytes that make a job of the stand-in as long as a usual one of EcoTaxa's, about 0.95 kB."""
ROUNDS = 40
WARM_UP = 5


@dataclass(frozen=True)
class Turn:
    """Milliseconds of one command: of the bot's processor time, on the clock without EcoTaxa, and its."""

    cpu: float
    clock: float
    ecotaxa: float


@dataclass(frozen=True)
class Stage:
    """The stand-ins' driver, and the bot's process number."""

    driver: SandboxDriver
    pid: int

    async def seen(self) -> None:
        """Wait until the bot knows the big account so well that it asks for the jobs of a page alone."""

        async def page_by_page() -> bool | None:
            since = (await self.driver.ecotaxa.traffic())["seq"]
            await self.turn(BIG_ACCOUNT)
            entries = (await self.driver.ecotaxa.traffic(since))["entries"]
            return any(entry["path"] != "/jobs/" for entry in entries) or None

        await wait_for(page_by_page, "a look at the big account", timeout=60)

    async def turn(self, name: str) -> Turn:
        """Type the command and wait for its answer."""
        before = await self.driver.slack.traffic()
        since = before[-1]["seq"] if before else 0
        asked_since = (await self.driver.ecotaxa.traffic())["seq"]
        spent = self._spent()
        await self.driver.person(name).say("/ecotaxa jobs")

        async def answered() -> tuple[float, float] | None:
            starts = {e["side"]: e["at"] - e["ms"] / 1000 for e in await self.driver.slack.traffic(since)}
            is_told = {"socket", "respond"} <= starts.keys()
            return (starts["socket"], starts["respond"]) if is_told else None

        typed, told = await wait_for(answered, "the answer", timeout=30)
        spent = self._spent() - spent
        entries = (await self.driver.ecotaxa.traffic(asked_since))["entries"]
        asked = [(datetime.fromisoformat(e["at"]).timestamp(), e["ms"] / 1000) for e in entries]
        waited = _union((at, at + taken) for at, taken in asked if typed <= at <= told)
        return Turn(1000 * spent, 1000 * (told - typed - waited), 1000 * waited)

    def _spent(self) -> float:
        """Seconds of processor time that the bot has used; every process has a clock of that (Linux)."""
        return time.clock_gettime((~self.pid << 3) | 2)


async def measure() -> Figure:
    """Type the command for both accounts in turn, and see how long the bot itself was at it."""
    with tempfile.TemporaryDirectory(prefix="ecotaxa-bot-bench-") as folder:
        async with cast.sandboxes(1, 2) as (url,), SandboxDriver(url) as driver:
            # The intervals between looks are those that people run the bot with.
            settings = environment(url, Path(folder))
            settings |= {"POLL_ACTIVE_SECONDS": "5", "POLL_IDLE_SECONDS": "30", "LOG_LEVEL": "ERROR"}
            await driver.ecotaxa.jobs(FEW, SMALL_ACCOUNT, padding=PADDING)
            await driver.ecotaxa.jobs(MANY, BIG_ACCOUNT, padding=PADDING)
            async with cast.store_of(settings) as store:
                await cast.link(driver, store, [SMALL_ACCOUNT, BIG_ACCOUNT])
                async with cast.bot(settings, Path(folder)) as process:
                    await cast.listening(driver, SMALL_ACCOUNT)
                    return await _take_turns(Stage(driver, process.pid))


async def _take_turns(stage: Stage) -> Figure:
    await stage.seen()
    for _ in range(WARM_UP):
        await stage.turn(SMALL_ACCOUNT)
        await stage.turn(BIG_ACCOUNT)
    turns = [(await stage.turn(SMALL_ACCOUNT), await stage.turn(BIG_ACCOUNT)) for _ in range(ROUNDS)]
    return _figure([small for small, _ in turns], [big for _, big in turns])


def _union(spans: Iterable[tuple[float, float]]) -> float:
    """How long at least one of the spans lasted."""
    total, until = 0.0, 0.0
    for start, end in sorted(spans):
        total += max(0.0, end - max(start, until))
        until = max(until, end)
    return total


def _figure(small: list[Turn], big: list[Turn]) -> Figure:
    sizes = {str(FEW): small, str(MANY): big}
    cpu = {size: median(turn.cpu for turn in turns) for size, turns in sizes.items()}
    clock = {size: median(turn.clock for turn in turns) for size, turns in sizes.items()}
    ecotaxa = {size: median(turn.ecotaxa for turn in turns) for size, turns in sizes.items()}
    return Figure(
        "job_list_ratio",
        cpu[str(MANY)] / cpu[str(FEW)],
        f"times the time in the bot for {FEW} jobs",
        BAR,
        {
            "bot_cpu_ms": _rounded(cpu),
            "bot_clock_ms": _rounded(clock),
            "clock_ratio": round(clock[str(MANY)] / clock[str(FEW)], 3),
            "ecotaxa_ms": _rounded(ecotaxa),
            "commands_each": len(small),
        },
    )


def _rounded(values: Mapping[str, float]) -> dict[str, float]:
    return {name: round(value, 2) for name, value in values.items()}
