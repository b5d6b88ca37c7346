"""Several jobs watched as one: a card that moves, and one message at the end."""

import pytest

from bot.sandbox.driver import Actor, SandboxDriver
from bot.sandbox.screen import Message
from tests.stories.conftest import comes_to, link, looked
from tests.stories.forgery import on_view, press, view_of
from tests.stories.test_notify import PLANKTON, invite
from tests.stories.test_operations import typed
from tests.stories.test_pings import pings


async def stuck(driver: SandboxDriver, who: str = "elena", project: int = 1) -> int:
    """A job of somebody's that runs and does not come to its end."""
    job_id = await driver.ecotaxa.start("long-export", who, project=project)
    await comes_to(driver, job_id, "R")
    await driver.ecotaxa.set(job_id, freeze=True)
    return job_id


async def running(driver: SandboxDriver, amount: int, who: str = "elena", project: int = 1) -> list[int]:
    """Jobs that run and do not come to their end."""
    return [await stuck(driver, who, project) for _ in range(amount)]


async def watched(person: Actor, words: str) -> Message:
    """The card of what was asked to be watched by direct message."""
    await person.say(f"/ecotaxa watch {words}", person.im)
    await person.wait_for_message("I watch them", person.im)
    return await person.wait_for_message("jobs done", person.im)


async def test_a_project_is_watched_as_one(linked: Actor, driver: SandboxDriver) -> None:
    first, second = await running(driver, 2)
    elsewhere = (await running(driver, 1, project=2))[0]
    await looked(driver)
    card = await watched(linked, "project 1")
    assert "0 of 2 jobs done" in card.text
    assert "▣▣" in card.words

    await driver.ecotaxa.set(first, state="F")
    await linked.wait_for_message(lambda m: m.id == card.id and "1 of 2" in m.text, linked.im)
    await driver.ecotaxa.set(second, state="E")
    await driver.ecotaxa.set(elsewhere, state="F")

    done = await linked.wait_for_message("All 2 jobs are done", linked.im, after=card)
    assert f"Failed: #{second}" in done.text
    await linked.wait_for_message(f"#{elsewhere}", linked.im)
    await looked(driver, 2)
    at_last = await linked.now(card)
    assert at_last is not None
    assert "Stop watching" not in at_last.labels()
    assert await pings(linked, first) == []
    assert [m.id for m in await pings(linked, second)] in ([done.id], [card.id, done.id])


async def test_a_new_job_of_the_project_joins_the_watch(linked: Actor, driver: SandboxDriver) -> None:
    (first,) = await running(driver, 1)
    await looked(driver)
    card = await watched(linked, "project 1")

    (second,) = await driver.ecotaxa.jobs(1, project=1)

    await linked.wait_for_message(lambda m: m.id == card.id and "1 of 2" in m.text, linked.im)
    await driver.ecotaxa.set(first, state="F")
    await linked.wait_for_message("All 2 jobs are done", linked.im, after=card)
    assert await pings(linked, second) == []


async def test_jobs_are_named_and_what_is_none_of_ones_own_is_left_out(
    linked: Actor, driver: SandboxDriver
) -> None:
    first, second = await running(driver, 2)
    (others,) = await running(driver, 1, "tomas")
    await looked(driver)

    await linked.say(f"/ecotaxa watch {first} {second} {others}", linked.im)

    told = await linked.wait_for_message("I watch them", linked.im)
    assert f"#{others} is no job of yours" in told.text
    await linked.wait_for_message("0 of 2 jobs done", linked.im)


@pytest.mark.parametrize("words", ["watch 999", "watch project 99"])
async def test_where_there_is_nothing_to_watch_it_says_so(linked: Actor, words: str) -> None:
    await typed(linked, words, "waits, runs or asks")


async def test_several_are_chosen_from_the_list(linked: Actor, driver: SandboxDriver) -> None:
    first, second, third = await running(driver, 3)
    await looked(driver)
    shown = await typed(linked, "jobs", "Your 3 jobs")
    await linked.press(shown, "Watch together")
    view = await linked.wait_for_view("Jobs")
    _, menu = view.find("jobs")
    wanted = [it for it in menu["options"] if int(it["value"]) in (first, second)]

    assert await linked.submit({"jobs": {"selected_options": wanted}}) == {}

    await linked.wait_for_view("I watch them in our direct conversation")
    card = await linked.wait_for_message("0 of 2 jobs done", linked.im)
    for job_id in (first, second):
        await driver.ecotaxa.set(job_id, state="F")
    await linked.wait_for_message("All 2 jobs are done", linked.im, after=card)
    await driver.ecotaxa.set(third, state="F")
    await linked.wait_for_message(f"#{third}", linked.im)


async def test_one_job_is_not_offered_to_be_watched_together(linked: Actor, driver: SandboxDriver) -> None:
    await running(driver, 1)

    shown = await typed(linked, "jobs", "Your 1 job")

    assert "Watch together" not in shown.labels()


async def test_words_without_a_trigger_offer_a_button(linked: Actor, driver: SandboxDriver) -> None:
    (job_id,) = await running(driver, 1)
    await linked.say("watch", linked.im)
    offered = await linked.wait_for_message("Which jobs do you want", linked.im)

    await linked.press(offered, "Choose")

    view = await linked.wait_for_view("Jobs")
    assert f"#{job_id}" in str(view.blocks)


async def test_the_chooser_says_when_ecotaxa_does_not_answer(linked: Actor, driver: SandboxDriver) -> None:
    await driver.ecotaxa.break_(status=503, paths="/jobs/$")
    await linked.say("/ecotaxa watch")

    await linked.wait_for_view("EcoTaxa")
    await linked.wait_for_view(lambda view: "Asking" not in view.words)


async def test_in_a_channel_with_the_bot_the_card_stands_there(linked: Actor, driver: SandboxDriver) -> None:
    (job_id,) = await running(driver, 1)
    await looked(driver)
    await invite(linked)

    await linked.say("/ecotaxa watch project 1", PLANKTON)

    card = await linked.wait_for_message("0 of 1 jobs done", PLANKTON)
    assert not card.ephemeral
    await driver.ecotaxa.set(job_id, state="F")
    await linked.wait_for_message("The job is done", PLANKTON, after=card)


async def test_whoever_began_it_stops_it_and_nobody_else(linked: Actor, driver: SandboxDriver) -> None:
    tomas = driver.person("tomas")
    await link(tomas)
    first, second = await running(driver, 2)
    await looked(driver)
    await invite(linked)
    await linked.say("/ecotaxa watch project 1", PLANKTON)
    card = await linked.wait_for_message("0 of 2 jobs done", PLANKTON)
    await looked(driver, 3)  # nobody is as quick as to press before its receipt is kept

    await tomas.press(card, "Stop watching")
    await tomas.wait_for_message(f"Only <@{linked.id}> can stop this", PLANKTON)
    await linked.press(card, "Stop watching")

    await linked.wait_for_message(lambda m: m.id == card.id and "No longer watched" in m.text, PLANKTON)
    await driver.ecotaxa.set(first, state="F")
    await linked.wait_for_message(f"#{first}", linked.im)
    await driver.ecotaxa.set(second, state="F")
    await linked.wait_for_message(f"#{second}", linked.im)
    at_last = await linked.now(card)
    assert at_last is not None
    assert "No longer watched" in at_last.text
    assert "Stop watching" not in at_last.labels()


async def test_stopping_what_is_no_watch_says_so(linked: Actor, driver: SandboxDriver) -> None:
    await driver.slack.deliver("interactive", press(linked, "watch.stop", None) | {"response_url": ""})

    await linked.wait_for_message("Nothing is watched here any more", linked.im)


async def test_forged_choices_watch_nobody_elses_jobs(linked: Actor, driver: SandboxDriver) -> None:
    await running(driver, 2)
    (others,) = await running(driver, 1, "tomas")
    await linked.say("/ecotaxa watch")
    view = await linked.wait_for_view("Jobs")
    chosen = [{"value": value} for value in (str(others), "x", "-1", "9" * 50)]
    state = {"values": {"jobs": {"jobs": {"selected_options": chosen}}}}
    forged = on_view(linked, view, "view_submission")
    forged["view"] = view_of(view, state=state)

    await driver.slack.deliver("interactive", forged)

    await linked.wait_for_view(f"#{others} is no job of yours")
    await looked(driver)
    assert await linked.messages(linked.im) == []


async def test_a_job_that_asks_is_told_all_the_same(linked: Actor, driver: SandboxDriver) -> None:
    asking = await driver.ecotaxa.start("ask", project=1)
    await comes_to(driver, asking, "A")
    await running(driver, 1)
    await linked.wait_for_message(f"#{asking}", linked.im)

    card = await watched(linked, "project 1")

    assert f"Asks: #{asking}" in card.text
