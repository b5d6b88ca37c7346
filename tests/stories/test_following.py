"""Others who want to know how a job ends: they are told what a channel would see, and no more."""

from datetime import timedelta

import pytest

from bot import app
from bot.rules import triggers
from bot.sandbox.driver import GENERAL, Actor, SandboxDriver
from bot.sandbox.screen import Message
from bot.sandbox.slack.people import BOT_USER
from tests.stories.conftest import comes_to, link, looked
from tests.stories.forgery import press
from tests.stories.test_notify import PLANKTON, invite
from tests.stories.test_operations import typed
from tests.stories.test_pings import pings
from tests.stories.test_watching import stuck


@pytest.fixture
async def shared(
    linked: Actor, driver: SandboxDriver, monkeypatch: pytest.MonkeyPatch
) -> tuple[int, Message]:
    """A job that runs, and its card in a channel."""
    monkeypatch.setattr(triggers, "CARD_AFTER", timedelta(seconds=0))
    await invite(linked)
    await linked.say("/ecotaxa notify here", PLANKTON)
    await linked.wait_for_message(f"I tell in <#{PLANKTON}>", PLANKTON)
    job_id = await stuck(driver)
    card = await linked.wait_for_message(lambda m: not m.ephemeral and f"#{job_id}" in m.text, PLANKTON)
    return job_id, card


async def test_a_button_tells_somebody_without_an_account_too(
    linked: Actor, driver: SandboxDriver, shared: tuple[int, Message]
) -> None:
    job_id, card = shared
    tomas = driver.person("tomas")

    await tomas.press(card, "Tell me too")

    await tomas.wait_for_message(f"I tell you too how #{job_id} ends", PLANKTON)
    await driver.ecotaxa.set(job_id, state="F", result={"rowcount": 5, "out_file": "secret_name.zip"})
    told = await tomas.wait_for_message(f"#{job_id}", tomas.im)
    assert f"<@{linked.id}>" in told.text
    assert "secret_name" not in str(told)
    await linked.wait_for_message("secret_name", linked.im)
    await looked(driver, 2)
    assert len(await pings(tomas, job_id)) == 1


async def test_ones_own_job_needs_no_button(
    linked: Actor, driver: SandboxDriver, shared: tuple[int, Message]
) -> None:
    job_id, card = shared

    await linked.press(card, "Tell me too")

    await linked.wait_for_message(f"#{job_id} is your own job", PLANKTON)


async def test_only_what_the_message_tells_can_be_followed(
    linked: Actor, driver: SandboxDriver, shared: tuple[int, Message]
) -> None:
    secret = await stuck(driver)
    tomas, (_, card) = driver.person("tomas"), shared
    forged = press(tomas, f"follow:{secret}", str(secret))
    forged["container"] |= {"message_ts": card.ts, "channel_id": PLANKTON, "is_ephemeral": False}
    forged["channel"] = {"id": PLANKTON, "name": "plankton"}

    await driver.slack.deliver("interactive", forged)

    await tomas.wait_for_message(f"I no longer know whose job #{secret} is", PLANKTON)
    await driver.ecotaxa.set(secret, state="F")
    await linked.wait_for_message(f"#{secret}", linked.im)
    await looked(driver, 2)
    assert await pings(tomas, secret) == []


@pytest.mark.parametrize("value", ["", "x", "0", "-1", "9999999999"])
async def test_forged_numbers_are_refused(elena: Actor, driver: SandboxDriver, value: str) -> None:
    await driver.slack.deliver("interactive", press(elena, "follow:1", value))

    await elena.wait_for_message("no such job", GENERAL)


async def test_somebody_named_is_told_too(linked: Actor, driver: SandboxDriver) -> None:
    job_id = await stuck(driver)
    amelie = driver.person("amelie")
    await looked(driver)

    await typed(linked, f"watch {job_id} @amelie", f"I tell <@{amelie.id}> how #{job_id} ends")

    await driver.ecotaxa.set(job_id, state="E")
    told = await amelie.wait_for_message(f"#{job_id}", amelie.im)
    assert f"<@{linked.id}>" in told.text


@pytest.mark.parametrize(
    ("whom", "says"),
    [
        ("@elena", "is your own job"),
        (f"<@{BOT_USER}>", "pick a person of this workspace"),
        ("<@U0NOBODY>", "pick a person of this workspace"),
        ("@nobody", "I could not tell who that is"),
        ("@amelie @tomas", "One job and one person at a time"),
    ],
)
async def test_who_cannot_be_told_is_said(linked: Actor, driver: SandboxDriver, whom: str, says: str) -> None:
    job_id = await stuck(driver)

    await typed(linked, f"watch {job_id} {whom}", says)


async def test_only_ones_own_open_jobs_are_told_to_others(linked: Actor, driver: SandboxDriver) -> None:
    ended = await driver.ecotaxa.start("export")
    await comes_to(driver, ended, "F")
    others = await stuck(driver, "tomas")

    await typed(linked, f"watch {ended} @amelie", "has come to its end already")
    await typed(linked, f"watch {others} @amelie", "someone else's job")


async def test_an_administrator_has_nobody_told_of_the_jobs_of_others(
    bot: app.Bot, driver: SandboxDriver
) -> None:
    ada = driver.person("ada")
    await link(ada)
    others = await stuck(driver, "tomas")

    await typed(ada, f"watch {others} @amelie", "is somebody else's job")


async def test_without_an_account_nobody_can_be_named(elena: Actor) -> None:
    await typed(elena, "watch 12 @amelie", "I don't know your EcoTaxa account yet")
