"""How often a day notified each person: new messages, for an edit notifies nobody."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil, inf

from tests.simulation.oracle import direct
from tests.simulation.reading import Kind, Reading
from tests.simulation.script import Script

COLUMNS = (*(kind for kind in Kind if kind is not Kind.ODD), "mention")
"""What a new message is for; a mention is a message in a channel that names the person."""
BANDS: Mapping[str, float] = {
    "0": 0,
    "1 to 5": 5,
    "6 to 10": 10,
    "11 to 20": 20,
    "21 to 50": 50,
    "over 50": inf,
}
"""Numbers of new messages in a day, each with the most that it stands for."""


@dataclass(frozen=True, slots=True)
class Row:
    """One person's day: how many jobs they had, and how many new messages of each kind."""

    name: str
    jobs: int
    messages: Mapping[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """All that notified them."""
        return sum(self.messages.values())


def rows(script: Script, reading: Reading) -> list[Row]:
    """Everybody's day, who was notified most first."""
    jobs = Counter(errand.owner for errand in script.errands)
    by_place: dict[str, Counter[str]] = {direct(it): Counter() for it in script.members}
    for it in reading.posted:
        if it.shown.channel in by_place:
            by_place[it.shown.channel][it.kind] += 1
        for user in it.shown.mentions:
            by_place[f"D0{user.removeprefix('U0')}"]["mention"] += 1
    found = [Row(it.name, jobs[it.name], by_place[direct(it)]) for it in script.members]
    return sorted(found, key=lambda row: (-row.total, row.name))


def spread(amounts: Iterable[int]) -> dict[str, int]:
    """Median, 90th percentile, the most and the sum."""
    ordered = sorted(amounts)
    at = {"median": 50, "p90": 90, "max": 100}
    return {name: ordered[ceil(len(ordered) * pct / 100) - 1] for name, pct in at.items()} | {
        "all": sum(ordered)
    }


def spreads(found: Sequence[Row]) -> dict[str, dict[str, int]]:
    """How jobs, new messages of each kind, and all of these together are spread among people."""
    by_name = {str(column): [row.messages.get(column, 0) for row in found] for column in COLUMNS}
    by_name = {"jobs": [row.jobs for row in found], **by_name, "notified": [row.total for row in found]}
    return {name: spread(amounts) for name, amounts in by_name.items()}


def bands(amounts: Iterable[int]) -> dict[str, int]:
    """How many of the amounts lie in each band."""
    found = Counter(next(name for name, most in BANDS.items() if amount <= most) for amount in amounts)
    return {name: found[name] for name in BANDS}


def markdown(title: str, found: Sequence[Row]) -> str:
    """The table as a page: how it is spread first, then everybody."""
    lines = [f"# {title}", "", "New messages a person, by what they are for; an edit notifies nobody.", ""]
    lines += [_line("", "median", "p90", "max", "all"), _line("---", *["---:"] * 4)]
    lines += [_line(name, *it.values()) for name, it in spreads(found).items()]
    lines += ["", _line("person", "jobs", *COLUMNS, "notified"), _line("---", *["---:"] * (len(COLUMNS) + 2))]
    lines += [
        _line(row.name, row.jobs, *(row.messages.get(column, 0) for column in COLUMNS), row.total)
        for row in found
    ]
    return "\n".join(lines) + "\n"


def _line(*cells: object) -> str:
    return f"| {' | '.join(map(str, cells))} |"
