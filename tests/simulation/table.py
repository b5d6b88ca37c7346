"""How often a day notified each person: new messages, for an edit notifies nobody."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil

from tests.simulation.oracle import direct
from tests.simulation.reading import Kind, Reading
from tests.simulation.script import Script

COLUMNS = (*(kind for kind in Kind if kind is not Kind.ODD), "mention")
"""What a new message is for; a mention is a message in a channel that names the person."""


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


def markdown(title: str, found: Sequence[Row]) -> str:
    """The table as a page: how it is spread first, then everybody."""
    lines = [f"# {title}", "", "New messages a person, by what they are for; an edit notifies nobody.", ""]
    lines += [_line("", "median", "p90", "max", "all"), _line("---", *["---:"] * 4)]
    for name, amounts in [("jobs", [row.jobs for row in found])] + [
        (str(column), [row.messages.get(column, 0) for row in found]) for column in COLUMNS
    ] + [("notified", [row.total for row in found])]:  # fmt: skip
        lines.append(_line(name, *spread(amounts).values()))
    lines += ["", _line("person", "jobs", *COLUMNS, "notified"), _line("---", *["---:"] * (len(COLUMNS) + 2))]
    lines += [
        _line(row.name, row.jobs, *(row.messages.get(column, 0) for column in COLUMNS), row.total)
        for row in found
    ]
    return "\n".join(lines) + "\n"


def _line(*cells: object) -> str:
    return f"| {' | '.join(map(str, cells))} |"
