"""An account that keeps thousands of jobs is looked at by state, and nothing is missed."""

import re

import pytest

from bot import watcher
from bot.sandbox.driver import Actor, SandboxDriver
from tests.stories.conftest import comes_to, link, looked


@pytest.fixture
async def keeper(elena: Actor, driver: SandboxDriver) -> Actor:
    """A biologist who keeps more old jobs than EcoTaxa lists cheaply."""
    await driver.ecotaxa.jobs(watcher.SMALL + 50, state="F")
    await link(elena)
    await looked(driver)
    return elena


async def asked_for(driver: SandboxDriver, since: int) -> list[str]:
    entries = (await driver.ecotaxa.traffic(since))["entries"]
    return [f"{entry['path']}?{entry['query']}" for entry in entries if "/jobs/" in entry["path"]]


async def test_states_are_asked_for_instead_of_the_whole_list(keeper: Actor, driver: SandboxDriver) -> None:
    since = (await driver.ecotaxa.traffic())["seq"]
    asking, export = await driver.ecotaxa.start("ask"), await driver.ecotaxa.start("long-export")

    await keeper.wait_for_message(f"#{asking}", keeper.im)
    ended = await keeper.wait_for_message(f"#{export}", keeper.im)

    assert "Finished" in ended.text
    asked = await asked_for(driver, since)
    assert f"/jobs/{export}/?" in asked, (
        "one that was running and is no longer in the lists is asked for by itself"
    )
    assert not [path for path in asked if path == "/jobs/?"], "no whole list so soon"
    told = {job for m in await keeper.messages(keeper.im) for job in re.findall(r"#(\d+)", m.text)}
    assert told == {str(asking), str(export)}, "old jobs are no news"


async def test_an_older_server_that_ignores_filters_is_understood(
    keeper: Actor, driver: SandboxDriver
) -> None:
    await driver.ecotaxa.break_(ignore_filters=True)
    job_id = await driver.ecotaxa.start("export")

    ended = await keeper.wait_for_message(f"#{job_id}", keeper.im)

    assert "Finished" in ended.text


async def test_a_running_job_that_is_deleted_is_let_go(keeper: Actor, driver: SandboxDriver) -> None:
    job_id = await driver.ecotaxa.start("long-export")
    await comes_to(driver, job_id, "R")
    await looked(driver)
    await driver.ecotaxa.erase(job_id)
    await driver.ecotaxa.erase(job_id)
    since = (await driver.ecotaxa.traffic())["seq"]
    after = await driver.ecotaxa.start("ask")  # what asks stays so, however late it is seen

    await keeper.wait_for_message(f"#{after}", keeper.im)

    asked = await asked_for(driver, since)
    assert asked.count(f"/jobs/{job_id}/?") <= 3, "it is not asked for for ever"
