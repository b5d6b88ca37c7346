"""How soon the bot is ready to connect to Slack, beside the loading of Bolt alone; and its memory.

Ready it is when its first request comes to Slack: all is loaded, put together and the database looked at,
which is one that ran before.  Both are timed from outside, from the start of their processes.
"""

import asyncio
import os
import re
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from bot.sandbox.demo import environment, stop_bot
from bot.sandbox.driver import SandboxDriver
from tests.bench import cast
from tests.bench.figures import Figure

BAR = 1.5
ROUNDS = 15
MEMORY_BAR = 128.0
"""MB: with room to spare below the 160 that the Helm chart asks for."""
IDLE_SECONDS = 60
BARE = "from slack_bolt.async_app import AsyncApp; print(flush=True)"
OURS = "import sys; sys.modules.update(click=None, rich=None); from bot.cli import main; main(['run'])"
"""As the command does it.  What is there for the tests alone, libraries would load: users have neither."""


async def starting() -> Figure:
    """The ratio of the medians of starts that take turns."""
    with tempfile.TemporaryDirectory(prefix="ecotaxa-bot-bench-") as folder:
        called = asyncio.Event()

        async def take(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            called.set()
            writer.close()

        server = await asyncio.start_server(take, "127.0.0.1", 0)
        host, port = server.sockets[0].getsockname()
        settings = environment(f"http://{host}:{port}", Path(folder)) | {"LOG_LEVEL": "ERROR"}
        async with cast.store_of(settings):
            pass  # the database is there
        ours, bare = [], []
        for _ in range(ROUNDS):
            called.clear()
            ours.append(await _bot_ready(settings, Path(folder), called))
            bare.append(await _bolt_loaded(Path(folder)))
        server.close()
    more = {"ours_ms": _ms(ours), "bare_ms": _ms(bare), "rounds": ROUNDS}
    return Figure("starting", median(ours) / median(bare), "times loading a bare Bolt app", BAR, more)


async def idling() -> Figure:
    """The memory of a bot that has been ready for a minute and that nobody uses, in MB."""
    with tempfile.TemporaryDirectory(prefix="ecotaxa-bot-bench-") as folder:
        async with cast.sandboxes(1, 0) as (url,), SandboxDriver(url) as driver:
            settings = environment(url, Path(folder)) | {"LOG_LEVEL": "ERROR"}
            async with cast.bot(settings, Path(folder)) as process:
                await cast.listening(driver, "elena")
                at_start = _resident(process.pid)
                await asyncio.sleep(IDLE_SECONDS)
                more = {"at_start": at_start, "idle_seconds": IDLE_SECONDS, "rounds": 1}
                return Figure("idle_memory", _resident(process.pid), "MB", MEMORY_BAR, more)


async def _bot_ready(settings: dict[str, str], folder: Path, called: asyncio.Event) -> float:
    """Seconds from a bot's start until it calls Slack."""
    began = time.perf_counter()
    process = await _python(OURS, folder, settings)
    try:
        async with asyncio.timeout(60):
            await called.wait()
        return time.perf_counter() - began
    finally:
        await stop_bot(process)


async def _bolt_loaded(folder: Path) -> float:
    """Seconds from Python's start until it has loaded Bolt."""
    began = time.perf_counter()
    process = await _python(BARE, folder, {})
    assert process.stdout is not None
    await process.stdout.readline()
    taken = time.perf_counter() - began
    await process.wait()
    return taken


async def _python(code: str, folder: Path, settings: dict[str, str]) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, cwd=folder, env={**os.environ, **settings}, stdout=asyncio.subprocess.PIPE
    )


def _ms(times: list[float]) -> dict[str, float]:
    return {"median": round(1000 * median(times), 1), "min": round(1000 * min(times), 1)}


def _resident(pid: int) -> float:
    """What a process has in memory (VmRSS of proc(5)), in MB."""
    found = re.search(r"^VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    assert found is not None
    return round(int(found[1]) * 1024 / 1e6, 1)
