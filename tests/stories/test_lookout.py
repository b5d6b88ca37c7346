"""With an administrator's token everybody's jobs are seen in a few requests, and told as ever."""

from collections import Counter

import pytest

from bot.sandbox.driver import Actor, SandboxDriver, wait_for
from tests.stories.conftest import Clock, Start, comes_to, link, looked

SELDOM = "600"


@pytest.fixture
def settings(settings: dict[str, str]) -> dict[str, str]:
    # Nobody's account is looked at by itself within a story, but for what somebody sees.
    return settings | {"POLL_IDLE_SECONDS": SELDOM}


async def told(person: Actor, job_id: int, what: str) -> None:
    await person.wait_for_message(lambda m: f"#{job_id}" in m.text and what in m.text, person.im)


async def requests(driver: SandboxDriver, since: int = 0) -> Counter[str]:
    """How often jobs were asked for: everybody's, or those of one person."""
    entries = (await driver.ecotaxa.traffic(since))["entries"]
    lists = [entry for entry in entries if entry["path"].endswith("/jobs/")]
    return Counter("all" if "for_admin" in str(entry) else "own" for entry in lists)


async def many(driver: SandboxDriver, times: int = 6) -> None:
    """Wait for so many further requests for everybody's jobs."""
    since = (await driver.ecotaxa.traffic())["seq"]

    async def enough() -> bool | None:
        return (await requests(driver, since))["all"] >= times or None

    await wait_for(enough, f"{times} requests for everybody's jobs")


async def test_what_moves_is_told_and_what_does_not_is_not_asked_about(
    start: Start, driver: SandboxDriver, settings: dict[str, str]
) -> None:
    settings["ECOTAXA_ADMIN_TOKEN"] = await driver.ecotaxa.token("ada")
    elena, tomas = driver.person("elena"), driver.person("tomas")
    async with start():
        for person in (elena, tomas):
            await link(person)
        await many(driver)

        export = await driver.ecotaxa.start("export", "elena")
        await told(elena, export, "Finished")
        asking = await driver.ecotaxa.start("ask-taxa", "tomas", names=["thing one"])
        await told(tomas, asking, "thing one")

        async def is_let_be() -> bool | None:
            since = (await driver.ecotaxa.traffic())["seq"]
            await many(driver, 9)
            return (await requests(driver, since))["own"] == 0 or None

        await wait_for(is_let_be, "accounts to be let be once nothing moves")


async def test_a_job_that_came_and_went_unseen_is_told_once_a_later_one_shows(
    start: Start, driver: SandboxDriver, settings: dict[str, str]
) -> None:
    settings["ECOTAXA_ADMIN_TOKEN"] = await driver.ecotaxa.token("ada")
    elena = driver.person("elena")
    async with start():
        await link(elena)
        await driver.ecotaxa.jobs(1, "amelie", state="R")
        await many(driver)
        (quick,) = await driver.ecotaxa.jobs(1, "elena", state="F")
        await driver.ecotaxa.jobs(1, "amelie", state="R")
        await told(elena, quick, "Finished")


@pytest.mark.parametrize("why", ["no administrator", "ignores the filters"])
async def test_without_everybodys_jobs_each_is_asked_about_as_before(
    start: Start, driver: SandboxDriver, settings: dict[str, str], why: str
) -> None:
    settings["POLL_IDLE_SECONDS"] = "0.4"
    settings["ECOTAXA_ADMIN_TOKEN"] = await driver.ecotaxa.token(
        "tomas" if why == "no administrator" else "ada"
    )
    if why == "ignores the filters":
        await driver.ecotaxa.break_(ignore_filters=True)
        await driver.ecotaxa.jobs(1, "amelie", state="F")
    elena = driver.person("elena")
    async with start():
        await link(elena)
        await looked(driver)
        (old,) = await driver.ecotaxa.jobs(1, "elena", state="F")
        await told(elena, old, "Finished")
        export = await driver.ecotaxa.start("export", "elena")
        await told(elena, export, "Finished")
        assert (await requests(driver))["all"] <= 2, "it is not asked again and again"


async def test_when_the_administrators_token_ends_each_is_looked_at_within_the_usual_time(
    start: Start, driver: SandboxDriver, settings: dict[str, str], clock: Clock
) -> None:
    settings |= {"ECOTAXA_ADMIN_TOKEN": await driver.ecotaxa.token("ada"), "POLL_IDLE_SECONDS": "0.5"}
    elena = driver.person("elena")
    async with start():
        await link(elena)
        await many(driver)
        await driver.ecotaxa.deactivate("ada")
        (quick,) = await driver.ecotaxa.jobs(1, "elena", state="E")
        await told(elena, quick, "Failed")
        await comes_to(driver, quick, "E")
