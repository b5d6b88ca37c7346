"""Asking a colleague about one name: who picks, who is told, who sends."""

import asyncio
from typing import Any

import pytest

from bot.app import Bot
from bot.links import Person
from bot.sandbox.driver import Actor, Failed, SandboxDriver
from bot.sandbox.screen import Message, View
from tests.stories.conftest import comes_to, link, looked


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


def label(view: View, name: str) -> str:
    """The label of the field that asks for a name with this in it."""
    labels = [str(block["label"]["text"]) for block in view.blocks if block["type"] == "input"]
    return next(each for each in labels if name in each)


async def acts(bot: Bot, job_id: int) -> list[tuple[str | None, str]]:
    entries = await bot.services.store.acts_on(job_id)
    return [(entry.person.user_id if entry.person else None, entry.act) for entry in entries]


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


async def test_who_is_not_linked_links_from_the_question_and_then_picks(
    linked: Actor, driver: SandboxDriver
) -> None:
    amelie = driver.person("amelie")
    _, _, view = await asking(linked, driver, "thing one")
    await hand_over(linked, view, "thing one", amelie)

    question = await amelie.wait_for_message("thing one", amelie.im)
    offered = await amelie.options(question, "handover.taxon", "cyclop")
    assert [o["text"]["text"] for o in offered] == ["Link your EcoTaxa account first"]
    await amelie.press(question, "Link my account")
    await amelie.wait_for_view("Link EcoTaxa")
    await amelie.submit({"E-mail": amelie.email, "Password": "plankton"})
    await amelie.wait_for_view("Linked")
    await amelie.close()
    await looked(driver)

    assert await amelie.now(question) == question, "linking leaves the question as it is"
    await amelie.choose(question, "handover.taxon", "Cyclopoida", query="cyclop")
    await amelie.wait_for_message(lambda m: m.id == question.id and "You picked" in m.text, amelie.im)
    await linked.wait_for_message("picked *Cyclopoida*", linked.im)


async def test_whose_sign_in_has_ended_is_told_so_where_they_pick(
    linked: Actor, tomas: Actor, driver: SandboxDriver
) -> None:
    _, _, view = await asking(linked, driver, "thing one", "thing two")
    await hand_over(linked, view, "thing one", tomas)
    question = await tomas.wait_for_message("thing one", tomas.im)
    await linked.close(everything=True)
    ping = await linked.wait_for_message("thing one", linked.im)
    await linked.press(ping, "Answer")
    view = await linked.wait_for_view("could not match")
    await driver.ecotaxa.new_secret()
    for person in (linked, tomas):
        await person.wait_for_message("🔑", person.im)

    for person, where, what in ((tomas, question, "handover.taxon"), (linked, view, "answer.taxon")):
        offered = await person.options(where, what, "cyclop")
        assert [o["text"]["text"] for o in offered] == ["Link your EcoTaxa account again"]


SUGGESTED, PICKED = "part<Annelida", "Cyclopoida"


async def pick(colleague: Actor, question: Message) -> int:
    """Pick from the question: the taxon's id."""
    offered = await colleague.options(question, "handover.taxon", "cyclop")
    option = next(o for o in offered if o["text"]["text"] == PICKED)
    await colleague.choose(question, "handover.taxon", option)
    return int(option["value"].partition(":")[2])


@pytest.mark.parametrize("way", ["asking", "leafing", "sending"])
async def test_a_form_older_than_the_pick_does_not_undo_it(
    linked: Actor, tomas: Actor, driver: SandboxDriver, way: str
) -> None:
    """The owner's form shows a suggestion that they never touched, while the colleague picks."""
    others = [f"zz{n}" for n in range(20)] if way == "leafing" else ["zz0"]
    job_id, _, view = await asking(linked, driver, "part (annelida)", *others)
    assert SUGGESTED in str(view.blocks)
    await hand_over(linked, view, "part (annelida)", tomas)
    await linked.close()
    question = await tomas.wait_for_message("part (annelida)", tomas.im)
    taxon_id = await pick(tomas, question)
    told = await linked.wait_for_message(f"picked *{PICKED}*", linked.im)

    view = await linked.wait_for_view("could not match")
    assert PICKED not in str(view.blocks), "the form is older"
    if way == "sending":
        await linked.submit()
        await linked.wait_for_view("I sent their pick")
        assert (await driver.ecotaxa.job(job_id))["reply"]["taxa"] == {"part (annelida)": taxon_id}
        return
    if way == "leafing":
        await linked.press(view, "Next page")
        view = await linked.wait_for_view("page 2 of")
    else:
        await linked.press(view, "Ask a colleague")
        await linked.wait_for_view("Which name")
    await linked.close(everything=True)
    await linked.press(told, "Answer")
    view = await linked.wait_for_view(PICKED)
    assert SUGGESTED not in str(view.blocks)


async def test_asking_a_colleague_chooses_no_suggestion(
    linked: Actor, tomas: Actor, driver: SandboxDriver
) -> None:
    _, ping, view = await asking(linked, driver, "part (annelida)", "thing one", "thing two")
    await linked.choose(view, label(view, "thing two"), "Oncaeidae")
    await hand_over(linked, view, "thing one", tomas)
    await linked.close(everything=True)

    await linked.press(ping, "Answer")

    view = await linked.wait_for_view("1 of 3 chosen")
    assert "Suggestion: " in str(view.blocks), "it is still no more than that"


async def test_the_owners_own_choice_after_the_pick_is_what_counts(
    linked: Actor, tomas: Actor, driver: SandboxDriver
) -> None:
    job_id, _, view = await asking(linked, driver, "part (annelida)", "zz0")
    await hand_over(linked, view, "part (annelida)", tomas)
    await linked.close()
    question = await tomas.wait_for_message("part (annelida)", tomas.im)
    taxon_id = await pick(tomas, question)
    await linked.wait_for_message(f"picked *{PICKED}*", linked.im)

    view = await linked.wait_for_view("could not match")
    await linked.choose(view, label(view, "part"), "Oncaeidae")
    await linked.submit()

    shown = await linked.wait_for_view("You answered 1 name")
    assert "their pick" not in str(shown.blocks)
    assert (await driver.ecotaxa.job(job_id))["reply"]["taxa"]["part (annelida)"] != taxon_id


FAULTS = {
    "429": {"mode": "429", "retry_after": 1, "times": 2},
    "the answer is lost": {"mode": "post_then_drop", "times": 1},
    "Slack ails": {"mode": "http", "status": 503, "times": 1},
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_the_owner_hears_of_it_once_whatever_slack_does(
    linked: Actor, tomas: Actor, driver: SandboxDriver, fault: str
) -> None:
    _, ping, view = await asking(linked, driver, "thing one")
    await hand_over(linked, view, "thing one", tomas)
    await linked.close(everything=True)
    question = await tomas.wait_for_message("thing one", tomas.im)
    await driver.slack.break_(api={"chat.postMessage": FAULTS[fault]})

    await pick(tomas, question)

    await tomas.wait_for_message(lambda m: m.id == question.id and "You picked" in m.text, tomas.im)
    told = await linked.wait_for_message(f"picked *{PICKED}*", linked.im)
    assert told.thread_ts == ping.ts
    await linked.press(told, "Answer")
    await linked.wait_for_view("1 of 1 chosen")
    job_id = await driver.ecotaxa.start("export")
    await linked.wait_for_message(f"#{job_id}", linked.im)
    assert len([m for m in await linked.messages(linked.im) if "picked *" in m.text]) == 1


async def test_a_press_that_comes_again_shows_what_was_picked_first(
    linked: Actor, tomas: Actor, driver: SandboxDriver
) -> None:
    """Slack refuses to change the question: its buttons are still there, but the pick stands."""
    _, _, view = await asking(linked, driver, "thing one")
    await hand_over(linked, view, "thing one", tomas)
    question = await tomas.wait_for_message("thing one", tomas.im)
    await driver.slack.break_(api={"chat.update": {"mode": "error", "error": "fatal_error", "times": 1}})
    await pick(tomas, question)
    await linked.wait_for_message(f"picked *{PICKED}*", linked.im)
    assert await tomas.now(question) == question

    await tomas.press(question, "I don't know")

    await tomas.wait_for_message(lambda m: m.id == question.id and f"picked *{PICKED}*" in m.text, tomas.im)
    assert [m for m in await linked.messages(linked.im) if "does not know" in m.text] == []


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

    assert "has not answered yet" in await hand_over(linked, view, "thing one", tomas)
    assert len(await questions(tomas)) == 1


async def questions(colleague: Actor) -> list[Message]:
    """What the colleague was asked about the first name, as it stands now."""
    return [m for m in await colleague.messages(colleague.im) if "thing one" in m.text]


async def test_who_did_not_know_may_be_asked_again(
    linked: Actor, tomas: Actor, driver: SandboxDriver
) -> None:
    _, _, view = await asking(linked, driver, "thing one")
    await hand_over(linked, view, "thing one", tomas)
    await linked.close()
    question = await tomas.wait_for_message("thing one", tomas.im)
    await tomas.press(question, "I don't know")
    await tomas.wait_for_message("passed it on", tomas.im)

    assert "I have asked" in await hand_over(linked, view, "thing one", tomas)

    again = await tomas.wait_for_message("thing one", tomas.im, after=question)
    await pick(tomas, again)
    await linked.wait_for_message(f"picked *{PICKED}*", linked.im)


async def test_a_restarted_import_that_asks_again_is_handed_over_again(
    linked: Actor, tomas: Actor, driver: SandboxDriver
) -> None:
    job_id, ping, view = await asking(linked, driver, "thing one")
    await hand_over(linked, view, "thing one", tomas)
    await linked.close(everything=True)
    await driver.ecotaxa.set(job_id, state="E", progress_msg="Out of disk")
    failed = await linked.wait_for_message("Out of disk", linked.im, after=ping)
    await driver.ecotaxa.set(job_id, state="A")
    ping = await linked.wait_for_message("thing one", linked.im, after=failed)
    await linked.press(ping, "Answer")
    view = await linked.wait_for_view("could not match")

    assert "I have asked" in await hand_over(linked, view, "thing one", tomas)

    assert len(await questions(tomas)) == 2


async def test_a_colleague_answers_before_slack_has_told_that_they_are_asked(
    linked: Actor, tomas: Actor, driver: SandboxDriver
) -> None:
    """Slack takes the question, and its answer is lost: the question is good from the first moment on."""
    _, ping, view = await asking(linked, driver, "thing one")
    await driver.slack.break_(api={"chat.postMessage": {"mode": "post_then_hang", "times": 1}})
    told = asyncio.create_task(hand_over(linked, view, "thing one", tomas))
    question = await tomas.wait_for_message("thing one", tomas.im)

    await pick(tomas, question)

    await tomas.wait_for_message(lambda m: m.id == question.id and "You picked" in m.text, tomas.im)
    news = await linked.wait_for_message(f"picked *{PICKED}*", linked.im)
    assert news.thread_ts == ping.ts
    assert "I have asked" in await told
    await tomas.say("surely", tomas.im, thread_ts=question.ts)
    await linked.wait_for_message("writes about", linked.im)
    assert await questions(tomas) == [await tomas.now(question)]


async def test_a_colleague_whom_the_question_did_not_reach_is_asked_at_the_next_try(
    linked: Actor, tomas: Actor, driver: SandboxDriver, bot: Bot
) -> None:
    job_id, _, view = await asking(linked, driver, "thing one")
    await driver.slack.break_(api={"chat.postMessage": {"mode": "http", "status": 500, "times": 1}})

    assert "went wrong" in await hand_over(linked, view, "thing one", tomas)
    assert await bot.services.store.handovers_of_job(_person(linked), job_id) == []
    await linked.close()

    assert "I have asked" in await hand_over(linked, view, "thing one", tomas)
    assert len(await questions(tomas)) == 1


async def test_nothing_is_left_of_asking_somebody_who_cannot_be_written_to(
    linked: Actor, tomas: Actor, driver: SandboxDriver, bot: Bot
) -> None:
    job_id, _, view = await asking(linked, driver, "thing one")
    await driver.slack.break_(
        api={"chat.postMessage": {"mode": "error", "error": "user_disabled", "times": 1}}
    )

    assert "Choose somebody else" in await hand_over(linked, view, "thing one", tomas)

    assert await bot.services.store.handovers_of_job(_person(linked), job_id) == []


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
