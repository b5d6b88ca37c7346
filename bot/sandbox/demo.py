"""`ecotaxa-bot demo`: the bot, as its own process, on an embedded EcoTaxa and Slack with a web page."""

import asyncio
import os
import signal
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from bot.sandbox.server import Sandbox
from bot.vault import Vault

TRY = """
  EcoTaxa in Slack, on this machine alone:   {url}

  1. Open the conversation with EcoTaxa and type   /ecotaxa jobs
  2. Link the account: e-mail elena@lab.example, password plankton
  3. Start a long export in the EcoTaxa panel and type /ecotaxa jobs again: it moves, then pings
  4. Start an import that asks, and press Answer in the ping

  Ctrl-C stops it.
"""


def environment(url: str, folder: Path) -> dict[str, str]:
    """The settings with which a bot talks to a sandbox at `url` and keeps its database in `folder`."""
    return {
        "SLACK_BOT_TOKEN": "xoxb-sandbox",
        "SLACK_APP_TOKEN": "xapp-sandbox",
        "SLACK_SIGNING_SECRET": "sandbox-signing-secret",
        "SLACK_API_URL": f"{url}/slack/api",
        "ECOTAXA_API_URL": f"{url}/ecotaxa/api",
        "ECOTAXA_WEB_URL": f"{url}/ecotaxa",
        "DATABASE_URL": f"sqlite:///{folder / 'demo.sqlite3'}",
        "TOKEN_KEYS": Vault.new_key(),
        "POLL_ACTIVE_SECONDS": "1",
        "POLL_IDLE_SECONDS": "2",
        "LOG_LEVEL": "WARNING",
    }


async def start_bot(settings: Mapping[str, str], folder: Path) -> asyncio.subprocess.Process:
    """Start the bot as a process of its own; it works in `folder`, so that it reads nobody's `.env`."""
    inherited = {name: value for name, value in os.environ.items() if name.upper() not in settings}
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "run", cwd=folder, env={**inherited, **settings}
    )


async def stop_bot(process: asyncio.subprocess.Process) -> None:
    """Ask the bot to stop; kill it if it has not after 10 s."""
    if process.returncode is not None:
        return
    process.terminate()
    try:
        async with asyncio.timeout(10):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


async def _demo(port: int, speed: float) -> int:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    sandbox = Sandbox(port=port, speed=speed)
    try:
        await sandbox.start()
    except OSError as error:
        _say(f"Port {port} cannot be used ({error.strerror}): try `make demo PORT={port + 1}`.")
        return 1
    with tempfile.TemporaryDirectory(prefix="ecotaxa-bot-demo-") as folder:
        bot = await start_bot(environment(sandbox.url, Path(folder)), Path(folder))
        _say(TRY.format(url=sandbox.url))
        waits = [asyncio.create_task(stop.wait()), asyncio.create_task(bot.wait())]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        crashed = bot.returncode is not None and not stop.is_set()
        await stop_bot(bot)
        await asyncio.gather(*(_ended(wait) for wait in waits))
        await sandbox.stop()
    return 1 if crashed else 0


async def _ended(task: asyncio.Task[object]) -> None:
    task.cancel()
    await asyncio.wait({task})


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201  # the terminal is where the demo was started


def run_demo(port: int, speed: float) -> int:
    """Run the demo until Ctrl-C; returns the exit code."""
    return asyncio.run(_demo(port, speed))
