"""Asking a colleague about one name: who picks, who is told, who sends."""

from typing import Any

import pytest

from bot.app import Bot
from bot.links import Person
from bot.sandbox.driver import Actor, Failed, SandboxDriver
from bot.sandbox.screen import Message, View
from tests.stories.conftest import comes_to, link


@pytest.fixture
async def tomas(driver: SandboxDriver, linked: Actor) -> Actor:
    """A colleague whose own account is linked."""
    tomas = driver.person("tomas")
    await link(tomas)
    return tomas


async def asking(person: Actor, driver: SandboxDriver, *names: str) -> tuple[int, Message, View]:
    """An import that asks for these taxa: its ping, and the answer modal."""
    job_id = await driver.ecotaxa.start("ask-taxa", names=list(names))
    ping = await person.wait_for_message(f"#{job_id}", person.im)
    await person.press(ping, "Answer")
    return job_id, ping, await person.wait_for_view("could not match")


async def hand_over(owner: Actor, view: View, name: str, colleague: Actor) -> str:
    """Hand one name to a colleague: what the modal then says."""
    await owner.press(view, "Ask a colleague")
    asked = await owner.wait_for_view("Which name")
    options = await owner.options(asked, "name")
    option = next(o for o in options if name in o["text"]["text"])
    errors = await owner.submit(
        {"name": {"selected_option": option}, "colleague": {"selected_user": colleague.id}}
    )
    if errors:
        return str(errors)
    told = await owner.wait_for_view(lambda v: not v.says("Asking…") and not v.says("Which name"))
    return str(told.blocks)


async def acts(bot: Bot, job_id: int) -> list[tuple[str, str]]:
    entries = await bot.services.store.acts_on(job_id)
    return [(entry.person.user_id, entry.act) for entry in entries]


async def test_a_colleague_picks_and_the_owner_sends(
    linked: Actor, tomas: Actor, driver: SandboxDriver, bot: Bot
) -> None:
    job_id, ping, view = await asking(linked, driver, "thing one", "thing two")
    assert "I have asked" in await hand_over(linked, view, "thing one", tomas)
    await linked.close(everything=True)

    question = await tomas.wait_for_message("thing one", tomas.im)
    assert linked.id in question.text
    assert "thing two" not in str(question.blocks), "only the name that was handed over"
    await tomas.choose(question, "handover.taxon", "Cyclopoida", query="cyclop")
    await tomas.wait_for_message(lambda m: m.id == question.id and "You picked" in m.text, tomas.im)

    told = await linked.wait_for_message("picked *Cyclopoida*", linked.im)
    assert told.thread_ts == ping.ts, "in the thread of the question"
    await linked.press(told, "Answer")
    view = await linked.wait_for_view("1 of 2 chosen")
    assert "Picked by a colleague" in str(view.blocks)
    assert (await driver.ecotaxa.job(job_id))["reply"] == {}, "nothing is sent before the owner does"
    await linked.submit()
    await linked.wait_for_view("You answered 1 name")
    assert set((await driver.ecotaxa.job(job_id))["reply"]["taxa"]) == {"thing one"}
    await comes_to(driver, job_id, "A")
    assert await acts(bot, job_id) == [
        (linked.id, "ask colleague"),
        (tomas.id, "pick for colleague"),
        (linked.id, "answer"),
    ]


async def test_what_they_pick_is_picked_once(linked: Actor, tomas: Actor, driver: SandboxDriver) -> None:
    _, _, view = await asking(linked, driver, "thing one")
    await hand_over(linked, view, "thing one", tomas)
    question = await tomas.wait_for_message("thing one", tomas.im)

    await tomas.press(question, "I don't know")

    await tomas.wait_for_message(lambda m: m.id == question.id and "passed it on" in m.text, tomas.im)
    await linked.wait_for_message("does not know which taxon is", linked.im)
    assert (await tomas.now(question) or question).blocks != question.blocks
    with pytest.raises((LookupError, Failed)):
        await tomas.press(await tomas.now(question) or question, "I don't know")


async def test_who_is_not_linked_is_offered_to_link(linked: Actor, driver: SandboxDriver) -> None:
    ngoc = driver.person("amelie")
    _, _, view = await asking(linked, driver, "thing one")
    await hand_over(linked, view, "thing one", ngoc)

    question = await ngoc.wait_for_message("thing one", ngoc.im)
    offered = await ngoc.options(question, "handover.taxon", "cyclop")
    assert [o["text"]["text"] for o in offered] == ["Link your EcoTaxa account first"]
    await ngoc.press(question, "Link my account")
    await ngoc.wait_for_view("Link EcoTaxa")


async def test_what_they_write_in_the_thread_is_passed_on(linked: Actor, driver: SandboxDriver) -> None:
    amelie = driver.person("amelie")
    _, ping, view = await asking(linked, driver, "thing one")
    await hand_over(linked, view, "thing one", amelie)
    question = await amelie.wait_for_message("thing one", amelie.im)

    await amelie.say("a *cyclopoid*, surely <!channel>", amelie.im, thread_ts=question.ts)

    told = await linked.wait_for_message("writes about", linked.im)
    assert told.thread_ts == ping.ts
    assert "surely" in told.text
    assert "&lt;!channel&gt;" in told.text
    await amelie.wait_for_message("Passed on", amelie.im)


async def test_one_cannot_ask_oneself_nor_the_same_person_twice(
    linked: Actor, tomas: Actor, driver: SandboxDriver
) -> None:
    _, _, view = await asking(linked, driver, "thing one", "thing two")
    assert "That is you" in await hand_over(linked, view, "thing one", linked)
    await linked.close()
    await hand_over(linked, view, "thing one", tomas)
    await linked.close()

    assert "asked about this name before" in await hand_over(linked, view, "thing one", tomas)
    questions = [m for m in await tomas.messages(tomas.im) if "thing one" in m.text]
    assert len(questions) == 1


async def test_nobody_else_can_pick(linked: Actor, tomas: Actor, driver: SandboxDriver, bot: Bot) -> None:
    job_id, _, view = await asking(linked, driver, "thing one")
    await hand_over(linked, view, "thing one", tomas)
    question = await tomas.wait_for_message("thing one", tomas.im)
    stranger: dict[str, Any] = {
        "type": "block_actions",
        "user": {"id": "U0AMELIE", "team_id": "T0PLANKTON"},
        "team": {"id": "T0PLANKTON"},
        "trigger_id": "1.2.forged",
        "container": {"type": "message", "message_ts": question.ts, "channel_id": tomas.im},
        "actions": [
            {
                **question.find("handover.taxon")[1],
                "block_id": "x",
                "selected_option": {"text": {"type": "plain_text", "text": "x"}, "value": "taxon:1"},
            }
        ],
    }

    await driver.slack.deliver("interactive", stranger)

    amelie = driver.person("amelie")
    await amelie.wait_for_message("That question is gone", amelie.im)
    owner = (await bot.services.store.handovers_of_job(_person(linked), job_id))[0]
    assert owner.picked_at is None


def _person(actor: Actor) -> Person:
    return Person(None, "T0PLANKTON", actor.id)
