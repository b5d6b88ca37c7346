"""A machine whose clock is wrong, and is put right while the bot runs: nothing stops, nothing comes twice."""

import pytest

from bot import app
from bot.sandbox.driver import Actor, SandboxDriver
from tests.stories.conftest import Clock, Start, link, looked, set_timers
from tests.stories.telling import about, choose, running


@pytest.fixture
def timers(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """The timers go by the story's clock too, as on a machine whose own is wrong."""
    set_timers(clock, monkeypatch)


async def test_a_clock_that_is_put_back_by_an_hour_stops_nothing(
    timers: None, linked: Actor, driver: SandboxDriver, clock: Clock
) -> None:
    # One message waits for its second try, and one look is under way.
    await driver.slack.break_(api={"chat.postMessage": {"mode": "429", "retry_after": 20, "times": 1}})
    first, second = await running(driver), await running(driver)
    await looked(driver)
    await driver.ecotaxa.set(first, state="F")
    await looked(driver)
    await driver.ecotaxa.break_(slow=1)
    await looked(driver, 1)

    clock.forward(hours=-1)
    await linked.wait_for_message(f"#{first}", linked.im)
    await driver.ecotaxa.heal()
    await driver.ecotaxa.set(second, state="F")
    await linked.wait_for_message(f"#{second}", linked.im)

    await looked(driver, 3)
    assert [len(await about(linked, job_id)) for job_id in (first, second)] == [1, 1]


async def test_a_clock_that_is_put_forward_and_back_again_tells_everything_once(
    timers: None, linked: Actor, driver: SandboxDriver, bot: app.Bot, clock: Clock
) -> None:
    await choose(bot, linked, cards=False)
    jobs = [await running(driver) for _ in range(3)]
    await looked(driver)
    for job_id, hours in zip(jobs, (1, 1, -2), strict=True):
        clock.forward(hours=hours)
        await driver.ecotaxa.set(job_id, state="F")
        await linked.wait_for_message(f"#{job_id}", linked.im)

    await looked(driver, 3)
    assert [len(await about(linked, job_id)) for job_id in jobs] == [1, 1, 1]


async def test_news_are_not_added_to_a_message_of_before_the_clock_was_put_back(
    timers: None, linked: Actor, driver: SandboxDriver, clock: Clock
) -> None:
    jobs = [await running(driver) for _ in range(2)]
    await looked(driver)
    await driver.ecotaxa.set(jobs[0], state="F")
    old = await linked.wait_for_message(f"#{jobs[0]}", linked.im)

    clock.forward(hours=-1)
    await driver.ecotaxa.set(jobs[1], state="F")

    await linked.wait_for_message(lambda m: f"#{jobs[1]}" in m.text and m.id != old.id, linked.im)


async def test_what_was_sent_by_a_clock_hours_ahead_is_found_again(
    driver: SandboxDriver, start: Start, clock: Clock
) -> None:
    clock.forward(hours=2)
    async with start():
        person = driver.person("elena")
        await link(person)
        await looked(driver)
        job_id = await running(driver)
        await looked(driver)
        await driver.slack.break_(api={"chat.postMessage": {"mode": "post_then_500", "times": 1}})
        await driver.ecotaxa.set(job_id, state="F")
        await person.wait_for_message(f"#{job_id}", person.im)
        clock.forward(seconds=6)
        # What comes after it waits until it is known what became of it.
        after = await running(driver)
        await looked(driver)
        await driver.ecotaxa.set(after, state="F")
        await person.wait_for_message(f"#{after}", person.im)

        assert len(await about(person, job_id)) == 1
