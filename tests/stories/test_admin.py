"""An administrator of EcoTaxa sees and tends everybody's jobs; nobody else does."""

import pytest

from bot import app
from bot.sandbox.driver import Actor, SandboxDriver
from bot.sandbox.screen import Message
from bot.sandbox.server import Sandbox
from tests.stories.conftest import comes_to, link, looked
from tests.stories.forgery import press
from tests.stories.test_answers import FOUND, open_modal
from tests.stories.test_cleaning import asked, left
from tests.stories.test_files import came_whole, the_file
from tests.stories.test_operations import acts, changes, is_gone, pings, stuck


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


async def details_of(ada: Actor, job_id: int) -> Message:
    """Somebody's only job, opened from the list of everybody's."""
    await ada.say("/ecotaxa jobs all")
    shown = await ada.wait_for_message("Everybody's 1 job:", "C0GENERAL")
    await ada.press(shown, "Details")
    return await ada.wait_for_message(lambda m: f"#{job_id}" in m.text and m.says("Created"), "C0GENERAL")


async def asked_by(driver: SandboxDriver, job_id: int, method: str, path: str) -> list[int]:
    """Whose tokens EcoTaxa was sent with such requests about the job."""
    entries = (await driver.ecotaxa.traffic())["entries"]
    path = f"/jobs/{job_id}{path}"
    return [e["user_id"] for e in entries if e["method"] == method and e["path"].endswith(path)]


@pytest.mark.parametrize(
    ("label", "says", "method", "path", "noted"),
    [
        ("Stop", "You stopped it", "DELETE", "", [("kill", "done")]),
        ("Delete", "You deleted it", "DELETE", "", [("delete", "done")]),
        ("Log", "The end of its log", "GET", "/log", []),
        ("Get the file", "Where do you want", "GET", "/file", [("file", "done")]),
    ],
)
async def test_an_administrator_tends_somebodys_job_with_their_own_token(
    ada: Actor,
    driver: SandboxDriver,
    bot: app.Bot,
    sandbox: Sandbox,
    label: str,
    says: str,
    method: str,
    path: str,
    noted: list[tuple[str, str]],
) -> None:
    if label == "Stop":
        job_id = await stuck(driver)
    else:
        job_id = await driver.ecotaxa.start("export", "elena")
        await comes_to(driver, job_id, "F")
    owner_id = (await driver.ecotaxa.job(job_id))["owner_id"]
    details = await details_of(ada, job_id)

    await ada.press(details, label)

    told = await ada.wait_for_message(lambda m: f"#{job_id}" in m.text and m.says(says), "C0GENERAL")
    assert told.ephemeral
    brought = None
    if label == "Get the file":
        await ada.press(told, "Send it to me")
        brought = await the_file(ada, ada.im)
    done_by = await asked_by(driver, job_id, method, path)
    assert done_by
    assert owner_id not in done_by
    if brought is not None:
        await came_whole(sandbox, driver, brought, job_id)
    assert await is_gone(driver, job_id) == (label == "Delete")
    if label == "Stop":
        assert (await driver.ecotaxa.job(job_id))["state"] == "E"
    assert await acts(bot, job_id) == noted


async def test_an_owner_hears_that_an_administrator_stopped_their_job_and_the_administrator_does_not(
    linked: Actor, ada: Actor, driver: SandboxDriver
) -> None:
    job_id = await stuck(driver)
    details = await details_of(ada, job_id)

    await ada.press(details, "Stop")

    await changes(ada, details, "You stopped it")
    ping = await linked.wait_for_message(f"#{job_id}", linked.im)
    assert "Stopped" in ping.text
    assert "Failed" not in ping.text
    await looked(driver, 3)
    assert len(await pings(linked, job_id)) == 1
    assert await pings(ada, job_id) == []


async def test_a_clean_up_by_an_administrator_takes_only_their_own_jobs(
    ada: Actor, driver: SandboxDriver
) -> None:
    theirs = [
        *await driver.ecotaxa.jobs(1, "ada", state="F"),
        *await driver.ecotaxa.jobs(1, "ada", state="E"),
    ]
    others = [
        *await driver.ecotaxa.jobs(2, "elena", state="F"),
        *await driver.ecotaxa.jobs(2, "tomas", state="E"),
    ]
    question = await asked(ada, "all")
    assert "1 finished" in question.text
    assert "1 failed" in question.text

    await ada.press(question, "Delete 2 jobs")

    await changes(ada, question, "Deleted 2 jobs.")
    remaining = await left(driver)
    assert remaining == set(others)
    assert not remaining & set(theirs)


async def test_an_administrator_without_jobs_of_their_own_has_nothing_to_clean_up(
    ada: Actor, driver: SandboxDriver
) -> None:
    others = await driver.ecotaxa.jobs(2, "elena", state="F")

    await ada.say("/ecotaxa clean all")

    shown = await ada.wait_for_message("You have no finished or failed jobs to delete", "C0GENERAL")
    assert shown.labels() == []
    assert await left(driver) == set(others)


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
