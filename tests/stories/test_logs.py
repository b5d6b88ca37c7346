"""A job's log: its end in a message, the whole of it as a file, and nothing in it that is not to be told."""

import pytest

from bot.sandbox.driver import Actor, Message, SandboxDriver
from tests.stories.conftest import comes_to

SECRETS = ("INSERT INTO", "obj_head (", "/app/py", "/usr/lib", "@lab.example", "someone@", "/home/ecotaxa")


async def a_file(person: Actor, name: str) -> Message:
    """Wait for a file in the direct conversation."""
    return await person.wait_for_message(
        lambda message: any(file["name"] == name for file in message.files), person.im
    )


async def text_of(driver: SandboxDriver, message: Message) -> str:
    """What stands in the one file of a message."""
    [file] = message.files
    return str((await driver.slack.file(file["id"]))["text"])


async def test_a_log_typed_in_a_channel_is_seen_by_the_person_alone(
    linked: Actor, driver: SandboxDriver
) -> None:
    job_id = await driver.ecotaxa.start("export")
    await comes_to(driver, job_id, "F")

    await linked.say(f"/ecotaxa log {job_id}")

    shown = await linked.wait_for_message("The end of its log", "C0GENERAL")
    assert shown.ephemeral
    assert "<!date^" in shown.text
    assert shown.text.index("Running in PID") < shown.text.index("Done ")


async def test_a_log_typed_in_the_direct_conversation_stays_there(
    linked: Actor, driver: SandboxDriver
) -> None:
    job_id = await driver.ecotaxa.start("export")
    await comes_to(driver, job_id, "F")

    await linked.say(f"/ecotaxa log #{job_id}", linked.im)

    shown = await linked.wait_for_message("The end of its log", linked.im)
    assert not shown.ephemeral


async def test_the_log_button_shows_it_and_refresh_reads_it_again_in_place(
    linked: Actor, driver: SandboxDriver
) -> None:
    job_id = await driver.ecotaxa.start("prediction")
    await linked.say(f"/ecotaxa job {job_id}")
    details = await linked.wait_for_message("Created", "C0GENERAL")
    await linked.press(details, "Log")
    shown = await linked.wait_for_message("The end of its log", "C0GENERAL")
    assert "Creating job" in shown.text
    assert "Killed" not in shown.text
    await driver.ecotaxa.erase(job_id)

    await linked.press(shown, "Refresh")

    await linked.wait_for_message(lambda m: m.id == shown.id and "Killed" in m.text, "C0GENERAL")


async def test_a_stack_trace_is_folded_and_sql_is_not_told(linked: Actor, driver: SandboxDriver) -> None:
    job_id = await driver.ecotaxa.start("sql-error")
    await comes_to(driver, job_id, "E")

    await linked.say(f"/ecotaxa log {job_id}")

    shown = await linked.wait_for_message("The end of its log", "C0GENERAL")
    assert "EcoTaxa knows no taxon with the number 99999999." in shown.text
    assert not any(secret in str((shown.text, shown.blocks)) for secret in (*SECRETS, "spawn_main"))


@pytest.mark.parametrize("kind", ["sql-error", "nasty-error"])
async def test_the_whole_log_goes_to_the_direct_conversation_and_nowhere_else(
    kind: str, linked: Actor, driver: SandboxDriver
) -> None:
    job_id = await driver.ecotaxa.start(kind)
    await comes_to(driver, job_id, "E")
    await linked.say(f"/ecotaxa log {job_id}")
    shown = await linked.wait_for_message("The end of its log", "C0GENERAL")

    await linked.press(shown, "Whole log")

    sent = await a_file(linked, f"job-{job_id}-log.txt")
    text = await text_of(driver, sent)
    assert f"Creating job {job_id}" in text
    assert "Running in PID" in text
    assert not any(secret in text for secret in SECRETS)
    assert "without e-mail addresses, server paths and SQL" in sent.text
    told = await linked.wait_for_message("by direct message", "C0GENERAL")
    assert told.id == shown.id
    assert "Whole log" not in told.labels()
    assert not any(message.files for message in await linked.messages("C0GENERAL"))


async def test_pressed_twice_the_whole_log_comes_once(linked: Actor, driver: SandboxDriver) -> None:
    job_id = await driver.ecotaxa.start("export")
    await comes_to(driver, job_id, "F")
    await linked.say(f"/ecotaxa log {job_id}")
    shown = await linked.wait_for_message("The end of its log", "C0GENERAL")
    await driver.ecotaxa.break_(slow=1.0, paths="/log$")

    await linked.press(shown, "Whole log")
    await linked.press(shown, "Whole log")

    told = await linked.wait_for_message("by direct message", "C0GENERAL")
    await linked.press(told, "Refresh")
    await linked.wait_for_message(lambda m: m.id == told.id and "Whole log" in m.labels(), "C0GENERAL")
    assert sum(bool(message.files) for message in await linked.messages(linked.im)) == 1


async def test_a_log_that_is_not_there_yet_says_so(linked: Actor, driver: SandboxDriver) -> None:
    job_id = await driver.ecotaxa.start("prediction")
    await driver.ecotaxa.break_(log_missing=True, paths="/log$")

    await linked.say(f"/ecotaxa log {job_id}")

    shown = await linked.wait_for_message("no log of this job yet", "C0GENERAL")
    assert "main.py" not in shown.text


async def test_someone_elses_log_is_refused_in_a_sentence(linked: Actor, driver: SandboxDriver) -> None:
    job_id = await driver.ecotaxa.start("export", "tomas")

    await linked.say(f"/ecotaxa log {job_id}")

    shown = await linked.wait_for_message("EcoTaxa does not let you do that", "C0GENERAL")
    assert "Creating job" not in shown.text


async def test_the_log_of_a_job_that_is_gone_is_refused_too(linked: Actor, driver: SandboxDriver) -> None:
    job_id = await driver.ecotaxa.start("export")
    await comes_to(driver, job_id, "F")
    await linked.say(f"/ecotaxa log {job_id}")
    shown = await linked.wait_for_message("The end of its log", "C0GENERAL")
    await driver.ecotaxa.erase(job_id)

    await linked.press(shown, "Whole log")

    await linked.wait_for_message("no such job", "C0GENERAL")
    assert not any(message.files for message in await linked.messages())
