"""Restart, stop and delete: done once, told as it is, and never news to who did it."""

import asyncio
from typing import Any

import pytest

from bot import app
from bot.links import Person
from bot.sandbox.driver import Actor, SandboxDriver, wait_for
from bot.sandbox.screen import Message
from tests.stories.conftest import comes_to, link, looked
from tests.stories.forgery import press

CHANNEL = "C0GENERAL"
NOT_DONE: dict[str, Any] = {"status": 200, "body": "json"}
"""EcoTaxa says yes, and does nothing."""


async def typed(person: Actor, words: str, says: str) -> Message:
    """What the bot answers, for this person alone, to a command."""
    before = {message.id for message in await person.messages(CHANNEL)}
    await person.say(f"/ecotaxa {words}")
    return await person.wait_for_message(lambda m: m.id not in before and m.says(says), CHANNEL)


async def changes(person: Actor, message: Message, says: str) -> Message:
    """The same message, once it says so."""
    return await person.wait_for_message(lambda m: m.id == message.id and m.says(says), message.channel)


async def pings(person: Actor, job_id: int) -> list[Message]:
    return [m for m in await person.messages(person.im) if f"#{job_id}" in m.text]


async def is_gone(driver: SandboxDriver, job_id: int) -> bool:
    return job_id not in [job["id"] for job in (await driver.ecotaxa.state())["jobs"]]


async def deletes(driver: SandboxDriver, job_id: int) -> int:
    """How many times EcoTaxa was asked to stop or delete the job."""
    entries = (await driver.ecotaxa.traffic())["entries"]
    return sum(e["method"] == "DELETE" and e["path"].endswith(f"/jobs/{job_id}") for e in entries)


async def acts(bot: app.Bot, job_id: int) -> list[tuple[str, str]]:
    return [(entry.act, entry.outcome) for entry in await bot.services.store.acts_on(job_id)]


async def stuck(driver: SandboxDriver, kind: str = "long-export") -> int:
    """A job that runs and does not come to its end."""
    job_id = await driver.ecotaxa.start(kind)
    await comes_to(driver, job_id, "R")
    await driver.ecotaxa.set(job_id, freeze=True)
    return job_id


async def failed(linked: Actor, driver: SandboxDriver) -> tuple[int, Message]:
    """A job that failed, and the ping that told of it."""
    job_id = await driver.ecotaxa.start("bad-import")
    return job_id, await linked.wait_for_message(f"#{job_id}", linked.im)


# Restart.


async def test_the_ping_of_a_failed_job_restarts_it_and_its_next_failure_is_news(
    linked: Actor, driver: SandboxDriver, bot: app.Bot
) -> None:
    job_id, ping = await failed(linked, driver)
    assert "Restart" in ping.labels()

    await linked.press(ping, "Restart")

    told = await changes(linked, ping, "You restarted it")
    assert "Failed" not in told.text
    assert "Restart" not in told.labels()
    await linked.wait_for_message(
        lambda m: m.id != ping.id and f"#{job_id}" in m.text and "Failed" in m.text, linked.im
    )
    assert len(await pings(linked, job_id)) == 2
    assert await acts(bot, job_id) == [("restart", "done")]


async def test_a_restarted_job_that_fails_again_between_two_looks_in_the_same_words_is_news(
    linked: Actor, driver: SandboxDriver, bot: app.Bot
) -> None:
    job_id, ping = await failed(linked, driver)
    before = await driver.ecotaxa.job(job_id)
    await driver.ecotaxa.break_(status=503, paths="/jobs/$")  # no look sees what happens now

    await linked.press(ping, "Restart")
    await changes(linked, ping, "You restarted it")
    await comes_to(driver, job_id, "E")
    assert (await driver.ecotaxa.job(job_id))["errors"] == before["errors"]
    await driver.ecotaxa.heal()

    await linked.wait_for_message(lambda m: m.id != ping.id and f"#{job_id}" in m.text, linked.im, timeout=30)


async def test_restart_typed_acts_at_once(linked: Actor, driver: SandboxDriver) -> None:
    (job_id,) = await driver.ecotaxa.jobs(1, state="E", type="GeneralExport")

    shown = await typed(linked, f"restart {job_id}", "You restarted it")

    assert shown.ephemeral
    assert f"#{job_id}" in shown.text
    await comes_to(driver, job_id, "F")
    await linked.wait_for_message(lambda m: f"#{job_id}" in m.text and "Finished" in m.text, linked.im)


async def test_a_second_press_of_restart_says_that_it_goes_on(linked: Actor, driver: SandboxDriver) -> None:
    (job_id,) = await driver.ecotaxa.jobs(1, state="E", type="GeneralExport")
    shown = await typed(linked, f"job {job_id}", "Created")
    other = await typed(linked, f"job {job_id}", "Created")
    await driver.ecotaxa.speed(0.05)

    await linked.press(shown, "Restart")
    await changes(linked, shown, "You restarted it")
    await linked.press(other, "Restart")

    await changes(linked, other, "It already goes on")


@pytest.mark.parametrize(
    ("state", "says"),
    [("F", "already finished, and nothing changed"), ("A", "it asks something"), ("P", "already goes on")],
)
async def test_what_has_not_failed_is_not_restarted(
    linked: Actor, driver: SandboxDriver, bot: app.Bot, state: str, says: str
) -> None:
    (job_id,) = await driver.ecotaxa.jobs(1, state="F", type="GeneralExport")
    await driver.ecotaxa.set(job_id, state=state, freeze=True)

    await typed(linked, f"restart {job_id}", says)

    assert await acts(bot, job_id) == []


async def test_a_restart_that_did_not_take_is_told_so(linked: Actor, driver: SandboxDriver) -> None:
    (job_id,) = await driver.ecotaxa.jobs(1, state="E", type="GeneralExport")
    await driver.ecotaxa.break_(**NOT_DONE, paths=f"/jobs/{job_id}/restart")

    shown = await typed(linked, f"restart {job_id}", "EcoTaxa did not restart it: nothing changed")

    assert "Restart" in shown.labels()


async def test_a_restart_whose_answer_was_lost_is_found_out(linked: Actor, driver: SandboxDriver) -> None:
    (job_id,) = await driver.ecotaxa.jobs(1, state="E", type="GeneralExport")
    await driver.ecotaxa.break_(truncate=True, honest_length=False, paths=f"/jobs/{job_id}/restart")

    await typed(linked, f"restart {job_id}", "You restarted it")


# Stop.


async def test_a_job_is_stopped_from_its_details_and_that_is_no_news_to_who_did_it(
    linked: Actor, driver: SandboxDriver, bot: app.Bot
) -> None:
    amelie = driver.person("amelie")
    await amelie.say("/ecotaxa link")
    await amelie.wait_for_view("Link EcoTaxa")
    await amelie.submit({"E-mail": linked.email, "Password": "plankton"})
    await amelie.wait_for_view("Linked")
    await looked(driver)
    job_id = await stuck(driver)
    details = await typed(linked, f"job {job_id}", "Created")
    _, button = details.find("Stop")
    assert f"#{job_id}" in button["confirm"]["text"]["text"], "the dialog names the job"

    await linked.press(details, "Stop")

    told = await changes(linked, details, "You stopped it")
    assert "Stopped" in told.text
    assert "Failed" not in told.text
    assert {"Restart", "Delete"} <= set(told.labels())
    ping = await amelie.wait_for_message(f"#{job_id}", amelie.im)
    assert "Stopped" in ping.text, "who shares the account is told"
    await looked(driver, 3)
    assert await pings(linked, job_id) == []
    assert (await driver.ecotaxa.job(job_id))["state"] == "E", "it was stopped, not deleted"
    assert await acts(bot, job_id) == [("kill", "done")]


async def test_kill_typed_asks_first_and_the_import_is_told_what_it_leaves(
    linked: Actor, driver: SandboxDriver
) -> None:
    job_id = await stuck(driver, "import")
    question = await typed(linked, f"kill {job_id}", "Stop this job?")
    assert f"#{job_id}" in question.text
    assert "project" in question.text
    assert "What it has imported so far stays" in question.text
    assert (await driver.ecotaxa.job(job_id))["state"] == "R"

    await linked.press(question, "Stop it")

    await changes(linked, question, "You stopped it")
    assert (await driver.ecotaxa.job(job_id))["state"] == "E"


async def test_who_keeps_a_job_keeps_it(linked: Actor, driver: SandboxDriver) -> None:
    job_id = await stuck(driver)
    question = await typed(linked, f"kill {job_id}", "Stop this job?")

    await linked.press(question, "Let it run")

    kept = await changes(linked, question, "everything stays as it is")
    assert kept.labels() == []
    assert (await driver.ecotaxa.job(job_id))["state"] == "R"


async def test_an_asking_job_is_stopped_too_and_is_not_told_as_news(
    linked: Actor, driver: SandboxDriver
) -> None:
    job_id = await driver.ecotaxa.start("ask")
    await linked.wait_for_message(f"#{job_id}", linked.im)
    details = await typed(linked, f"job {job_id}", "Created")

    await linked.press(details, "Stop")

    await changes(linked, details, "You stopped it")
    await looked(driver, 3)
    assert len(await pings(linked, job_id)) == 1


async def test_a_stopped_job_that_yet_comes_to_its_end_is_news(linked: Actor, driver: SandboxDriver) -> None:
    job_id = await stuck(driver)
    details = await typed(linked, f"job {job_id}", "Created")
    await linked.press(details, "Stop")
    await changes(linked, details, "You stopped it")
    await looked(driver)

    await driver.ecotaxa.set(job_id, state="F", progress_msg="Done", result={"rowcount": 5})

    ping = await linked.wait_for_message(f"#{job_id}", linked.im)
    assert "Finished" in ping.text


async def test_a_stopped_job_that_is_restarted_and_stopped_by_another_is_news(
    linked: Actor, driver: SandboxDriver
) -> None:
    job_id = await stuck(driver)
    details = await typed(linked, f"job {job_id}", "Created")
    await linked.press(details, "Stop")
    stopped = await changes(linked, details, "You stopped it")
    await driver.ecotaxa.speed(0.05)
    await linked.press(stopped, "Restart")
    await changes(linked, stopped, "You restarted it")
    await looked(driver)

    await driver.ecotaxa.erase(job_id)

    ping = await linked.wait_for_message(f"#{job_id}", linked.im)
    assert "Stopped" in ping.text


@pytest.mark.parametrize(
    ("state", "message", "says"),
    [
        ("F", "Done", "It was already finished, nothing changed"),
        ("E", "Killed", "It was already stopped, nothing changed"),
        ("E", "Disk full", "It had already failed, nothing changed"),
        ("X", "", "a state that I do not know"),
    ],
)
async def test_a_stop_that_comes_too_late_deletes_nothing(
    linked: Actor, driver: SandboxDriver, state: str, message: str, says: str
) -> None:
    job_id = await stuck(driver)
    question = await typed(linked, f"kill {job_id}", "Stop this job?")
    await driver.ecotaxa.set(job_id, state=state, progress_msg=message)

    await linked.press(question, "Stop it")

    await changes(linked, question, says)
    assert await deletes(driver, job_id) == 0
    assert not await is_gone(driver, job_id)
    await typed(linked, f"kill {job_id}", says)


async def test_two_presses_at_once_stop_a_job_and_do_not_delete_it(
    linked: Actor, driver: SandboxDriver
) -> None:
    job_id = await stuck(driver)
    questions = [await typed(linked, f"kill {job_id}", "Stop this job?") for _ in range(2)]

    await asyncio.gather(*(linked.press(question, "Stop it") for question in questions))

    for question in questions:
        await changes(linked, question, "stopped")
    assert await deletes(driver, job_id) == 1
    assert not await is_gone(driver, job_id)


async def test_a_stop_that_was_not_done_is_told_so(linked: Actor, driver: SandboxDriver) -> None:
    job_id = await stuck(driver)
    question = await typed(linked, f"kill {job_id}", "Stop this job?")
    await driver.ecotaxa.break_(**NOT_DONE, methods=["DELETE"])

    await linked.press(question, "Stop it")

    told = await changes(linked, question, "EcoTaxa did not stop it: nothing changed")
    assert "Stop" in told.labels()


async def test_a_stop_whose_answer_was_lost_is_found_out(linked: Actor, driver: SandboxDriver) -> None:
    job_id = await stuck(driver)
    question = await typed(linked, f"kill {job_id}", "Stop this job?")
    await driver.ecotaxa.break_(truncate=True, honest_length=False, methods=["DELETE"])

    await linked.press(question, "Stop it")

    await changes(linked, question, "You stopped it")


async def test_what_nobody_can_know_is_not_claimed(
    linked: Actor, driver: SandboxDriver, bot: app.Bot
) -> None:
    job_id = await stuck(driver)
    question = await typed(linked, f"kill {job_id}", "Stop this job?")
    # The look before the order still gets through, and nothing after it.
    await driver.ecotaxa.break_(status=500, methods=["DELETE"])
    since = (await driver.ecotaxa.traffic())["seq"]
    await driver.ecotaxa.break_(slow=9, methods=["DELETE"])
    await linked.press(question, "Stop it")

    async def ordered() -> bool | None:
        entries = (await driver.ecotaxa.traffic(since))["entries"]
        read = [e for e in entries if e["method"] == "GET" and e["path"].endswith(f"/jobs/{job_id}/")]
        return bool(read) or None

    await wait_for(ordered, "the look before the order")
    await driver.ecotaxa.break_(status=500, methods=["GET"])

    await linked.wait_for_message("I cannot tell whether that was done", CHANNEL, timeout=60)
    assert await acts(bot, job_id) == [("kill", "unknown")]


@pytest.mark.parametrize(
    ("state", "word", "yes", "path"),
    [("R", "kill", "Stop it", ""), ("F", "delete", "Delete it", ""), ("E", "restart", "", "/restart")],
)
async def test_an_order_that_may_still_come_through_is_not_said_to_have_changed_nothing(
    linked: Actor, driver: SandboxDriver, bot: app.Bot, state: str, word: str, yes: str, path: str
) -> None:
    (job_id,) = await driver.ecotaxa.jobs(1, state="F", type="GeneralExport")
    await driver.ecotaxa.set(job_id, state=state, freeze=True)
    await driver.ecotaxa.break_(down=True, paths=f"/jobs/{job_id}{path}$")
    cannot_tell = "I cannot tell whether that was done. Look again in a minute"
    if yes:
        question = await typed(linked, f"{word} {job_id}", "this job?")
        await linked.press(question, yes)
        told = await changes(linked, question, cannot_tell)
    else:
        told = await typed(linked, f"{word} {job_id}", cannot_tell)

    assert told.labels() == ["Details", "Open in EcoTaxa"], "a second order would come on top of the first"
    assert await acts(bot, job_id) == [(word, "unknown")]


@pytest.mark.parametrize("word", ["restart", "kill", "delete", "log", "file", "job"])
async def test_a_link_of_another_ecotaxa_touches_no_job_here(
    linked: Actor, driver: SandboxDriver, word: str
) -> None:
    (job_id,) = await driver.ecotaxa.jobs(1, state="E", type="GeneralExport")
    since = (await driver.ecotaxa.traffic())["seq"]

    await typed(linked, f"{word} <https://other.example/gui/job/show/{job_id}>", "of another EcoTaxa")

    entries = (await driver.ecotaxa.traffic(since))["entries"]
    assert not [e for e in entries if f"/jobs/{job_id}" in e["path"]]


# Delete.


async def test_a_finished_job_is_deleted_with_its_file(
    linked: Actor, driver: SandboxDriver, bot: app.Bot
) -> None:
    job_id = await driver.ecotaxa.start("export")
    await linked.wait_for_message(f"#{job_id}", linked.im)
    details = await typed(linked, f"job {job_id}", "Created")
    _, button = details.find("Delete")
    assert f"#{job_id} and its file" in button["confirm"]["text"]["text"]

    await linked.press(details, "Delete")

    told = await changes(linked, details, "You deleted it and its file")
    assert f"#{job_id}" in told.text
    assert told.labels() == []
    assert await is_gone(driver, job_id)
    await looked(driver, 3)
    assert len(await pings(linked, job_id)) == 1, "only that it had finished"
    assert await acts(bot, job_id) == [("delete", "done")]


async def test_delete_typed_asks_first_and_a_second_press_says_that_it_is_gone(
    linked: Actor, driver: SandboxDriver
) -> None:
    (job_id,) = await driver.ecotaxa.jobs(1, state="F", type="GeneralExport")
    question = await typed(linked, f"delete {job_id}", "Delete this job?")
    other = await typed(linked, f"job {job_id}", "Created")
    assert not await is_gone(driver, job_id)

    await linked.press(question, "Delete it")
    await changes(linked, question, "You deleted it")
    await linked.press(other, "Delete")

    await changes(linked, other, "is already gone")
    assert await is_gone(driver, job_id)
    assert await deletes(driver, job_id) == 1, "a second call would bring it back, or delete another's"


async def test_delete_of_a_running_job_offers_to_stop_it_first(linked: Actor, driver: SandboxDriver) -> None:
    job_id = await stuck(driver, "import")

    shown = await typed(linked, f"delete {job_id}", "stop it first")

    assert "What it has imported so far stays" in shown.text
    assert "Delete" not in shown.labels()
    await linked.press(shown, "Stop")
    stopped = await changes(linked, shown, "You stopped it")
    await linked.press(stopped, "Delete")
    await changes(linked, shown, "You deleted it")
    assert await is_gone(driver, job_id)


async def test_a_job_that_was_restarted_meanwhile_is_not_deleted_and_not_stopped(
    linked: Actor, driver: SandboxDriver
) -> None:
    job_id = await stuck(driver)
    await driver.ecotaxa.set(job_id, state="E", progress_msg="Disk full")
    question = await typed(linked, f"delete {job_id}", "Delete this job?")
    await driver.ecotaxa.set(job_id, state="R")

    await linked.press(question, "Delete it")

    await changes(linked, question, "stop it first")
    assert await deletes(driver, job_id) == 0


async def test_a_delete_that_was_not_done_is_told_so(linked: Actor, driver: SandboxDriver) -> None:
    (job_id,) = await driver.ecotaxa.jobs(1, state="F", type="GeneralExport")
    question = await typed(linked, f"delete {job_id}", "Delete this job?")
    await driver.ecotaxa.break_(**NOT_DONE, methods=["DELETE"])

    await linked.press(question, "Delete it")

    await changes(linked, question, "EcoTaxa did not delete it: nothing changed")
    assert not await is_gone(driver, job_id)


# Whoever may not.


@pytest.mark.parametrize("word", ["restart", "kill", "delete"])
@pytest.mark.parametrize("whose", ["another's", "nobody's"])
async def test_what_ecotaxa_forbids_or_does_not_know_is_one_sentence(
    linked: Actor, driver: SandboxDriver, word: str, whose: str
) -> None:
    (job_id,) = await driver.ecotaxa.jobs(1, "tomas", state="E", type="GeneralExport")
    number, says = (
        (job_id, "EcoTaxa does not let you do that")
        if whose == "another's"
        else (424242, "EcoTaxa has no such job")
    )

    shown = await typed(linked, f"{word} {number}", says)

    assert shown.labels() == []
    assert (await driver.ecotaxa.job(job_id))["state"] == "E"


async def test_each_act_is_done_with_the_token_of_who_clicks(
    linked: Actor, driver: SandboxDriver, bot: app.Bot
) -> None:
    (job_id,) = await driver.ecotaxa.jobs(1, "tomas", state="E", type="GeneralExport")
    ada = driver.person("ada")
    await link(ada)
    await ada.say(f"/ecotaxa restart {job_id}")
    await ada.wait_for_message("You restarted it", CHANNEL)

    entries: list[dict[str, Any]] = (await driver.ecotaxa.traffic())["entries"]
    ordered = [e for e in entries if e["path"].endswith(f"/jobs/{job_id}/restart")]
    assert len(ordered) == 1
    (act,) = await bot.services.store.acts_on(job_id)
    assert act.person is not None
    assert act.person == Person(act.person.enterprise_id, act.person.team_id, ada.id)
    await comes_to(driver, job_id, "F")
    await looked(driver, 3)
    assert await ada.messages(ada.im) == [], "an administrator is not told of others' jobs"


@pytest.mark.parametrize("value", ["-13", "0", "", "99999999999", "13; DROP", None])
async def test_forged_job_numbers_never_reach_ecotaxa(
    linked: Actor, driver: SandboxDriver, value: str | None
) -> None:
    since = (await driver.ecotaxa.traffic())["seq"]

    async def forge(action: str) -> None:
        before = {message.id for message in await linked.messages()}
        await driver.slack.deliver("block_actions", press(linked, f"{action}:1", value))
        await linked.wait_for_message(lambda m: m.id not in before and m.says("EcoTaxa has no such job"))

    for action in ("job.restart", "job.kill", "job.delete"):
        await forge(action)

    entries = (await driver.ecotaxa.traffic(since))["entries"]
    assert [e["path"] for e in entries if "/jobs/" in e["path"] and not e["path"].endswith("/jobs/")] == []
