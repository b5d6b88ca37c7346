"""What happens while the bot dies: people, what they chose, and how their jobs go, from a seed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random

from bot.rules.preferences import Preferences
from bot.sandbox import crowd

CHANNEL = "C0GENERAL"
COURSES = ("RF", "RERF", "RERERF", "RARF", "RARARERF", "RKRF", "RKRERARF", "PRARF", "RE")
"""How jobs go, by the letters of their states (see `tests.simulation.script.Beat`)."""
TOLD = "FEAK"
"""The states of which people hear."""
LONG_SECONDS = 32.0
"""A job that runs for so long has a card."""
_LONG_SHARE = 0.1
WATCHED = 3


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody with a link; `channel` is where their jobs are told too, if anywhere."""

    name: str
    choices: Preferences
    channel: str = ""

    @property
    def places(self) -> list[str]:
        """The conversations in which their jobs are told."""
        direct = f"D0{self.name.upper()}"
        return [*([direct] if self.choices.direct else []), *([self.channel] if self.channel else [])]


@dataclass(frozen=True, slots=True)
class Errand:
    """A job and the states it comes to; it rests in its first for at least so many seconds.

    One that `is_watched` is told with the others of its watch, and not by itself.
    """

    owner: Member
    course: str
    seconds: float
    is_watched: bool = False


def members() -> list[Member]:
    """The people, each with other choices."""
    usual = Preferences(slow=False)
    replies, no_cards = replace(usual, in_thread=True), replace(usual, cards=False)
    choices = [
        (usual, ""), (replies, ""), (no_cards, ""), (usual, CHANNEL),
        (replace(usual, direct=False), CHANNEL), (usual, ""), (replies, CHANNEL), (no_cards, ""),
    ]  # fmt: skip
    names = crowd.names(len(choices))
    return [Member(name, *chosen) for name, chosen in zip(names, choices, strict=True)]


def errands(chance: Random, transitions: int, people: Sequence[Member]) -> list[Errand]:
    """Jobs that come to at least so many states together; some run long, and the last person watches some."""
    found = [Errand(people[-1], "RF", LONG_SECONDS, is_watched=True) for _ in range(WATCHED)]
    found += [Errand(member, "RF", LONG_SECONDS) for member in people]
    left = transitions - sum(len(it.course) for it in found)
    while left > 0:
        owner, is_long = chance.choice(people), chance.random() < _LONG_SHARE
        course = "RF" if is_long else chance.choice(COURSES)
        found.append(Errand(owner, course, LONG_SECONDS if is_long else chance.random()))
        left -= len(course)
    return found
