"""The same story in several cases at the same time: most of these stories is waiting."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

from bot import app
from bot.sandbox.demo import environment
from bot.sandbox.driver import Actor, SandboxDriver
from bot.sandbox.server import Sandbox
from bot.settings import Settings
from tests.stories.conftest import PATIENCE, SPEED, link, looked

C = TypeVar("C")
T = TypeVar("T")

AT_ONCE = 5
"""Cases under way at the same time: as many as a small machine keeps up with."""

Story = Callable[[SandboxDriver, Actor, C], Awaitable[T]]


@asynccontextmanager
async def _another(folder: Path, number: int) -> AsyncIterator[SandboxDriver]:
    """A bot on a sandbox of their own, beside others."""
    sandbox = Sandbox(speed=SPEED, patience=PATIENCE)
    await sandbox.start()
    given = environment(sandbox.url, folder) | {
        "DATABASE_URL": f"sqlite:///{folder}/{number}.sqlite3",
        "POLL_ACTIVE_SECONDS": "0.3",
        "POLL_IDLE_SECONDS": "0.4",
    }
    fields: dict[str, Any] = {name.lower(): value for name, value in given.items()}
    settings = Settings(_env_file=None, **fields)  # type: ignore[call-arg]  # pydantic's own argument
    async with SandboxDriver(sandbox.url) as driver, app.running(settings):
        yield driver
    await sandbox.stop()


def _batches(names: Sequence[str]) -> list[Sequence[str]]:
    return [names[start : start + AT_ONCE] for start in range(0, len(names), AT_ONCE)]


async def side_by_side(folder: Path, story: Story[C, T], cases: Mapping[str, C]) -> dict[str, T]:
    """Tell the story of a linked person in each case: what came of it by the case's name.

    Raises an ExceptionGroup of those that failed, each with a note of its case.
    """

    async def tell(name: str, driver: SandboxDriver) -> T:
        try:
            elena = driver.person("elena")
            await link(elena)
            await looked(driver)
            return await story(driver, elena, cases[name])
        except Exception as error:
            error.add_note(f"in the case {name!r}")
            raise

    outcomes: list[T | BaseException] = []
    for few in _batches([*cases]):
        async with AsyncExitStack() as stack:
            # One after the other: Alembic's migrations cannot run twice at the same time in one process.
            drivers = [
                await stack.enter_async_context(_another(folder, len(outcomes) + n)) for n in range(len(few))
            ]
            outcomes += await asyncio.gather(*map(tell, few, drivers), return_exceptions=True)
    failed = [each for each in outcomes if isinstance(each, Exception)]
    if failed:
        raise ExceptionGroup("some cases failed", failed)
    return {
        name: each for name, each in zip(cases, outcomes, strict=True) if not isinstance(each, BaseException)
    }
