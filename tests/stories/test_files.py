"""A job's file, from EcoTaxa into Slack."""

import hashlib
import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from bot import app
from bot.errors import MessageRefused
from bot.sandbox.driver import Actor, Message, SandboxDriver
from bot.sandbox.server import Sandbox
from bot.sandbox.slack.people import BOT_USER
from tests.stories.conftest import Clock, Start, comes_to, link, looked
from tests.stories.test_exports import form
from tests.stories.test_home import wait_for_home

GENERAL = "C0GENERAL"
LARGE = 48_000_000
"""Bytes: more than all the buffers between EcoTaxa and Slack hold."""


async def finished(person: Actor, driver: SandboxDriver, kind: str = "export", **more: Any) -> Message:
    """The ping of an export that has finished."""
    job_id = await driver.ecotaxa.start(kind, person.name, **more)
    return await person.wait_for_message(lambda m: f"#{job_id}" in m.text and "Finished" in m.text, person.im)


def number_of(ping: Message) -> int:
    found = re.search(r"#(\d+)", ping.text)
    assert found is not None
    return int(found[1])


async def the_file(person: Actor, channel: str) -> Message:
    return await person.wait_for_message(lambda m: bool(m.files), channel, timeout=30)


async def files_of(person: Actor) -> list[Message]:
    return [message for message in await person.messages() if message.files]


async def original(sandbox: Sandbox, driver: SandboxDriver, job_id: int) -> str:
    """The SHA-256 of the file as EcoTaxa gives it."""
    digest = hashlib.sha256()
    headers = {"Authorization": f"Bearer {await driver.ecotaxa.token()}"}
    url = f"{sandbox.url}/ecotaxa/api/jobs/{job_id}/file"
    async with (
        httpx.AsyncClient(trust_env=False) as client,
        client.stream("GET", url, headers=headers) as got,
    ):
        async for chunk in got.aiter_raw():
            digest.update(chunk)
    return digest.hexdigest()


async def came_whole(sandbox: Sandbox, driver: SandboxDriver, message: Message, job_id: int) -> str:
    """The SHA-256 of the file that was shared, which is the one that EcoTaxa gave."""
    shared = await driver.slack.file(message.files[0]["id"])
    assert shared["sha256"] == await original(sandbox, driver, job_id)
    return str(shared["sha256"])


async def hang(driver: SandboxDriver) -> None:
    """From now on Slack takes no more than its buffers hold, until it is healed."""
    await driver.slack.break_(api={"upload": {"mode": "hang"}})


async def test_a_pressed_file_comes_into_the_thread_of_the_ping(
    linked: Actor, driver: SandboxDriver, sandbox: Sandbox
) -> None:
    ping = await finished(linked, driver)
    await linked.press(ping, "Get the file")

    brought = await the_file(linked, linked.im)
    digest = await came_whole(sandbox, driver, brought, number_of(ping))
    name = brought.files[0]["name"]
    assert (brought.thread_ts, name) == (
        ping.ts,
        (await driver.ecotaxa.job(number_of(ping)))["result"]["out_file"],
    )
    for words in (f"`{name}`", "240 rows", "1 file inside, checked", f"SHA-256 `{digest}`"):
        assert words in brought.text
    told = await linked.wait_for_message("is here", linked.im)
    assert told.thread_ts == ping.ts


async def test_a_file_asked_for_in_the_direct_conversation_comes_there(
    linked: Actor, driver: SandboxDriver, sandbox: Sandbox
) -> None:
    job_id = number_of(await finished(linked, driver, "summary"))
    await linked.say(f"/ecotaxa file {job_id}", linked.im)

    brought = await the_file(linked, linked.im)
    assert brought.thread_ts is None
    assert brought.files[0]["name"].endswith(".tsv")
    await came_whole(sandbox, driver, brought, job_id)


async def test_in_a_channel_it_is_asked_first_and_sent_privately(
    linked: Actor, driver: SandboxDriver, sandbox: Sandbox
) -> None:
    job_id = number_of(await finished(linked, driver))
    await linked.say(f"/ecotaxa file {job_id}")
    asked = await linked.wait_for_message("Where do you want", GENERAL)
    assert asked.ephemeral
    assert await files_of(linked) == []

    await linked.press(asked, "Send it to me")

    await came_whole(sandbox, driver, await the_file(linked, linked.im), job_id)
    await linked.wait_for_message(lambda m: m.id == asked.id and "comes to you" in m.text, GENERAL)
    assert await driver.person("tomas").messages(GENERAL) == []


async def test_shared_with_everybody_it_names_who_shares_it(linked: Actor, driver: SandboxDriver) -> None:
    await linked.say(f"/invite <@{BOT_USER}>")
    job_id = number_of(await finished(linked, driver))
    await linked.say(f"/ecotaxa file {job_id}")
    await linked.press(await linked.wait_for_message("Where do you want", GENERAL), "Share here")

    brought = await the_file(driver.person("tomas"), GENERAL)
    assert f"<@{linked.id}> shares" in brought.text
    shown = await linked.wait_for_message("is here", GENERAL)
    assert shown.ephemeral


async def test_shared_from_a_report_it_stands_in_the_thread_of_the_report(
    linked: Actor, driver: SandboxDriver
) -> None:
    await linked.say(f"/invite <@{BOT_USER}>")
    await driver.ecotaxa.speed(2)
    await linked.say("/ecotaxa export 1")
    await form(linked)
    assert await linked.submit() == {}
    report = await linked.wait_for_message(lambda m: not m.ephemeral and "Finished" in m.text, GENERAL)

    await linked.press(report, "Get the file")
    await linked.press(await linked.wait_for_message("Where do you want", GENERAL), "Share here")

    assert (await the_file(driver.person("tomas"), GENERAL)).thread_ts == report.ts


async def test_shared_at_the_second_try_it_stands_in_the_thread_too(
    linked: Actor, driver: SandboxDriver
) -> None:
    await driver.ecotaxa.speed(2)
    await linked.say("/ecotaxa export 1")
    await form(linked)
    assert await linked.submit() == {}
    report = await linked.wait_for_message(lambda m: not m.ephemeral and "Finished" in m.text, GENERAL)
    await linked.press(report, "Get the file")
    await linked.press(await linked.wait_for_message("Where do you want", GENERAL), "Share here")
    refused = await linked.wait_for_message("invite me", GENERAL)
    await linked.say(f"/invite <@{BOT_USER}>")

    await linked.press(refused, "Try again")
    await linked.press(await linked.wait_for_message("Where do you want", GENERAL), "Share here")

    assert (await the_file(driver.person("tomas"), GENERAL)).thread_ts == report.ts


async def test_shared_from_inside_a_thread_it_stands_there(linked: Actor, driver: SandboxDriver) -> None:
    await linked.say(f"/invite <@{BOT_USER}>")
    job_id = number_of(await finished(linked, driver))
    await linked.say("How far is it?")
    first = await linked.wait_for_message("How far is it?", GENERAL)
    await linked.say(f"<@{BOT_USER}> job {job_id}", GENERAL, thread_ts=first.ts)
    shown = await linked.wait_for_message(lambda m: m.ephemeral and m.says(f"#{job_id}"), GENERAL)

    await linked.press(shown, "Get the file")
    await linked.press(await linked.wait_for_message("Where do you want", GENERAL), "Share here")

    assert (await the_file(driver.person("tomas"), GENERAL)).thread_ts == first.ts


async def test_asked_for_in_a_modal_it_is_told_there_where_it_comes(
    linked: Actor, driver: SandboxDriver
) -> None:
    job_id = number_of(await finished(linked, driver))
    await linked.shortcut("jobs")
    await linked.press(await linked.wait_for_view(f"#{job_id}"), "Details")
    details = await linked.wait_for_view("Created")

    await linked.press(details, "Get the file")

    await linked.wait_for_view("comes to you, in our direct conversation")
    brought = await the_file(linked, linked.im)
    await linked.wait_for_message("is here", linked.im)
    await linked.close(everything=True)
    await linked.shortcut("jobs")
    await linked.press(await linked.wait_for_view(f"#{job_id}"), "Details")
    await linked.press(await linked.wait_for_view("Created"), "Get the file")
    there = await linked.wait_for_view("to our direct conversation already")
    await linked.press(there, "Bring it again")

    await linked.wait_for_view("comes to you, in our direct conversation")
    await linked.wait_for_message(lambda m: bool(m.files), linked.im, after=brought)


async def test_asked_for_by_a_mention_it_is_whispered_there_where_it_comes(
    linked: Actor, driver: SandboxDriver
) -> None:
    job_id = number_of(await finished(linked, driver))
    await linked.say(f"/invite <@{BOT_USER}>")

    await linked.say(f"<@{BOT_USER}> file {job_id}")

    told = await linked.wait_for_message("comes to you, in our direct conversation", GENERAL)
    assert told.ephemeral
    await the_file(linked, linked.im)
    assert not any(m.says("comes to you") for m in await linked.messages(linked.im))


async def test_asked_for_before_linking_it_is_told_there_where_it_comes(
    elena: Actor, driver: SandboxDriver
) -> None:
    job_id = await driver.ecotaxa.start("export")
    await comes_to(driver, job_id, "F")
    await elena.say(f"/ecotaxa file {job_id}")
    offer = await elena.wait_for_message("I don't know your EcoTaxa account yet", GENERAL)
    await elena.press(offer, "Link my account")
    await elena.wait_for_view("Link EcoTaxa")

    assert await elena.submit({"E-mail": elena.email, "Password": "plankton"}) == {}

    await elena.wait_for_message(lambda m: m.id == offer.id and m.says("comes to you"), GENERAL)
    await the_file(elena, elena.im)


async def test_on_the_home_it_comes_without_more_words(linked: Actor, driver: SandboxDriver) -> None:
    await finished(linked, driver)
    await linked.open_home()
    home = await wait_for_home(linked, lambda view: "Get the file" in view.labels())

    await linked.press(home, "Get the file")

    await the_file(linked, linked.im)
    await linked.wait_for_message("is here", linked.im)
    assert not any(m.says("comes to you") for m in await linked.messages())


async def test_where_the_bot_may_not_post_nothing_is_lost(linked: Actor, driver: SandboxDriver) -> None:
    job_id = number_of(await finished(linked, driver))
    await linked.say(f"/ecotaxa file {job_id}")
    await linked.press(await linked.wait_for_message("Where do you want", GENERAL), "Share here")

    told = await linked.wait_for_message("invite me", GENERAL)
    await linked.press(told, "Send it to me")
    await the_file(linked, linked.im)


@pytest.mark.parametrize(
    ("kind", "state", "says"), [("import", "F", "Only exports"), ("subset", "F", "Only exports")]
)
async def test_a_job_without_a_file_says_so_and_ecotaxa_is_not_asked(
    linked: Actor, driver: SandboxDriver, kind: str, state: str, says: str
) -> None:
    job_id = await driver.ecotaxa.start(kind)
    await comes_to(driver, job_id, state)
    await linked.say(f"/ecotaxa file {job_id}")

    await linked.wait_for_message(says, GENERAL)
    paths = [entry["path"] for entry in (await driver.ecotaxa.traffic())["entries"]]
    assert f"/jobs/{job_id}/" in paths
    assert f"/jobs/{job_id}/file" not in paths


async def test_a_running_export_has_its_file_later(linked: Actor, driver: SandboxDriver) -> None:
    job_id = await driver.ecotaxa.start("long-export", seconds=600)
    await comes_to(driver, job_id, "R")
    await linked.say(f"/ecotaxa file {job_id}")

    await linked.wait_for_message("once it is finished", GENERAL)


async def test_someone_elses_file_is_refused_in_a_sentence(linked: Actor, driver: SandboxDriver) -> None:
    job_id = await driver.ecotaxa.start("export", "tomas")
    await comes_to(driver, job_id, "F")
    await linked.say(f"/ecotaxa file {job_id}", linked.im)

    told = await linked.wait_for_message("EcoTaxa does not let you do that", linked.im)
    assert "export__" not in str(told)


async def test_a_file_that_is_too_large_is_a_link_with_its_size(
    settings: dict[str, str], start: Start, driver: SandboxDriver
) -> None:
    settings["FILE_RELAY_MAX_BYTES"] = "500000"
    async with start():
        elena = driver.person("elena")
        await link(elena)
        await looked(driver)
        ping = await finished(elena, driver, options={"bytes": 600_000})
        await elena.press(ping, "Get the file")

        told = await elena.wait_for_message("600 kB", elena.im)
        _, button = told.find("Open in EcoTaxa")
        assert button["url"].endswith(f"/job/show/{number_of(ping)}")
        methods = [entry["name"] for entry in await driver.slack.traffic()]
        assert "files.getUploadURLExternal" not in methods


async def test_progress_moves_in_place_and_can_be_cancelled(linked: Actor, driver: SandboxDriver) -> None:
    ping = await finished(linked, driver, options={"bytes": LARGE})
    await hang(driver)
    await linked.press(ping, "Get the file")
    first = await linked.wait_for_message("Fetching", linked.im)
    moving = await linked.wait_for_message(lambda m: m.id == first.id and "of 48.0 MB" in m.text, linked.im)

    await linked.press(moving, "Cancel")

    stopped = await linked.wait_for_message(lambda m: m.id == first.id and "Stopped" in m.text, linked.im)
    await driver.slack.heal()
    await linked.press(stopped, "Try again")
    await the_file(linked, linked.im)
    await linked.wait_for_message(lambda m: m.id == first.id and "is here" in m.text, linked.im)
    assert len(await files_of(linked)) == 1


async def test_the_end_replaces_the_progress_also_when_slack_is_busy(
    linked: Actor, driver: SandboxDriver
) -> None:
    ping = await finished(linked, driver, options={"bytes": LARGE})
    await hang(driver)
    await linked.press(ping, "Get the file")
    first = await linked.wait_for_message("Fetching", linked.im)
    moving = await linked.wait_for_message(lambda m: m.id == first.id and "of 48.0 MB" in m.text, linked.im)

    await driver.slack.break_(api={"chat.update": {"mode": "429", "retry_after": 1, "times": 1}})
    await linked.press(moving, "Cancel")

    await linked.wait_for_message(lambda m: m.id == first.id and "Stopped" in m.text, linked.im)


@pytest.mark.parametrize("trouble", ["429", "post_then_500"])
async def test_the_end_is_heard_once_also_when_its_place_is_gone_and_slack_ails(
    linked: Actor, driver: SandboxDriver, trouble: str
) -> None:
    ping = await finished(linked, driver, options={"bytes": LARGE})
    await hang(driver)
    await linked.press(ping, "Get the file")
    first = await linked.wait_for_message("Fetching", linked.im)

    await driver.slack.break_(
        api={
            "chat.update": {"mode": "error", "error": "message_not_found"},
            "chat.postMessage": {"mode": trouble, "times": 1},
        }
    )
    await linked.press(first, "Cancel")

    told = await linked.wait_for_message("Stopped", linked.im)
    assert told.id != first.id
    await looked(driver, 3)
    assert [m.id for m in await linked.messages(linked.im) if m.says("Stopped")] == [told.id]


async def test_whoever_unlinks_meanwhile_gets_no_file(linked: Actor, driver: SandboxDriver) -> None:
    ping = await finished(linked, driver, options={"bytes": LARGE})
    await hang(driver)
    await linked.press(ping, "Get the file")
    first = await linked.wait_for_message("Fetching", linked.im)
    await linked.wait_for_message(lambda m: m.id == first.id and "of 48.0 MB" in m.text, linked.im)
    await linked.say("/ecotaxa unlink")
    await linked.press(await linked.wait_for_message("Unlink", GENERAL), "Unlink")
    await linked.wait_for_message("forgotten", GENERAL)

    await driver.slack.heal()

    await linked.wait_for_message("unlinked or changed meanwhile", linked.im, timeout=30)
    assert await files_of(linked) == []


async def test_a_second_press_begins_nothing_new(linked: Actor, driver: SandboxDriver) -> None:
    ping = await finished(linked, driver, options={"bytes": LARGE})
    await hang(driver)
    await linked.press(ping, "Get the file")
    await linked.wait_for_message("Fetching", linked.im)
    await linked.press(ping, "Get the file")
    await linked.wait_for_message("already on its way", linked.im)
    await driver.slack.heal()
    await linked.wait_for_message("is here, 48.0 MB", linked.im, timeout=30)

    await linked.press(ping, "Get the file")

    there = await linked.wait_for_message("here already", linked.im)
    assert len(await files_of(linked)) == 1
    await linked.press(there, "Bring it again")
    await linked.wait_for_message(lambda m: bool(m.files) and m.ts > there.ts, linked.im, timeout=30)


async def test_one_file_at_a_time_for_a_person(linked: Actor, driver: SandboxDriver, clock: Clock) -> None:
    one = await finished(linked, driver, options={"bytes": LARGE})
    clock.forward(minutes=2)
    two = await finished(linked, driver)
    await hang(driver)
    await linked.press(one, "Get the file")
    await linked.wait_for_message("Fetching", linked.im)
    await linked.press(two, "Get the file")
    waiting = await linked.wait_for_message("another file of yours", linked.im)
    assert waiting.thread_ts == two.ts
    assert f"/jobs/{number_of(two)}/file" not in str((await driver.ecotaxa.traffic())["entries"])

    await driver.slack.heal()

    await linked.wait_for_message(lambda m: m.id == waiting.id and "is here" in m.text, linked.im, timeout=30)
    assert [message.thread_ts for message in await files_of(linked)] == [one.ts, two.ts]


async def test_three_files_at_a_time_for_all_and_the_fourth_waits(
    bot: app.Bot, driver: SandboxDriver
) -> None:
    people = [driver.person(name) for name in ("elena", "amelie", "tomas", "ada")]
    for person in people:
        await link(person)
    await looked(driver)
    pings = [await finished(person, driver, options={"bytes": LARGE}) for person in people]
    await hang(driver)
    for person, ping in zip(people[:3], pings[:3], strict=True):
        await person.press(ping, "Get the file")
        await person.wait_for_message("Fetching", person.im)
    fourth = people[3]

    await fourth.press(pings[3], "Get the file")

    waiting = await fourth.wait_for_message("several files are on their way", fourth.im)
    first = await people[0].wait_for_message("Fetching", people[0].im)
    await people[0].press(first, "Cancel")
    await fourth.wait_for_message(lambda m: m.id == waiting.id and "of 48.0 MB" in m.text, fourth.im)


async def test_broken_connections_leave_the_bytes_identical(
    linked: Actor, driver: SandboxDriver, sandbox: Sandbox
) -> None:
    ping = await finished(linked, driver, options={"bytes": 9_000_000})
    await driver.ecotaxa.break_(paths="/file$", cut_after=2_000_001, times=3)
    await linked.press(ping, "Get the file")

    brought = await the_file(linked, linked.im)
    entries = (await driver.ecotaxa.traffic())["entries"]
    assert sum(entry["path"].endswith("/file") for entry in entries) == 4
    await came_whole(sandbox, driver, brought, number_of(ping))


@pytest.mark.parametrize("wrong", ["corrupt", "shorter", "longer"])
async def test_an_archive_that_arrives_broken_is_not_posted(
    linked: Actor, driver: SandboxDriver, wrong: str
) -> None:
    ping = await finished(linked, driver, options={"bytes": 5_000_000})
    await driver.ecotaxa.break_(paths="/file$", file=wrong)
    await linked.press(ping, "Get the file")

    told = await linked.wait_for_message("broken or changed", linked.im)
    assert await files_of(linked) == []
    await driver.ecotaxa.heal()
    await linked.press(told, "Try again")
    await the_file(linked, linked.im)


@pytest.mark.parametrize("wrong", ["renamed", "longer", "shorter"])
async def test_a_file_that_changes_on_its_way_is_not_posted(
    linked: Actor, driver: SandboxDriver, wrong: str
) -> None:
    ping = await finished(linked, driver, options={"bytes": LARGE})
    await hang(driver)
    await driver.ecotaxa.break_(paths="/file$", cut_after=LARGE // 2, times=1)
    await linked.press(ping, "Get the file")
    await linked.wait_for_message("of 48.0 MB", linked.im)
    await driver.ecotaxa.break_(paths="/file$", file=wrong)

    await driver.slack.heal()

    await linked.wait_for_message("changed while I was fetching it", linked.im, timeout=30)
    assert await files_of(linked) == []


async def test_an_upload_that_breaks_is_begun_anew(
    linked: Actor, driver: SandboxDriver, sandbox: Sandbox
) -> None:
    ping = await finished(linked, driver, options={"bytes": 5_000_000})
    await driver.slack.break_(api={"upload": {"mode": "cut", "times": 1}})
    await linked.press(ping, "Get the file")

    await came_whole(sandbox, driver, await the_file(linked, linked.im), number_of(ping))
    addresses = [e for e in await driver.slack.traffic() if e["name"] == "files.getUploadURLExternal"]
    assert len(addresses) == 2


async def test_an_upload_that_breaks_every_time_is_told(linked: Actor, driver: SandboxDriver) -> None:
    ping = await finished(linked, driver)
    await driver.slack.break_(api={"upload": {"mode": "http", "status": 503}})
    await linked.press(ping, "Get the file")

    await linked.wait_for_message("Slack did not take the file", linked.im, timeout=30)
    assert await files_of(linked) == []


async def test_when_slacks_last_answer_is_lost_the_file_is_looked_for(
    linked: Actor, driver: SandboxDriver
) -> None:
    ping = await finished(linked, driver)
    await driver.slack.break_(api={"files.completeUploadExternal": {"mode": "post_then_500", "times": 1}})
    await linked.press(ping, "Get the file")

    await linked.wait_for_message("is here", linked.im)
    assert len(await files_of(linked)) == 1


async def test_a_file_that_may_have_arrived_is_not_sent_again(linked: Actor, driver: SandboxDriver) -> None:
    ping = await finished(linked, driver)
    await driver.slack.break_(
        api={
            "files.completeUploadExternal": {"mode": "post_then_500", "times": 1},
            "conversations.replies": {"mode": "error", "error": "missing_scope"},
        }
    )
    await linked.press(ping, "Get the file")
    await linked.wait_for_message("did not say whether", linked.im)

    await linked.press(ping, "Get the file")

    await linked.wait_for_message(lambda m: m.ephemeral and "did not say whether" in m.text, linked.im)
    assert len(await files_of(linked)) == 1
    completed = [e for e in await driver.slack.traffic() if e["name"] == "files.completeUploadExternal"]
    assert len(completed) == 1


async def test_a_shutdown_stops_it_and_says_so(start: Start, driver: SandboxDriver) -> None:
    elena = driver.person("elena")
    async with start():
        await link(elena)
        await looked(driver)
        ping = await finished(elena, driver, options={"bytes": LARGE})
        await hang(driver)
        await elena.press(ping, "Get the file")
        await elena.wait_for_message("Fetching", elena.im)

    await elena.wait_for_message("I was restarted", elena.im)
    assert await files_of(elena) == []


async def test_what_ecotaxa_cannot_give_is_told(linked: Actor, driver: SandboxDriver) -> None:
    ping = await finished(linked, driver)
    await driver.ecotaxa.break_(paths="/file$", status=503, body="html")
    await linked.press(ping, "Get the file")

    await linked.wait_for_message("EcoTaxa does not answer", linked.im, timeout=30)


async def test_an_ephemeral_press_in_the_direct_conversation_brings_it_there(
    linked: Actor, driver: SandboxDriver
) -> None:
    job_id = number_of(await finished(linked, driver))
    await linked.say(f"/ecotaxa job {job_id}", linked.im)
    shown = await linked.wait_for_message(
        lambda m: m.ephemeral and "Get the file" in str(m.blocks), linked.im
    )
    await linked.press(shown, "Get the file")

    await the_file(linked, linked.im)


@pytest.mark.parametrize(
    ("text", "kept"), [("one\ntwo é <!channel>", "one\ntwo é <!channel>"), ("", "\n"), ("x" * 1_000_001, "")]
)
async def test_a_text_is_shared_as_a_snippet_where_it_is_short_enough(
    linked: Actor, bot: app.Bot, driver: SandboxDriver, text: str, kept: str
) -> None:
    await bot.services.uploads.share_text(linked.im, "job.log", text, comment="the log")

    shared = await the_file(linked, linked.im)
    told = await driver.slack.file(shared.files[0]["id"])
    assert (shared.text, told["text"]) == ("the log", kept)
    assert told["sha256"] == hashlib.sha256(text.encode() or b"\n").hexdigest()


async def test_bytes_never_go_to_an_address_that_is_not_slacks(bot: app.Bot) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield b"secret"

    with pytest.raises(MessageRefused):
        await bot.services.slack.upload("https://files.slack.com.example.org/upload", 6, chunks())
