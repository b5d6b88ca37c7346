"""How long nobody is heard after a socket goes, by how it goes, and whether all that was said is answered."""

import asyncio
import contextlib
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bot.sandbox.demo import environment
from bot.sandbox.driver import Actor, Failed, SandboxDriver, wait_for
from tests.bench import cast
from tests.bench.figures import Figure

BAR = 60.0
SPEAKER = "elena"
KINDS: dict[str, dict[str, Any]] = {
    "deaf": {"deaf_sockets": True},
    "half_open": {"half_open_sockets": True},
    "cut": {"drop_sockets": True},
    "wanted_back": {"drop_sockets": "refresh"},
    "switched_off_and_on": {"drop_sockets": "link_disabled"},
    "away_for_20_s": {"outage": 20},
}
SPOKEN_FOR = 62.0
"""Seconds in which somebody says something every second."""
ALL_ANSWERED_WITHIN = 150.0
"""Slack delivers what was not acknowledged at once, and again a minute later."""


async def measure() -> Sequence[Figure]:
    """All kinds at the same time, each with a bot and a Slack of its own: most of it is waiting."""
    async with cast.sandboxes(len(KINDS), 0) as urls:
        kinds, one_starts = zip(urls, KINDS.items(), strict=True), asyncio.Lock()
        return await asyncio.gather(
            *(_measured(url, kind, fault, one_starts) for url, (kind, fault) in kinds)
        )


async def _measured(url: str, kind: str, fault: dict[str, Any], one_starts: asyncio.Lock) -> Figure:
    with tempfile.TemporaryDirectory(prefix="ecotaxa-bot-bench-") as folder:
        async with SandboxDriver(url) as driver:
            settings = environment(url, Path(folder)) | {"LOG_LEVEL": "ERROR"}
            async with contextlib.AsyncExitStack() as stack:
                async with one_starts:
                    await stack.enter_async_context(cast.bot(settings, Path(folder)))
                    await cast.listening(driver, SPEAKER)
                person = driver.person(SPEAKER)
                answered_before = len(await person.messages("C0GENERAL"))
                began = time.monotonic()
                await driver.slack.break_(**fault)
                said: list[asyncio.Task[float | str]] = []
                while time.monotonic() - began < SPOKEN_FOR:
                    said.append(asyncio.create_task(_heard(person)))
                    await asyncio.sleep(1)
                became = await asyncio.gather(*said)
                heard = [at - began for at in became if isinstance(at, float)]
                # What Slack could hand to nobody, as it tells at once, it does not deliver later.
                delivered = len(said) - became.count("dispatch_failed")
                answers = await _answers(person, answered_before, delivered)
                sockets = len(await driver.slack.calls("apps.connections.open"))
    more = {"said": len(said), "delivered": delivered, "answered": answers, "sockets": sockets}
    return Figure(f"hearing_{kind}", min(heard), "s until heard", BAR, more)


async def _heard(person: Actor) -> float | str:
    """Say something: when it was acknowledged, or how the person saw it fail."""
    try:
        await person.say("/ecotaxa help")
    except Failed as failed:
        return failed.error
    return time.monotonic()


async def _answers(person: Actor, before: int, wanted: int) -> int:
    """How many answers came in the end, of so many that are wanted."""

    async def there() -> int:
        return len(await person.messages("C0GENERAL")) - before

    async def all_of_them() -> bool | None:
        return await there() >= wanted or None

    with contextlib.suppress(TimeoutError):
        await wait_for(all_of_them, "every answer", timeout=ALL_ANSWERED_WITHIN)
    await asyncio.sleep(2)
    return await there()
