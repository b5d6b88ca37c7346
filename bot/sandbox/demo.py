"""`ecotaxa-bot demo`: the bot, as its own process, on an embedded EcoTaxa and Slack with a web page."""

import asyncio
import html
import os
import re
import signal
import socket
import sys
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

import httpx

from bot.manifest import EVENTS_PATH
from bot.sandbox.driver import Actor, Failed, SandboxDriver, wait_for
from bot.sandbox.server import Sandbox
from bot.vault import Vault

TRY = """
  EcoTaxa in Slack, on this machine alone:   {url}

  A tour of five steps begins there; or type /ecotaxa jobs and look around. You are Elena, who is new:
  sign in with elena@lab.example and plankton. Amélie, who reads French, and Tomás, who reads Portuguese,
  are linked already, and so is Ada, who is an administrator.

  Ctrl-C stops it.
"""

CAST = {"U0ELENA": "new here", "U0AMELIE": "linked", "U0TOMAS": "linked", "U0ADA": "administrator"}
"""Who is what when the demo begins; everybody but who is new is linked."""

LANGUAGES = {"amelie": "fr-FR", "tomas": "pt-BR"}
"""Who uses Slack in another language than English."""

PASSWORD = "plankton"  # noqa: S105  # everybody's, in a made-up world


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


def over_http(port: int) -> dict[str, str]:
    """The settings with which Slack reaches the bot over HTTP, and browsers its pages, on this machine."""
    return {"SLACK_MODE": "http", "HTTP_PORT": str(port), "PUBLIC_URL": f"http://127.0.0.1:{port}"}


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


async def link(person: Actor) -> None:
    """Link somebody's account the way people do; raises Failed when the bot does not listen."""
    await person.say("/ecotaxa link", person.im)
    await person.wait_for_view("Link EcoTaxa")
    await person.submit({"E-mail": person.email, "Password": PASSWORD})
    await person.wait_for_view("Linked")
    await person.close()


async def link_on_page(person: Actor) -> None:
    """The same on the bot's own page; raises Failed where that does not take the form."""
    await person.say("/ecotaxa link", person.im)
    way = await person.wait_for_message("my own page", person.im)
    _block, button = way.find("Open the page")
    async with httpx.AsyncClient(trust_env=False) as browser:
        shown = (await browser.get(button["url"])).text
        proof = re.search(r'name="proof" value="(.*?)"', shown)
        form = {"email": person.email, "password": PASSWORD}
        form["proof"] = html.unescape(proof[1]) if proof else ""
        answer = await browser.post(button["url"], data=form)
    if answer.is_error:
        raise Failed(f"http_{answer.status_code}", {})


async def furnish(url: str, link: Callable[[Actor], Awaitable[None]] = link) -> None:
    """Link those of the cast who are not new, and give everybody jobs, some of which ping."""
    async with SandboxDriver(url) as hand:
        jobs = hand.ecotaxa
        for name, count in (("elena", 2), ("amelie", 5), ("tomas", 3), ("ada", 1)):
            await jobs.jobs(count, name, state="F", type="GeneralExport")
        await jobs.jobs(1, "amelie", state="E", type="FileImport")
        # They are linked by the English words that they see; their own languages come after that.
        await asyncio.gather(*(link(hand.person(name)) for name in ("amelie", "tomas", "ada")))
        for name, locale in LANGUAGES.items():
            await hand.slack.locale(name, locale)
        await jobs.start("long-export", "amelie")
        await jobs.start("ask", "tomas")
        await jobs.start("bad-import", "tomas")


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
    # As it is set for any bot, and passed on to this one.
    chosen = over_http(free_port()) if os.environ.get("SLACK_MODE") == "http" else {}
    with tempfile.TemporaryDirectory(prefix="ecotaxa-bot-demo-") as folder:
        bot = await start_bot(environment(sandbox.url, Path(folder)) | chosen, Path(folder))
        waits = [asyncio.create_task(stop.wait()), asyncio.create_task(bot.wait())]
        opening = asyncio.create_task(_open(sandbox, chosen.get("PUBLIC_URL")))
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        await _ended(opening)
        crashed = bot.returncode is not None and not stop.is_set()
        await stop_bot(bot)
        await asyncio.gather(*(_ended(wait) for wait in waits))
        await sandbox.stop()
    return 1 if crashed else 0


async def _open(sandbox: Sandbox, public_url: str | None) -> None:
    """Say where the page is as soon as the bot listens, over HTTP if it has an address, with its people."""
    if public_url is None:
        await sandbox.slack.delivery.sockets.connected()
    else:
        async with SandboxDriver(sandbox.url) as hand:
            await deliver_to(hand, public_url + EVENTS_PATH)
    sandbox.cast = CAST
    try:
        await furnish(sandbox.url, link if public_url is None else link_on_page)
    except (Failed, TimeoutError) as error:
        _say(f"Nobody could be linked beforehand ({error}): link them yourself.")
    _say(TRY.format(url=sandbox.url))


async def deliver_to(hand: SandboxDriver, request_url: str) -> None:
    """Have Slack deliver to a bot over HTTP, as soon as it answers there."""

    async def answers() -> bool | None:
        try:
            await hand.slack.mode(request_url)
        except Failed:
            return None
        return True

    await wait_for(answers, "the bot to serve HTTP")


def free_port() -> int:
    """A port of this machine that nobody uses now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


async def _ended(task: asyncio.Task[object]) -> None:
    task.cancel()
    await asyncio.wait({task})


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201  # the terminal is where the demo was started


def run_demo(port: int, speed: float) -> int:
    """Run the demo until Ctrl-C; returns the exit code."""
    return asyncio.run(_demo(port, speed))
