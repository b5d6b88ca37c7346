"""Pings: what happened to a job, told once, by direct message, without asking for it."""

import asyncio

import pytest

from bot import app
from bot.sandbox.driver import Actor, SandboxDriver, wait_for
from bot.sandbox.screen import Message
from tests.stories.conftest import Start, comes_to, link, looked
from tests.stories.manifest import scopes


async def pings(person: Actor, job_id: int) -> list[Message]:
    return [m for m in await person.messages(person.im) if f"#{job_id}" in m.text]


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        ("export", "rows"),
        ("import", "rows"),
        ("subset", "rows"),
        ("bad-import", "Failed"),
        ("ask-users", "Asks"),
        ("ask-taxa", "Asks"),
        ("sql-error", "Failed"),
    ],
)
async def test_what_happened_is_told_once(linked: Actor, driver: SandboxDriver, kind: str, says: str) -> None:
    job_id = await driver.ecotaxa.start(kind)

    ping = await linked.wait_for_message(f"#{job_id}", linked.im)

    assert says in ping.text
    await looked(driver, 3)
    assert len(await pings(linked, job_id)) == 1


async def test_a_finished_export_tells_rows_and_file(linked: Actor, driver: SandboxDriver) -> None:
    job_id = await driver.ecotaxa.start("export")

    ping = await linked.wait_for_message(f"#{job_id}", linked.im)

    result = (await driver.ecotaxa.job(job_id))["result"]
    assert result["out_file"] in ping.text
    assert f"{result['rowcount']:,}" in ping.text


async def test_a_job_that_no_look_saw_run_is_told(
    start: Start, driver: SandboxDriver, settings: dict[str, str]
) -> None:
    settings["POLL_IDLE_SECONDS"] = "2"
    async with start():
        elena = driver.person("elena")
        await link(elena)
        await looked(driver)
        done = await driver.ecotaxa.jobs(1, state="F", type="GeneralExport")

        await elena.wait_for_message(f"#{done[0]}", elena.im)


async def test_the_first_look_tells_only_of_questions(elena: Actor, driver: SandboxDriver) -> None:
    await driver.ecotaxa.jobs(5, state="F")
    await driver.ecotaxa.jobs(5, state="E")
    asking = await driver.ecotaxa.start("ask")
    await comes_to(driver, asking, "A")

    await link(elena)

    await elena.wait_for_message(f"#{asking}", elena.im)
    await looked(driver, 3)
    assert len(await elena.messages(elena.im)) == 1


async def test_a_restarted_job_that_fails_again_is_told_again(linked: Actor, driver: SandboxDriver) -> None:
    job_id = await driver.ecotaxa.start("bad-import")
    await linked.wait_for_message(f"#{job_id}", linked.im)

    await driver.ecotaxa.set(job_id, state="R")
    await looked(driver, 3)
    await driver.ecotaxa.set(job_id, state="E")

    await linked.wait_for_message(lambda m: f"#{job_id}" in m.text, linked.im)
    await looked(driver, 3)
    assert len(await pings(linked, job_id)) == 2


async def test_what_was_told_is_not_told_again_after_a_restart_of_the_bot(
    start: Start, driver: SandboxDriver
) -> None:
    elena = driver.person("elena")
    async with start():
        await link(elena)
        first = await driver.ecotaxa.start("export")
        await elena.wait_for_message(f"#{first}", elena.im)
    second = await driver.ecotaxa.start("export")
    await comes_to(driver, second, "F")
    async with start():
        await elena.wait_for_message(f"#{second}", elena.im)
        await looked(driver, 3)

    assert (len(await pings(elena, first)), len(await pings(elena, second))) == (1, 1)


async def test_two_people_with_one_account_are_both_told_by_one_look(
    linked: Actor, driver: SandboxDriver, bot: app.Bot
) -> None:
    amelie = driver.person("amelie")
    await amelie.say("/ecotaxa link")
    await amelie.wait_for_view("Link EcoTaxa")
    await amelie.submit({"E-mail": "elena@lab.example", "Password": "plankton"})
    await amelie.wait_for_view("Linked")
    job_id = await driver.ecotaxa.start("export")

    await linked.wait_for_message(f"#{job_id}", linked.im)
    await amelie.wait_for_message(f"#{job_id}", amelie.im)

    traffic = await driver.ecotaxa.traffic()
    assert max(traffic["peak_concurrency_by_user"].values()) == 1


async def test_a_rejected_token_is_told_once_and_what_was_missed_is_told_after(
    linked: Actor, driver: SandboxDriver
) -> None:
    await looked(driver, 3)
    await driver.ecotaxa.new_secret()
    told = await linked.wait_for_message("no longer accepts your sign-in", linked.im)
    missed = await driver.ecotaxa.start("export")
    await comes_to(driver, missed, "F")
    assert len(await linked.messages(linked.im)) == 1

    await linked.press(told, "Link my account")
    await linked.wait_for_view("Link EcoTaxa")
    await linked.submit({"E-mail": linked.email, "Password": "plankton"})
    await linked.wait_for_view("Linked")

    await linked.wait_for_message(f"#{missed}", linked.im)
    changed = await linked.now(told)
    assert changed is not None
    assert "Link my account" not in str(changed.blocks), "a pressed button is gone or says what it did"


async def test_commands_with_a_rejected_token_offer_to_link_again(
    linked: Actor, driver: SandboxDriver
) -> None:
    await driver.ecotaxa.new_secret()
    await linked.wait_for_message("no longer accepts your sign-in", linked.im)

    await linked.say("/ecotaxa jobs")

    shown = await linked.wait_for_message("no longer accepts your sign-in", "C0GENERAL")
    assert "Link my account" in str(shown.blocks)


async def test_a_deactivated_account_is_paused_like_a_rejected_token(
    linked: Actor, driver: SandboxDriver
) -> None:
    await driver.ecotaxa.deactivate("elena")

    await linked.wait_for_message("no longer accepts your sign-in", linked.im)


async def test_unlinking_forgets_what_was_still_to_be_told(linked: Actor, driver: SandboxDriver) -> None:
    await driver.slack.break_(api={"chat.postMessage": {"mode": "429", "retry_after": 1, "times": 1000}})
    job_id = await driver.ecotaxa.start("export")
    await comes_to(driver, job_id, "F")
    await looked(driver, 3)
    await linked.say("/ecotaxa unlink")
    question = await linked.wait_for_message("Unlink *Elena Rodriguez*")
    await linked.press(question, "Unlink")
    await linked.wait_for_message("forgotten")
    await driver.slack.heal()
    await asyncio.sleep(1.2)

    assert await linked.messages(linked.im) == []


async def test_the_scopes_of_the_manifest_are_enough(start: Start, driver: SandboxDriver) -> None:
    await driver.slack.post("mode", {"scopes": scopes()})
    elena = driver.person("elena")
    async with start():
        await link(elena)
        await looked(driver)
        await driver.slack.break_(api={"chat.postMessage": {"mode": "post_then_500", "times": 1}})
        job_id = await driver.ecotaxa.start("export")
        await elena.wait_for_message(f"#{job_id}", elena.im)
        await elena.say("/ecotaxa jobs", elena.im)
        await elena.wait_for_message("Your 1 job", elena.im)

        async def looked_up() -> bool | None:
            return any(e["name"] == "conversations.history" for e in await driver.slack.traffic()) or None

        await wait_for(looked_up, "the history to be asked")
        await looked(driver)

    assert len(await pings(elena, job_id)) == 2, "one ping, looked up in the history, and one list"
    refused = [e for e in await driver.slack.traffic() if "missing_scope" in str(e["response"])]
    assert refused == []
