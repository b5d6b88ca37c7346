"""Plays a script: the bot's own core between both stand-ins, over real sockets, in a time of its own."""

import contextlib
from collections import deque
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from bot.app import Bot
from bot.ecotaxa import EcoTaxa
from bot.links import Link, Person, Token
from bot.rates import Rates
from bot.sandbox.demo import environment
from bot.sandbox.driver import SandboxDriver
from bot.sandbox.server import Sandbox
from bot.sandbox.slack.people import BOT_USER, TEAM_ID
from bot.sandbox.slack.workspace import Message, What
from bot.settings import Settings
from bot.slack import Slack
from bot.store import Store
from bot.vault import Vault
from tests.simulation.script import Beat, Errand, Member, Script

STEP = 30.0
"""Seconds of the script between two ticks of everything."""
PATIENCE = 60.0
"""Real seconds that a step may take."""
AFTER = 900.0
"""Seconds that the bot has after the script's end, to tell what is left."""


class Clock:
    """The time of the script, for everybody in it."""

    def __init__(self, start: datetime) -> None:
        self.now = start

    def __call__(self) -> datetime:
        return self.now

    def seconds(self) -> float:
        """The same as Unix seconds."""
        return self.now.timestamp()


@dataclass(frozen=True, slots=True)
class Shown:
    """A message of the bot's as it was posted or edited, at a second of the script."""

    at: float
    what: What
    channel: str
    ts: str
    thread_ts: str | None
    text: str
    mentions: tuple[str, ...]


@dataclass
class Played:
    """What came of it: all that Slack showed, in order, and the ids of the errands' jobs.

    `refused` are the methods of the calls that Slack refused because they were too many.
    """

    shown: list[Shown] = field(default_factory=list)
    job_ids: dict[int, int] = field(default_factory=dict)
    calls: int = 0
    refused: list[str] = field(default_factory=list)


async def play(script: Script, folder: Path) -> Played:
    """Play a script to its end, with the bot's database in `folder`."""
    clock, played = Clock(script.start), Played()
    sandbox = Sandbox(crowd=len(script.members), clock=clock.seconds)
    await sandbox.start()
    try:
        _listen(sandbox, script, clock, played)
        async with SandboxDriver(sandbox.url) as driver, still_bot(sandbox.url, folder, script, clock) as bot:
            stage = _Stage(script, clock, sandbox, driver, bot, played)
            await stage.furnish()
            await stage.go()
    finally:
        await sandbox.stop()
    calls = sandbox.slack.traffic.calls
    played.calls, played.refused = len(calls), [call.method for call in calls if call.status == 429]
    return played


def _listen(sandbox: Sandbox, script: Script, clock: Clock, played: Played) -> None:
    workspace = sandbox.slack.workspace
    before = workspace.listener

    def hear(what: What, message: Message) -> None:
        if message.user == BOT_USER:
            at = (clock.now - script.start).total_seconds()
            played.shown.append(
                Shown(
                    at, what, message.channel, message.ts, message.thread_ts, message.text,
                    tuple(message.pings),
                )
            )  # fmt: skip
        before(what, message)

    workspace.listener = hear


@contextlib.asynccontextmanager
async def still_bot(url: str, folder: Path, script: Script, clock: Clock) -> AsyncIterator[Bot]:
    """A bot that ticks only when it is told to."""
    pace = {"POLL_ACTIVE_SECONDS": str(script.active), "POLL_IDLE_SECONDS": str(script.idle)}
    told = environment(url, folder) | pace
    settings = Settings.model_validate({name.lower(): value for name, value in told.items()})
    async with contextlib.AsyncExitStack() as stack:
        store = Store.open(
            settings.database_url, Vault([key.get_secret_value() for key in settings.token_keys])
        )
        stack.push_async_callback(store.close)
        await store.migrate()
        ecotaxa = EcoTaxa(settings.ecotaxa_api_url, zone=UTC, retry_pause=0.01)
        stack.push_async_callback(ecotaxa.aclose, grace=0.2)
        assert settings.slack_bot_token is not None
        slack = Slack.connect(
            token=settings.slack_bot_token.get_secret_value(),
            api_url=settings.slack_api_url,
            rates=Rates(clock.seconds),
        )
        stack.push_async_callback(slack.close)
        bot = Bot(settings, store, ecotaxa, slack, clock)
        yield bot
        await bot.services.work.drain(PATIENCE)


@dataclass
class _Stage:
    script: Script
    clock: Clock
    sandbox: Sandbox
    driver: SandboxDriver
    bot: Bot
    played: Played

    async def furnish(self) -> None:
        """Link everybody, as they chose, one after the other; the first look at each account is made."""
        await self.driver.slack.break_(rate_limits=True)
        for number, member in enumerate(self.script.members):
            self.clock.now = self.script.at(number - len(self.script.members))
            await self._furnish(member)
        self.clock.now = self.script.start
        await self._tick()

    async def _furnish(self, member: Member) -> None:
        store, now = self.bot.services.store, self.clock()
        await self.driver.slack.zone(member.name, member.zone)
        token = Token.read(await self.driver.ecotaxa.token(member.name))
        person = person_of(member.name)
        await store.save_link(Link(person, token, member.name, f"{member.name}@lab.example"), now)
        await store.save_preferences(person, member.choices, now)
        await self.bot.services.sequels.plan_summary(person)
        for channel, project in member.channels:
            self.sandbox.slack.workspace.bot_is_in.add(channel)
            await store.tell_in(person, channel, project, now)

    async def go(self) -> None:
        """From the first second to the last, and a while longer."""
        cues = deque(_cues(self.script))
        now = 0.0
        while now < self.script.seconds + AFTER:
            now += STEP
            while cues and cues[0][0] <= now:
                at, cue = cues.popleft()
                self.clock.now = self.script.at(at)
                await self._do(cue)
            self.clock.now = self.script.at(now)
            await self._tick()

    async def _do(self, cue: object) -> None:
        store = self.bot.services.store
        match cue:
            case (Errand() as errand, Beat() as beat):
                await self._move(errand, beat)
            case (Member() as member, str(what), int() | float() as end):
                await store.mute(person_of(member.name), what, self.script.at(end), self.clock())
            case "ecotaxa down":
                await self.driver.ecotaxa.break_(down=True)
            case "ecotaxa up":
                await self.driver.ecotaxa.heal()
            case "slack down":
                span = self.script.slack_down
                await self.driver.slack.break_(outage=span.end - span.start)

    async def _move(self, errand: Errand, beat: Beat) -> None:
        ecotaxa, ids = self.driver.ecotaxa, self.played.job_ids
        if errand.number not in ids:
            [ids[errand.number]] = await ecotaxa.jobs(
                1, errand.owner, state=beat.state, type=errand.type, project=errand.project, days=0
            )
        else:
            await ecotaxa.set(ids[errand.number], **FIELDS[beat.state], touch=True, freeze=True)

    async def _tick(self) -> None:
        """Let the bot do all that is due by now."""
        bot, store = self.bot, self.bot.services.store
        while True:
            await bot.watcher.tick(self.clock())
            await self._rest()
            await bot.watcher.settle(self.clock())
            if not await store.count_due(self.clock()):
                break
        await bot.notifier.tick()
        await self._rest()
        await bot.editor.tick()
        await self._rest()

    async def _rest(self) -> None:
        if await self.bot.services.work.rest(PATIENCE):
            raise TimeoutError(f"the bot was busy for {PATIENCE:g} s at {self.clock()}")


_ASKED = {"missing_users": ["e. rodriguez"], "missing_taxa": ["part"]}
_HINTS = {"found_users": {"e. rodriguez": {"email": "e.rodriguez@example.org"}}}
FIELDS: Mapping[str, Mapping[str, object]] = {
    "P": {"state": "P", "progress_msg": "Proceeding"},
    "R": {"state": "R", "progress_pct": 10, "progress_msg": "Working"},
    "A": {"state": "A", "progress_msg": "Some could not be matched", "question": _ASKED, "inside": _HINTS},
    "F": {"state": "F", "progress_pct": 100, "progress_msg": "Done", "result": {"rowcount": 8}},
    "E": {"state": "E", "progress_msg": "1 error(s) during run", "errors": ["line 3: no image 'nada.png'"]},
    "K": {"state": "E", "progress_msg": "Killed"},
}
"""What a job is when it has come to a beat's state."""


def _cues(script: Script) -> Sequence[tuple[float, object]]:
    """All that is done, in order."""
    cues: list[tuple[float, object]] = [
        (script.ecotaxa_down.start, "ecotaxa down"),
        (script.ecotaxa_down.end, "ecotaxa up"),
        (script.slack_down.start, "slack down"),
    ]
    cues += [(beat.at, (it, beat)) for it in script.errands for beat in it.beats]
    cues += [(it.span.start, (who, it.what, it.span.end)) for who in script.members for it in who.mutes]
    return sorted(cues, key=lambda cue: cue[0])


def person_of(name: str) -> Person:
    """Who that is in Slack."""
    return Person(None, TEAM_ID, f"U0{name.upper()}")
