"""A file of 900 MB from EcoTaxa to Slack: beside `curl | curl`, and in how much memory."""

import asyncio
import contextlib
import hashlib
import tempfile
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import httpx

from bot.sandbox.demo import environment
from bot.sandbox.driver import Actor, SandboxDriver, wait_for
from bot.sandbox.slack.core import BOT_TOKEN
from tests.bench import cast
from tests.bench.figures import Figure

SIZE = 900_000_000
CUTS, CUT_AFTER = 3, 210_000_000
"""How often the connection to EcoTaxa breaks, each time after so many bytes."""

THROUGHPUT_BAR = 1 / 0.6
MEMORY_BAR = 32.0
ROUNDS = 5
PATIENCE = 300.0


@dataclass(frozen=True)
class _Stage:
    """A linked person, a bot, and the servers that are between: all in processes of their own."""

    url: str
    driver: SandboxDriver
    elena: Actor
    bot: asyncio.subprocess.Process

    async def export(self) -> int:
        """A new finished export with its file: the job's id."""
        job_id = await self.driver.ecotaxa.start("export", options={"bytes": SIZE})

        async def there() -> bool | None:
            return (await self.driver.ecotaxa.job(job_id))["state"] == "F" or None

        await wait_for(there, f"job {job_id} to finish")
        return job_id

    async def relay(self, job_id: int) -> tuple[float, str]:
        """Let the bot bring the file: the seconds from the command to the file, and its SHA-256."""
        before = time.time()
        await self.elena.say(f"/ecotaxa file {job_id}", self.elena.im)

        def has_come(message: object) -> bool:
            return bool(getattr(message, "files", None)) and float(getattr(message, "ts", 0)) > before

        message = await self.elena.wait_for_message(has_come, self.elena.im, timeout=PATIENCE)
        shared = await self.driver.slack.file(message.files[0]["id"])
        return float(message.ts) - before, str(shared["sha256"])

    async def pipe(self, job_id: int) -> float:
        """Let two curls do it: the seconds from their start to the end of the second."""
        token = await self.driver.ecotaxa.token()
        async with httpx.AsyncClient(trust_env=False) as client:
            announced = await client.get(
                f"{self.url}/slack/api/files.getUploadURLExternal",
                params={"filename": "piped.zip", "length": SIZE},
                headers={"Authorization": f"Bearer {BOT_TOKEN}"},
            )
        source = f"curl -sN -H 'Authorization: Bearer {token}' {self.url}/ecotaxa/api/jobs/{job_id}/file"
        sink = (
            f"curl -sf -X POST -T - -H 'Transfer-Encoding:' -H 'Content-Length: {SIZE}' "
            f"-H Expect: {announced.json()['upload_url']} -o /dev/null"
        )
        before = time.perf_counter()
        pipe = await asyncio.create_subprocess_shell(f"{source} | {sink}")
        if await pipe.wait():
            raise RuntimeError("curl | curl failed")
        return time.perf_counter() - before

    async def original(self, job_id: int) -> str:
        """The SHA-256 of the file as EcoTaxa gives it."""
        digest = hashlib.sha256()
        headers = {"Authorization": f"Bearer {await self.driver.ecotaxa.token()}"}
        url = f"{self.url}/ecotaxa/api/jobs/{job_id}/file"
        async with (
            httpx.AsyncClient(trust_env=False) as client,
            client.stream("GET", url, headers=headers) as got,
        ):
            async for chunk in got.aiter_raw():
                digest.update(chunk)
        return digest.hexdigest()

    def memory(self, name: str) -> float:
        """A figure of the bot's process from `/proc`, in MB: `VmRSS` is now, `VmHWM` the peak."""
        status = Path(f"/proc/{self.bot.pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith(name))
        return int(line.split()[1]) * 1024 / 1e6


async def throughput() -> Figure:
    """The bot and `curl | curl` take turns; both end when Slack has every byte."""
    rounds: list[tuple[float, float]] = []
    async with _stage() as stage:
        for _ in range(ROUNDS):
            job_id = await stage.export()
            piped = await stage.pipe(job_id)
            ours, _ = await stage.relay(job_id)
            rounds.append((ours, piped))
    ours, piped = (median(each[n] for each in rounds) for n in (0, 1))
    ratio = median(ours / piped for ours, piped in rounds)
    more = {
        "throughput_ratio": round(1 / ratio, 3),
        "ours_mb_per_s": round(SIZE / 1e6 / ours, 1),
        "curl_mb_per_s": round(SIZE / 1e6 / piped, 1),
        "megabytes": SIZE // 1_000_000,
        "rounds": ROUNDS,
    }
    return Figure("relay_time_ratio", ratio, "times curl | curl", THROUGHPUT_BAR, more)


async def memory() -> Figure:
    """What a relay with broken connections adds to the bot's peak memory; raises when a byte is wrong."""
    async with _stage() as stage:
        job_id = await stage.export()
        before = stage.memory("VmRSS")
        await stage.driver.ecotaxa.break_(paths="/file$", cut_after=CUT_AFTER, times=CUTS)
        seconds, digest = await stage.relay(job_id)
        grown = stage.memory("VmHWM") - before
        await stage.driver.ecotaxa.heal()
        is_identical = digest == await stage.original(job_id)
    more = {
        "peak_before_mb": round(before, 1),
        "broken_connections": CUTS,
        "identical": is_identical,
        "seconds": round(seconds, 2),
        "megabytes": SIZE // 1_000_000,
        "rounds": 1,
    }
    return Figure("relay_memory_growth", grown if is_identical else float("inf"), "MB", MEMORY_BAR, more)


@contextlib.asynccontextmanager
async def _stage() -> AsyncIterator[_Stage]:
    with tempfile.TemporaryDirectory(prefix="ecotaxa-bot-bench-") as name:
        folder = Path(name)
        async with cast.sandboxes(1, 0) as (url,), SandboxDriver(url) as driver:
            settings = environment(url, folder)
            await driver.ecotaxa.speed(50)
            async with cast.store_of(settings) as store:
                await cast.link(driver, store, ["elena"])
            async with cast.bot(settings, folder) as bot:
                await cast.listening(driver, "elena")
                yield _Stage(url, driver, driver.person("elena"), bot)
