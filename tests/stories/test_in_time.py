"""What time brings: reminders, slow jobs, a silent EcoTaxa, quiet hours, summaries; each in its language."""

from bot import app
from bot.links import Person
from bot.rules.preferences import Summary
from bot.sandbox.driver import Actor, SandboxDriver, wait_for
from bot.sandbox.screen import Message
from bot.sandbox.slack.people import TEAM_ID
from tests.stories.conftest import Clock, comes_to, looked
from tests.stories.telling import about, choose, quiet_now, running, shows


async def test_a_question_that_nobody_answers_is_told_again_after_a_day_and_then_each_week(
    linked: Actor, driver: SandboxDriver, clock: Clock
) -> None:
    asking = await driver.ecotaxa.start("ask")
    asked = await linked.wait_for_message(f"#{asking}", linked.im)

    clock.forward(hours=25)
    again = await linked.wait_for_message(f"#{asking}", linked.im, after=asked)
    await looked(driver, 3)  # the next one is owed by then, counted from this one
    clock.forward(days=3)
    await looked(driver, 8)
    assert len(await about(linked, asking)) == 2
    clock.forward(days=5)
    await linked.wait_for_message(f"#{asking}", linked.im, after=again)


async def test_an_answered_question_is_not_told_again(
    linked: Actor, driver: SandboxDriver, clock: Clock
) -> None:
    asking = await driver.ecotaxa.start("ask")
    await linked.wait_for_message(f"#{asking}", linked.im)
    await driver.ecotaxa.set(asking, state="R", freeze=True)
    await looked(driver)

    clock.forward(hours=25)
    await looked(driver, 8)

    assert not [it for it in await about(linked, asking) if "Answer" in it.labels()][1:]


async def test_a_file_that_is_about_to_go_is_told_a_day_before(
    linked: Actor, driver: SandboxDriver, clock: Clock
) -> None:
    job_id = await driver.ecotaxa.start("export")
    told = await linked.wait_for_message(f"#{job_id}", linked.im)

    clock.forward(days=6, hours=1)

    reminder = await linked.wait_for_message(f"#{job_id}", linked.im, after=told)
    assert "Get the file" in reminder.labels()


async def test_a_sign_in_that_is_about_to_end_can_be_renewed_three_days_before(
    linked: Actor, clock: Clock
) -> None:
    clock.forward(days=28, hours=1)

    reminder = await linked.wait_for_message(lambda it: "Renew my sign-in" in it.labels(), linked.im)
    assert "🔑" in reminder.text


async def test_reminders_can_be_switched_off(
    linked: Actor, driver: SandboxDriver, bot: app.Bot, clock: Clock
) -> None:
    await choose(bot, linked, reminders=frozenset())
    job_id = await driver.ecotaxa.start("export")
    await linked.wait_for_message(f"#{job_id}", linked.im)

    clock.forward(days=6, hours=1)
    await looked(driver, 8)

    assert len(await about(linked, job_id)) == 1


async def test_a_job_that_waits_for_long_says_so_once(
    linked: Actor, driver: SandboxDriver, clock: Clock
) -> None:
    job_id = await driver.ecotaxa.start("prediction")
    await driver.ecotaxa.set(job_id, state="P", freeze=True)
    await looked(driver)

    clock.forward(minutes=31)
    shown = await linked.wait_for_message(lambda it: f"#{job_id}" in it.text and "GPU" in it.text, linked.im)
    clock.forward(hours=5)
    await looked(driver, 8)

    told = [it for it in await about(linked, job_id) if "GPU" in it.text]
    assert [it.ts for it in told] == [shown.ts]


async def test_while_ecotaxa_does_not_answer_nobody_guesses_how_jobs_are(
    linked: Actor, driver: SandboxDriver, bot: app.Bot, clock: Clock
) -> None:
    job_id = await driver.ecotaxa.start("prediction")
    await driver.ecotaxa.set(job_id, state="P", freeze=True)
    await looked(driver)
    await driver.ecotaxa.break_(down=True)
    person = Person(None, TEAM_ID, linked.id)

    async def failed() -> bool | None:
        looks = await bot.services.store.find_timetable(person)
        return (looks is not None and looks.failures > 0) or None

    await wait_for(failed, "a look that failed")
    clock.forward(minutes=31)
    await linked.wait_for_message("does not answer", linked.im)
    assert not any(it.says("GPU") for it in await linked.messages(linked.im))
    await driver.ecotaxa.heal()

    async def guessed() -> bool | None:
        clock.forward(minutes=2)
        return any(it.says("GPU") for it in await linked.messages(linked.im)) or None

    await wait_for(guessed, "the wait to be told once EcoTaxa answers")


async def test_a_job_that_takes_far_longer_than_others_did_says_so(
    linked: Actor, driver: SandboxDriver, bot: app.Bot, clock: Clock
) -> None:
    for _ in range(3):
        done = await running(driver)
        await looked(driver)
        clock.forward(minutes=5)
        await driver.ecotaxa.set(done, state="F")
        await looked(driver)
    clock.forward(minutes=2)
    job_id = await running(driver)
    await looked(driver)
    clock.forward(minutes=14)
    await looked(driver, 8)
    assert not any(it.says("longer") for it in await about(linked, job_id))

    clock.forward(minutes=2)

    assert await linked.wait_for_message(lambda it: f"#{job_id}" in it.text and it.says("longer"), linked.im)


async def test_a_card_tells_how_long_it_goes_on_once_such_jobs_are_known(
    linked: Actor, driver: SandboxDriver, clock: Clock
) -> None:
    for _ in range(3):
        done = await running(driver)
        await looked(driver)
        clock.forward(minutes=10)
        await driver.ecotaxa.set(done, state="F")
        await looked(driver)
    job_id = await running(driver)
    await looked(driver)

    clock.forward(minutes=2)

    shown = await linked.wait_for_message(lambda it: f"#{job_id}" in it.text and it.says("left"), linked.im)
    assert shown.says("min left")


async def test_an_ecotaxa_that_does_not_answer_is_told_once_to_those_who_wait_for_something(
    linked: Actor, driver: SandboxDriver, clock: Clock
) -> None:
    jobs = [await running(driver) for _ in range(3)]
    await looked(driver)
    await driver.ecotaxa.break_(down=True)

    async def told() -> list[Message] | None:
        clock.forward(seconds=30)
        return [it for it in await linked.messages(linked.im) if it.says("does not answer")] or None

    (silence,) = await wait_for(told, "a message that EcoTaxa does not answer")
    for job_id in jobs:
        await driver.ecotaxa.set(job_id, state="F")
    await driver.ecotaxa.heal()

    async def again() -> Message | None:
        clock.forward(seconds=60)
        now = await linked.now(silence)
        return now if now and now.says("answers again") else None

    await wait_for(again, "the same message to say that it answers")
    await linked.wait_for_message(f"#{jobs[0]}", linked.im)
    assert not (await linked.now(silence)).says("does not answer")  # type: ignore[union-attr]  # it is there


async def test_quiet_hours_hold_everything_until_the_morning_and_then_tell_it_as_one(
    linked: Actor, driver: SandboxDriver, bot: app.Bot, clock: Clock
) -> None:
    await quiet_now(bot, linked, clock)
    await driver.ecotaxa.jobs(2, state="F", type="GeneralExport")
    asking = await driver.ecotaxa.start("ask")
    await looked(driver, 8)
    assert await linked.messages(linked.im) == []

    clock.forward(hours=3)

    digest = await linked.wait_for_message("While it was quiet", linked.im)
    assert digest.says(f"#{asking}")
    assert "Answer" in digest.labels()


async def test_a_question_that_had_its_answer_in_quiet_hours_is_told_no_more(
    linked: Actor, driver: SandboxDriver, bot: app.Bot, clock: Clock
) -> None:
    await quiet_now(bot, linked, clock)
    answered, asking = [await driver.ecotaxa.start("ask") for _ in range(2)]
    await comes_to(driver, asking, "A")
    await comes_to(driver, answered, "A")
    await looked(driver, 3)
    await driver.ecotaxa.set(answered, state="R", freeze=True)
    await looked(driver, 3)

    clock.forward(hours=3)

    told = await linked.wait_for_message(f"#{asking}", linked.im)
    assert "Answer" in told.labels()
    await looked(driver, 3)
    assert not [it for it in await about(linked, answered) if it.says("Asks")]


async def test_a_person_reads_it_in_their_language(
    linked: Actor, driver: SandboxDriver, bot: app.Bot
) -> None:
    await driver.slack.locale("elena", "fr-FR")

    async def heard() -> bool | None:
        person = Person(None, TEAM_ID, linked.id)
        return (await bot.services.people.language(person) == "fr") or None

    await wait_for(heard, "the bot to hear of it")
    job_id = await driver.ecotaxa.start("export")
    shown = await linked.wait_for_message(f"#{job_id}", linked.im)
    assert "Terminé" in shown.text


async def test_a_daily_summary_comes_in_the_morning_and_goes_on(
    linked: Actor, driver: SandboxDriver, bot: app.Bot, clock: Clock
) -> None:
    await choose(bot, linked, summary=Summary.DAILY)
    await bot.services.sequels.plan_summary(Person(None, TEAM_ID, linked.id))
    await ended(linked, driver)

    clock.forward(hours=24)

    shown = await linked.wait_for_message("Your day", linked.im)
    assert shown.says("1 finished")
    clock.forward(hours=24)
    await looked(driver, 8)
    told = [it for it in await linked.messages(linked.im) if it.says("Your day")]
    assert len(told) == 1, "no job, no summary"
    await ended(linked, driver)
    clock.forward(hours=24)
    await linked.wait_for_message("Your day", linked.im, after=shown)


async def test_a_weekly_summary_comes_with_charts_of_ends_and_waits(
    linked: Actor, driver: SandboxDriver, bot: app.Bot, clock: Clock
) -> None:
    # A Tuesday: on a Monday the summary might come between the wait and the end.
    clock.forward(days=(1 - clock().weekday()) % 7)
    await choose(bot, linked, summary=Summary.WEEKLY)
    await bot.services.sequels.plan_summary(Person(None, TEAM_ID, linked.id))
    waiting = await driver.ecotaxa.start("prediction")
    await driver.ecotaxa.set(waiting, state="P", freeze=True)
    await looked(driver)
    clock.forward(minutes=20)
    await driver.ecotaxa.set(waiting, state="R")
    await looked(driver)
    await driver.ecotaxa.set(waiting, state="F")
    await shows(linked, waiting, "Finished", 2)

    clock.forward(days=6)

    shown = await linked.wait_for_message("Your week", linked.im)
    assert shown.says("1 finished · waited ")
    charts = [it["title"] for it in shown.blocks if it["type"] == "data_visualization"]
    assert charts == ["Jobs by day", "Waiting times by day"]


async def ended(person: Actor, driver: SandboxDriver) -> None:
    """A job of a person's that ran and finished, and was told."""
    job_id = await running(driver)
    await looked(driver)
    await driver.ecotaxa.set(job_id, state="F")
    await person.wait_for_message(f"#{job_id}", person.im)


async def test_nobody_is_told_anything_after_they_left_the_workspace(
    linked: Actor, driver: SandboxDriver, bot: app.Bot
) -> None:
    await driver.slack.circumstances(disabled=[linked.id])

    async def forgotten() -> bool | None:
        return await bot.services.store.find_link(Person(None, TEAM_ID, linked.id)) is None or None

    await wait_for(forgotten, "their link to be forgotten")
    since = (await driver.ecotaxa.traffic())["seq"]
    await driver.ecotaxa.jobs(1, state="F", type="GeneralExport")
    await bot.watcher.tick(bot.services.clock())
    assert (await driver.ecotaxa.traffic(since))["entries"] == []
    assert await linked.messages(linked.im) == []
