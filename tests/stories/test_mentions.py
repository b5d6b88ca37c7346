"""Words said to the bot: in a channel by its name, in the direct conversation without."""

from typing import Any

import pytest

from bot.sandbox.driver import GENERAL, Actor, SandboxDriver
from bot.sandbox.slack.people import BOT_USER
from tests.stories.conftest import comes_to
from tests.stories.forgery import event
from tests.stories.test_colleagues import asking, hand_over

BOT = f"<@{BOT_USER}>"


async def invited(person: Actor) -> None:
    """Bring the bot into the channel: elsewhere Slack tells it of no mention."""
    await person.say(f"/invite {BOT}")


async def test_a_mention_is_answered_to_the_asker_alone(linked: Actor, driver: SandboxDriver) -> None:
    job_id = await driver.ecotaxa.start("export")
    await comes_to(driver, job_id, "F")
    await invited(linked)

    await linked.say(f"{BOT} jobs")

    shown = await linked.wait_for_message(f"#{job_id}", GENERAL)
    assert shown.ephemeral
    assert len(await driver.person("tomas").messages(GENERAL)) == 1


async def test_a_mention_in_a_thread_is_answered_there(linked: Actor) -> None:
    await invited(linked)
    await linked.say("How far is it?")
    first = await linked.wait_for_message("How far is it?", GENERAL)

    await linked.say(f"{BOT} jobs", GENERAL, thread_ts=first.ts)

    shown = await linked.wait_for_message("You have no jobs", GENERAL)
    assert shown.thread_ts == first.ts


async def test_words_in_the_direct_conversation_are_a_command(linked: Actor, driver: SandboxDriver) -> None:
    await driver.ecotaxa.speed(8)
    job_id = await driver.ecotaxa.start("long-export")

    await linked.say("jobs", linked.im)

    shown = await linked.wait_for_message("Your 1 job", linked.im)
    assert not shown.ephemeral
    await linked.wait_for_message(lambda m: m.id == shown.id and "Finished" in m.text, linked.im, timeout=20)
    assert f"#{job_id}" in shown.text


@pytest.mark.parametrize(
    "words", ["#{}", "job {}", "`job {}`", "/ecotaxa-bot is nice, what about #{}?", "How is #{} going?"]
)
async def test_a_job_named_in_a_sentence_is_shown(linked: Actor, driver: SandboxDriver, words: str) -> None:
    job_id = await driver.ecotaxa.start("export")
    ping = await linked.wait_for_message(f"#{job_id}", linked.im)

    await linked.say(words.format(job_id).removeprefix("/"), linked.im)

    shown = await linked.wait_for_message(f"#{job_id}", linked.im, after=ping)
    await linked.wait_for_message(lambda m: "Created" in m.text, linked.im)
    assert shown


async def test_words_not_understood_get_advice(linked: Actor) -> None:
    await linked.say("jbos", linked.im)

    await linked.wait_for_message("Did you mean `jobs`?", linked.im)


async def test_somebody_new_is_offered_the_link_and_gets_what_they_asked(
    elena: Actor, driver: SandboxDriver
) -> None:
    job_id = await driver.ecotaxa.start("export")
    await elena.say("jobs", elena.im)
    offer = await elena.wait_for_message("I don't know your EcoTaxa account yet", elena.im)

    await elena.press(offer, "Link my account")
    await elena.wait_for_view("Link EcoTaxa")
    assert await elena.submit({"E-mail": elena.email, "Password": "plankton"}) == {}

    await elena.wait_for_message(f"#{job_id}", elena.im)


async def test_a_form_opens_by_a_button(elena: Actor) -> None:
    await elena.say("link", elena.im)
    offer = await elena.wait_for_message("Press the button", elena.im)

    await elena.press(offer, "Link my account")

    await elena.wait_for_view("passes through Slack")


async def test_who_speaks_of_the_bot_is_let_be(linked: Actor) -> None:
    await invited(linked)
    await linked.say(f"Thanks to {BOT} it was quick")
    await linked.say(f"ask {BOT}")
    await linked.say(f"{BOT} whoami")

    await linked.wait_for_message("You are *Elena Rodriguez*", GENERAL)

    assert len([m for m in await linked.messages(GENERAL) if m.ephemeral]) == 1


@pytest.mark.parametrize(
    "words", ["restart {}", "kill {}", "delete {}", "file {}", "doctor", "clean all", "unlink"]
)
async def test_in_the_middle_of_a_sentence_nothing_is_done(
    linked: Actor, driver: SandboxDriver, words: str
) -> None:
    job_id = await driver.ecotaxa.start("bad-import")
    await comes_to(driver, job_id, "E")
    await invited(linked)
    await linked.say(f"Yesterday I told {BOT} {words.format(job_id)}")
    await linked.say(f"{BOT} whoami")

    await linked.wait_for_message("You are *Elena Rodriguez*", GENERAL)

    assert len([m for m in await linked.messages(GENERAL) if m.ephemeral]) == 1
    assert (await driver.ecotaxa.job(job_id))["state"] == "E"


@pytest.mark.parametrize(
    "words", ["https://other.example/gui/job/show/{}", "restart https://other.example/gui/job/show/{}"]
)
async def test_a_link_of_another_ecotaxa_is_no_job(linked: Actor, driver: SandboxDriver, words: str) -> None:
    job_id = await driver.ecotaxa.start("export")
    await comes_to(driver, job_id, "F")
    await invited(linked)
    since = (await driver.ecotaxa.traffic())["seq"]
    await linked.say(f"Let us ask {BOT} {words.format(job_id)}")

    await linked.say(f"{BOT} {words.format(job_id)}")

    await linked.wait_for_message("of another EcoTaxa", GENERAL)
    assert len([m for m in await linked.messages(GENERAL) if m.ephemeral]) == 1
    entries = (await driver.ecotaxa.traffic(since))["entries"]
    assert not [e for e in entries if f"/jobs/{job_id}" in e["path"]]


@pytest.mark.parametrize("words", ["jobs", "job {}", "kill #{}", "how is #{} going?"])
async def test_in_the_middle_of_a_sentence_jobs_are_shown(
    linked: Actor, driver: SandboxDriver, words: str
) -> None:
    job_id = await driver.ecotaxa.start("long-export")
    await driver.ecotaxa.set(job_id, state="R", freeze=True)
    await invited(linked)

    await linked.say(f"Let us ask {BOT} {words.format(job_id)}")

    shown = await linked.wait_for_message(lambda m: m.ephemeral and m.says(f"#{job_id}"), GENERAL)
    assert "Running" in shown.words
    assert (await driver.ecotaxa.job(job_id))["state"] == "R"


async def test_a_reply_that_was_also_sent_to_the_conversation_is_a_reply(
    linked: Actor, driver: SandboxDriver
) -> None:
    amelie = driver.person("amelie")
    _, ping, view = await asking(linked, driver, "thing one")
    await hand_over(linked, view, "thing one", amelie)
    question = await amelie.wait_for_message("thing one", amelie.im)
    said = event(
        amelie, "message", subtype="thread_broadcast", channel=amelie.im, channel_type="im",
        ts="1700000000.000300", thread_ts=question.ts, text="a cyclopoid, surely",
    )  # fmt: skip

    await driver.slack.deliver("event_callback", said)

    told = await linked.wait_for_message("a cyclopoid, surely", linked.im)
    assert told.thread_ts == ping.ts


async def test_a_mention_delivered_again_is_answered_once(linked: Actor, driver: SandboxDriver) -> None:
    await invited(linked)
    await driver.slack.break_(repeat_deliveries=True)
    await linked.say(f"{BOT} jobs")
    await linked.wait_for_message("You have no jobs", GENERAL)
    await driver.slack.heal()
    await linked.say(f"{BOT} whoami")
    await linked.wait_for_message("You are *Elena Rodriguez*", GENERAL)

    said = [m for m in await linked.messages(GENERAL) if m.says("You have no jobs")]

    assert len(said) == 1


async def test_threads_in_the_direct_conversation_are_let_be(linked: Actor, driver: SandboxDriver) -> None:
    await linked.say("whoami", linked.im)
    answer = await linked.wait_for_message("You are *Elena Rodriguez*", linked.im)
    await linked.say("jobs", linked.im, thread_ts=answer.ts)
    await linked.say("help", linked.im)
    await linked.wait_for_message("/ecotaxa whoami", linked.im)

    assert not any(m.says("You have no jobs") for m in await linked.messages(linked.im))


async def test_where_the_bot_cannot_whisper_it_answers_directly(linked: Actor, driver: SandboxDriver) -> None:
    told = event(linked, "app_mention", channel=GENERAL, ts="1700000000.000100", text=f"{BOT} whoami")

    await driver.slack.deliver("event_callback", told)

    await linked.wait_for_message("You are *Elena Rodriguez*", linked.im)
    assert await linked.messages(GENERAL) == []


@pytest.mark.parametrize(
    "more",
    [
        {"bot_id": "B0OTHER"},
        {"subtype": "message_changed"},
        {"edited": {"user": "U0ELENA", "ts": "1700000000.000200"}},
        {"user": None},
        {"user": "USLACKBOT"},
        {"channel_type": "channel", "channel": GENERAL},
    ],
)
async def test_what_no_person_says_to_the_bot_just_now_is_not_answered(
    linked: Actor, driver: SandboxDriver, more: dict[str, Any]
) -> None:
    told = {"channel": linked.im, "channel_type": "im", "ts": "1700000000.000100", "text": "whoami"} | more
    since = (await driver.slack.traffic())[-1]["seq"]
    await driver.slack.deliver("event_callback", event(linked, "message", **told))
    await linked.say("help", linked.im)
    await linked.wait_for_message("/ecotaxa jobs", linked.im)

    said = [e for e in await driver.slack.traffic(since) if e["name"].startswith("chat.")]

    assert len(said) == 1, "the help alone"
