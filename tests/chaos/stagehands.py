"""Those that stand around the bot: who starts and kills it, and who listens to what it says."""

import asyncio
import contextlib
import json
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

from tests.chaos.judge import Shown
from tests.chaos.nursery import CLOCK_BYTES
from tests.chaos.script import members


class Audience:
    """The sandbox in a process of its own, and all that its Slack showed; `at` has when a key first came."""

    def __init__(self, process: asyncio.subprocess.Process, url: str) -> None:
        self._process, self.url = process, url
        self.shown: list[Shown] = []
        self.at: dict[str, float] = {}
        self.news = asyncio.Event()

    @classmethod
    @contextlib.asynccontextmanager
    async def gathered(cls) -> AsyncIterator["Audience"]:
        async with process_of("tests.chaos.stage", str(len(members()))) as process:
            assert process.stdout is not None
            audience = cls(process, (await process.stdout.readline()).decode().strip())
            listening = asyncio.create_task(audience._listen(process.stdout))
            yield audience
            listening.cancel()

    async def _listen(self, lines: asyncio.StreamReader) -> None:
        while line := await lines.readline():
            told = json.loads(line)
            it = Shown(told["what"], told["channel"], told["ts"], told["text"], told["keys"])
            self.shown.append(it)
            for key in it.keys:
                self.at.setdefault(key, time.monotonic())
            self.news.set()


class Nursery:
    """Starts bots, one at a time, each a process of its own, and kills them."""

    def __init__(self, process: asyncio.subprocess.Process, folder: Path) -> None:
        self._process, self._folder = process, folder
        self._clock = folder / "clock"
        self._count = 0
        self.pid: int | None = None
        self.killed_at = 0.0
        self.jumps = 0
        self.early: list[str] = []

    @classmethod
    @contextlib.asynccontextmanager
    async def opened(cls, settings: dict[str, str], folder: Path) -> AsyncIterator["Nursery"]:
        told = {"CHAOS_CLOCK": str(folder / "clock")}
        (folder / "clock").write_bytes(b"0".rjust(CLOCK_BYTES))
        async with process_of("tests.chaos.nursery", talks=True, env=settings | told) as process:
            nursery = cls(process, folder)
            try:
                yield nursery
            finally:
                if nursery.pid is not None:
                    await nursery.kill()

    async def start(self) -> None:
        self._count += 1
        self.pid = int(await self._order(f"start {self._folder / f'bot-{self._count}.out'}"))

    async def kill(self) -> None:
        """Kill it as the kernel does when memory runs out; one that ended by itself is complained of."""
        assert self.pid is not None
        self.killed_at = time.monotonic()
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        if (code := await self._order(f"reap {self.pid}")) != f"{-signal.SIGKILL}":
            self.early.append(f"bot {self._count} ended by itself with {code}: {self.output[-600:]}")
        self.pid = None

    def jump(self, seconds: int) -> None:
        """Put the machine's clock that far from the true time."""
        with self._clock.open("r+b") as file:
            file.write(str(seconds).encode().rjust(CLOCK_BYTES))
        self.jumps += 1

    @property
    def output(self) -> str:
        """What the last bot printed."""
        return (self._folder / f"bot-{self._count}.out").read_text()

    def troubles(self) -> list[str]:
        """The bots that ended by themselves, and the lines in which they said that something odd happened."""
        lines = [line for path in self._folder.glob("bot-*.out") for line in path.read_text().splitlines()]
        return [*self.early, *(line for line in lines if '"level": "error"' in line or "Traceback" in line)]

    async def _order(self, order: str) -> str:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{order}\n".encode())
        return (await self._process.stdout.readline()).decode().strip()


@contextlib.asynccontextmanager
async def process_of(
    module: str, *words: str, talks: bool = False, env: dict[str, str] | None = None
) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, *words, env={**os.environ, **(env or {})}, limit=1 << 22,
        stdin=asyncio.subprocess.PIPE if talks else asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await process.wait()
