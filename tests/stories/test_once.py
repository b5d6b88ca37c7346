"""However often, late or elsewhere Slack delivers what somebody did, it takes effect once."""

import asyncio
from collections.abc import AsyncIterator, Awaitable

import pytest

from bot.sandbox.driver import Actor, Failed, Message, SandboxDriver, wait_for
from bot.sandbox.server import Sandbox
from bot.sandbox.slack.people import TEAM_ID
from handlers.front import WAIT_SECONDS
from tests.stories.conftest import Start, comes_to, link, looked


async def delivered_again(driver: SandboxDriver, times: int) -> None:
    """Wait until Slack delivered things again so many times, and what that may do has been done."""

    async def so_often() -> bool | None:
        entries = [entry for entry in await driver.slack.traffic() if entry["side"] == "socket"]
        again = [entry for entry in entries if entry["request"]["retry_attempt"]]
        return len(again) >= times or None

    await wait_for(so_often, f"{times} deliveries that come again")
    await asyncio.sleep(WAIT_SECONDS + 0.3)


async def answers(driver: SandboxDriver) -> int:
    """How many answers EcoTaxa was sent."""
    entries = (await driver.ecotaxa.traffic())["entries"]
    return sum(entry["method"] == "POST" and entry["path"].endswith("/answer") for entry in entries)


async def said(person: Actor, channel: str, words: str) -> int:
    """In how many messages these words stand."""
    return sum(words in message.text for message in await person.messages(channel))


@pytest.fixture
async def shared(start: Start, driver: SandboxDriver) -> AsyncIterator[Actor]:
    """A linked person whom two bots hear in turns: what comes again comes to the other one."""
    async with start(), start():
        elena = driver.person("elena")
        await link(elena)
        await looked(driver, 4)
        yield elena


async def test_what_another_bot_did_already_is_not_done_again(shared: Actor, driver: SandboxDriver) -> None:
    await driver.slack.break_(repeat_deliveries=True)
    await shared.say("/ecotaxa whoami")
    await shared.say("whoami", shared.im)
    await shared.wait_for_message("You are *Elena", shared.im)
    job_id = await driver.ecotaxa.start("ask-taxa", names=["thing one"])
    ping = await shared.wait_for_message(f"#{job_id}", shared.im)
    await shared.press(ping, "Answer")
    view = await shared.wait_for_view("could not match")
    row = next(block for block in view.blocks if block["type"] == "input")["label"]["text"]
    await shared.choose(view, row, "Cyclopoida")
    assert await shared.submit() == {}
    await comes_to(driver, job_id, "F")
    await shared.say("/ecotaxa unlink")
    question = await shared.wait_for_message("Unlink *Elena", "C0GENERAL")
    await shared.press(question, "Keep it")
    await shared.wait_for_message("everything stays", "C0GENERAL")

    await delivered_again(driver, 8)
    assert await said(shared, "C0GENERAL", "You are *Elena") == 1
    assert await said(shared, shared.im, "You are *Elena") == 1
    assert await said(shared, "C0GENERAL", "everything stays") == 1
    assert len(await shared.messages("C0GENERAL")) == 2
    assert len(await driver.slack.calls("views.open")) == 2, "to link, and to answer"
    assert await answers(driver) == 1


async def test_what_no_bot_acknowledged_is_done_by_another(shared: Actor, driver: SandboxDriver) -> None:
    # The sockets of both take turns: whichever is deaf, the other hears it when it comes again.
    await driver.slack.break_(deaf_sockets=True)
    done = asyncio.create_task(shared.say("/ecotaxa whoami"))
    await asyncio.sleep(0.1)
    await driver.slack.break_(drop_sockets=True)

    await done
    await shared.wait_for_message("You are *Elena", "C0GENERAL")
    await asyncio.sleep(WAIT_SECONDS + 0.3)
    assert await said(shared, "C0GENERAL", "You are *Elena") == 1


async def _lost(driver: SandboxDriver, kind: str, act: Awaitable[object]) -> None:
    """Do something whose acknowledgement gets lost: the person sees that it failed."""
    await driver.slack.break_(lose_acknowledgements={kind: 1})
    with pytest.raises(Failed, match="operation_timeout"):
        await act


async def test_what_a_lost_acknowledgement_was_for_is_done_once(
    linked: Actor, driver: SandboxDriver, sandbox: Sandbox
) -> None:
    sandbox.slack.delivery.patience = 1.0
    await _lost(driver, "slash_commands", linked.say("/ecotaxa whoami"))
    await linked.wait_for_message("You are *Elena", "C0GENERAL")
    await driver.slack.break_(lose_acknowledgements={"events_api": 1})
    await linked.say("whoami", linked.im)
    await delivered_again(driver, 2)
    job_id = await driver.ecotaxa.start("ask-taxa", names=["thing one"])
    ping = await linked.wait_for_message(f"#{job_id}", linked.im)
    await _lost(driver, "interactive", linked.press(ping, "Answer"))
    view = await linked.wait_for_view("could not match")
    row = next(block for block in view.blocks if block["type"] == "input")["label"]["text"]
    await _lost(driver, "interactive", linked.options(view, row, "Cyclopoida"))
    await linked.choose(view, row, "Cyclopoida")
    await _lost(driver, "interactive", linked.submit())
    await comes_to(driver, job_id, "F")

    await delivered_again(driver, 5)
    assert await said(linked, "C0GENERAL", "You are *Elena") == 1
    assert await said(linked, linked.im, "You are *Elena") == 1
    assert len(await driver.slack.calls("views.open")) == 2, "to link, and to answer"
    assert await answers(driver) == 1


async def test_what_a_bot_that_is_gone_did_is_not_done_again_by_the_next(
    start: Start, driver: SandboxDriver
) -> None:
    elena = driver.person("elena")
    async with start():
        await link(elena)
        await driver.slack.break_(lose_acknowledgements={"slash_commands": 1})
        typed = asyncio.create_task(elena.say("/ecotaxa whoami"))
        await elena.wait_for_message("You are *Elena", "C0GENERAL")
    async with start():
        await typed  # acknowledged when it came again
        await asyncio.sleep(WAIT_SECONDS + 0.3)

        assert await said(elena, "C0GENERAL", "You are *Elena") == 1


async def _greeted(person: Actor) -> Message:
    """What the bot says to "whoami", in the language that it thinks is the person's."""
    before = max((message.ts for message in await person.messages("C0GENERAL")), default="")
    await person.say("/ecotaxa whoami")
    return await person.wait_for_message(lambda m: m.ts > before and "Elena" in m.text, "C0GENERAL")


async def test_a_profile_that_changed_before_the_one_known_already_is_let_be(
    linked: Actor, driver: SandboxDriver
) -> None:
    async def changed(number: int, at: str, locale: str) -> None:
        user = {"id": linked.id, "team_id": TEAM_ID, "locale": locale, "tz": "UTC"}
        event = {"type": "user_change", "user": user, "event_ts": at}
        envelope = {"type": "event_callback", "team_id": TEAM_ID, "event_id": f"Ev{number}", "event": event}
        await driver.slack.deliver("events_api", envelope)

    async def in_french() -> bool | None:
        return (await _greeted(linked)).says("Vous êtes") or None

    await changed(1, "200.5", "fr-FR")
    await wait_for(in_french, "the bot to speak French")  # an event is acknowledged before it is dealt with
    await changed(2, "100.5", "pt-BR")
    await looked(driver, 3)

    assert await in_french()
