"""Slack ailing, repeating itself, and handing on what nobody could have pressed."""

import asyncio
import json
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot import app
from bot.delivery import notifier
from bot.links import Person
from bot.refusals import CODES
from bot.sandbox.driver import Actor, Failed, SandboxDriver, wait_for
from bot.sandbox.screen import Message, View
from bot.sandbox.slack.people import BOT_USER, TEAM_ID
from tests.stories.conftest import Clock, link, looked
from tests.stories.forgery import command, on_view, press, view_of
from tests.stories.side_by_side import side_by_side

SQL = (
    "(psycopg2.errors.NotNullViolation) null value in column \"classif_id\" violates not-null constraint\n"
    "[SQL: INSERT INTO obj_head (objid, projid, latitude) VALUES "
    + ", ".join(f"(%(objid_{n})s, %(projid_{n})s, %(latitude_{n})s)" for n in range(60))
    + "]\n[parameters: {'objid_0': 4242, 'operator': 'ines.operator@lab.example'}]"
)  # fmt: skip


async def pings(person: Actor, job_id: int) -> list[Message]:
    return [m for m in await person.messages(person.im) if f"#{job_id}" in m.text]


async def calls(driver: SandboxDriver, method: str, since: int = 0) -> list[dict[str, Any]]:
    """The calls of a Web API method that were answered."""
    return [e for e in await driver.slack.traffic(since) if e["side"] == "api" and e["name"] == method]


async def comes_to(driver: SandboxDriver, job_id: int, state: str) -> None:
    async def there() -> bool | None:
        return (await driver.ecotaxa.job(job_id))["state"] == state or None

    await wait_for(there, f"job {job_id} to come to {state}")


async def answer_posts(driver: SandboxDriver) -> int:
    entries = (await driver.ecotaxa.traffic())["entries"]
    return sum(e["method"] == "POST" and e["path"].endswith("/answer") for e in entries)


async def ask(
    person: Actor, driver: SandboxDriver, names: tuple[str, ...] = ("part (annelida)",)
) -> tuple[int, Message]:
    """An import that asks for taxa, and its ping."""
    job_id = await driver.ecotaxa.start("ask-taxa", names=names)
    return job_id, await person.wait_for_message(f"#{job_id}", person.im)


async def open_modal(person: Actor, on: Message) -> View:
    await person.press(on, "Answer")
    return await person.wait_for_view("could not match")


# What Slack does with a message that the bot sends


async def test_refused_blocks_are_sent_once_more_as_plain_text(linked: Actor, driver: SandboxDriver) -> None:
    fault = {"mode": "error", "error": "invalid_blocks", "times": 1}
    await driver.slack.break_(api={"chat.postMessage": fault})
    job_id = await driver.ecotaxa.start("export")

    ping = await linked.wait_for_message(f"#{job_id}", linked.im)
    await looked(driver, 2)

    assert (await driver.ecotaxa.job(job_id))["result"]["out_file"] in ping.text
    assert ping.blocks == []
    assert len(await pings(linked, job_id)) == 1


async def test_a_429_is_waited_out(linked: Actor, driver: SandboxDriver) -> None:
    fault = {"mode": "429", "retry_after": 2, "times": 1}
    await driver.slack.break_(api={"chat.postMessage": fault})
    since = time.time()
    job_id = await driver.ecotaxa.start("export")

    await linked.wait_for_message(f"#{job_id}", linked.im)

    first, second = await calls(driver, "chat.postMessage")
    assert second["at"] - first["at"] >= 2
    assert first["at"] > since
    assert len(await pings(linked, job_id)) == 1


async def test_the_rate_limits_themselves_are_kept(linked: Actor, driver: SandboxDriver) -> None:
    await driver.slack.break_(rate_limits=True)
    jobs = [await driver.ecotaxa.start("export") for _ in range(7)]

    for job_id in jobs:
        await linked.wait_for_message(f"#{job_id}", linked.im, timeout=15)
    assert [len(await pings(linked, job_id)) for job_id in jobs] == [1] * 7


PERMANENT = {
    "user_disabled": 1,
    "messages_tab_disabled": 1,
    "account_inactive": 1,
    "missing_scope": 1,
    "msg_too_long": 2,
    "invalid_blocks": 2,
}
"""Codes after which nothing gets better by trying soon, and how often a message is tried."""


async def _posts_with(driver: SandboxDriver, elena: Actor, fault: dict[str, Any]) -> int:
    """How often a ping is tried while posting fails so; meanwhile a command is answered."""
    await driver.slack.break_(api={"chat.postMessage": fault})
    job_id = await driver.ecotaxa.start("export")
    await comes_to(driver, job_id, "F")
    await looked(driver, 4)
    await elena.say("/ecotaxa jobs")
    await elena.wait_for_message(f"#{job_id}", "C0GENERAL")
    assert all(fault["error"] not in message.text for message in await elena.messages())
    return len(await calls(driver, "chat.postMessage"))


async def test_what_cannot_be_delivered_is_not_tried_for_ever(tmp_path: Path) -> None:
    faults: dict[str, dict[str, Any]] = {code: {"mode": "error", "error": code} for code in PERMANENT}

    assert await side_by_side(tmp_path, _posts_with, faults) == PERMANENT


async def test_a_direct_conversation_that_cannot_be_opened_gives_the_ping_up(
    linked: Actor, driver: SandboxDriver
) -> None:
    await driver.slack.break_(api={"chat.postMessage": {"mode": "error", "error": "cannot_dm_bot"}})
    job_id = await driver.ecotaxa.start("export")
    await comes_to(driver, job_id, "F")
    await looked(driver, 3)

    assert len(await calls(driver, "chat.postMessage")) == 1
    assert await pings(linked, job_id) == []


LIFTED = ("messages_tab_disabled", "restricted_action", "accesslimited", "team_access_not_granted")
"""What somebody in the workspace forbids the bot, and can allow it again."""


async def _told_once_allowed(driver: SandboxDriver, elena: Actor, code: str) -> int:
    """How often a ping is in Slack that was forbidden at first."""
    await driver.slack.break_(api={"chat.postMessage": {"mode": "error", "error": code, "times": 1}})
    job_id = await driver.ecotaxa.start("export")
    await elena.wait_for_message(f"#{job_id}", elena.im, timeout=30)
    await looked(driver, 2)
    return len(await pings(elena, job_id))


async def test_what_the_workspace_forbids_for_a_while_is_told_once_it_is_allowed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notifier, "WORKSPACE_PAUSE", timedelta(seconds=0.5))

    assert await side_by_side(tmp_path, _told_once_allowed, {code: code for code in LIFTED}) == dict.fromkeys(
        LIFTED, 1
    )


async def test_a_refusal_that_nobody_knows_is_tried_again(linked: Actor, driver: SandboxDriver) -> None:
    fault = {"mode": "error", "error": "a_code_of_tomorrow", "times": 2}
    await driver.slack.break_(api={"chat.postMessage": fault})
    job_id = await driver.ecotaxa.start("export")

    ping = await linked.wait_for_message(f"#{job_id}", linked.im, timeout=30)
    await looked(driver, 2)

    assert ping.blocks, "what follows the first try, with blocks and without, is a try like the first"
    assert len(await calls(driver, "chat.postMessage")) == 3
    assert len(await pings(linked, job_id)) == 1


async def test_a_refusal_that_nobody_knows_and_that_lasts_holds_up_later_news_for_a_while_only(
    linked: Actor, driver: SandboxDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notifier, "LOOK_AGAIN", timedelta(seconds=0.05))
    monkeypatch.setattr(notifier, "TRIES", 3)
    await driver.slack.break_(
        api={"chat.postMessage": {"mode": "error", "error": "a_code_of_tomorrow", "times": 6}}
    )
    given_up = await driver.ecotaxa.start("export")
    await comes_to(driver, given_up, "F")

    async def tried() -> bool | None:
        return len(await calls(driver, "chat.postMessage")) >= 6 or None

    await wait_for(tried, "three tries, with blocks and without", 30)
    later = await driver.ecotaxa.start("export")

    await linked.wait_for_message(f"#{later}", linked.im)
    assert await pings(linked, given_up) == []


# A direct conversation that is no longer what it was


def _mislead(bot: app.Bot, person: Actor) -> None:
    """Let the bot know the person's direct conversation by an id that is gone."""
    bot.services.slack._direct[Person(None, TEAM_ID, person.id).key] = "D0GONE"


async def test_a_ping_whose_conversation_is_gone_comes_in_the_one_opened_anew(
    linked: Actor, driver: SandboxDriver, clock: Clock
) -> None:
    first = await driver.ecotaxa.start("export")
    await linked.wait_for_message(f"#{first}", linked.im)
    clock.forward(minutes=2)
    fault = {"mode": "error", "error": "channel_not_found", "times": 1}
    await driver.slack.break_(api={"chat.postMessage": fault})
    second = await driver.ecotaxa.start("export")

    await linked.wait_for_message(f"#{second}", linked.im)
    await looked(driver, 2)

    assert len(await pings(linked, second)) == 1
    assert len(await calls(driver, "chat.postMessage")) == 3
    assert await calls(driver, "conversations.open") == [], "Slack opens it where it is told whom to write to"


async def test_a_lost_answer_is_looked_up_in_the_conversation_opened_anew(
    linked: Actor, driver: SandboxDriver, clock: Clock
) -> None:
    first = await driver.ecotaxa.start("export")
    await linked.wait_for_message(f"#{first}", linked.im)
    clock.forward(minutes=2)
    await driver.slack.break_(
        api={
            "chat.postMessage": {"mode": "post_then_500", "times": 1},
            "conversations.history": {"mode": "error", "error": "channel_not_found", "times": 1},
        }
    )
    job_id = await driver.ecotaxa.start("export")
    await linked.wait_for_message(f"#{job_id}", linked.im)

    async def looked_up() -> bool | None:
        return len(await calls(driver, "conversations.history")) >= 2 or None

    await wait_for(looked_up, "the history of both conversations to be asked", 30)
    await looked(driver, 2)
    assert len(await pings(linked, job_id)) == 1


async def test_files_come_in_the_conversation_opened_anew(
    linked: Actor, driver: SandboxDriver, bot: app.Bot
) -> None:
    job_id = await driver.ecotaxa.start("export")
    ping = await linked.wait_for_message(f"#{job_id}", linked.im)

    async def files() -> set[str]:
        return {file["name"] for m in await linked.messages(linked.im) for file in m.files}

    _mislead(bot, linked)
    await linked.press(ping, "Get the file")

    async def came() -> set[str] | None:
        return await files() or None

    [brought] = await wait_for(came, "the job's file")
    await linked.say(f"/ecotaxa log {job_id}")
    shown = await linked.wait_for_message("The end of its log", "C0GENERAL")
    _mislead(bot, linked)
    await linked.press(shown, "Whole log")
    await linked.wait_for_message("by direct message", "C0GENERAL")
    assert await files() == {brought, f"job-{job_id}-log.txt"}


async def test_where_the_bot_may_not_post_the_person_is_answered_by_direct_message(
    linked: Actor, driver: SandboxDriver
) -> None:
    await linked.say(f"/invite <@{BOT_USER}>")
    await driver.slack.circumstances(restricted=["C0GENERAL"])

    await linked.say(f"<@{BOT_USER}> jobs")

    await linked.wait_for_message("You have no jobs", linked.im)


async def test_a_file_that_may_not_be_shared_where_it_was_asked_is_offered_alone(
    linked: Actor, driver: SandboxDriver
) -> None:
    job_id = await driver.ecotaxa.start("export")
    await comes_to(driver, job_id, "F")
    await linked.say(f"/ecotaxa file {job_id}")
    choice = await linked.wait_for_message("Where do you want", "C0GENERAL")
    fault = {"mode": "error", "error": "restricted_action"}
    await driver.slack.break_(api={"files.completeUploadExternal": fault})

    await linked.press(choice, "Share here, with everybody")

    shown = await linked.wait_for_message("I may not post the file", "C0GENERAL")
    assert "Send it to me" in shown.labels()


AILING: dict[str, dict[str, Any]] = {
    "hang": {"mode": "hang"},
    "posted, then hangs": {"mode": "post_then_hang"},
    "500": {"mode": "http", "status": 500},
    "posted, then 500": {"mode": "post_then_500"},
    "busy": {"mode": "error", "error": "service_unavailable"},
    "fails inside": {"mode": "error", "error": "internal_error"},
    "fails for good inside": {"mode": "error", "error": "fatal_error"},
}
"""After these nobody knows whether the message is there, or one has to wait for seconds."""


async def _sent_once(driver: SandboxDriver, elena: Actor, fault: dict[str, Any]) -> tuple[int, int]:
    """How often a ping is in Slack, and how often it was posted, when its first try meets a fault."""
    await driver.slack.break_(api={"chat.postMessage": {**fault, "times": 1}})
    job_id = await driver.ecotaxa.start("export")

    async def tried_again() -> bool | None:
        looked_up = await calls(driver, "conversations.history")
        return bool(looked_up) or len(await calls(driver, "chat.postMessage")) >= 2 or None

    await wait_for(tried_again, "the second try", 30)
    await elena.wait_for_message(f"#{job_id}", elena.im)
    await looked(driver, 2)
    return len(await pings(elena, job_id)), len(await calls(driver, "chat.postMessage"))


async def test_however_slack_ails_a_message_is_there_exactly_once(tmp_path: Path) -> None:
    # How often it is there, and how many posts were answered: one that hangs never is.
    assert await side_by_side(tmp_path, _sent_once, AILING) == {
        "hang": (1, 1),
        "posted, then hangs": (1, 0),
        "500": (1, 2),
        "posted, then 500": (1, 1),
        "busy": (1, 2),
        "fails inside": (1, 2),
        "fails for good inside": (1, 2),
    }


def test_every_error_code_has_one_meaning() -> None:
    codes = [code for meaning in CODES.values() for code in meaning]

    assert len(codes) == len(set(codes))


async def test_a_modal_that_slack_does_not_open_is_told(linked: Actor, driver: SandboxDriver) -> None:
    _, ping = await ask(linked, driver)
    await driver.slack.break_(
        api={"views.open": {"mode": "error", "error": "expired_trigger_id", "times": 1}}
    )

    await linked.press(ping, "Answer")

    sorry = await linked.wait_for_message("tell whoever runs this bot")
    assert "expired_trigger_id" not in sorry.text
    await open_modal(linked, ping)


async def _answers(driver: SandboxDriver, elena: Actor, fault: dict[str, Any]) -> int:
    """How often an answer is sent whose modal cannot be changed."""
    job_id, ping = await ask(elena, driver)
    await open_modal(elena, ping)
    await driver.slack.break_(api={"views.update": fault})
    assert await elena.submit() == {}
    await elena.wait_for_message("You answered", elena.im)
    await comes_to(driver, job_id, "F")
    return await answer_posts(driver)


async def test_an_answer_whose_modal_cannot_be_changed_is_sent_once_and_told_elsewhere(
    tmp_path: Path,
) -> None:
    faults: dict[str, dict[str, Any]] = {
        "closed": {"mode": "error", "error": "not_found"},
        "500": {"mode": "http", "status": 500},
        "429": {"mode": "429", "retry_after": 1},
    }
    assert await side_by_side(tmp_path, _answers, faults) == dict.fromkeys(faults, 1)


# Sockets and deliveries


async def _say_patiently(person: Actor, text: str) -> None:
    """Type a command until Slack takes it; one that the bot was too late for, Slack delivers again."""

    async def said() -> bool | None:
        try:
            await person.say(text)
        except Failed as failed:
            return True if failed.error == "operation_timeout" else None
        return True

    await wait_for(said, f"{text} to be heard", 20)


async def test_a_dropped_socket_is_mended_and_nothing_is_done_twice(
    linked: Actor, driver: SandboxDriver
) -> None:
    await driver.slack.break_(deliver_delay_ms=20)
    typed = [asyncio.create_task(_say_patiently(linked, f"/ecotaxa job {n}")) for n in range(7001, 7021)]
    await asyncio.sleep(0.03)
    await driver.slack.break_(drop_sockets=True)
    job_id = await driver.ecotaxa.start("export")

    await linked.wait_for_message(f"#{job_id}", linked.im)  # news do not need the socket
    await asyncio.gather(*typed)

    async def all_answered() -> bool | None:
        return len(await linked.messages("C0GENERAL")) >= len(typed) or None

    await wait_for(all_answered, "all answers")
    await asyncio.sleep(0.1)
    assert len(await linked.messages("C0GENERAL")) == len(typed)


async def test_a_socket_that_slack_wants_renewed_is_renewed(linked: Actor, driver: SandboxDriver) -> None:
    for _ in range(2):
        await driver.slack.break_(drop_sockets="refresh")
        await asyncio.sleep(0.1)
        await _say_patiently(linked, "/ecotaxa whoami")
        await linked.wait_for_message("You are *Elena Rodriguez*", "C0GENERAL")


async def test_repeated_deliveries_of_every_kind_take_effect_once(
    elena: Actor, driver: SandboxDriver
) -> None:
    await driver.slack.break_(repeat_deliveries=True, repeat=3)
    await link(elena)
    await looked(driver)
    logins = [e for e in (await driver.ecotaxa.traffic())["entries"] if e["path"] == "/login"]
    assert len(logins) == 1

    await elena.say("/ecotaxa jobs")
    shown = await elena.wait_for_message("You have no jobs", "C0GENERAL")
    job_id = await driver.ecotaxa.start("ask-taxa", names=["thing one"])
    ping = await elena.wait_for_message(f"#{job_id}", elena.im)
    await elena.press(shown, "Refresh")
    shown = await elena.wait_for_message(f"#{job_id}", "C0GENERAL")
    view = await open_modal(elena, ping)
    row = next(b for b in view.blocks if b["type"] == "input")["label"]["text"]
    await elena.choose(view, row, "Cyclopoida")
    await elena.close()
    view = await open_modal(elena, ping)
    assert await elena.submit() == {}
    await elena.wait_for_view("You answered")
    await comes_to(driver, job_id, "F")
    await elena.say("/ecotaxa unlink")
    question = await elena.wait_for_message("Unlink *Elena Rodriguez*", "C0GENERAL")
    await elena.press(question, "Keep it")
    await elena.wait_for_message("everything stays", "C0GENERAL")
    await asyncio.sleep(0.3)

    assert await answer_posts(driver) == 1
    assert len(await elena.messages("C0GENERAL")) == 2
    assert len(await pings(elena, job_id)) == 2
    assert len(await calls(driver, "views.open")) == 3


# Buttons


async def test_a_modal_closed_while_it_loads_is_no_mishap(linked: Actor, driver: SandboxDriver) -> None:
    job_id, ping = await ask(linked, driver)
    await driver.ecotaxa.break_(slow=0.4, paths=f"/jobs/{job_id}/")
    await linked.press(ping, "Answer")
    await linked.wait_for_view("Asking EcoTaxa")
    await linked.close()

    async def tried() -> bool | None:
        return bool(await calls(driver, "views.update")) or None

    await wait_for(tried, "the modal to be filled")
    await asyncio.sleep(0.1)
    assert len(await linked.messages()) == 1
    assert await linked.view() is None


async def test_a_page_that_is_no_longer_there_shows_the_last_one(
    linked: Actor, driver: SandboxDriver
) -> None:
    job_id, ping = await ask(linked, driver, tuple(f"thing {n:02}" for n in range(70)))
    view = await open_modal(linked, ping)
    for page in (2, 3):
        await linked.press(view, "Next page")
        view = await linked.wait_for_view(f"page {page} of 4")
    left = {"missing_users": [], "missing_taxa": [f"thing {n:02}" for n in range(5)]}
    await driver.ecotaxa.set(job_id, question=left)

    await linked.press(view, "Next page")

    view = await linked.wait_for_view("question has changed")
    assert "thing 04" in str(view.blocks)


async def test_a_button_pressed_twice_quickly(linked: Actor, driver: SandboxDriver) -> None:
    _, ping = await ask(linked, driver)
    await asyncio.gather(linked.press(ping, "Answer"), linked.press(ping, "Answer"))
    view = await linked.wait_for_view("could not match")

    sent = await asyncio.gather(linked.submit(), linked.submit(), return_exceptions=True)

    assert not [each for each in sent if isinstance(each, Exception) and not isinstance(each, Failed)]
    await linked.wait_for_view("You answered")
    await asyncio.sleep(0.7)
    assert await pings(linked, 1) == await linked.messages(), "nobody is told of a mishap"
    now = await linked.view()
    assert now is not None
    assert now.says("You answered"), now.words
    assert now.id == view.id
    assert await answer_posts(driver) == 1


async def test_unlink_pressed_twice_says_it_twice_at_most(linked: Actor) -> None:
    await linked.say("/ecotaxa unlink")
    question = await linked.wait_for_message("Unlink *Elena Rodriguez*")
    pressed = await asyncio.gather(
        linked.press(question, "Unlink"), linked.press(question, "Unlink"), return_exceptions=True
    )

    assert all(each is None or isinstance(each, Failed) for each in pressed)
    await linked.wait_for_message("forgotten")
    assert len(await linked.messages()) == 1


async def test_the_buttons_of_a_message_a_week_old(linked: Actor, driver: SandboxDriver) -> None:
    job_id, ping = await ask(linked, driver)
    await linked.say("/ecotaxa jobs")
    shown = await linked.wait_for_message(f"#{job_id}", "C0GENERAL")
    token = await driver.ecotaxa.token()
    for _ in range(2):
        await driver.ecotaxa._client.delete(
            f"/ecotaxa/api/jobs/{job_id}", headers={"Authorization": f"Bearer {token}"}
        )
    await driver.slack.age(7 * 86_400)

    await linked.press(ping, "Answer")
    await linked.wait_for_view("no such job")
    await linked.close()
    await linked.wait_for_message(lambda m: m.id == ping.id and "answer.open" not in str(m.blocks))
    await linked.press(shown, "Answer")
    await linked.wait_for_view("no such job")
    await linked.close()
    shown = await linked.wait_for_message(lambda m: m.id == shown.id and "You have no jobs" in m.text)
    await driver.slack.age(7 * 86_400)
    await linked.press(shown, "Refresh")
    await linked.wait_for_message(lambda m: m.id == shown.id and "You have no jobs" in m.text)


async def test_a_modal_sent_long_after_its_list_still_answers(linked: Actor, driver: SandboxDriver) -> None:
    job_id, _ = await ask(linked, driver)
    await linked.say("/ecotaxa jobs")
    shown = await linked.wait_for_message(f"#{job_id}", "C0GENERAL")
    await open_modal(linked, shown)
    await driver.slack.age(3600)

    assert await linked.submit() == {}

    await linked.wait_for_view("You answered")
    await comes_to(driver, job_id, "F")
    assert await answer_posts(driver) == 1


# Forged


STRANGER = "T0ELSEWHERE"


async def test_the_same_user_id_of_another_workspace_is_somebody_else(
    linked: Actor, driver: SandboxDriver
) -> None:
    job_id, ping = await ask(linked, driver)
    view = await open_modal(linked, ping)
    before = await linked.messages()
    for kind, payload in (
        ("slash_commands", command(linked, "whoami", team=STRANGER)),
        ("slash_commands", command(linked, f"job {job_id}", team=STRANGER)),
        ("block_actions", press(linked, "jobs.refresh", "0", team=STRANGER)),
        ("block_actions", press(linked, "job.show:1", str(job_id), team=STRANGER)),
        ("block_actions", press(linked, "unlink.yes", None, team=STRANGER)),
        ("view_submission", on_view(linked, view, "view_submission", team=STRANGER)),
    ):
        await driver.slack.deliver(kind, payload)

    async def answered() -> bool | None:
        return len(await linked.messages()) >= len(before) + 5 or None

    await wait_for(answered, "answers to the stranger")
    new = str([m.text for m in await linked.messages() if m.id not in {b.id for b in before}])
    assert "Elena" not in new
    assert f"#{job_id}" not in new
    assert await answer_posts(driver) == 0
    await linked.say("/ecotaxa whoami")
    await linked.wait_for_message("You are *Elena Rodriguez*", "C0GENERAL")


async def test_somebody_else_cannot_send_ones_modal_nor_read_it(linked: Actor, driver: SandboxDriver) -> None:
    job_id, ping = await ask(linked, driver)
    view = await open_modal(linked, ping)
    tomas = driver.person("tomas")
    await link(tomas)
    fields = [b["block_id"] for b in view.blocks if b["type"] == "input"]

    await driver.slack.deliver("view_submission", on_view(tomas, view, "view_submission"))
    for block_id in fields:
        suggestion = on_view(
            tomas, view, "block_suggestion", block_id=block_id, value="", action_id="answer.taxon:1"
        )
        await driver.slack.deliver("block_suggestion", suggestion)
    await linked.wait_for_view("does not let you")

    assert await answer_posts(driver) == 0
    assert (await driver.ecotaxa.job(job_id))["state"] == "A"


HUGE = "9" * 400


def _forms(job_id: int) -> list[str]:
    mark, origin = "mark", ["", "", "", None]
    return [
        "",
        "null",
        "[]",
        "{}",
        "not json",
        "[" * 2900,
        json.dumps([str(job_id), mark, None, 0, 0, origin]),
        json.dumps([-job_id, mark, None, 0, 0, origin]),
        json.dumps([job_id, mark, "x", "y", "z", origin]),
        json.dumps([job_id, None, None, -5, 0, ["http://127.0.0.1:9/steal", "", "", None]]),
        json.dumps([job_id, mark, None, 10**9, 0, ["https://evil.example/", "C0GENERAL", "1.1", 3]]),
        f"[{HUGE}, {HUGE}, {HUGE}, {HUGE}, {HUGE}, [1, 2, 3, 4]]",
        json.dumps([job_id, mark, 1, 0, 0, []]),
        json.dumps([job_id, mark, 1, 0, 0, [{}, {}, {}, {}]]),
    ]


async def _still_well(person: Actor) -> None:
    await person.say("/ecotaxa whoami", "C0PLANKTON")
    await person.wait_for_message("You are *Elena Rodriguez*", "C0PLANKTON")


async def test_a_forged_private_metadata_gets_a_sentence_or_silence(
    linked: Actor, driver: SandboxDriver, caplog: pytest.LogCaptureFixture
) -> None:
    job_id, ping = await ask(linked, driver)
    view = await open_modal(linked, ping)
    picked = {"type": "external_select", "action_id": "answer.user:1", "block_id": "user.abc.0"}
    turn = {"type": "button", "action_id": "answer.page:next", "block_id": "turn.0", "value": "1"}
    accept = {"type": "button", "action_id": "answer.accept", "block_id": "turn.0", "value": "all"}
    for metadata in _forms(job_id):
        forged = view_of(view, private_metadata=metadata)
        for kind, more in (
            ("view_submission", {}),
            ("block_suggestion", {"block_id": "taxon.abc.0", "action_id": "answer.taxon:1", "value": "onc"}),
            ("block_actions", {"actions": [picked]}),
            ("block_actions", {"actions": [turn]}),
            ("block_actions", {"actions": [accept]}),
        ):
            payload = on_view(linked, view, kind, **more) | {"view": forged}
            await driver.slack.deliver(kind, payload)
        as_link = view_of(view, private_metadata=metadata, callback_id="link")
        await driver.slack.deliver(
            "view_submission", on_view(linked, view, "view_submission") | {"view": as_link}
        )

    await _still_well(linked)
    said = str([(m.text, m.blocks) for m in await linked.messages()])
    assert "Traceback" not in said
    assert "JSONDecodeError" not in said
    assert "Elena Rodriguez" in said
    assert (await driver.ecotaxa.job(job_id))["state"] == "A"
    assert [record.message for record in caplog.records if "never retrieved" in record.message] == []


OPTIONS: list[dict[str, Any] | None] = [
    None,
    {},
    {"value": ""},
    {"value": "user:"},
    {"value": "user:-1"},
    {"value": "user:" + "9" * 140},
    {"value": "taxon:4.5"},
    {"value": "user:999999"},
    {"value": "taxon:999999"},
    {"value": "admin:1"},
    {"value": "user:²"},
    {"value": "taxon:999999", "text": None},
]
"""What may be chosen in a form that was not ours."""


async def test_only_ids_that_ecotaxa_knows_are_ever_sent(linked: Actor, driver: SandboxDriver) -> None:
    job_id, ping = await ask(linked, driver)
    view = await open_modal(linked, ping)
    for option in OPTIONS:
        chosen = {"type": "external_select", "selected_option": option}
        values = {block: dict.fromkeys(actions, chosen) for block, actions in view.values.items()}
        forged = {"view": view_of(view, state={"values": values})}
        await driver.slack.deliver("view_submission", on_view(linked, view, "view_submission") | forged)
    await asyncio.sleep(1)

    await _still_well(linked)
    assert await answer_posts(driver) == 0
    assert (await driver.ecotaxa.job(job_id))["state"] == "A"


async def test_what_has_no_shape_of_slacks_is_acknowledged_and_goes_to_the_log(
    linked: Actor, driver: SandboxDriver, caplog: pytest.LogCaptureFixture
) -> None:
    whole = press(linked, "jobs.refresh", "0")
    shapeless: list[dict[str, Any]] = [
        {"user": {}}, {"container": "x"}, {"container": {"message_ts": "1.1"}},
    ]  # fmt: skip
    for spoilt in shapeless:
        assert "error" not in await driver.slack.deliver("block_actions", whole | spoilt)

    await _still_well(linked)
    said = [str(record.msg) for record in caplog.records if record.name.startswith("slack_bolt")]
    assert said == []


async def test_a_field_of_a_modal_that_is_no_modals_offers_nothing(
    linked: Actor, driver: SandboxDriver, caplog: pytest.LogCaptureFixture
) -> None:
    typed = press(linked, "answer.user:1", None) | {"type": "block_suggestion", "value": "x"}
    for field, block in (("answer.user:1", "user.abc.0"), ("answer.taxon:1", "taxon.abc.0")):
        await driver.slack.deliver("block_suggestion", typed | {"action_id": field, "block_id": block})
    for action in ("answer.page:next", "answer.accept", "answer.ask", "place.end:1", "export.form"):
        await driver.slack.deliver("block_actions", press(linked, action, "1"))

    await _still_well(linked)
    assert "KeyError" not in caplog.text


async def test_a_link_modal_that_carries_what_nobody_wrote_still_links(
    elena: Actor, driver: SandboxDriver
) -> None:
    for carried in ("not json", "[]", '["jobs", null, 1]', '{"words": "jobs"}'):
        await elena.say("/ecotaxa link")
        view = await elena.wait_for_view("Link EcoTaxa")
        filled = {"email": {"email": {"value": elena.email}}, "password": {"password": {"value": "plankton"}}}
        forged = view_of(view, private_metadata=carried, state={"values": filled})
        told = await driver.slack.deliver(
            "view_submission", on_view(elena, view, "view_submission") | {"view": forged}
        )
        assert "Linked" in str(told)
        await elena.close()

    assert "Something went wrong" not in str([m.text for m in await elena.messages()])


async def test_words_too_long_for_a_modal_to_carry_are_left_out_of_it(
    elena: Actor, driver: SandboxDriver
) -> None:
    await driver.slack.deliver("block_actions", press(elena, "link.open", '"' * 2_000))

    view = await elena.wait_for_view("Link EcoTaxa")
    assert len(view.raw["private_metadata"]) < 300


# Nasty words


async def test_a_message_of_3000_characters_of_sql_is_told_in_a_line(
    linked: Actor, driver: SandboxDriver
) -> None:
    job_id = await driver.ecotaxa.start("long-export")
    await looked(driver, 2)
    assert len(SQL) > 3_000
    await driver.ecotaxa.set(job_id, state="E", progress_msg=SQL, errors=[SQL])

    ping = await linked.wait_for_message(f"#{job_id}", linked.im)
    await linked.say(f"/ecotaxa job {job_id}")
    await linked.wait_for_message("Created", "C0GENERAL")
    await linked.say("/ecotaxa jobs")
    await linked.wait_for_message("Your 1 job", "C0GENERAL")

    assert "not-null constraint" in ping.text
    assert len(ping.text) < 600
    said = str([(m.text, m.blocks) for m in await linked.messages()])
    assert [
        word for word in ("INSERT", "VALUES", "parameters", "ines.operator", "4242") if word in said
    ] == []


NASTY = [
    "<!channel>",
    "<!here|x>",
    "`*_~bold~_*`",
    "<@U0ADA>",
    "<https://evil.example|click>",
    "a\u202eb\x00c",
    ":bomb: & co",
]


async def test_names_that_would_ping_or_format_stay_words_everywhere(
    linked: Actor, driver: SandboxDriver
) -> None:
    done, broken = [await driver.ecotaxa.start("long-export") for _ in range(2)]
    asking = await driver.ecotaxa.start(
        "ask-taxa", names=[name.casefold() for name in NASTY if "\x00" not in name]
    )
    await looked(driver, 2)
    words = " ".join(NASTY).replace("\x00", "")
    await driver.ecotaxa.set(
        done, state="F", progress_msg=words, result={"rowcount": 3, "out_file": f"{words}.tsv"}
    )
    await driver.ecotaxa.set(broken, state="E", progress_msg=words, errors=NASTY)
    for job_id in (done, broken, asking):
        await linked.wait_for_message(f"#{job_id}", linked.im)
        await linked.say(f"/ecotaxa job {job_id}")
    await linked.say("/ecotaxa jobs")
    await linked.wait_for_message("Your 3 jobs", "C0GENERAL")

    async def all_there() -> bool | None:
        return len(await linked.messages("C0GENERAL")) == 4 or None

    await wait_for(all_there, "the list and three details")
    for message in await linked.messages():
        said = json.dumps([message.text, message.blocks], ensure_ascii=False)
        assert [
            bad for bad in ("<!channel", "<!here", "<@U0", "<https://evil", "\u202e") if bad in said
        ] == []
