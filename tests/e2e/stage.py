"""The server side of a browser test: the sandbox and the bot, each in a process of its own."""

import asyncio
import contextlib
import os
import re
import shutil
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.manifest import EVENTS_PATH, INSTALL_PATH, REDIRECT_PATH
from bot.sandbox.demo import environment, free_port, link, over_http, stop_bot
from bot.sandbox.driver import Actor, SandboxDriver, wait_for
from bot.sandbox.slack.team import CLIENT_ID, CLIENT_SECRET

START_SECONDS = 30.0
"""How long either may take to start on a machine that is busy with something else."""


@dataclass(frozen=True)
class Stage:
    """A running sandbox with its bot: `url` is the page, `hand` the power over both stand-ins."""

    url: str
    hand: SandboxDriver
    logs: Path
    install_url: str = ""
    """Where people begin to install a bot that has no token."""

    async def linked(self, name: str = "elena") -> Actor:
        """Somebody whose account is linked already, without a browser."""
        person = self.hand.person(name)
        await link(person)
        return person

    def keep_logs(self, folder: Path) -> None:
        """Copy what both processes said so far."""
        for log in self.logs.glob("*.log"):
            shutil.copy(log, folder)


async def _start(folder: Path, log: Path, settings: Mapping[str, str], *words: str) -> Process:
    root = str(Path(__file__).parents[2])
    with log.open("wb") as output:
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", *words, cwd=folder, stdout=output, stderr=output,
            env={**os.environ, "PYTHONPATH": root, **settings},
        )  # fmt: skip


def _text(log: Path) -> str:
    return log.read_text(errors="replace")


async def _said(process: Process, log: Path, pattern: str) -> re.Match[str]:
    """What the process has said, as soon as it fits `pattern`; raises RuntimeError when it ends before."""

    async def look() -> re.Match[str] | None:
        if process.returncode is not None:
            raise RuntimeError(f"it ended at once:\n{_text(log)}")
        return re.search(pattern, _text(log))

    return await wait_for(look, f"{pattern!r} in {log}", START_SECONDS)


@contextlib.asynccontextmanager
async def staged(
    folder: Path, *, speed: float = 1.0, is_http: bool = False, is_installed: bool = True
) -> AsyncIterator[Stage]:
    """Run both until the block ends; what they need and say is kept in `folder`.

    With `is_http` Slack sends over HTTP, and accounts are linked on the bot's own page.  A bot that is not
    `is_installed` has no token: people install it at `install_url`.
    """
    async with contextlib.AsyncExitStack() as stack:
        log = folder / "sandbox.log"
        sandbox = await _start(folder, log, {}, "bot.sandbox", "--port", "0", "--speed", str(speed))
        stack.push_async_callback(stop_bot, sandbox)
        url = (await _said(sandbox, log, r"ready: (http\S+)\n"))[1]
        log = folder / "bot.log"
        settings = environment(url, folder) | {
            "POLL_ACTIVE_SECONDS": "0.3",
            "POLL_IDLE_SECONDS": "0.5",
            "LOG_LEVEL": "INFO",
        }
        port = free_port()
        origin = over_http(port)["PUBLIC_URL"]
        if is_http:
            settings |= over_http(port)
        if not is_installed:
            app = {"SLACK_CLIENT_ID": CLIENT_ID, "SLACK_CLIENT_SECRET": CLIENT_SECRET}
            settings |= app | {"SLACK_BOT_TOKEN": ""}
        bot = await _start(folder, log, settings, "bot", "run")
        stack.push_async_callback(stop_bot, bot)
        await _said(bot, log, '"event": "ready"')
        hand = await stack.enter_async_context(SandboxDriver(url))
        if is_http:
            await hand.slack.mode(origin + EVENTS_PATH)
        await hand.slack.set_up_app(redirect_urls=[origin + REDIRECT_PATH], org_ready=True)
        yield Stage(url, hand, folder, origin + INSTALL_PATH)
