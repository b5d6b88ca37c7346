"""A day of a busy lab: what people may complain of, and how often they were notified."""

import logging
import tempfile
import time
from pathlib import Path

import structlog

from tests.bench.cast import ROOT
from tests.bench.figures import Figure
from tests.simulation.oracle import complaints
from tests.simulation.player import play
from tests.simulation.reading import read
from tests.simulation.script import a_day
from tests.simulation.table import bands, markdown, rows, spreads

TABLE = ROOT / "build" / "pings-of-a-day.md"
MOST_A_JOB = 3.0
"""A card, a ping and a mention: nobody is notified more often of a job than that, all in all."""
SECONDS_BAR = 360.0


async def measure() -> list[Figure]:
    """Play the day, judge it, and leave the table of everybody's notifications in `build/`."""
    # What the bot says of a day with two accidents is long.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    script, began = a_day(), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="ecotaxa-bot-bench-") as folder:
        played = await play(script, Path(folder))
    seconds, found = time.monotonic() - began, complaints(script, played)
    day = rows(script, read(played.shown))
    TABLE.parent.mkdir(exist_ok=True)
    TABLE.write_text(markdown("A day of 200 people and 2,000 jobs", day), encoding="utf-8")
    by_kind, edits = spreads(day), sum(it.what == "edited" for it in played.shown)
    scale = {"people": len(script.members), "jobs": len(script.errands)}
    return [
        Figure("day_complaints", len(found), "complaints", 0, {**scale, "first": found[:5]}),
        Figure("day_refused_calls", len(played.refused), "calls answered 429", 0, {"calls": played.calls}),
        Figure(
            "day_notified_per_job",
            by_kind["notified"]["all"] / len(script.errands),
            "new messages a job",
            MOST_A_JOB,
            {
                **scale,
                "edits": edits,
                "a_person": by_kind,
                "people_by_messages": bands(it.total for it in day),
            },
        ),
        Figure("day_played_in", seconds, "s", SECONDS_BAR, {"rounds": 1}),
    ]
