"""The processes that take part in a bench, each stopped by its own id however the bench ends."""

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from bot.links import Link, Person, Token
from bot.sandbox.demo import start_bot, stop_bot
from bot.sandbox.driver import Failed, SandboxDriver, wait_for
from bot.sandbox.slack.people import TEAM_ID
from bot.store import Profile, Store
from bot.vault import Vault
from tests.simulation.player import person_of

ROOT = Path(__file__).parents[2]
PROFILE = Profile("en-US", "Europe/Paris")


@contextlib.asynccontextmanager
async def sandboxes(count: int, people: int) -> AsyncIterator[list[str]]:
    """The addresses of so many sandboxes in one process, each with so many people more than usual."""
    async with running("tests.bench.stage", str(count), str(people), talks=True) as process:
        assert process.stdout is not None
        yield [(await process.stdout.readline()).decode().strip() for _ in range(count)]


@contextlib.asynccontextmanager
async def running(module: str, *words: str, talks: bool = False) -> AsyncIterator[asyncio.subprocess.Process]:
    """A module of the repository as a process; it `talks` when what it prints is to be read."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, *words, cwd=ROOT, stdout=asyncio.subprocess.PIPE if talks else None
    )
    try:
        yield process
    finally:
        await stop_bot(process)


@contextlib.asynccontextmanager
async def bot(settings: Mapping[str, str], folder: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """The bot as people run it, with its database in `folder`."""
    process = await start_bot(settings, folder)
    try:
        yield process
    finally:
        await stop_bot(process)


async def link(driver: SandboxDriver, store: Store, names: Sequence[str]) -> None:
    """Link these people's accounts, straight through the store: how they were linked is not measured."""
    now = datetime.now(UTC)
    for name in names:
        actor = driver.person(name)
        token = Token.read(await driver.ecotaxa.token(name))
        await store.save_link(Link(Person(None, TEAM_ID, actor.id), token, name, actor.email), now)


async def introduce(store: Store, names: Sequence[str]) -> None:
    """Have the bot know these people's language and zone: Slack tells of 98 people a minute."""
    for name in names:
        await store.meet(person_of(name), datetime.now(UTC))
        await store.save_profile(person_of(name), PROFILE, datetime.now(UTC))


@contextlib.asynccontextmanager
async def store_of(settings: Mapping[str, str]) -> AsyncIterator[Store]:
    """The store that a bot with these settings uses."""
    store = Store.open(settings["DATABASE_URL"], Vault([settings["TOKEN_KEYS"]]))
    try:
        await store.migrate()
        yield store
    finally:
        await store.close()


async def listening(driver: SandboxDriver, name: str) -> None:
    """Wait until the app is connected and acknowledges."""

    async def probe() -> bool | None:
        try:
            await driver.person(name).say("/ecotaxa help")
        except Failed:
            return None
        return True

    await wait_for(probe, "the app to listen", timeout=30)
