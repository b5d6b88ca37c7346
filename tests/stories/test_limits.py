"""Whoever asks for too much is told when to try again, and loses nothing of what they filled in."""

import pytest

from bot import app
from bot.limits import Limit
from bot.links import Person
from bot.sandbox.driver import Actor, SandboxDriver
from bot.sandbox.slack.people import TEAM_ID
from tests.stories.conftest import Clock, link
from tests.stories.test_answers import ask

TOO_MUCH = "That was a lot at once: please try again in"
GENERAL = "C0GENERAL"


def used_up(limit: Limit, person: Actor, clock: Clock) -> None:
    """As if the person had done all at once that the limit allows; time stands still from then on."""
    key = Person(None, TEAM_ID, person.id).key
    clock.stop()
    while not limit.take(key):
        pass


async def test_too_much_is_told_in_one_sentence_and_passes(
    elena: Actor, bot: app.Bot, driver: SandboxDriver, clock: Clock
) -> None:
    used_up(bot.services.limits.acts, elena, clock)

    await elena.say("/ecotaxa help")
    told = await elena.wait_for_message(TOO_MUCH, GENERAL)
    await driver.person("tomas").say("/ecotaxa help")
    await driver.person("tomas").wait_for_message("/ecotaxa jobs", GENERAL)

    assert "/ecotaxa jobs" not in told.text
    clock.forward(minutes=10)
    await elena.say("/ecotaxa help")
    await elena.wait_for_message("/ecotaxa jobs", GENERAL)


async def test_who_does_not_stop_is_acknowledged_and_told_no_more(
    elena: Actor, bot: app.Bot, clock: Clock
) -> None:
    used_up(bot.services.limits.acts, elena, clock)
    used_up(bot.services.limits.refusals, elena, clock)

    await elena.say("/ecotaxa help")

    assert await bot.services.work.rest(5) == 0
    assert await elena.messages(GENERAL) == []
    assert await elena.toasts() == []


async def test_a_form_that_is_sent_too_soon_keeps_what_is_in_it(
    elena: Actor, bot: app.Bot, clock: Clock
) -> None:
    await elena.say("/ecotaxa link")
    await elena.wait_for_view("Link EcoTaxa")
    used_up(bot.services.limits.acts, elena, clock)

    (told,) = (await elena.submit({"E-mail": elena.email, "Password": "plankton"})).values()

    assert told.startswith(TOO_MUCH)
    clock.forward(minutes=10)
    assert await elena.submit() == {}
    await elena.wait_for_view("Linked")


async def test_an_answer_that_is_sent_too_soon_is_sent_later_as_it_is(
    linked: Actor, driver: SandboxDriver, bot: app.Bot, clock: Clock
) -> None:
    job_id, ping = await ask(linked, driver, "ask-taxa", names=["thing one"])
    await linked.press(ping, "Answer")
    view = await linked.wait_for_view("thing one")
    used_up(bot.services.limits.searches, linked, clock)
    assert await linked.options(view, "Taxon “thing one”", "cyclop") == [], "an empty list, and no error"
    clock.forward(minutes=20)
    used_up(bot.services.limits.acts, linked, clock)
    await linked.choose(view, "Taxon “thing one”", "Cyclopoida", query="cyclop")

    (told,) = (await linked.submit()).values()

    assert told.startswith(TOO_MUCH)
    assert (await driver.ecotaxa.job(job_id))["reply"] == {}
    clock.forward(minutes=10)
    assert await linked.submit() == {}
    await linked.wait_for_view("You answered")


@pytest.mark.parametrize("way", ["password", "token"])
async def test_passwords_and_tokens_are_tried_a_few_times_and_then_in_a_while(
    elena: Actor, driver: SandboxDriver, clock: Clock, way: str
) -> None:
    wrong = "eyJ1c2VyX2lkIjoyfQ.awQhvw.Mn5PDG7-lcAzvAvni8BsXTGZUOs"
    tried = {"E-mail": elena.email, "Password": "wrong"} if way == "password" else {"Or a token": wrong}
    await elena.say("/ecotaxa link")
    await elena.wait_for_view("Link EcoTaxa")
    for _ in range(5):
        assert "try again in" not in str(await elena.submit(tried))
    since = (await driver.ecotaxa.traffic())["seq"]

    errors = await elena.submit(tried)

    assert errors == {way: "That was tried often: please try again in 2 minutes."}
    assert (await driver.ecotaxa.traffic(since))["entries"] == [], "EcoTaxa is not asked"
    await elena.close()
    clock.forward(minutes=2)
    await link(elena)
