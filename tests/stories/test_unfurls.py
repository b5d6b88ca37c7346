"""Links to jobs that people paste: a card under each, with the rights of who pasted it."""

from typing import Any

import pytest

from bot.sandbox.driver import GENERAL, Actor, Message, SandboxDriver, wait_for
from bot.sandbox.server import Sandbox
from bot.sandbox.slack.people import BOT_USER
from tests.stories.conftest import comes_to, link
from tests.stories.forgery import event


def page(sandbox: Sandbox, job_id: int) -> str:
    """The address of a job's page."""
    return f"{sandbox.url}/ecotaxa/gui/job/show/{job_id}"


def has_card(message: Message) -> bool:
    """Whether a card stands under the message."""
    return bool(message.attachments)


async def heard(person: Actor) -> None:
    """Wait until the bot has dealt with what was said before: it takes one thing after the other."""
    await person.say("/ecotaxa help", person.im)
    await person.wait_for_message("/ecotaxa jobs", person.im)


async def test_a_pasted_link_gets_a_card_without_names_of_files(
    linked: Actor, driver: SandboxDriver, sandbox: Sandbox
) -> None:
    job_id = await driver.ecotaxa.start("export")
    job = await comes_to(driver, job_id, "F")
    await linked.say(f"Done: {page(sandbox, job_id)} !")

    shown = await linked.wait_for_message(has_card, GENERAL)

    assert "Finished" in shown.words
    assert f"#{job_id}" in shown.words
    assert "row" in shown.words
    assert job["result"]["out_file"] not in shown.words
    assert shown.labels() == ["Details", "Open in EcoTaxa"]
    assert not any(m.ephemeral for m in await linked.messages(GENERAL))


async def test_a_failed_jobs_card_says_nothing_of_why(
    linked: Actor, driver: SandboxDriver, sandbox: Sandbox
) -> None:
    job_id = await driver.ecotaxa.start("bad-import")
    job = await comes_to(driver, job_id, "E")
    await linked.say(page(sandbox, job_id))

    shown = await linked.wait_for_message(has_card, GENERAL)

    assert "❌ Failed" in shown.words
    assert not any(str(line) in shown.words for line in (*job["errors"], job["progress_msg"]) if line)


async def test_several_links_get_a_card_each(linked: Actor, driver: SandboxDriver, sandbox: Sandbox) -> None:
    jobs = [await driver.ecotaxa.start("export") for _ in range(2)]
    await linked.say(" and ".join(page(sandbox, job_id) for job_id in jobs))

    shown = await linked.wait_for_message(has_card, GENERAL)

    assert len(shown.attachments) == 2
    assert all(f"#{job_id}" in shown.words for job_id in jobs)


async def test_details_of_a_card_are_for_who_presses_and_with_their_rights(
    linked: Actor, driver: SandboxDriver, sandbox: Sandbox
) -> None:
    job_id = await driver.ecotaxa.start("export")
    await linked.say(page(sandbox, job_id))
    card = await linked.wait_for_message(has_card, GENERAL)
    tomas = driver.person("tomas")
    await link(tomas)

    await tomas.press(card, "Details")
    await linked.press(card, "Details")

    refused = await tomas.wait_for_message("EcoTaxa does not let you do that", GENERAL)
    details = await linked.wait_for_message("Created", GENERAL)
    assert refused.ephemeral
    assert details.ephemeral
    assert "Created" not in str([m.words for m in await tomas.messages(GENERAL)])


async def test_somebody_elses_job_gets_no_card_and_no_word(
    linked: Actor, driver: SandboxDriver, sandbox: Sandbox
) -> None:
    job_id = await driver.ecotaxa.start("export", "tomas")
    own = await driver.ecotaxa.start("export")
    await linked.say(page(sandbox, job_id))
    await linked.say(page(sandbox, own))

    await linked.wait_for_message(lambda m: has_card(m) and f"#{own}" in m.words, GENERAL)

    assert len([m for m in await linked.messages(GENERAL) if has_card(m)]) == 1
    assert not any(m.ephemeral for m in await linked.messages(GENERAL))


async def test_somebody_not_linked_is_told_once_and_alone(
    elena: Actor, driver: SandboxDriver, sandbox: Sandbox
) -> None:
    job_id = await driver.ecotaxa.start("export")
    await elena.say(f"/invite <@{BOT_USER}>")
    for _ in range(2):
        await elena.say(page(sandbox, job_id))
    hint = await elena.wait_for_message("once I know your account", GENERAL)
    await heard(elena)

    assert hint.ephemeral
    assert "Link my account" in hint.labels()
    said = await elena.messages(GENERAL)
    assert len([m for m in said if m.ephemeral]) == 1
    assert not any(has_card(m) for m in said)
    assert not any(m.ephemeral for m in await driver.person("tomas").messages(GENERAL))


async def test_where_the_bot_is_no_member_somebody_not_linked_hears_nothing(
    elena: Actor, driver: SandboxDriver, sandbox: Sandbox
) -> None:
    await elena.say(page(sandbox, await driver.ecotaxa.start("export")))
    await heard(elena)

    assert len(await elena.messages(GENERAL)) == 1
    assert not any(e["name"] == "chat.postEphemeral" for e in await driver.slack.traffic())


async def test_a_word_that_could_not_be_said_is_said_the_next_time(
    elena: Actor, driver: SandboxDriver, sandbox: Sandbox
) -> None:
    job_id = await driver.ecotaxa.start("export")
    await elena.say(f"/invite <@{BOT_USER}>")
    fault = {"mode": "error", "error": "internal_error", "times": 1}
    await driver.slack.break_(api={"chat.postEphemeral": fault})
    await elena.say(page(sandbox, job_id))
    await heard(elena)
    assert not any(m.ephemeral for m in await elena.messages(GENERAL))

    await elena.say(page(sandbox, job_id))

    await elena.wait_for_message("once I know your account", GENERAL)


async def test_who_is_still_writing_is_told_nothing_until_it_is_posted(
    elena: Actor, driver: SandboxDriver, sandbox: Sandbox
) -> None:
    url = page(sandbox, await driver.ecotaxa.start("export"))
    await elena.say(f"/invite <@{BOT_USER}>")
    composed = event(
        elena, "link_shared", channel=GENERAL, message_ts="a-draft", source="composer",
        unfurl_id="U1.a", is_bot_user_member=True, links=[{"url": url, "domain": "127.0.0.1"}],
    )  # fmt: skip
    await driver.slack.deliver("event_callback", composed)
    await heard(elena)
    assert not any(e["name"] == "chat.postEphemeral" for e in await driver.slack.traffic())

    await elena.say(url)

    await elena.wait_for_message("once I know your account", GENERAL)


@pytest.mark.parametrize(
    "url",
    [
        "{}/ecotaxa/prj/42",
        "{}/ecotaxa/gui/job/show/",
        "{}/elsewhere/gui/job/show/1",
        "{}/ecotaxa/gui/job/show/0",
    ],
)
async def test_other_links_are_let_be(
    linked: Actor, driver: SandboxDriver, sandbox: Sandbox, url: str
) -> None:
    own = await driver.ecotaxa.start("export")
    since = (await driver.ecotaxa.traffic())["seq"]
    await linked.say(url.format(sandbox.url))
    await linked.say(page(sandbox, own))
    await linked.wait_for_message(has_card, GENERAL)

    asked = {e["path"] for e in (await driver.ecotaxa.traffic(since))["entries"]}
    assert {path for path in asked if "/jobs/" in path and not path.endswith("/jobs/")} == {
        next(path for path in asked if path.rstrip("/").endswith(f"/{own}"))
    }
    assert len([m for m in await linked.messages(GENERAL) if has_card(m)]) == 1


async def test_a_message_that_is_still_being_written_gets_its_card(
    linked: Actor, driver: SandboxDriver, sandbox: Sandbox
) -> None:
    job_id = await driver.ecotaxa.start("export")
    await driver.person("tomas").say(page(sandbox, job_id))
    message = await linked.wait_for_message(f"/{job_id}", GENERAL)

    async def told() -> dict[str, Any] | None:
        heard = [
            e["request"]["payload"]["event"]
            for e in await driver.slack.traffic()
            if e["side"] == "socket" and "event" in e["request"]["payload"]
        ]
        return next((it for it in heard if it["type"] == "link_shared"), None)

    first = await wait_for(told, "the link to be told, of somebody who is not linked")
    composed = event(
        linked, "link_shared", channel="COMPOSER", message_ts="a-draft", source="composer",
        unfurl_id=first["unfurl_id"], is_bot_user_member=False, links=first["links"],
    )  # fmt: skip

    await driver.slack.deliver("event_callback", composed)

    shown = await linked.wait_for_message(has_card, GENERAL)
    assert shown.id == message.id
