"""What a crash leaves behind in the middle: files and clean-ups that broke off."""

import contextlib
import signal
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest

from bot.sandbox.demo import environment
from bot.sandbox.driver import Actor, SandboxDriver
from tests.processes import running_bot, sandbox
from tests.stories.conftest import link, looked


@contextlib.asynccontextmanager
async def killed(settings: Mapping[str, str], folder: Path) -> AsyncIterator[None]:
    """A bot that is killed at the end of the block, as when memory runs out."""
    async with running_bot(settings, folder) as bot:
        yield
        bot.process.send_signal(signal.SIGKILL)
        assert await bot.ended(20) == -signal.SIGKILL


@pytest.fixture
async def url(tmp_path: Path) -> AsyncIterator[str]:
    """The address of a sandbox in a process of its own."""
    async with sandbox(tmp_path, 25) as url:
        yield url


@pytest.fixture
async def apart(url: str) -> AsyncIterator[SandboxDriver]:
    async with SandboxDriver(url) as driver:
        yield driver


@pytest.fixture
def of_process(url: str, tmp_path: Path) -> dict[str, str]:
    quick = {"POLL_ACTIVE_SECONDS": "0.3", "POLL_IDLE_SECONDS": "0.4", "LOG_LEVEL": "INFO"}
    return environment(url, tmp_path) | quick


async def exported(person: Actor, driver: SandboxDriver) -> int:
    await link(person)
    await looked(driver)
    job_id = await driver.ecotaxa.start("export")
    ping = await person.wait_for_message(f"#{job_id}", person.im)
    await person.press(ping, "Get the file")
    return job_id


async def test_a_file_that_was_on_its_way_when_the_bot_died_is_told_to_have_broken_off(
    apart: SandboxDriver, of_process: dict[str, str], tmp_path: Path
) -> None:
    elena = apart.person("elena")
    async with killed(of_process, tmp_path):
        await apart.slack.break_(api={"upload": {"mode": "hang"}})
        job_id = await exported(elena, apart)
        shown = await elena.wait_for_message(lambda m: "Cancel" in m.labels(), elena.im)
        await elena.wait_for_message(lambda m: m.id == shown.id and "Bringing" in m.text, elena.im)
    await apart.slack.heal()

    async with running_bot(of_process, tmp_path):
        told = await elena.wait_for_message(
            lambda m: m.id == shown.id and "I was restarted" in m.text, elena.im
        )
        await elena.press(told, "Try again")
        await elena.wait_for_message(lambda m: m.id == shown.id and "is here" in m.text, elena.im)
        assert sum(bool(m.files) for m in await elena.messages(elena.im)) == 1
    assert job_id


async def test_a_file_that_arrived_just_when_the_bot_died_is_told_to_be_there(
    apart: SandboxDriver, of_process: dict[str, str], tmp_path: Path
) -> None:
    elena = apart.person("elena")
    async with killed(of_process, tmp_path):
        await apart.slack.break_(api={"files.completeUploadExternal": {"mode": "post_then_hang"}})
        await exported(elena, apart)
        await elena.wait_for_message(lambda m: bool(m.files), elena.im)
        shown = await elena.wait_for_message(lambda m: "Cancel" in m.labels(), elena.im)
    await apart.slack.heal()

    async with running_bot(of_process, tmp_path):
        await elena.wait_for_message(lambda m: m.id == shown.id and "is here" in m.text, elena.im)
        assert sum(bool(m.files) for m in await elena.messages(elena.im)) == 1


async def test_a_file_that_came_is_not_told_of_again_after_a_crash(
    apart: SandboxDriver, of_process: dict[str, str], tmp_path: Path
) -> None:
    elena = apart.person("elena")
    async with killed(of_process, tmp_path):
        await exported(elena, apart)
        here = await elena.wait_for_message("is here", elena.im)
        await looked(apart)

    async with running_bot(of_process, tmp_path):
        await looked(apart, 6)
        assert await elena.now(here) == here


async def test_a_clean_up_that_died_with_the_bot_says_so_and_can_be_begun_again(
    apart: SandboxDriver, of_process: dict[str, str], tmp_path: Path
) -> None:
    elena = apart.person("elena")
    await apart.ecotaxa.jobs(40, state="F")
    async with killed(of_process, tmp_path):
        await link(elena)
        await elena.say("/ecotaxa clean done", elena.im)
        asked = await elena.wait_for_message("40", elena.im)
        await elena.press(asked, "Delete")
        await elena.wait_for_message(lambda m: m.id == asked.id and "Stop" in m.labels(), elena.im)

    async with running_bot(of_process, tmp_path):
        await elena.wait_for_message(lambda m: m.id == asked.id and "switched off" in m.text, elena.im)
        await elena.say("/ecotaxa clean done", elena.im)
        await elena.wait_for_message(
            lambda m: m.id != asked.id and any("Delete" in label for label in m.labels()), elena.im
        )
