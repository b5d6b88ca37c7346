"""docs/figures.md and its plot, from the lines that the benches printed.

A line stays until its bench is run anew, so that one can be run by itself.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from tests.bench.figures import Figure

Line = Mapping[str, Any]

DOCS = Path(__file__).parents[2] / "docs"
PAGE, PLOT, LINES = DOCS / "figures.md", DOCS / "figures.svg", DOCS / "figures.jsonl"

HEAD = """# Figures

Measured by `make bench` on a machine of two cores, beside nothing else. A figure holds when its value is at
most its bar; the plot shows each as a part of its bar. What a line was made of stands in
[figures.jsonl](figures.jsonl).

![Each figure as a part of its bar](figures.svg)

| figure | value | bar | unit | holds |
| --- | ---: | ---: | --- | --- |
"""

SPREAD = "a_person"
"""What a line has that tells how new messages are spread among people."""
DAY_HEAD = """
## How often a day notifies people

A simulated day of {people} people and {jobs} jobs, with a restart of EcoTaxa and ten minutes without Slack.
New messages a person, by what they are for: a mention is a message in a channel that names them. An edit
notifies nobody; there were {edits}.

"""

ROW, NAME, WIDTH, MOST = 18, 250, 520, 2.0
"""Pixels of a row, of the names, of a bar as long as can be; and how many times its bar that is."""


def merged(before: Sequence[Line], now: Sequence[Line]) -> list[Line]:
    """The lines of both, by bench: the newer one where there are two."""
    return list({str(line["bench"]): line for line in (*before, *now)}.values())


def table(lines: Sequence[Line]) -> str:
    """The page: a row a figure, and how often a day notifies people where that was measured."""
    rows = (
        f"| {line['bench']} | {line['value']:g} | {line['bar']:g} | {line['unit']} | "
        f"{'yes' if line['holds'] else '**no**'} |\n"
        for line in lines
    )
    return HEAD + "".join(rows) + "".join(_day(line) for line in lines if SPREAD in line)


def _day(line: Line) -> str:
    """How the new messages of a day are spread among people."""
    spread = [[name, *amounts.values()] for name, amounts in line[SPREAD].items()]
    bands = line["people_by_messages"]
    tables = [
        [["", "median", "p90", "max", "all"], ["---", *["---:"] * 4], *spread],
        [["messages that day", *bands], ["---", *["---:"] * len(bands)], ["people", *bands.values()]],
    ]
    told = ["".join(f"| {' | '.join(map(str, row))} |\n" for row in rows) for rows in tables]
    return DAY_HEAD.format_map(line) + "\n".join(told)


def plot(lines: Sequence[Line]) -> str:
    """The picture: a bar a figure, beside a line where all of them should end."""
    shown = [line for line in lines if line["bar"]]
    height, limit = ROW * (len(shown) + 1), NAME + WIDTH / MOST
    drawn = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{NAME + WIDTH + 60}" height="{height}"'
        ' font-family="sans-serif" font-size="12"><title>Each figure as a part of its bar</title>'
        f'<rect width="100%" height="{height}" fill="#ffffff"/>'
    ]
    for number, line in enumerate(shown):
        part, top = line["value"] / line["bar"], ROW * number + 4
        length = max(1.0, min(part, MOST) * WIDTH / MOST)
        colour = "#2a7f62" if line["holds"] else "#b3362b"
        drawn.append(
            f'<text x="{NAME - 6}" y="{top + 11}" text-anchor="end">{escape(line["bench"])}</text>'
            f'<rect x="{NAME}" y="{top}" width="{length:.1f}" height="{ROW - 4}" fill="{colour}"/>'
            f'<text x="{NAME + length + 4:.1f}" y="{top + 11}">{part:.2f}</text>'
        )
    drawn.append(
        f'<line x1="{limit}" x2="{limit}" y1="0" y2="{height}" stroke="#222" stroke-dasharray="4 3"/>'
    )
    return "\n".join([*drawn, "</svg>\n"])


def read() -> list[Line]:
    """The lines that are kept."""
    return [json.loads(line) for line in LINES.read_text(encoding="utf-8").splitlines()]


def keep(found: Sequence[Figure]) -> None:
    """Write the page, the plot and the lines that they are made from, with these figures in their places."""
    lines = merged(read(), [json.loads(figure.line()) for figure in found])
    LINES.write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")
    PAGE.write_text(table(lines), encoding="utf-8")
    PLOT.write_text(plot(lines), encoding="utf-8")
