"""What Slack delivers again after a crash, to a process that knows nothing of the first time."""

import pytest

from bot.sandbox.driver import SandboxDriver
from tests.stories.conftest import Start, comes_to, link
from tests.stories.forgery import Json, command, press

RESTART = "job.restart"


@pytest.fixture
def again() -> Json:
    """What stays the same when Slack delivers something again."""
    return {"trigger_id": "17.42.again"}


async def failed(driver: SandboxDriver) -> int:
    [job_id] = await driver.ecotaxa.jobs(1, state="E")
    await driver.ecotaxa.set(job_id, freeze=True)
    return job_id


@pytest.mark.parametrize("is_typed", [True, False])
async def test_a_restart_that_slack_delivers_again_after_a_crash_is_not_done_again(
    driver: SandboxDriver, start: Start, again: Json, *, is_typed: bool
) -> None:
    person, job_id = driver.person("elena"), await failed(driver)
    kind = "slash_commands" if is_typed else "block_actions"
    payload = command(person, f"restart {job_id}") if is_typed else press(person, RESTART, str(job_id))
    async with start():
        await link(person)
        await driver.slack.deliver(kind, payload | again)
        await comes_to(driver, job_id, "P")
    await driver.ecotaxa.set(job_id, state="E", freeze=True)

    async with start():
        await driver.slack.deliver(kind, payload | again)
        await person.wait_for_message("I was interrupted while I did this")

    assert (await driver.ecotaxa.job(job_id))["state"] == "E"


async def test_the_same_press_made_anew_is_done(driver: SandboxDriver, start: Start) -> None:
    person, job_id = driver.person("elena"), await failed(driver)
    async with start():
        await link(person)
        for _ in range(2):
            await driver.slack.deliver("block_actions", press(person, RESTART, str(job_id)))
            await comes_to(driver, job_id, "P")
            await driver.ecotaxa.set(job_id, state="E", freeze=True)
