"""Answering an import's question from chat."""

import asyncio
from typing import Any

import pytest

from bot import answering
from bot.sandbox.driver import Actor, SandboxDriver
from bot.sandbox.screen import Message, View
from tests.stories.conftest import Start, comes_to, link, looked

FOUND = {"users": {"elena rodriguez": {"email": "elena@lab.example"}}}
"""A name in the files whose e-mail tells who it is."""


async def ask(person: Actor, driver: SandboxDriver, kind: str = "ask", **more: Any) -> tuple[int, Message]:
    """Start an import that asks, and wait for its ping."""
    job_id = await driver.ecotaxa.start(kind, **more)
    return job_id, await person.wait_for_message(f"#{job_id}", person.im)


async def open_modal(person: Actor, on: Message) -> View:
    await person.press(on, "Answer")
    return await person.wait_for_view("could not match")


def fields(view: View) -> list[dict[str, Any]]:
    return [block for block in view.blocks if block["type"] == "input"]


def label(view: View, start: str) -> str:
    """The label of the field that asks for a name starting so."""
    return next(str(b["label"]["text"]) for b in fields(view) if start in b["label"]["text"])


def chosen(view: View, start: str) -> str:
    """What stands in the field that asks for a name starting so."""
    block = next(b for b in fields(view) if start in b["label"]["text"])
    return str(block["element"].get("initial_option", {}).get("text", {}).get("text", ""))


async def answer(person: Actor, ping: Message, **picks: str) -> None:
    """Choose a taxon for the name that begins so, for each, and send the answer."""
    view = await open_modal(person, ping)
    for name, taxon in picks.items():
        await person.choose(view, label(view, f"thing {name}"), taxon)
    assert await person.submit() == {}


def offers_answer(message: Message, job_id: int) -> bool:
    return f"#{job_id}" in message.text and "Answer" in message.labels()


async def answer_posts(driver: SandboxDriver) -> list[dict[str, Any]]:
    entries = (await driver.ecotaxa.traffic())["entries"]
    return [e for e in entries if e["method"] == "POST" and e["path"].endswith("/answer")]


async def test_suggestions_stand_there_and_one_press_answers(linked: Actor, driver: SandboxDriver) -> None:
    names = ["part (annelida)", "egg (actinopterygii)"]
    job_id, ping = await ask(linked, driver, names=names, options=FOUND)
    view = await open_modal(linked, ping)

    assert chosen(view, "elena rodriguez") == "Elena Rodriguez"
    assert chosen(view, "part (annelida)") == "part<Annelida"
    assert "Suggestion" in str(fields(view))
    await linked.submit()

    await linked.wait_for_view("You answered")
    reply = (await comes_to(driver, job_id, "F"))["reply"]
    assert reply["taxa"]
    changed = await linked.wait_for_message(lambda m: m.id == ping.id and "You answered" in m.text, linked.im)
    assert "answer.open" not in str(changed.blocks), "a pressed button is gone"
    await linked.wait_for_message(
        lambda m: f"#{job_id}" in m.text and "Finished" in m.text and m.id != ping.id, linked.im
    )


async def test_the_hint_of_the_file_is_shown_and_finds_the_user(linked: Actor, driver: SandboxDriver) -> None:
    job_id, ping = await ask(linked, driver, "ask-users")
    hint = next(iter((await driver.ecotaxa.job(job_id))["inside"]["found_users"].values()))["email"]

    view = await open_modal(linked, ping)

    assert hint in str(fields(view))


async def test_typing_searches_users_and_taxa(linked: Actor, driver: SandboxDriver) -> None:
    _, ping = await ask(linked, driver, names=["part (annelida)", "oncaea?"])
    view = await open_modal(linked, ping)
    user, taxon = label(view, "rodriguez"), label(view, "oncaea")

    martins = await linked.options(view, user, "martin")
    assert len(martins) > 2
    assert all("description" in o for o in martins if o["value"].startswith("user:"))
    oncaea = await linked.options(view, taxon, "oncae")
    assert any(o["text"]["text"].startswith("Oncae") for o in oncaea)
    assert "<" in str([o.get("description") for o in oncaea]), "the lineage tells taxa apart"
    assert len(await linked.options(view, taxon, "*a")) <= 100
    for wildcard in "%_":
        offered = await linked.options(view, user, wildcard)
        assert offered.pop()["value"] == "later"
        assert all(wildcard in o["text"]["text"] for o in offered), "it stands for itself"
    assert await linked.options(view, taxon, "") != []


async def test_a_chosen_user_is_remembered_and_a_taxon_taught_to_the_project(
    linked: Actor, driver: SandboxDriver
) -> None:
    names = ["weird thing"]
    _, ping = await ask(linked, driver, names=names)
    view = await open_modal(linked, ping)
    rows = {b["label"]["text"]: b for b in fields(view)}
    for text in rows:
        is_user = text.startswith("User")
        await linked.choose(view, text, "Ada Okafor" if is_user else "Cyclopoida")
    await linked.submit()
    await linked.wait_for_view("You answered")

    _, again = await ask(linked, driver, names=names)
    view = await open_modal(linked, again)

    for text in rows:
        block = next(b for b in fields(view) if b["label"]["text"] == text)
        assert block["element"]["initial_option"]["text"]["text"] in ("Ada Okafor", "Cyclopoida")
        assert "before" in block["hint"]["text"] or "remembered" in block["hint"]["text"]


async def test_a_part_may_be_answered_and_the_rest_later(linked: Actor, driver: SandboxDriver) -> None:
    job_id, ping = await ask(linked, driver, "ask-taxa", names=["thing one", "thing two"])
    view = await open_modal(linked, ping)
    await linked.choose(view, label(view, "thing one"), "Cyclopoida")
    await linked.submit()

    await linked.wait_for_view("asks for the rest")
    rest = await linked.wait_for_message(
        lambda m: m.id == ping.id and "thing two" in m.text and "thing one" not in m.text, linked.im
    )
    await looked(driver, 3)
    assert len([m for m in await linked.messages(linked.im) if f"#{job_id}" in m.text]) == 1, (
        "not told as news"
    )
    await linked.close()
    view = await open_modal(linked, rest)
    await linked.choose(view, label(view, "thing two"), "Oncaeidae")
    await linked.submit()
    reply = (await comes_to(driver, job_id, "F"))["reply"]
    assert list(reply["taxa"]) == ["thing two"]


async def test_the_rest_is_told_where_it_is_asked_later_than_the_answer_is_waited_for(
    linked: Actor, driver: SandboxDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answering, "LOOKS", (0.1, 0.1))
    job_id, ping = await ask(linked, driver, "ask-taxa", names=["thing one", "thing two"])
    await driver.ecotaxa.set(job_id, freeze=True)

    await answer(linked, ping, one="Cyclopoida")
    await linked.wait_for_view("EcoTaxa goes on")
    await linked.wait_for_message(lambda m: m.id == ping.id and "Answer" not in m.labels(), linked.im)
    await looked(driver)
    await driver.ecotaxa.set(job_id, freeze=False)

    again = await linked.wait_for_message(lambda m: m.id != ping.id and offers_answer(m, job_id), linked.im)
    assert "thing two" in again.text
    await looked(driver, 3)
    asking = [m.id for m in await linked.messages(linked.im) if offers_answer(m, job_id)]
    assert asking == [again.id], "told once"


async def test_the_rest_is_told_after_a_stop_while_the_answer_was_waited_for(
    driver: SandboxDriver, start: Start
) -> None:
    elena = driver.person("elena")
    async with start():
        await link(elena)
        await looked(driver)
        job_id, ping = await ask(elena, driver, "ask-taxa", names=["thing one", "thing two"])
        await driver.ecotaxa.set(job_id, freeze=True)
        await answer(elena, ping, one="Cyclopoida")
        await comes_to(driver, job_id, "P")
    await driver.ecotaxa.set(job_id, freeze=False)
    await comes_to(driver, job_id, "A")

    async with start():
        again = await elena.wait_for_message(lambda m: m.id != ping.id and offers_answer(m, job_id), elena.im)
    assert "thing two" in again.text


async def test_an_answer_that_did_not_arrive_leaves_the_rest_news(
    linked: Actor, driver: SandboxDriver
) -> None:
    job_id, ping = await ask(linked, driver, "ask-taxa", names=["thing one", "thing two"])
    await driver.ecotaxa.break_(status=503, paths="/answer$")
    await answer(linked, ping, one="Cyclopoida")
    await linked.wait_for_view("Your choices are kept")

    await driver.ecotaxa.set(job_id, question={"missing_users": [], "missing_taxa": ["thing two"]})

    again = await linked.wait_for_message(lambda m: m.id != ping.id and offers_answer(m, job_id), linked.im)
    assert "thing one" not in again.text, "answered elsewhere meanwhile"


async def test_what_was_chosen_stands_there_again_when_the_answered_import_failed(
    linked: Actor, driver: SandboxDriver
) -> None:
    # Elena may not manage this project, so that it does not remember the taxa for her.
    job_id, ping = await ask(linked, driver, "ask-taxa", names=["thing one", "thing two"], project=2)
    await driver.ecotaxa.set(job_id, freeze=True)
    await answer(linked, ping, one="Cyclopoida", two="Oncaeidae")
    await comes_to(driver, job_id, "P")
    await driver.ecotaxa.set(job_id, state="E", progress_msg="Disk full", errors=["Disk full"])
    await linked.wait_for_view("It then failed")
    await linked.close()
    failed = await linked.wait_for_message(lambda m: m.id != ping.id and "Restart" in m.labels(), linked.im)
    await driver.ecotaxa.set(job_id, freeze=False)

    await linked.press(failed, "Restart")
    again = await linked.wait_for_message(lambda m: m.id != ping.id and offers_answer(m, job_id), linked.im)
    view = await open_modal(linked, again)

    assert chosen(view, "thing one") == "Cyclopoida"
    assert chosen(view, "thing two") == "Oncaeidae"
    assert "2 of 2 chosen" in str(view.blocks)


async def test_what_was_answered_before_is_no_answer_to_the_rest(
    linked: Actor, driver: SandboxDriver
) -> None:
    job_id, ping = await ask(linked, driver, "ask-taxa", names=["thing one", "thing two"])
    await answer(linked, ping, one="Cyclopoida")
    await linked.wait_for_view("asks for the rest")
    await linked.close()
    rest = await linked.wait_for_message(lambda m: m.id == ping.id and offers_answer(m, job_id), linked.im)

    await answer(linked, rest)

    await linked.wait_for_view("You chose nothing")
    assert len(await answer_posts(driver)) == 1


async def test_deleted_while_the_answer_is_waited_for(linked: Actor, driver: SandboxDriver) -> None:
    job_id, ping = await ask(linked, driver, "ask-taxa", names=["thing one"])
    await driver.ecotaxa.set(job_id, freeze=True)
    await answer(linked, ping, one="Cyclopoida")
    await comes_to(driver, job_id, "P")
    await driver.ecotaxa.break_(down=True, paths=f"/jobs/{job_id}/$")
    await driver.ecotaxa.erase(job_id)
    await driver.ecotaxa.erase(job_id)
    await driver.ecotaxa.heal()

    await linked.wait_for_view("You answered 1 name. The job was then deleted.")
    await linked.wait_for_message(lambda m: m.id == ping.id and "was deleted" in m.text, linked.im)


async def test_what_was_chosen_survives_a_closed_modal(linked: Actor, driver: SandboxDriver) -> None:
    _, ping = await ask(linked, driver, "ask-taxa", names=["thing one", "thing two"])
    view = await open_modal(linked, ping)
    await linked.choose(view, label(view, "thing two"), "Cyclopoida")
    await linked.close()

    view = await open_modal(linked, ping)

    assert chosen(view, "thing two") == "Cyclopoida"
    assert "1 of 2 chosen" in str(view.blocks)


async def test_hundreds_of_names_in_pages(linked: Actor, driver: SandboxDriver) -> None:
    job_id, ping = await ask(linked, driver, "ask-300")
    view = await open_modal(linked, ping)
    first = fields(view)[0]["label"]["text"]
    await linked.choose(view, first, "Ada Okafor" if first.startswith("User") else "Cyclopoida")
    await linked.press(view, "Next page")
    view = await linked.wait_for_view("page 2 of")
    assert first not in str(view.blocks)
    await linked.press(view, "Previous page")
    view = await linked.wait_for_view("page 1 of")
    assert chosen(view, first.split("“")[1][:-1]) in ("Ada Okafor", "Cyclopoida")

    await linked.submit()

    await linked.wait_for_view("asks for the rest")
    question = (await driver.ecotaxa.job(job_id))["question"]
    assert len(question["missing_users"]) + len(question["missing_taxa"]) < 300


async def test_accepting_all_suggestions_also_on_pages_not_looked_at(
    linked: Actor, driver: SandboxDriver
) -> None:
    known = ["part (annelida)", "egg (actinopterygii)", "oncaeidae", "cyclopoida"]
    job_id, ping = await ask(linked, driver, "ask-taxa", names=[*(f"zz{n}" for n in range(20)), *known])
    view = await open_modal(linked, ping)
    await linked.press(view, "Next page")
    view = await linked.wait_for_view("page 2 of")
    await linked.press(view, "Accept")
    await linked.wait_for_view("4 of 24 chosen")
    await linked.submit()

    await linked.wait_for_view("You answered 4 names")
    left = (await driver.ecotaxa.job(job_id))["question"]["missing_taxa"]
    assert sorted(left) == sorted(f"zz{n}" for n in range(20))


async def test_nothing_chosen_is_told_at_the_field(linked: Actor, driver: SandboxDriver) -> None:
    _, ping = await ask(linked, driver, "ask-taxa", names=["thing one", "thing two"])
    await open_modal(linked, ping)

    errors = await linked.submit()

    assert "Choose at least one" in next(iter(errors.values()))
    assert await answer_posts(driver) == []


async def test_answered_elsewhere_while_the_modal_was_open(linked: Actor, driver: SandboxDriver) -> None:
    job_id, ping = await ask(linked, driver, names=["part (annelida)"])
    await open_modal(linked, ping)
    await driver.ecotaxa.set(job_id, state="F", progress_msg="Done")

    await linked.submit()

    await linked.wait_for_view("no longer asks")
    assert await answer_posts(driver) == []
    changed = await linked.wait_for_message(
        lambda m: m.id == ping.id and "already answered" in m.text, linked.im
    )
    assert "answer.open" not in str(changed.blocks)


async def test_deleted_while_the_modal_was_open(linked: Actor, driver: SandboxDriver) -> None:
    job_id, ping = await ask(linked, driver, names=["part (annelida)"])
    await open_modal(linked, ping)
    await driver.ecotaxa.erase(job_id)
    await driver.ecotaxa.erase(job_id)

    await linked.submit()

    await linked.wait_for_view("deleted meanwhile")
    assert await answer_posts(driver) == []


async def test_an_old_button_answers_politely(linked: Actor, driver: SandboxDriver) -> None:
    job_id, ping = await ask(linked, driver)
    await driver.ecotaxa.set(job_id, state="F", progress_msg="Done")

    await linked.press(ping, "Answer")

    await linked.wait_for_view("no longer asks")
    changed = await linked.wait_for_message(
        lambda m: m.id == ping.id and "already answered" in m.text, linked.im
    )
    assert "answer.open" not in str(changed.blocks)


async def test_the_list_shows_itself_anew_after_an_answer(linked: Actor, driver: SandboxDriver) -> None:
    job_id, ping = await ask(linked, driver, names=["part (annelida)"], options=FOUND)
    await linked.say("/ecotaxa jobs")
    shown = await linked.wait_for_message("Your 1 job", "C0GENERAL")
    await open_modal(linked, shown)
    await linked.submit()

    await linked.wait_for_view("You answered")
    await linked.wait_for_message(
        lambda m: m.id == shown.id and "answer.open" not in str(m.blocks), "C0GENERAL"
    )
    await linked.wait_for_message(lambda m: m.id == ping.id and "answer.open" not in str(m.blocks), linked.im)
    await comes_to(driver, job_id, "F")


async def test_options_come_in_time_whatever_ecotaxa_does(linked: Actor, driver: SandboxDriver) -> None:
    _, ping = await ask(linked, driver, names=["part (annelida)", "oncaea?"])
    view = await open_modal(linked, ping)
    taxon = label(view, "oncaea")
    await linked.options(view, taxon, "onc")
    await driver.ecotaxa.break_(slow=10, paths="taxon_set")

    offered = await linked.options(view, taxon, "oncae")

    assert offered[0]["value"] == "type-on"
    assert any(o["text"]["text"].startswith("Oncae") for o in offered), "what is known so far"
    await linked.choose(view, taxon, offered[0])
    assert "type on" not in str((await linked.submit()) or "")


async def test_ecotaxa_down_while_answering_keeps_the_choices(linked: Actor, driver: SandboxDriver) -> None:
    job_id, ping = await ask(linked, driver, "ask-taxa", names=["thing one", "thing two"])
    view = await open_modal(linked, ping)
    await linked.choose(view, label(view, "thing one"), "Cyclopoida")
    await driver.ecotaxa.break_(down=True)
    await linked.submit()

    await linked.wait_for_view("Your choices are kept", timeout=40)
    await driver.ecotaxa.heal()
    await linked.close()
    view = await open_modal(linked, ping)
    assert chosen(view, "thing one") == "Cyclopoida"
    assert (await driver.ecotaxa.job(job_id))["state"] == "A"


async def test_an_answer_whose_reply_is_lost_is_sent_once(linked: Actor, driver: SandboxDriver) -> None:
    job_id, ping = await ask(linked, driver, names=["part (annelida)"])
    await open_modal(linked, ping)
    await driver.ecotaxa.break_(garbage=True, paths="/answer", times=1)
    await linked.submit()

    await linked.wait_for_view(lambda v: "Sending" not in str(v.blocks), timeout=30)
    await asyncio.sleep(0.2)
    assert len(await answer_posts(driver)) == 1
    assert (await driver.ecotaxa.job(job_id))["reply"] is not None


@pytest.mark.parametrize("press_twice", [True, False])
async def test_a_repeated_delivery_answers_once(
    linked: Actor, driver: SandboxDriver, press_twice: bool
) -> None:
    _, ping = await ask(linked, driver, names=["part (annelida)"])
    await driver.slack.break_(repeat=2)
    await open_modal(linked, ping)
    if press_twice:
        await linked.close()
        await open_modal(linked, ping)
    await linked.submit()

    await linked.wait_for_view("You answered")
    assert len(await answer_posts(driver)) == 1


async def test_somebody_else_cannot_answer(linked: Actor, driver: SandboxDriver) -> None:
    """A forged press: Tomás presses the button of Elena's ping."""
    job_id, _ = await ask(linked, driver)
    tomas = driver.person("tomas")
    await link(tomas)
    await tomas.say(f"/ecotaxa job {job_id}")
    refused = await tomas.wait_for_message("does not let you do that", "C0GENERAL")
    assert "rodriguez" not in refused.text


async def test_nasty_names_stay_words(linked: Actor, driver: SandboxDriver) -> None:
    _, ping = await ask(linked, driver, names=["<!channel>", "a`b*c_d~e&<@U0ADA>", "x" * 900])
    view = await open_modal(linked, ping)

    assert "<!channel>" not in ping.text
    assert "<@U0ADA>" not in ping.text
    assert len(fields(view)) == 4
    assert all(b["label"]["type"] == "plain_text" for b in fields(view))


async def test_a_list_in_the_direct_conversation_stays_a_list(linked: Actor, driver: SandboxDriver) -> None:
    await ask(linked, driver, names=["part (annelida)"], options=FOUND)
    await linked.say("/ecotaxa jobs", linked.im)
    shown = await linked.wait_for_message("Your 1 job", linked.im)
    await open_modal(linked, shown)
    await linked.submit()

    await linked.wait_for_view("You answered")
    again = await linked.wait_for_message(
        lambda m: m.id == shown.id and "answer.open" not in str(m.blocks), linked.im
    )
    assert "Your 1 job" in again.text


async def test_what_is_left_for_later_stays_so(linked: Actor, driver: SandboxDriver) -> None:
    job_id, ping = await ask(linked, driver, names=["part (annelida)", "egg (actinopterygii)"], options=FOUND)
    view = await open_modal(linked, ping)
    await linked.choose(view, label(view, "part"), "later", query="part")
    await linked.close()
    view = await open_modal(linked, ping)
    assert chosen(view, "part") == ""
    await linked.press(view, "Accept")
    await linked.wait_for_view("2 of 3 chosen")
    await linked.submit()

    await linked.wait_for_view("asks for the rest")
    assert (await driver.ecotaxa.job(job_id))["question"]["missing_taxa"] == ["part (annelida)"]


async def test_the_ping_of_a_deleted_job_says_so_when_pressed(linked: Actor, driver: SandboxDriver) -> None:
    job_id, ping = await ask(linked, driver)
    await driver.ecotaxa.erase(job_id)
    await driver.ecotaxa.erase(job_id)

    await linked.press(ping, "Answer")

    await linked.wait_for_view("no such job")
    changed = await linked.wait_for_message(lambda m: m.id == ping.id and "was deleted" in m.text, linked.im)
    assert "answer.open" not in str(changed.blocks)
