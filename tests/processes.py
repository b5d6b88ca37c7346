"""The bot and the sandbox as processes of their own; every one is stopped by its id."""

import asyncio
import itertools
import os
import re
import socket
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from bot.sandbox.driver import wait_for

OURS = re.compile(r"SLACK_|ECOTAXA_|DATABASE_URL|TOKEN_KEYS|POLL_|HTTP_PORT|PUBLIC_URL|HEALTH_|LOG_LEVEL")
"""The bot's settings: what the machine has of them is not for these processes."""


_NUMBERS = itertools.count()


class Process:
    """A Python module that runs on its own, with what it prints in a file."""

    def __init__(self, process: asyncio.subprocess.Process, output: Path) -> None:
        self.process = process
        self._output = output

    @property
    def output(self) -> str:
        """All that it printed so far, on both streams."""
        return self._output.read_text()

    @property
    def lines(self) -> list[str]:
        """The lines of it."""
        return self.output.splitlines()

    async def ended(self, seconds: float) -> int:
        """Its exit code; raises TimeoutError when it still runs after so many seconds."""
        async with asyncio.timeout(seconds):
            return await self.process.wait()

    async def until_printed(self, text: str, seconds: float = 60) -> str:
        """Wait until it printed a line with `text`: that line."""

        async def printed() -> str | None:
            assert self.process.returncode is None or text in self.output, self.output
            return next((line for line in self.lines if text in line), None)

        return await wait_for(printed, f"{text!r} among {self.output!r}", seconds)


@asynccontextmanager
async def running(
    module: str, *words: str, folder: Path, settings: Mapping[str, str] | None = None
) -> AsyncIterator[Process]:
    """Run `python -m module words…` in `folder`, which holds its output; killed if it outlives the block."""
    kept = {name: value for name, value in os.environ.items() if not OURS.match(name)}
    output = folder / f"{module}-{next(_NUMBERS)}.out"
    with output.open("wb") as file:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", module, *words),
            cwd=folder,
            env={**kept, **(settings or {})},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=file,
            stderr=file,
        )
    try:
        yield Process(process, output)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@asynccontextmanager
async def sandbox(folder: Path, speed: float) -> AsyncIterator[str]:
    """A sandbox: its address."""
    async with running("bot.sandbox", "--port", "0", "--speed", str(speed), folder=folder) as process:
        line = await process.until_printed("The sandbox is ready")
        yield line.rpartition(" ")[2]


@asynccontextmanager
async def running_bot(settings: Mapping[str, str], folder: Path) -> AsyncIterator[Process]:
    """A bot that is ready, or has ended."""
    async with running("bot", "run", folder=folder, settings=settings) as process:
        await process.until_printed("'ready'")
        yield process


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def missing(lines: Sequence[str], *names: str) -> list[str]:
    """Those names that no line begins with."""
    return [name for name in names if not any(line.startswith(name) for line in lines)]
