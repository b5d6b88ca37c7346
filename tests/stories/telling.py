"""What stories about notifications have in common: jobs that run as told, messages about them, choices."""

from collections.abc import Callable
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


async def running(driver: SandboxDriver, **fields: Any) -> int:
    """A job that runs until a test lets it go on."""
    job_id = await driver.ecotaxa.start("long-export")
    await driver.ecotaxa.set(job_id, state="R", progress_pct=10, freeze=True, **fields)
    return job_id


def saying(*words: str) -> Callable[[Message], bool]:
    """Whether a message says all these words."""
    return lambda message: all(message.says(each) for each in words)


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
    [(job_id, card)] = await all_carded(linked, driver, clock, 1)
    return job_id, card


async def all_carded(
    linked: Actor, driver: SandboxDriver, clock: Clock, count: int
) -> list[tuple[int, Message]]:
    """So many such jobs at once."""
    jobs = [await running(driver) for _ in range(count)]
    await looked(driver)
    clock.forward(seconds=21)
    return [(job_id, await shows(linked, job_id, "10 %")) for job_id in jobs]
