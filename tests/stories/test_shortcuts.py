"""Shortcuts: one's jobs from anywhere, and the job that a message names."""

import pytest

from bot.sandbox.driver import GENERAL, Actor, SandboxDriver
from bot.sandbox.server import Sandbox
from tests.stories.conftest import comes_to
from tests.stories.forgery import on_message


async def test_the_global_shortcut_opens_ones_jobs(linked: Actor, driver: SandboxDriver) -> None:
    await driver.ecotaxa.jobs(3, state="F", type="GeneralExport")
    asking = await driver.ecotaxa.start("ask")
    await comes_to(driver, asking, "A")
    other = await driver.ecotaxa.start("export", "tomas")

    await linked.shortcut("jobs")

    modal = await linked.wait_for_view(f"#{asking}")
    assert modal.words.index(f"#{asking}") < modal.words.index("General export")
    assert f"#{other} " not in modal.words


async def test_details_lie_on_the_list(linked: Actor, driver: SandboxDriver) -> None:
    job_id = await driver.ecotaxa.start("export")
    await comes_to(driver, job_id, "F")
    await linked.shortcut("jobs")
    listed = await linked.wait_for_view(f"#{job_id}")

    await linked.press(listed, "Details")

    await linked.wait_for_view("Created")
    await linked.close()
    await linked.wait_for_view(lambda view: view.id == listed.id)


async def test_a_slow_ecotaxa_is_waited_for(linked: Actor, driver: SandboxDriver) -> None:
    await driver.ecotaxa.break_(slow=9)

    await linked.shortcut("jobs")

    await linked.wait_for_view("Asking EcoTaxa")
    await linked.wait_for_view("You have no jobs")


async def test_somebody_new_is_shown_how_to_link(elena: Actor) -> None:
    await elena.shortcut("jobs")
    modal = await elena.wait_for_view("I don't know your EcoTaxa account yet")

    await elena.press(modal, "Link my account")

    await elena.wait_for_view("passes through Slack")
    assert await elena.submit({"E-mail": elena.email, "Password": "plankton"}) == {}
    await elena.wait_for_message("You have no jobs", elena.im)


@pytest.mark.parametrize(
    "text",
    [
        "Could you look at #{0}?",
        "{1}/ecotaxa/gui/job/show/{0} please",
        "not https://other.example/gui/job/show/1 but #{0}",
        "Is job {0} stuck?",
        "Task {0} again",
        "import #{0} failed",
        "my EXPORT {0}, please",
        "the prediction {0}",
        "subset {0}",
        "job 1 is now #{0}",
    ],
)
async def test_the_job_that_a_message_names_is_shown(
    linked: Actor, driver: SandboxDriver, sandbox: Sandbox, text: str
) -> None:
    job_id = await driver.ecotaxa.start("export")
    await comes_to(driver, job_id, "F")
    said = text.format(job_id, sandbox.url)
    await driver.person("tomas").say(said)
    message = await linked.wait_for_message(str(job_id), GENERAL)

    await linked.shortcut("job_of_message", message)

    modal = await linked.wait_for_view(f"#{job_id}")
    assert "Created" in modal.words


async def test_the_job_of_a_ping_is_found_too(linked: Actor, driver: SandboxDriver) -> None:
    job_id = await driver.ecotaxa.start("export")
    ping = await linked.wait_for_message(f"#{job_id}", linked.im)

    await linked.shortcut("job_of_message", ping)

    await linked.wait_for_view(f"#{job_id}")


@pytest.mark.parametrize(
    "text",
    [
        "Good morning",
        "Look: https://other.example/gui/job/show/{}",
    ],
)
async def test_a_message_without_a_job_says_what_is_looked_for(
    linked: Actor, driver: SandboxDriver, text: str
) -> None:
    said = text.format(await driver.ecotaxa.start("export"))
    await linked.say(said)
    message = await linked.wait_for_message(said.partition(" ")[0], GENERAL)

    await linked.shortcut("job_of_message", message)

    await linked.wait_for_view("names no job")


async def test_what_a_link_to_elsewhere_is_shown_as_is_no_job(linked: Actor, driver: SandboxDriver) -> None:
    job_id = await driver.ecotaxa.start("export")
    url, name = f"https://other.example/gui/job/show/{job_id}", f"job #{job_id}"
    shown = {"type": "rich_text_section", "elements": [{"type": "link", "url": url, "text": name}]}
    message = {
        "type": "message",
        "text": f"Look: <{url}|{name}>",
        "blocks": [{"type": "rich_text", "block_id": "b", "elements": [shown]}],
        "attachments": [{"from_url": url, "title": name, "fallback": name}],
    }

    await driver.slack.deliver("message_action", on_message(linked, "job_of_message", message))

    await linked.wait_for_view("names no job")


async def test_somebody_elses_job_stays_theirs(linked: Actor, driver: SandboxDriver) -> None:
    job_id = await driver.ecotaxa.start("export", "tomas")
    await linked.say(f"What is #{job_id}")
    message = await linked.wait_for_message(f"#{job_id}", GENERAL)

    await linked.shortcut("job_of_message", message)

    modal = await linked.wait_for_view("EcoTaxa does not let you do that")
    assert f"#{job_id}" not in modal.words


async def test_the_list_in_a_modal_has_pages(linked: Actor, driver: SandboxDriver) -> None:
    await driver.ecotaxa.jobs(20, state="F", type="GeneralExport")
    await linked.shortcut("jobs")
    first = await linked.wait_for_view("jobs 1 to 8 of 20")

    await linked.press(first, "Older")

    second = await linked.wait_for_view("jobs 9 to 16 of 20")
    assert second.id == first.id
    assert "moves by itself" not in second.words


async def test_what_is_done_in_a_modal_shows_there(linked: Actor, driver: SandboxDriver) -> None:
    await driver.ecotaxa.speed(1)
    job_id = await driver.ecotaxa.start("long-export")
    await comes_to(driver, job_id, "R")
    await linked.shortcut("jobs")
    listed = await linked.wait_for_view(f"#{job_id}")
    await linked.press(listed, "Details")
    details = await linked.wait_for_view("Created")

    await linked.press(details, "Stop")

    await linked.wait_for_view(lambda view: view.id == details.id and view.says("Stopped"))
    assert await linked.messages(linked.im) == []
