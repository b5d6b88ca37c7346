"""The app's home tab: what it shows, and how it keeps up to date."""

from collections.abc import Callable
from typing import Any

import pytest

from bot.sandbox.driver import Actor, Failed, SandboxDriver, View, wait_for
from tests.stories.conftest import comes_to, link, looked


async def wait_for_home(person: Actor, wanted: str | Callable[[View], bool], *, timeout: float = 20) -> View:
    """The person's home, once it says `wanted` or `wanted` holds for it."""

    async def look() -> View | None:
        view = await person.home()
        if view is None:
            return None
        return view if (view.says(wanted) if isinstance(wanted, str) else wanted(view)) else None

    return await wait_for(look, f"the home of {person.name}: {wanted!r}", timeout)


async def published(driver: SandboxDriver) -> int:
    """How often a home was published so far."""
    return sum(entry["name"] == "views.publish" for entry in await driver.slack.traffic())


async def test_somebody_new_is_welcomed_and_the_home_fills_once_they_are_linked(
    elena: Actor, driver: SandboxDriver
) -> None:
    job_id = await driver.ecotaxa.start("export")
    await elena.open_home()
    welcome = await wait_for_home(elena, "Link your EcoTaxa account")

    await elena.press(welcome, "Link my account")
    await elena.wait_for_view("Link EcoTaxa")
    assert await elena.submit({"E-mail": elena.email, "Password": "plankton"}) == {}

    shown = await wait_for_home(elena, f"#{job_id}")
    assert "You are *Elena Rodriguez*" in shown.words
    assert "good until" in shown.words


async def test_what_needs_one_comes_first_then_what_runs_then_the_rest(
    linked: Actor, driver: SandboxDriver
) -> None:
    asking = await driver.ecotaxa.start("ask")
    failed = await driver.ecotaxa.start("bad-import")
    finished = await driver.ecotaxa.start("export")
    for job_id, state in ((asking, "A"), (failed, "E"), (finished, "F")):
        await comes_to(driver, job_id, state)
    await driver.ecotaxa.speed(1)
    running = await driver.ecotaxa.start("long-export")
    await driver.ecotaxa.start("export", "tomas")
    await linked.open_home()

    shown = await wait_for_home(linked, f"#{running}")

    order = [
        shown.words.index(words)
        for words in (
            "Needs you",
            f"#{asking}",
            f"#{failed}",
            "Running",
            f"#{running}",
            "Recent",
            f"#{finished}",
        )
    ]
    assert order == sorted(order)
    assert "4 jobs in all" in shown.words
    assert {"Answer", "Restart", "Stop", "Get the file"} <= set(shown.labels())


async def test_an_open_home_moves_by_itself(linked: Actor, driver: SandboxDriver) -> None:
    await linked.open_home()
    await wait_for_home(linked, "You have no jobs")
    await driver.ecotaxa.speed(4)

    job_id = await driver.ecotaxa.start("long-export")

    await wait_for_home(linked, "▶️ Running")
    await wait_for_home(linked, lambda view: "░" in view.words or "▓" in view.words)
    await driver.ecotaxa.speed(100)
    shown = await wait_for_home(linked, "✅ Finished")
    assert f"#{job_id}" in shown.words
    assert "Running" not in shown.words


async def test_a_home_that_stays_the_same_is_not_published_again(
    linked: Actor, driver: SandboxDriver
) -> None:
    job_id = await driver.ecotaxa.start("long-export")
    await comes_to(driver, job_id, "R")
    await driver.ecotaxa.set(job_id, freeze=True)
    await linked.open_home()
    await wait_for_home(linked, "▶️ Running")
    before = await published(driver)
    since = (await driver.ecotaxa.traffic())["seq"]

    async def asked_again() -> bool | None:
        entries = (await driver.ecotaxa.traffic(since))["entries"]
        return sum(entry["path"].endswith(f"/jobs/{job_id}/") for entry in entries) >= 2 or None

    await wait_for(asked_again, "the bot to ask for the job that runs", 30)

    assert await published(driver) == before


async def test_many_presses_are_one_publishing(linked: Actor, driver: SandboxDriver) -> None:
    await linked.open_home()
    await wait_for_home(linked, "You have no jobs")
    before = await published(driver)
    await driver.ecotaxa.break_(slow=2, paths="/jobs/$")

    async def pressed() -> bool | None:
        try:
            await linked.press(await wait_for_home(linked, "You have no jobs"), "Refresh")
        except Failed:
            return None  # published anew in that very moment
        return True

    for _ in range(20):
        await wait_for(pressed, "a press on the home that is shown")
    await driver.ecotaxa.heal()
    job_id = await driver.ecotaxa.start("export")
    await wait_for_home(linked, lambda view: f"#{job_id}" in view.words and "Finished" in view.words)

    assert await published(driver) - before < 20


async def test_refresh_shows_the_home_anew(linked: Actor, driver: SandboxDriver) -> None:
    await driver.ecotaxa.break_(down=True)
    await linked.open_home()
    shown = await wait_for_home(linked, "EcoTaxa does not answer")
    assert "You are *Elena Rodriguez*" in shown.words
    await driver.ecotaxa.heal()

    await linked.press(shown, "Refresh")

    await wait_for_home(linked, "You have no jobs")


async def test_what_is_done_on_the_home_shows_there(linked: Actor, driver: SandboxDriver) -> None:
    await driver.ecotaxa.speed(1)
    job_id = await driver.ecotaxa.start("long-export")
    await linked.open_home()
    shown = await wait_for_home(linked, f"#{job_id}")

    await linked.press(shown, "Stop")

    await wait_for_home(linked, "⏹️ Stopped")
    await comes_to(driver, job_id, "E")


async def test_details_open_in_a_modal_that_refreshes(linked: Actor, driver: SandboxDriver) -> None:
    await driver.ecotaxa.speed(1)
    job_id = await driver.ecotaxa.start("long-export")
    await linked.open_home()
    shown = await wait_for_home(linked, f"#{job_id}")
    await linked.press(shown, "Details")
    modal = await linked.wait_for_view(f"#{job_id}")
    await driver.ecotaxa.speed(200)
    await comes_to(driver, job_id, "F")

    await linked.press(modal, "Refresh")

    fresh = await linked.wait_for_view("✅ Finished")
    assert fresh.id == modal.id


async def test_a_question_is_answered_from_the_home(linked: Actor, driver: SandboxDriver) -> None:
    await driver.ecotaxa.start("ask")
    await linked.open_home()
    shown = await wait_for_home(linked, "❓ Asks")

    await linked.press(shown, "Answer")

    await linked.wait_for_view(lambda view: view.callback_id == "answer")


async def test_all_jobs_are_listed_in_a_modal(linked: Actor, driver: SandboxDriver) -> None:
    await driver.ecotaxa.jobs(9, state="F", type="GeneralExport")
    await linked.open_home()
    shown = await wait_for_home(linked, "9 jobs in all")

    await linked.press(shown, "All my jobs")

    await linked.wait_for_view("jobs 1 to 8 of 9")


async def test_an_account_with_many_jobs_is_not_asked_for_all_of_them(
    linked: Actor, driver: SandboxDriver
) -> None:
    jobs = await driver.ecotaxa.jobs(205, state="F", type="GeneralExport")
    failed = (await driver.ecotaxa.jobs(1, state="E", type="GeneralExport"))[0]
    await looked(driver)
    since = (await driver.ecotaxa.traffic())["seq"]
    await linked.open_home()

    shown = await wait_for_home(linked, "206 jobs in all")

    assert f"#{failed}" in shown.words
    newest = sorted(jobs, reverse=True)[:5]
    assert all(f"#{job_id}" in shown.words for job_id in newest)
    entries = (await driver.ecotaxa.traffic(since))["entries"]
    asked = [e for e in entries if e["path"].endswith(f"/jobs/{newest[0]}/")]
    assert asked, "the last ones are read one by one"


async def test_unlinking_on_the_home_brings_the_welcome_back(linked: Actor, driver: SandboxDriver) -> None:
    await linked.open_home()
    shown = await wait_for_home(linked, "You have no jobs")

    await linked.press(shown, "Unlink")

    await wait_for_home(linked, "Link your EcoTaxa account")
    await linked.wait_for_message("forgotten", linked.im)


async def test_a_rejected_token_is_told_on_the_home(linked: Actor, driver: SandboxDriver) -> None:
    await linked.open_home()
    await wait_for_home(linked, "You have no jobs")

    await driver.ecotaxa.new_secret()

    shown = await wait_for_home(linked, "no longer accepts your sign-in")
    assert "Link my account" in shown.labels()


async def test_slacks_rate_limit_is_waited_for(linked: Actor, driver: SandboxDriver) -> None:
    await driver.slack.break_(api={"views.publish": {"mode": "429", "retry_after": 1, "times": 2}})
    await linked.open_home()

    await wait_for_home(linked, "You have no jobs")


LOST: dict[str, dict[str, Any]] = {
    "it did not arrive": {"mode": "http", "status": 500},
    "only its answer is lost": {"mode": "post_then_500"},
}


@pytest.mark.parametrize("fault", LOST)
async def test_a_home_of_which_slack_lost_the_answer_is_published_again_though_nothing_changes(
    linked: Actor, driver: SandboxDriver, fault: str
) -> None:
    await driver.slack.break_(api={"views.publish": {**LOST[fault], "times": 1}})
    before = await published(driver)
    await linked.open_home()

    async def tried_again() -> bool | None:
        return await published(driver) == before + 2 or None

    await wait_for(tried_again, "the second try", 60)

    await wait_for_home(linked, "You have no jobs")


async def test_nobody_sees_anybody_elses_home(linked: Actor, driver: SandboxDriver) -> None:
    job_id = await driver.ecotaxa.start("export")
    tomas = driver.person("tomas")
    await link(tomas)
    await linked.open_home()
    await tomas.open_home()
    await wait_for_home(linked, f"#{job_id}")

    shown = await wait_for_home(tomas, "You are *Tomás Silva*")

    assert f"#{job_id}" not in shown.words


async def test_the_messages_tab_publishes_nothing(linked: Actor, driver: SandboxDriver) -> None:
    await linked.open_home("messages")
    await linked.say("help", linked.im)
    await linked.wait_for_message("/ecotaxa jobs", linked.im)

    assert await linked.home() is None
