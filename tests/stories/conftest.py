"""The whole bot on a sandbox of its own, over real sockets; one of each for every story."""

import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

import apscheduler.schedulers.base
import pytest

from bot import app
from bot.sandbox.demo import environment
from bot.sandbox.driver import Actor, SandboxDriver, wait_for
from bot.sandbox.server import Sandbox
from bot.settings import Settings
from tests.processes import Process, running_bot

SPEED = 25
"""How much faster than real the stand-in's jobs run: a long export takes about a second."""

PATIENCE = 8.0
"""Seconds that Slack waits here for an acknowledgement; what is to be slow takes longer still."""

Start = Callable[..., AbstractAsyncContextManager[app.Bot]]


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    sandbox = Sandbox(speed=SPEED, patience=PATIENCE)
    await sandbox.start()
    yield sandbox
    await sandbox.stop()


@pytest.fixture
async def driver(sandbox: Sandbox) -> AsyncIterator[SandboxDriver]:
    async with SandboxDriver(sandbox.url) as driver:
        yield driver


@pytest.fixture
def settings(sandbox: Sandbox, tmp_path: Path) -> dict[str, str]:
    """The settings of the story's bot; a story may change them before it starts one."""
    quick = {"POLL_ACTIVE_SECONDS": "0.2", "POLL_IDLE_SECONDS": "0.3", "LOG_LEVEL": "INFO"}
    return environment(sandbox.url, tmp_path) | quick


class Clock:
    """The time as it is, and further on by as much as a story says."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)
        self._still: datetime | None = None

    def __call__(self) -> datetime:
        return (self._still or app.utc_now()) + self.ahead

    def stop(self) -> None:
        """Let time pass no more by itself."""
        self._still = app.utc_now()

    def forward(self, **much: float) -> None:
        """Let time pass: `clock.forward(hours=3)`."""
        self.ahead += timedelta(**much)


def set_timers(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have APScheduler's timers go by a story's clock too."""

    class Wrong(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]  # always asked with a zone
            return clock().astimezone(tz)

    monkeypatch.setattr(apscheduler.schedulers.base, "datetime", Wrong)


@pytest.fixture
def clock() -> Clock:
    """The clock that the story's bot lives by."""
    return Clock()


@pytest.fixture
def start(settings: dict[str, str], clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Start:
    """Start a bot with the story's settings; several, or one after the other, as the story wants."""

    @contextlib.asynccontextmanager
    async def started() -> AsyncIterator[app.Bot]:
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        async with app.running(Settings.read(None), clock) as bot:
            yield bot

    return started


@pytest.fixture
async def bot(start: Start) -> AsyncIterator[app.Bot]:
    async with start() as bot:
        yield bot


@pytest.fixture
async def process(settings: dict[str, str], tmp_path: Path) -> AsyncIterator[Process]:
    """The bot as a process of its own, whose log can be read."""
    async with running_bot(settings, tmp_path) as process:
        yield process


@pytest.fixture
def elena(driver: SandboxDriver, bot: app.Bot) -> Actor:
    """A biologist whose account is not linked yet."""
    return driver.person("elena")


async def looked(driver: SandboxDriver, times: int = 2) -> None:
    """Wait until the bot has looked at its accounts so many times more, and told what it saw."""
    since = (await driver.ecotaxa.traffic())["seq"]

    async def enough() -> bool | None:
        entries = (await driver.ecotaxa.traffic(since))["entries"]
        return sum(entry["path"].endswith("/jobs/") for entry in entries) > times or None

    await wait_for(enough, f"{times} looks")


async def comes_to(driver: SandboxDriver, job_id: int, state: str) -> dict[str, Any]:
    """Wait until a job has come to a state: the job then."""

    async def there() -> dict[str, Any] | None:
        job = await driver.ecotaxa.job(job_id)
        return job if job["state"] == state else None

    return await wait_for(there, f"job {job_id} to come to {state}")


async def link(person: Actor) -> None:
    """Link a person's account with their password."""
    await person.say("/ecotaxa link")
    await person.wait_for_view("Link EcoTaxa")
    errors = await person.submit({"E-mail": person.email, "Password": "plankton"})
    assert errors == {}
    await person.wait_for_view("Linked")
    await person.close()


@pytest.fixture
async def linked(elena: Actor, driver: SandboxDriver) -> Actor:
    """A biologist whose account is linked, and whose jobs so far were seen."""
    await link(elena)
    await looked(driver)
    return elena
