"""How soon a command is acknowledged, beside a bare Bolt app that does nothing but acknowledge."""

import asyncio
import tempfile
from itertools import islice
from pathlib import Path
from statistics import median

from bot.sandbox import crowd
from bot.sandbox.demo import environment
from bot.sandbox.driver import SandboxDriver, wait_for
from tests.bench import cast
from tests.bench.figures import Figure, percentile

BAR = 1.5
COMMANDS, AT_ONCE = 200, 20
ROUNDS = 7
SLOW_SECONDS = 2
PEOPLE = crowd.names(AT_ONCE)

Round = list[float]
"""The milliseconds from each command's delivery to its acknowledgement, as the stand-in measured them."""


async def measure() -> Figure:
    """Let both apps take turns at rounds of commands, and compare their 99th percentiles."""
    with tempfile.TemporaryDirectory(prefix="ecotaxa-bot-bench-") as folder:
        async with cast.sandboxes(2, len(PEOPLE)) as (ours_url, bare_url):
            # The intervals between looks are those that people run the bot with.
            settings = environment(ours_url, Path(folder))
            settings |= {"POLL_ACTIVE_SECONDS": "5", "POLL_IDLE_SECONDS": "30", "LOG_LEVEL": "ERROR"}
            async with SandboxDriver(ours_url) as ours, SandboxDriver(bare_url) as bare:
                async with cast.store_of(settings) as store:
                    await cast.link(ours, store, PEOPLE)
                async with (
                    cast.bot(settings, Path(folder)),
                    cast.running("tests.bench.bare", f"{bare_url}/slack/api"),
                ):
                    return _figure(*await _take_turns(ours, bare))


async def _take_turns(ours: SandboxDriver, bare: SandboxDriver) -> tuple[list[Round], list[Round]]:
    for driver in (ours, bare):
        await cast.listening(driver, PEOPLE[0])
        for name in PEOPLE:
            await driver.ecotaxa.jobs(10, name)
    await asyncio.gather(_round(ours, answers=True), _round(bare, answers=False))  # to warm up
    of_ours, of_bare = [], []
    for turn in range(ROUNDS):
        if turn % 2:
            of_bare.append(await _round(bare, answers=False))
        of_ours.append(await _round(ours, answers=True))
        if not turn % 2:
            of_bare.append(await _round(bare, answers=False))
    return of_ours, of_bare


async def _round(driver: SandboxDriver, *, answers: bool) -> Round:
    """Type all commands while EcoTaxa is slow; an app that `answers` is waited for afterwards."""
    before = await driver.slack.traffic()
    since = before[-1]["seq"] if before else 0
    await driver.ecotaxa.break_(slow=SLOW_SECONDS)
    turns = iter([driver.person(PEOPLE[number % len(PEOPLE)]) for number in range(COMMANDS)])

    async def type_commands() -> None:
        for actor in turns:
            await actor.say("/ecotaxa jobs")

    await asyncio.gather(*(type_commands() for _ in range(AT_ONCE)))
    # All are acknowledged: what is asked of EcoTaxa from here on may be quick, or a round would last 20 s.
    await driver.ecotaxa.heal()

    async def all_answered() -> bool | None:
        return sum(e["side"] == "respond" for e in await driver.slack.traffic(since)) >= COMMANDS or None

    if answers:
        await wait_for(all_answered, "the answers to all commands", timeout=20)
    taken = (e["ms"] for e in await driver.slack.traffic(since) if e["name"] == "slash_commands")
    return list(islice(taken, COMMANDS))


def _figure(ours: list[Round], bare: list[Round]) -> Figure:
    p99s = [percentile(each, 99) for each in ours], [percentile(each, 99) for each in bare]
    value = median(p99s[0]) / median(p99s[1])
    pooled = [ms for each in ours for ms in each], [ms for each in bare for ms in each]
    return Figure(
        "acknowledgement_p99_ratio",
        value,
        "times a bare Bolt app",
        BAR,
        {
            "ours_ms": {"p50": _ms(median(pooled[0])), "p99": _ms(median(p99s[0]))},
            "bare_ms": {"p50": _ms(median(pooled[1])), "p99": _ms(median(p99s[1]))},
            "pooled_p99_ms": {"ours": _ms(percentile(pooled[0], 99)), "bare": _ms(percentile(pooled[1], 99))},
            "commands": COMMANDS,
            "at_once": AT_ONCE,
            "rounds": len(ours),
            "answered": len(pooled[0]),
        },
    )


def _ms(value: float) -> float:
    return round(value, 2)
