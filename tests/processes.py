"""The bot and the sandbox as processes of their own; every one is stopped by its id."""

import asyncio
import itertools
import json
import os
import re
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from bot.sandbox.driver import wait_for

OURS = re.compile(
    r"SLACK_|ECOTAXA_|DATABASE_URL|TOKEN_KEYS|POLL_|HTTP_PORT|PUBLIC_URL|HEALTH_|OTEL_|LOG_LEVEL"
)
"""The bot's settings: what the machine has of them is not for these processes."""


RUN = """
import gc, sys
{prepared}
from bot.cli import main
code = main(["run"])
assert gc.isenabled()
print(*sys.modules)
sys.exit(code)
"""
"""The bot as `ecotaxa-bot run` starts it, which tells in the end what it loaded."""

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
    module: str,
    *words: str,
    folder: Path,
    settings: Mapping[str, str] | None = None,
    python: str = sys.executable,
) -> AsyncIterator[Process]:
    """Run `python -m module words…` in `folder`, which holds its output; killed if it outlives the block."""
    kept = {name: value for name, value in os.environ.items() if not OURS.match(name)}
    output = folder / f"{module}-{next(_NUMBERS)}.out"
    with output.open("wb") as file:
        process = await asyncio.create_subprocess_exec(
            python,
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
        await process.until_printed('"event": "ready"')
        yield process


async def started(
    settings: Mapping[str, str], folder: Path, *, prepared: str = "pass"
) -> tuple[list[str], list[dict[str, Any]]]:
    """What a bot had loaded that was told to stop once it was ready, and the entries of its log.

    `prepared` is what is done in its process before anything of it is loaded.
    """
    code = RUN.format(prepared=prepared)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, cwd=folder, env=dict(settings),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stderr is not None
    said: list[str] = []
    async for line in process.stderr:
        said.append(line.decode())
        if '"event": "ready"' in said[-1]:
            break
    else:
        raise AssertionError("".join(said))
    process.terminate()
    loaded, rest = await process.communicate()
    assert process.returncode == 0, said
    return loaded.decode().split(), [json.loads(line) for line in [*said, *rest.decode().splitlines()]]


def missing(lines: Sequence[str], *names: str) -> list[str]:
    """Those names that no line begins with."""
    return [name for name in names if not any(line.startswith(name) for line in lines)]
