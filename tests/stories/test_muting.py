"""What people do not want to be told, for good or for a while; and all of it again."""

import pytest

from bot import app
from bot.links import Person
from bot.sandbox.driver import GENERAL, Actor, SandboxDriver
from bot.sandbox.screen import Message
from bot.sandbox.slack.people import TEAM_ID
from tests.stories.conftest import comes_to, looked
from tests.stories.forgery import press
from tests.stories.test_pings import pings


async def failed_once(person: Actor, driver: SandboxDriver) -> tuple[int, Message]:
    """A job that failed, and what was told of that, with its menu."""
    job_id = await driver.ecotaxa.start("bad-import")
    return job_id, await person.wait_for_message(f"#{job_id}", person.im)


async def fails_again(driver: SandboxDriver, job_id: int) -> None:
    """The same job runs once more, and fails once more."""
    await driver.ecotaxa.set(job_id, state="R")
    await looked(driver, 3)
    await driver.ecotaxa.set(job_id, state="E")
    await looked(driver, 3)


@pytest.mark.parametrize(
    ("choice", "says"), [("Mute this job", "nothing more of #"), ("Mute project", "nothing more of project")]
)
async def test_what_is_muted_is_told_no_more_until_that_is_undone(
    linked: Actor, driver: SandboxDriver, choice: str, says: str
) -> None:
    job_id, ping = await failed_once(linked, driver)

    await linked.choose(ping, "mute", choice)

    told = await linked.wait_for_message(says, linked.im)
    await fails_again(driver, job_id)
    assert len([m for m in await pings(linked, job_id) if not m.ephemeral]) == 1

    await linked.press(told, "Undo")
    await linked.wait_for_message("I tell you again", linked.im)
    await fails_again(driver, job_id)
    assert len([m for m in await pings(linked, job_id) if not m.ephemeral]) == 2


async def test_an_hour_of_silence_holds_back_and_undo_releases(linked: Actor, driver: SandboxDriver) -> None:
    _, ping = await failed_once(linked, driver)
    await linked.choose(ping, "mute", "Nothing for an hour")
    told = await linked.wait_for_message("nothing for now", linked.im)
    missed = await driver.ecotaxa.start("export")
    await comes_to(driver, missed, "F")
    await looked(driver, 4)
    assert await pings(linked, missed) == []

    await linked.press(told, "Undo")

    await linked.wait_for_message(f"#{missed}", linked.im)


async def test_tomorrow_begins_where_the_person_lives(
    linked: Actor, driver: SandboxDriver, bot: app.Bot
) -> None:
    _, ping = await failed_once(linked, driver)

    await linked.choose(ping, "mute", "Nothing until tomorrow")
    await linked.wait_for_message("nothing for now", linked.im)

    services, person = bot.services, Person(None, TEAM_ID, linked.id)
    until = (await services.store.mutes_of(person, services.clock()))["all"]
    assert until is not None
    assert until.hour in (6, 7), "8:00 in Madrid"


@pytest.mark.parametrize("value", ["", "all", "job:", "job:0", "job:x", "job:9999999999", "user:3", "job:1 "])
@pytest.mark.parametrize("action", ["mute:1", "unmute"])
async def test_forged_choices_are_refused(
    linked: Actor, driver: SandboxDriver, bot: app.Bot, value: str, action: str
) -> None:
    forged = press(linked, action, value)
    if action == "mute:1":
        forged["actions"][0]["selected_option"] = {"value": value}
    services, person = bot.services, Person(None, TEAM_ID, linked.id)

    await driver.slack.deliver("interactive", forged)

    says = "I tell you again" if (action, value) == ("unmute", "all") else "no such job"
    await linked.wait_for_message(says, GENERAL)
    assert await services.store.mutes_of(person, services.clock()) == {}


@pytest.mark.parametrize("action", ["mute:1", "unmute"])
async def test_without_an_account_nothing_is_muted(elena: Actor, driver: SandboxDriver, action: str) -> None:
    await driver.slack.deliver("interactive", press(elena, action, "job:12"))

    await elena.wait_for_message("I don't know your EcoTaxa account yet", GENERAL)
