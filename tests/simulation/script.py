"""What happens in a lab on one day, made up from a seed: people, their choices, their jobs, two accidents."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from bot.filters import Kind
from bot.jobs import Event
from bot.rules.audience import ALL
from bot.rules.preferences import EVENTS, Preferences, Quiet, Summary
from bot.sandbox import crowd

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
MINUTE, HOUR = 60.0, 3600.0

ZONES = ("Europe/Paris", "Europe/Lisbon", "America/Sao_Paulo", "Asia/Shanghai", "Asia/Kolkata", "UTC")
CHANNELS = ("C0GENERAL", "C0PLANKTON")
PROJECTS = range(1, 6)
MEDIAN_MINUTES = {"GeneralExport": 6, "FileImport": 9, "Prediction": 14, "Subset": 4, "SimpleImport": 3}
"""The types of jobs, each with how long half of them run."""
LONGEST_MINUTES = 45
"""No job runs longer but those that are stuck, which do for four hours."""
SEEN = 15 * MINUTE
"""What a person can be expected to be told of lasts at least that long."""
ENDS = "FEK"
"""Letters of states in which a job has ended: K is a job that somebody stopped."""


@dataclass(frozen=True, slots=True)
class Span:
    """From one second of the script to another."""

    start: float
    end: float

    def __contains__(self, at: float) -> bool:
        return self.start <= at < self.end


@dataclass(frozen=True, slots=True)
class Mute:
    """What a person mutes, as the store spells it, and for how long."""

    what: str
    span: Span


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of the lab; `channels` are where their jobs are told, those of one project or all (None)."""

    name: str
    zone: str = "UTC"
    choices: Preferences = Preferences()  # noqa: RUF009  # frozen
    channels: tuple[tuple[str, int | None], ...] = ()
    mutes: tuple[Mute, ...] = ()


@dataclass(frozen=True, slots=True)
class Beat:
    """A job comes to a state, at a second of the script: EcoTaxa's letter, or K for stopped."""

    at: float
    state: str


@dataclass(frozen=True, slots=True)
class Errand:
    """A job of somebody's from its creation on."""

    number: int
    owner: str
    type: str
    project: int
    beats: tuple[Beat, ...]


@dataclass(frozen=True, slots=True)
class Script:
    """All that happens, from `start` on for so many seconds.

    `active` and `idle` are the seconds between the bot's looks at an account whose jobs move, or do not.
    """

    start: datetime
    seconds: float
    members: Sequence[Member]
    errands: Sequence[Errand]
    ecotaxa_down: Span
    slack_down: Span
    active: float = 120.0
    idle: float = 600.0

    def at(self, second: float) -> datetime:
        """That second of the script as a moment."""
        return self.start + timedelta(seconds=second)


def a_day(seed: int = 1) -> Script:
    """A day of a busy lab: 200 people, 2,000 jobs."""
    down, outage = Span(10 * HOUR, 10 * HOUR + 180), Span(14.5 * HOUR, 14.5 * HOUR + 600)
    return write(seed, people=200, jobs=2_000, start=MONDAY, hours=24, down=down, outage=outage)


def a_morning(seed: int = 25) -> Script:
    """Four hours of a smaller lab, with the accidents of a day, and much that comes together."""
    down, outage = Span(1.5 * HOUR, 1.5 * HOUR + 180), Span(2.5 * HOUR, 2.5 * HOUR + 600)
    start = MONDAY + timedelta(hours=6)
    return write(seed, people=40, jobs=200, start=start, hours=4, down=down, outage=outage)


def write(
    seed: int, *, people: int, jobs: int, start: datetime, hours: float, down: Span, outage: Span
) -> Script:
    """Make up a script; the same for the same seed."""
    chance = Random(seed)
    seconds = hours * HOUR
    members = [_member(chance, name, seconds) for name in crowd.names(people)]
    starts = _starts(chance, start, seconds, jobs, people)
    errands = []
    for number, (begins, owner, is_batch) in enumerate(starts):
        job_type = "GeneralExport" if is_batch else chance.choice([*MEDIAN_MINUTES])
        life = _batched(chance, begins) if is_batch else _life(chance, begins, MEDIAN_MINUTES[job_type])
        beats = tuple(beat for beat in _restarted(chance, life, down) if beat.at < seconds)
        errands.append(Errand(number, members[owner].name, job_type, chance.choice(PROJECTS), beats))
    return Script(start, seconds, members, errands, down, outage)


def _member(chance: Random, name: str, seconds: float) -> Member:
    """Somebody with the defaults, as most, or with one or two wishes of their own."""
    member = Member(name, chance.choice(ZONES))
    if chance.random() < 0.6:
        return member
    choices = replace(member.choices, **chance.choice(_WISHES) | chance.choice(_MORE_WISHES))
    channels: tuple[tuple[str, int | None], ...] = ()
    mutes: tuple[Mute, ...] = ()
    match chance.randrange(6):
        case 0:
            channels = ((CHANNELS[1], None),)
            choices = replace(choices, direct=chance.random() < 0.5)
        case 1:
            channels = ((CHANNELS[1], None), (CHANNELS[1], 3), (CHANNELS[0], chance.choice(PROJECTS)))
        case 2:
            mutes = (Mute(f"project:{chance.choice(PROJECTS)}", Span(0, 2 * seconds)),)
        case 3:
            since = chance.uniform(0.3, 0.7) * seconds
            mutes = (Mute(ALL, Span(since, since + HOUR)),)
        case _:
            pass
    return replace(member, choices=choices, channels=channels, mutes=mutes)


_WISHES: Sequence[dict[str, Any]] = (
    {"quiet": Quiet(time(20), time(8))},
    {"quiet": Quiet(time(12), time(14))},
    {"events": frozenset({Event.FAILED, Event.ASKED})},
    {"events": EVENTS - {Event.KILLED}},
    {"least_minutes": 10},
    {"kinds": frozenset({Kind.IMPORTS, Kind.PREDICTIONS})},
    {"in_thread": True},
)
_MORE_WISHES: Sequence[dict[str, Any]] = (
    {}, {"cards": False}, {"slow": False}, {"summary": Summary.DAILY}, {"in_thread": True},
)  # fmt: skip


def _starts(
    chance: Random, start: datetime, seconds: float, jobs: int, people: int
) -> list[tuple[float, int, bool]]:
    """When jobs begin, whose they are, and whether they are of a batch: most by day, few people with many."""
    zones = [ZoneInfo(zone) for zone in ZONES]
    weights = [1 / (rank + 5) for rank in range(people)]
    found = []
    for _ in range(max(1, jobs // 400)):
        begins, owner = chance.uniform(0.2, 0.7) * seconds // MINUTE * MINUTE, chance.randrange(people)
        found += [(begins + number, owner, True) for number in range(20)]
    while len(found) < jobs:
        begins = chance.uniform(0, seconds)
        hour = (start + timedelta(seconds=begins)).astimezone(chance.choice(zones)).hour
        if chance.random() < (1 if 8 <= hour < 19 else 0.1):
            [owner] = chance.choices(range(people), weights)
            found.append((begins, owner, False))
    return sorted(found)


def _batched(chance: Random, begins: float) -> Iterator[Beat]:
    """One of many that were started one after the other, and end within a minute."""
    yield Beat(begins, "P")
    yield Beat(begins + 30, "R")
    ends = begins - begins % MINUTE + 20 * MINUTE + chance.uniform(0, 30)
    yield Beat(ends, chance.choice("FFFFFFFFFE"))


def _life(chance: Random, begins: float, minutes: float) -> Iterator[Beat]:
    """Waits, runs, and ends, well or not; may ask, may be restarted, may be stuck."""
    yield Beat(begins, "P")
    now = begins + (2 * HOUR if chance.random() < 0.01 else chance.uniform(5, 10 * MINUTE))
    yield Beat(now, "R")
    ran = min(chance.lognormvariate(0, 0.7) * minutes, LONGEST_MINUTES) * MINUTE
    fate = chance.random()
    if fate < 0.01:
        ran = 4 * HOUR
    elif fate < 0.12:
        now += ran / 2
        yield Beat(now, "A")
        if chance.random() < 0.3:
            return
        now += SEEN + chance.uniform(0, HOUR)
        yield Beat(now, "P")
        now += SEEN
        yield Beat(now, "R")
    elif fate < 0.20:
        now += ran / 2
        yield Beat(now, chance.choice("EEEK"))
        if chance.random() < 0.5:
            return
        now += SEEN + chance.uniform(0, HOUR)
        yield Beat(now, "P")
        now += SEEN
        yield Beat(now, "R")
        ran += SEEN
    yield Beat(now + ran, chance.choice("FFFFFFFFFE"))


def _restarted(chance: Random, life: Iterator[Beat], down: Span) -> tuple[Beat, ...]:
    """The same with EcoTaxa's restart: nothing happens meanwhile, and what ran goes on or fails after it."""
    late = 0.0
    found: list[Beat] = []
    for beat in life:
        if beat.at in down and not late:
            late = down.end - beat.at + 1
        if found and found[-1].state == "R" and found[-1].at < down.start < beat.at and chance.random() < 0.3:
            return (*found, Beat(down.end, "E"))
        found.append(Beat(beat.at + late, beat.state))
    return tuple(found)
