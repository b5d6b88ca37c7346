"""A linked person, a bot, and a proxy before each of its peers: some in lanes beside each other."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import make_url

from bot import app
from bot.sandbox.demo import environment
from bot.sandbox.driver import Actor, SandboxDriver
from bot.sandbox.server import Sandbox
from bot.settings import Settings
from tests.faults.cases import Case
from tests.faults.certificates import ELSEWHERE, Authority
from tests.faults.proxy import Proxy
from tests.stories.conftest import PATIENCE, SPEED, Clock, link, looked

LANES = 8
"""Bots beside each other: most of a fault is waiting."""


class Elsewhere:
    """A server that is none of the bot's peers, and counts what it is sent."""

    def __init__(self) -> None:
        self.got = 0
        self.url = ""

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        server = await asyncio.start_server(self._take, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/steal"
        try:
            yield
        finally:
            server.close()
            await server.wait_closed()

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.got += len(await reader.read(1_000_000))
        writer.close()


@dataclass
class Stage:
    """Where a story is played, one fault after the other on the same bot."""

    driver: SandboxDriver
    elena: Actor
    bot: app.Bot
    clock: Clock
    elsewhere: Elsewhere
    certificates: dict[str, str]
    proxies: dict[str, Proxy] = field(default_factory=dict)


def certificates(folder: Path) -> tuple[Path, dict[str, str]]:
    """The file of a lab's authority, and the files of one good certificate and three that are none."""
    authority = Authority(folder)
    return authority.file, {
        "good": authority.certificate("good"),
        "self-signed": authority.certificate("self-signed", signed=False),
        "another host's": authority.certificate("another", ELSEWHERE),
        "expired": authority.certificate("expired", days=-1),
    }


def to_postgresql(address: str) -> Any:
    """How a proxy connects to the server of that address."""
    url = make_url(address)
    folder, port = url.query.get("host"), url.port or url.query.get("port") or 5432
    if folder:
        return partial(asyncio.open_unix_connection, f"{folder}/.s.PGSQL.{port}")
    return partial(asyncio.open_connection, url.host, url.port or 5432)


@asynccontextmanager
async def staged(folder: Path, number: int, database_url: str = "") -> AsyncIterator[Stage]:
    """A stage of its own; `database_url` is a PostgreSQL's, which is then behind a proxy as well."""
    lane = folder / str(number)
    lane.mkdir()
    ca_file, shown = certificates(lane)
    sandbox, elsewhere, clock = Sandbox(speed=SPEED, patience=PATIENCE), Elsewhere(), Clock()
    await sandbox.start()
    port = int(sandbox.url.rpartition(":")[2])
    async with AsyncExitStack() as stack:
        stack.push_async_callback(sandbox.stop)
        await stack.enter_async_context(elsewhere.serving())
        proxies = {}
        for peer in ("EcoTaxa", "Slack"):
            tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            proxy = Proxy(partial(asyncio.open_connection, "127.0.0.1", port), tls, shown["good"])
            proxies[peer] = await stack.enter_async_context(proxy)
        slack, ecotaxa = (f"https://127.0.0.1:{proxies[peer].port}" for peer in ("Slack", "EcoTaxa"))
        # Where the websocket, the answers to commands and the uploads go, Slack tells.
        sandbox.slack.scheme = "https"
        given = environment(sandbox.url, lane) | {
            "SLACK_API_URL": f"{slack}/slack/api",
            "ECOTAXA_API_URL": f"{ecotaxa}/ecotaxa/api",
            "CA_FILE": str(ca_file),
            "POLL_ACTIVE_SECONDS": "0.3",
            "POLL_IDLE_SECONDS": "0.4",
        }
        if database_url:
            proxies["PostgreSQL"] = proxy = await stack.enter_async_context(
                Proxy(to_postgresql(database_url))
            )
            behind = make_url(database_url).set(host="127.0.0.1", port=proxy.port, query={"ssl": "disable"})
            given["DATABASE_URL"] = behind.render_as_string(hide_password=False)
        fields: dict[str, Any] = {name.lower(): value for name, value in given.items()}
        settings = Settings(_env_file=None, **fields)  # type: ignore[call-arg]  # pydantic's own argument
        driver = await stack.enter_async_context(SandboxDriver(sandbox.url))
        bot = await stack.enter_async_context(app.running(settings, clock))
        yield Stage(driver, driver.person("elena"), bot, clock, elsewhere, shown, proxies)
        for proxy in proxies.values():
            proxy.mend()


Enter = Callable[[int], contextlib.AbstractAsyncContextManager[Stage]]
Story = Callable[[Stage, Case], Awaitable[None]]


async def play(enter: Enter, story: Story, cases: Sequence[Case]) -> None:
    """Play the story in each case, some of them one after the other on the same stage.

    Raises an ExceptionGroup of those that failed, each with a note of its case.
    """
    # The longest first, so that the lanes come to their ends together.
    patient = sorted(cases, key=lambda case: -case.takes)
    shares: list[list[Case]] = [[] for _ in range(min(LANES, len(cases)))]
    for case in patient:
        min(shares, key=lambda share: sum(it.takes for it in share)).append(case)
    failed: list[Exception] = []

    async def lane(stage: Stage, share: list[Case]) -> None:
        await link(stage.elena)
        await looked(stage.driver)
        for case in share:
            try:
                await story(stage, case)
            except Exception as error:  # noqa: BLE001  # told with its case, when all are done
                error.add_note(f"in the case {case.peer}: {case.fault}")
                failed.append(error)

    async with AsyncExitStack() as stack:
        # One after the other: Alembic's migrations cannot run twice at the same time in one process.
        stages = [await stack.enter_async_context(enter(number)) for number in range(len(shares))]
        await asyncio.gather(*map(lane, stages, shares))
    if failed:
        raise ExceptionGroup("some cases failed", failed)
