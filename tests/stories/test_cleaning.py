"""Clean up: counted and asked, done in sight, stopped in the middle, told with what stayed and why."""

import re
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from bot import app
from bot.links import Person
from bot.sandbox.driver import Actor, SandboxDriver, wait_for
from bot.sandbox.screen import Message
from bot.sandbox.slack.people import TEAM_ID
from bot.store.cleanings import FORSAKEN
from tests.stories.conftest import Start, link, looked
from tests.stories.forgery import press

CHANNEL = "C0GENERAL"
AT_ONCE = 1000.0
"""Jobs a second, for stories that are not about the pace."""


@pytest.fixture
async def bot(start: Start) -> AsyncIterator[app.Bot]:
    async with start() as bot:
        bot.services.cleaning.per_second = AT_ONCE
        yield bot


async def asked(person: Actor, words: str, channel: str = CHANNEL) -> Message:
    """The question before a clean-up."""
    await person.say(f"/ecotaxa clean {words}", channel)
    return await person.wait_for_message(lambda m: "clean.yes" in str(m.blocks), channel)


async def changes(person: Actor, message: Message, says: str, timeout: float = 30) -> Message:
    """The same message, once it says so."""
    return await person.wait_for_message(
        lambda m: m.id == message.id and m.says(says), message.channel, timeout=timeout
    )


async def left(driver: SandboxDriver) -> set[int]:
    return {job["id"] for job in (await driver.ecotaxa.state())["jobs"]}


async def fewer_than(driver: SandboxDriver, count: int) -> None:
    async def fewer() -> bool | None:
        return len(await left(driver)) < count or None

    await wait_for(fewer, f"fewer than {count} jobs", timeout=30)


async def test_finished_jobs_are_counted_by_kind_and_deleted_and_the_others_stay(
    linked: Actor, driver: SandboxDriver, bot: app.Bot
) -> None:
    done = [
        *await driver.ecotaxa.jobs(3, state="F", type="GeneralExport"),
        *await driver.ecotaxa.jobs(2, state="F", type="FileImport"),
    ]
    bad = await driver.ecotaxa.jobs(2, state="E", type="GeneralExport")
    others = await driver.ecotaxa.jobs(2, "tomas", state="F", type="GeneralExport")
    running = await driver.ecotaxa.start("long-export")
    await driver.ecotaxa.set(running, freeze=True)

    question = await asked(linked, "done")

    assert "Delete 5 jobs" in question.labels()
    assert "5 finished" in question.text
    assert "3 \N{MULTIPLICATION SIGN} general export, 2 \N{MULTIPLICATION SIGN} import" in question.text
    assert "failed" not in question.text
    assert question.ephemeral
    assert await left(driver) >= set(done), "nothing is deleted before it was confirmed"
    _, button = question.find("Delete 5 jobs")
    assert "5 jobs" in button["confirm"]["text"]["text"]

    await linked.press(question, "Delete 5 jobs")

    told = await changes(linked, question, "Deleted 5 jobs.")
    assert told.labels() == []
    assert await left(driver) == {*bad, *others, running}
    assert [entry.act for entry in await bot.services.store.acts_on(done[0])] == ["delete"]
    await looked(driver, 3)
    assert [m for m in await linked.messages(linked.im) if "Deleted" in m.text] == []


@pytest.mark.parametrize(
    ("scope", "words", "counts"),
    [
        ("failed", "Delete 3 jobs", ("2 failed", "1 stopped")),
        ("all", "Delete 7 jobs", ("4 finished", "2 failed", "1 stopped")),
    ],
)
async def test_each_scope_takes_its_own_and_never_what_goes_on(
    linked: Actor, driver: SandboxDriver, scope: str, words: str, counts: tuple[str, ...]
) -> None:
    finished = await driver.ecotaxa.jobs(4, state="F", type="GeneralExport")
    bad = await driver.ecotaxa.jobs(3, state="E", type="FileImport")
    await driver.ecotaxa.set(bad[0], progress_msg="Killed")
    going = await driver.ecotaxa.jobs(3, state="F")
    for job_id, state in zip(going, "PRA", strict=True):
        await driver.ecotaxa.set(job_id, state=state, freeze=True)

    question = await asked(linked, scope)

    assert all(count in question.text for count in counts)
    await linked.press(question, words)
    await changes(linked, question, f"Deleted {words.removeprefix('Delete ')}")
    assert await left(driver) == {*going, *(finished if scope == "failed" else [])}


@pytest.mark.parametrize(("scope", "says"), [("done", "no finished jobs"), ("failed", "no failed jobs")])
async def test_where_nothing_is_to_be_deleted_nothing_is_asked(
    linked: Actor, driver: SandboxDriver, scope: str, says: str
) -> None:
    await driver.ecotaxa.jobs(1, state="E" if scope == "done" else "F")

    await linked.say(f"/ecotaxa clean {scope}")

    shown = await linked.wait_for_message(says, CHANNEL)
    assert shown.labels() == []


async def test_who_keeps_them_keeps_them(linked: Actor, driver: SandboxDriver) -> None:
    jobs = await driver.ecotaxa.jobs(3, state="F")
    question = await asked(linked, "all")

    await linked.press(question, "Keep them")

    await changes(linked, question, "everything stays as it is")
    assert await left(driver) == set(jobs)


async def test_an_older_server_that_ignores_the_filter_loses_nothing_else(
    linked: Actor, driver: SandboxDriver
) -> None:
    await driver.ecotaxa.jobs(2, state="F")
    bad = await driver.ecotaxa.jobs(2, state="E")
    await driver.ecotaxa.break_(ignore_filters=True)

    question = await asked(linked, "done")

    await linked.press(question, "Delete 2 jobs")
    await changes(linked, question, "Deleted 2 jobs.")
    assert await left(driver) == set(bad)


async def test_what_changed_since_it_was_counted_stays_and_is_told_with_the_reason(
    linked: Actor, driver: SandboxDriver
) -> None:
    restarted, finished, erased, forbidden, *rest = await driver.ecotaxa.jobs(7, state="E")
    question = await asked(linked, "all")
    await driver.ecotaxa.set(restarted, state="R", freeze=True)
    await driver.ecotaxa.set(finished, state="F")
    await driver.ecotaxa.erase(erased)
    await driver.ecotaxa.break_(status=403, body="json", paths=f"/jobs/{forbidden}/$")
    later = await driver.ecotaxa.jobs(2, state="E")

    await linked.press(question, "Delete 7 jobs")

    told = await changes(linked, question, "Deleted 3 of 7 jobs.")
    lines = told.text.splitlines()
    assert f"• 2 kept: changed since I counted (#{restarted}, #{finished})" in lines
    assert f"• 1 gone already (#{erased})" in lines
    assert f"• 1 kept: not yours to delete (#{forbidden})" in lines
    assert await left(driver) == {restarted, finished, forbidden, *later}, "what came later was not counted"
    assert not await left(driver) & set(rest)
    assert (await driver.ecotaxa.job(restarted))["state"] == "R", "what runs again is not stopped either"


async def test_a_delete_that_ecotaxa_does_not_do_is_told(linked: Actor, driver: SandboxDriver) -> None:
    stubborn, *_ = await driver.ecotaxa.jobs(2, state="F")
    question = await asked(linked, "done")
    await driver.ecotaxa.break_(status=200, body="json", methods=["DELETE"], paths=f"/jobs/{stubborn}$")

    await linked.press(question, "Delete 2 jobs")

    await changes(linked, question, f"• 1 kept: EcoTaxa did not delete (#{stubborn})")
    assert await left(driver) == {stubborn}


async def test_a_delete_that_ecotaxa_did_not_answer_is_told_as_unclear(
    linked: Actor, driver: SandboxDriver
) -> None:
    silent, *_ = await driver.ecotaxa.jobs(2, state="F")
    question = await asked(linked, "done")
    await driver.ecotaxa.break_(down=True, methods=["DELETE"], paths=f"/jobs/{silent}$")

    await linked.press(question, "Delete 2 jobs")

    await changes(linked, question, f"• 1 unclear: EcoTaxa did not answer (#{silent})")


async def test_by_itself_a_clean_up_deletes_at_most_five_jobs_a_second(
    start: Start, driver: SandboxDriver
) -> None:
    async with start():
        elena = driver.person("elena")
        await link(elena)
        await driver.ecotaxa.jobs(4, state="F")
        question = await asked(elena, "done")

        await elena.press(question, "Delete 4 jobs")

        await changes(elena, question, "Deleted 4 jobs.")
    entries = (await driver.ecotaxa.traffic())["entries"]
    deleted = [datetime.fromisoformat(it["at"]) for it in entries if it["method"] == "DELETE"]
    assert len(deleted) == 4
    # A slow machine only makes the gaps wider.
    assert min(after - before for before, after in pairwise(deleted)) >= timedelta(seconds=0.19)


@pytest.mark.parametrize("where", ["direct", "channel"])
async def test_a_clean_up_is_seen_to_move_and_stops_in_the_middle(
    linked: Actor, driver: SandboxDriver, bot: app.Bot, where: str
) -> None:
    bot.services.cleaning.per_second = 4
    jobs = await driver.ecotaxa.jobs(120, state="F")
    question = await asked(linked, "done", linked.im if where == "direct" else CHANNEL)
    assert question.ephemeral == (where == "channel")

    await linked.press(question, "Delete 120 jobs")

    seen = await changes(linked, question, "Deleting 120 jobs")
    assert "%" in seen.text
    assert seen.labels() == ["Stop"]
    await linked.wait_for_message(
        lambda m: m.id == question.id and bool(re.search(r": [1-9]\d* done", m.text)),
        question.channel,
        timeout=30,
    )
    now = await linked.now(question)
    assert now is not None
    await linked.press(now, "Stop")
    told = await changes(linked, question, "You stopped it.")
    remaining = await left(driver)
    assert 0 < len(remaining) < len(jobs)
    assert f"Deleted {120 - len(remaining)} of 120 jobs." in told.text
    assert f"{len(remaining)} jobs not looked at." in told.text
    await looked(driver, 3)
    assert await left(driver) == remaining, "it has really stopped"


async def test_one_clean_up_at_a_time_and_the_next_one_says_so(
    linked: Actor, driver: SandboxDriver, bot: app.Bot
) -> None:
    bot.services.cleaning.per_second = 4
    await driver.ecotaxa.jobs(120, state="F")
    question = await asked(linked, "done")
    other = await asked(linked, "done", linked.im)
    await linked.press(question, "Delete 120 jobs")
    await changes(linked, question, "Deleting 120 jobs")

    await linked.press(other, "Delete 120 jobs")
    busy = await changes(linked, other, "I am still deleting")
    await linked.say("/ecotaxa clean failed")
    again = await linked.wait_for_message(
        lambda m: m.id != question.id and m.says("I am still deleting"), CHANNEL
    )
    await linked.press(busy, "Stop")

    await changes(linked, other, "Stopped.")
    await changes(linked, question, "You stopped it.")
    await linked.press(again, "Stop")
    await changes(linked, again, "there is nothing to stop")


async def test_a_clean_up_gives_up_when_ecotaxa_falls_silent(linked: Actor, driver: SandboxDriver) -> None:
    jobs = await driver.ecotaxa.jobs(8, state="F")
    question = await asked(linked, "done")
    await driver.ecotaxa.break_(status=503, paths=r"/jobs/\d+")

    await linked.press(question, "Delete 8 jobs")

    told = await changes(linked, question, "EcoTaxa does not answer right now", timeout=60)
    assert "Deleted 0 of 8 jobs." in told.text
    assert "5 jobs not looked at." in told.text
    assert await left(driver) == set(jobs)


async def test_a_clean_up_ends_when_the_sign_in_does(
    linked: Actor, driver: SandboxDriver, bot: app.Bot
) -> None:
    bot.services.cleaning.per_second = 4
    await driver.ecotaxa.jobs(120, state="F")
    question = await asked(linked, "done")
    await linked.press(question, "Delete 120 jobs")
    await fewer_than(driver, 120)

    await driver.ecotaxa.new_secret()

    await changes(linked, question, "EcoTaxa no longer accepts your sign-in")
    assert await left(driver)


async def test_unlinking_ends_a_clean_up(linked: Actor, driver: SandboxDriver, bot: app.Bot) -> None:
    bot.services.cleaning.per_second = 4
    await driver.ecotaxa.jobs(120, state="F")
    question = await asked(linked, "done")
    await linked.press(question, "Delete 120 jobs")
    await fewer_than(driver, 120)

    await linked.say("/ecotaxa unlink")
    unlink = await linked.wait_for_message("Unlink", CHANNEL)
    await linked.press(unlink, "Unlink")

    told = await changes(linked, question, "jobs not looked at.")
    assert "Your account was unlinked in the middle." in told.text
    assert "You stopped it." not in told.text
    assert await left(driver)


async def test_a_clean_up_that_another_process_took_for_dead_makes_way(
    linked: Actor, driver: SandboxDriver, bot: app.Bot
) -> None:
    bot.services.cleaning.per_second = 4
    await driver.ecotaxa.jobs(120, state="F")
    question = await asked(linked, "done")
    await linked.press(question, "Delete 120 jobs")
    await fewer_than(driver, 120)
    services, person = bot.services, Person(None, TEAM_ID, linked.id)

    assert await services.store.begin_cleaning(person, "another", services.clock() + 2 * FORSAKEN)

    told = await changes(linked, question, "jobs not looked at.")
    assert "A later clean-up of yours took over." in told.text
    assert "You stopped it." not in told.text
    assert await services.store.cleaning_of(person) == "another"


async def test_progress_that_can_no_longer_be_shown_ends_in_a_direct_message(
    linked: Actor, driver: SandboxDriver
) -> None:
    await driver.ecotaxa.jobs(3, state="F")
    question = await asked(linked, "done", linked.im)
    await driver.slack.break_(api={"chat.update": {"mode": "error", "error": "message_not_found"}})

    await linked.press(question, "Delete 3 jobs")

    await linked.wait_for_message("Deleted 3 jobs.", linked.im, timeout=30)


@pytest.mark.parametrize("trouble", ["429", "post_then_500"])
async def test_the_summary_is_heard_once_also_when_its_place_is_gone_and_slack_ails(
    linked: Actor, driver: SandboxDriver, trouble: str
) -> None:
    await driver.ecotaxa.jobs(3, state="F")
    question = await asked(linked, "done", linked.im)
    await driver.slack.break_(
        api={
            "chat.update": {"mode": "error", "error": "message_not_found"},
            "chat.postMessage": {"mode": trouble, "times": 1},
        }
    )

    await linked.press(question, "Delete 3 jobs")

    told = await linked.wait_for_message("Deleted 3 jobs.", linked.im)
    await looked(driver, 3)
    assert [m.id for m in await linked.messages() if m.says("Deleted 3 jobs.")] == [told.id]


@pytest.mark.parametrize("value", ["", "nonsense", "eJwzBAAAMgAy", None])
async def test_a_plan_that_is_none_deletes_nothing(
    linked: Actor, driver: SandboxDriver, value: str | None
) -> None:
    jobs = await driver.ecotaxa.jobs(3, state="F")

    await driver.slack.deliver("block_actions", press(linked, "clean.yes", value))

    await linked.wait_for_message("I no longer know which jobs I had counted", CHANNEL)
    assert await left(driver) == set(jobs)


async def test_a_shutdown_in_the_middle_stops_it_and_says_so(start: Start, driver: SandboxDriver) -> None:
    elena = driver.person("elena")
    async with start() as bot:
        await link(elena)
        await looked(driver)
        bot.services.cleaning.per_second = 2
        jobs = await driver.ecotaxa.jobs(40, state="F")
        question = await asked(elena, "done")
        await elena.press(question, "Delete 40 jobs")
        await fewer_than(driver, 40)

    told = await elena.now(question)
    remaining = await left(driver)
    assert told is not None
    assert "I was switched off in the middle" in told.text
    assert f"Deleted {40 - len(remaining)} of 40 jobs." in told.text
    assert 0 < len(remaining) < len(jobs)
    async with start() as bot:
        bot.services.cleaning.per_second = AT_ONCE
        again = await asked(elena, "done")
        await elena.press(again, f"Delete {len(remaining)} jobs")
        await changes(elena, again, f"Deleted {len(remaining)} jobs.")
    assert await left(driver) == set()
