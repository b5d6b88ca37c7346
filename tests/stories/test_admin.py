"""An administrator of EcoTaxa sees and tends everybody's jobs; nobody else does."""

import pytest

from bot import app
from bot.sandbox.driver import Actor, SandboxDriver
from tests.stories.conftest import comes_to, link
from tests.stories.forgery import press
from tests.stories.test_answers import FOUND, open_modal


@pytest.fixture
async def ada(driver: SandboxDriver, bot: app.Bot) -> Actor:
    """An administrator whose account is linked."""
    ada = driver.person("ada")
    await link(ada)
    return ada


async def test_an_administrator_sees_everybodys_jobs_with_their_owners(
    ada: Actor, driver: SandboxDriver
) -> None:
    (elenas,) = await driver.ecotaxa.jobs(1, "elena")
    (tomass,) = await driver.ecotaxa.jobs(1, "tomas", state="E")
    await ada.say("/ecotaxa jobs all")

    shown = await ada.wait_for_message("Everybody's 2 jobs:", "C0GENERAL")

    row_of = {line.split("#")[1].split(" ")[0]: line for line in shown.text.splitlines()[1:]}
    assert "by Elena Rodriguez" in row_of[str(elenas)]
    assert "by Tomás Silva" in row_of[str(tomass)]
    assert shown.ephemeral
    await ada.say("/ecotaxa jobs")
    await ada.wait_for_message("You have no jobs", "C0GENERAL")


async def test_everybodys_jobs_are_filtered_and_refreshed_like_ones_own(
    ada: Actor, driver: SandboxDriver
) -> None:
    await driver.ecotaxa.jobs(3, "elena")
    await driver.ecotaxa.jobs(1, "tomas", state="E")
    await ada.say("/ecotaxa jobs failed all")
    shown = await ada.wait_for_message("Everybody's 1 failed job:", "C0GENERAL")
    assert "Tomás Silva" in shown.text

    await ada.choose(shown, "jobs.filter", "Finished")

    shown = await ada.wait_for_message("Everybody's 3 finished jobs:", "C0GENERAL")
    await driver.ecotaxa.jobs(1, "amelie")
    await ada.press(shown, "Refresh")
    await ada.wait_for_message("Everybody's 4 finished jobs:", "C0GENERAL")


async def test_details_of_somebodys_job_say_whose_it_is(ada: Actor, driver: SandboxDriver) -> None:
    await driver.ecotaxa.jobs(1, "elena")
    await ada.say("/ecotaxa jobs all")
    shown = await ada.wait_for_message("Everybody's 1 job:", "C0GENERAL")

    await ada.press(shown, "Details")

    details = await ada.wait_for_message("Created", "C0GENERAL")
    assert "by Elena Rodriguez" in details.text


async def test_an_administrator_answers_for_somebody_with_their_own_token(
    ada: Actor, driver: SandboxDriver
) -> None:
    names = ["part (annelida)", "egg (actinopterygii)"]
    job_id = await driver.ecotaxa.start("ask", "tomas", names=names, options=FOUND)
    await comes_to(driver, job_id, "A")
    await ada.say("/ecotaxa jobs all asking")
    shown = await ada.wait_for_message("Everybody's 1 asking job:", "C0GENERAL")

    await open_modal(ada, shown)
    await ada.submit()

    await ada.wait_for_view("You answered")
    await comes_to(driver, job_id, "F")


async def test_somebody_else_is_refused_in_one_sentence(elena: Actor, driver: SandboxDriver) -> None:
    await driver.ecotaxa.jobs(1, "tomas")
    await link(elena)
    await elena.say("/ecotaxa jobs all")

    shown = await elena.wait_for_message("administrators", "C0GENERAL")

    assert shown.text == "⚠️ Only EcoTaxa's administrators may see everybody's jobs."
    assert "#" not in shown.text


@pytest.mark.parametrize("action", ["jobs.refresh", "jobs.page:older"])
async def test_a_forged_button_shows_nobody_elses_jobs(
    elena: Actor, driver: SandboxDriver, action: str
) -> None:
    await driver.ecotaxa.jobs(1, "tomas")
    await link(elena)

    await driver.slack.deliver("block_actions", press(elena, action, "0 all"))

    refused = await elena.wait_for_message("Only EcoTaxa's administrators")
    assert "#" not in refused.text
