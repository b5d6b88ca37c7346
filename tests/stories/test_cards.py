"""Cards: one message a job, which lives as the job does, and a ping only where somebody is needed."""

from bot import app
from bot.jobs import Event
from bot.links import Person
from bot.sandbox.driver import Actor, SandboxDriver, wait_for
from bot.sandbox.screen import Message
from bot.sandbox.slack.people import TEAM_ID
from tests.stories.conftest import Clock, looked
from tests.stories.telling import about, all_carded, carded, choose, quiet_now, running, saying, shows
from tests.stories.test_answers import FOUND


async def test_a_card_follows_its_job_and_the_end_is_a_message_of_its_own(
    linked: Actor, driver: SandboxDriver, clock: Clock
) -> None:
    job_id, card = await carded(linked, driver, clock)

    await driver.ecotaxa.set(job_id, progress_pct=64)
    clock.forward(seconds=30)
    await shows(linked, job_id, "64 %")
    await driver.ecotaxa.set(job_id, state="F", result={"rowcount": 12, "out_file": "export.zip"})

    ping = await linked.wait_for_message("export.zip", linked.im, after=card)
    await looked(driver, 3)
    found = await about(linked, job_id)
    assert [it.ts for it in found] == [card.ts, ping.ts]
    assert found[0].says("Finished")
    assert not found[0].says("64 %")


async def test_a_card_whose_receipt_was_lost_comes_to_the_state_that_its_job_came_to_meanwhile(
    linked: Actor, driver: SandboxDriver, clock: Clock
) -> None:
    await driver.slack.break_(api={"chat.postMessage": {"mode": "post_then_500", "times": 1}})
    job_id, card = await carded(linked, driver, clock)

    await driver.ecotaxa.set(job_id, state="F")
    await looked(driver)
    clock.forward(seconds=6)

    await linked.wait_for_message(lambda m: m.id == card.id and m.says("Finished"), linked.im)
    assert len(await about(linked, job_id)) == 2


async def test_a_short_job_has_no_card_but_its_end(
    linked: Actor, driver: SandboxDriver, clock: Clock
) -> None:
    job_id = await running(driver)
    await looked(driver)
    await driver.ecotaxa.set(job_id, state="F")
    await linked.wait_for_message(f"#{job_id}", linked.im)
    clock.forward(seconds=60)
    await looked(driver, 8)

    assert len(await about(linked, job_id)) == 1


async def test_the_ping_is_a_reply_below_the_card_where_one_wants_it_so(
    linked: Actor, driver: SandboxDriver, bot: app.Bot, clock: Clock
) -> None:
    await choose(bot, linked, in_thread=True)
    job_id, card = await carded(linked, driver, clock)

    await driver.ecotaxa.set(job_id, state="E", errors=["it broke"], progress_msg="1 error(s) during run")

    async def replied() -> Message | None:
        return next((it for it in await about(linked, job_id) if it.thread_ts == card.ts != it.ts), None)

    reply = await wait_for(replied, "a reply below the card")
    assert reply.says("Failed")
    assert not reply.broadcast, "never also to the channel"
    assert len(await about(linked, job_id)) == 2


async def test_a_restarted_job_keeps_its_card_which_counts_the_attempts(
    linked: Actor, driver: SandboxDriver, clock: Clock
) -> None:
    job_id, card = await carded(linked, driver, clock)
    await driver.ecotaxa.set(job_id, state="E", errors=["it broke"], progress_msg="1 error(s) during run")
    await shows(linked, job_id, "Failed", 2)

    await driver.ecotaxa.set(job_id, state="R", progress_pct=5)

    again = await shows(linked, job_id, "Attempt 2", 2)
    assert again.ts == card.ts
    clock.forward(minutes=2)
    await driver.ecotaxa.set(job_id, state="F")
    await looked(driver, 3)
    assert len(await about(linked, job_id)) == 3, "a card and two pings"


async def test_without_cards_only_the_end_is_told(
    linked: Actor, driver: SandboxDriver, bot: app.Bot, clock: Clock
) -> None:
    await choose(bot, linked, cards=False)
    job_id = await running(driver)
    await looked(driver)
    clock.forward(seconds=60)
    await looked(driver, 8)
    assert await about(linked, job_id) == []

    await driver.ecotaxa.set(job_id, state="F")

    await linked.wait_for_message(f"#{job_id}", linked.im)


async def test_a_card_that_somebody_deleted_is_not_missed(
    linked: Actor, driver: SandboxDriver, bot: app.Bot, clock: Clock
) -> None:
    job_id, card = await carded(linked, driver, clock)
    await bot.services.slack.call("chat.delete", channel=linked.im, ts=card.ts)

    await driver.ecotaxa.set(job_id, state="F")

    ping = await linked.wait_for_message(f"#{job_id}", linked.im)
    await looked(driver, 3)
    assert [it.ts for it in await about(linked, job_id)] == [ping.ts]


# Many at once.


async def test_twenty_jobs_that_end_at_once_are_one_message(linked: Actor, driver: SandboxDriver) -> None:
    jobs = await driver.ecotaxa.jobs(20, state="F", type="GeneralExport")

    shown = await linked.wait_for_message("20 jobs", linked.im)

    assert all(shown.says(f"#{job_id}") for job_id in jobs)
    await looked(driver, 3)
    assert len(await linked.messages(linked.im)) == 1


async def test_a_message_about_several_is_found_again_when_slacks_answer_to_it_was_lost(
    linked: Actor, driver: SandboxDriver, bot: app.Bot, clock: Clock
) -> None:
    # Each alone would go below its card: they are looked for there, and then where they were told together.
    await choose(bot, linked, in_thread=True)
    jobs = [job_id for job_id, _ in await all_carded(linked, driver, clock, 2)]
    await driver.slack.break_(api={"chat.postMessage": {"mode": "post_then_500", "times": 1}})

    await driver.ecotaxa.set_all(jobs, state="F")

    async def settled() -> bool | None:
        person = Person(None, TEAM_ID, linked.id)
        known = [await bot.services.store.notices_of_job(person, job_id) for job_id in jobs]
        return all(any(it.kind == Event.FINISHED for it in some) for some in known) or None

    await wait_for(settled, "both to be told for sure")
    await looked(driver, 3)
    assert len(await linked.messages(linked.im)) == 3, "two cards, and one message about both"


async def test_jobs_that_end_within_a_minute_are_added_to_the_message(
    linked: Actor, driver: SandboxDriver, clock: Clock
) -> None:
    first = [(await driver.ecotaxa.jobs(1, state="F", type="GeneralExport"))[0]]
    told = await linked.wait_for_message(f"#{first[0]}", linked.im)

    for number in range(2, 5):
        clock.forward(seconds=2)  # and the time that this takes
        first += await driver.ecotaxa.jobs(1, state="F", type="GeneralExport")
        await linked.wait_for_message(f"{number} jobs", linked.im)

    (only,) = await linked.messages(linked.im)
    assert only.ts == told.ts
    assert all(only.says(f"#{job_id}") for job_id in first)
    clock.forward(seconds=61)
    (late,) = await driver.ecotaxa.jobs(1, state="F", type="GeneralExport")
    await linked.wait_for_message(f"#{late}", linked.im, after=only)


async def test_of_jobs_that_end_one_after_the_other_only_the_first_is_told_below_its_card(
    linked: Actor, driver: SandboxDriver, bot: app.Bot, clock: Clock
) -> None:
    await choose(bot, linked, in_thread=True)
    jobs = [job_id for job_id, _ in await all_carded(linked, driver, clock, 4)]

    said = ["Finished", "Finished", "2 jobs", "3 jobs"]
    for job_id, words in zip(jobs, said, strict=True):
        clock.forward(seconds=2)  # and the time that this takes
        await driver.ecotaxa.set(job_id, state="F")
        await linked.wait_for_message(saying(f"#{job_id}", words), linked.im)
        await looked(driver, 2)

    replies = [it for it in await linked.messages(linked.im) if it.thread_ts not in (None, it.ts)]
    assert [it.says(f"#{jobs[0]}") for it in replies] == [True]
    assert len(await linked.messages(linked.im)) == 4 + 1 + 1, "cards, a reply, one message of the others"


async def test_what_needs_somebody_is_told_below_its_card_also_just_after_others(
    linked: Actor, driver: SandboxDriver, bot: app.Bot, clock: Clock
) -> None:
    await choose(bot, linked, in_thread=True)
    (done,) = await driver.ecotaxa.jobs(1, state="F", type="GeneralExport")
    await linked.wait_for_message(f"#{done}", linked.im)
    job_id, card = await carded(linked, driver, clock)

    await driver.ecotaxa.set(job_id, state="E", errors=["it broke"], progress_msg="1 error(s) during run")

    failed = await linked.wait_for_message(
        lambda it: it.says(f"#{job_id}") and it.ts != card.ts and it.says("Failed"), linked.im
    )
    assert failed.thread_ts == card.ts


async def test_what_needs_somebody_is_not_hidden_in_a_message_that_they_have_read(
    linked: Actor, driver: SandboxDriver
) -> None:
    (done,) = await driver.ecotaxa.jobs(1, state="F", type="GeneralExport")
    told = await linked.wait_for_message(f"#{done}", linked.im)

    asking = await driver.ecotaxa.start("ask")

    asked = await linked.wait_for_message(f"#{asking}", linked.im, after=told)
    assert "Answer" in asked.labels()


async def test_an_answered_question_is_marked_in_the_message_that_tells_of_others_too(
    linked: Actor, driver: SandboxDriver, bot: app.Bot, clock: Clock
) -> None:
    await quiet_now(bot, linked, clock)
    asking = await driver.ecotaxa.start("ask", names=["part (annelida)"], options=FOUND)
    (done,) = await driver.ecotaxa.jobs(1, state="F", type="GeneralExport")
    await looked(driver, 8)
    clock.forward(hours=3)
    digest = await linked.wait_for_message("While it was quiet", linked.im)

    await linked.press(digest, "Answer")
    await linked.wait_for_view("could not match")
    assert await linked.submit() == {}

    async def answered() -> Message | None:
        now = await linked.now(digest)
        return now if now and now.says("You answered") else None

    now = await wait_for(answered, "its row to say so")
    assert "Answer" not in now.labels()
    assert now.says(f"#{asking}")
    assert now.says(f"#{done}")
