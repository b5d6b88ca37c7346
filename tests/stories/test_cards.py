"""Cards: one message a job, which lives as the job does, and a ping only where somebody is needed."""

from datetime import time
from typing import Any
from zoneinfo import ZoneInfo

from bot import app
from bot.links import Person
from bot.rules.preferences import Preferences, Quiet
from bot.sandbox.driver import Actor, SandboxDriver, wait_for
from bot.sandbox.screen import Message
from bot.sandbox.slack.people import TEAM_ID
from tests.stories.conftest import Clock, looked
from tests.stories.test_answers import FOUND


async def running(driver: SandboxDriver, **fields: Any) -> int:
    """A job that runs until a test lets it go on."""
    job_id = await driver.ecotaxa.start("long-export")
    await driver.ecotaxa.set(job_id, state="R", progress_pct=10, freeze=True, **fields)
    return job_id


async def about(person: Actor, job_id: int) -> list[Message]:
    return [m for m in await person.messages(person.im) if f"#{job_id}" in m.text]


async def shows(person: Actor, job_id: int, words: str, number: int = 1) -> Message:
    """Wait until one of the `number` messages about a job says these words."""

    async def there() -> Message | None:
        found = await about(person, job_id)
        said = [it for it in found if it.says(words)]
        return said[0] if said and len(found) == number else None

    return await wait_for(there, f"{words!r} in one of {number} messages about #{job_id}")


async def choose(bot: app.Bot, person: Actor, **choices: Any) -> None:
    await bot.services.store.save_preferences(
        Person(None, TEAM_ID, person.id), Preferences(**choices), bot.services.clock()
    )


async def quiet_now(bot: app.Bot, person: Actor, clock: Clock) -> None:
    """Let it be a person's quiet hours, for two hours more at most."""
    profile = await bot.services.people.of(Person(None, TEAM_ID, person.id))
    hour = clock().astimezone(ZoneInfo(profile.zone)).hour
    await choose(bot, person, quiet=Quiet(time((hour - 1) % 24), time((hour + 2) % 24)))


async def carded(linked: Actor, driver: SandboxDriver, clock: Clock) -> tuple[int, Message]:
    """A job that runs for long enough to have a card."""
    job_id = await running(driver)
    await looked(driver)
    clock.forward(seconds=21)
    return job_id, await shows(linked, job_id, "10 %")


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


async def test_jobs_that_end_within_a_minute_are_added_to_the_message(
    linked: Actor, driver: SandboxDriver, clock: Clock
) -> None:
    first = [(await driver.ecotaxa.jobs(1, state="F", type="GeneralExport"))[0]]
    told = await linked.wait_for_message(f"#{first[0]}", linked.im)

    for number in range(2, 5):
        clock.forward(seconds=10)
        first += await driver.ecotaxa.jobs(1, state="F", type="GeneralExport")
        await linked.wait_for_message(f"{number} jobs", linked.im)

    (only,) = await linked.messages(linked.im)
    assert only.ts == told.ts
    assert all(only.says(f"#{job_id}") for job_id in first)
    clock.forward(seconds=31)
    (late,) = await driver.ecotaxa.jobs(1, state="F", type="GeneralExport")
    await linked.wait_for_message(f"#{late}", linked.im, after=only)


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


# What time does.


async def test_a_question_that_nobody_answers_is_told_again_after_a_day_and_then_each_week(
    linked: Actor, driver: SandboxDriver, clock: Clock
) -> None:
    asking = await driver.ecotaxa.start("ask")
    asked = await linked.wait_for_message(f"#{asking}", linked.im)

    clock.forward(hours=25)
    again = await linked.wait_for_message(f"#{asking}", linked.im, after=asked)
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


# Quiet hours.


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
