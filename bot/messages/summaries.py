"""How a day or a week went: in words, and as a chart; no I/O."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from babel.dates import format_skeleton
from slackblocks import (
    AxisConfig,
    BarChart,
    Block,
    DataPoint,
    DataSeries,
    DataVisualizationBlock,
)

from bot.filters import Status
from bot.language import say, spoken_now
from bot.messages.amounts import lasting, sum_words
from bot.messages.blocks import Message, actions, context, message, section
from bot.messages.notify_modal import settings_button
from bot.messages.words import joined, when
from bot.text import plain

DAYS = 20
"""Days that a chart has room for."""
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
NOTICED = MINUTE
"""A wait that is worth a chart."""


@dataclass(frozen=True, slots=True)
class Day:
    """How many jobs came to which end on a day, and how long half of those that began then had waited."""

    day: date
    finished: int = 0
    failed: int = 0
    stopped: int = 0
    wait: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of a person's jobs between two moments, and how many ask or run at the end of it.

    `by_day` has the days in between, the earliest first.
    """

    since: datetime
    until: datetime
    finished: int = 0
    failed: int = 0
    stopped: int = 0
    asking: int = 0
    running: int = 0
    by_day: Sequence[Day] = ()
    median_wait: timedelta | None = None
    longest_wait: timedelta | None = None
    median_run: timedelta | None = None


def summary(tally: Tally, *, daily: bool) -> Message:
    """The sum first, then how long jobs waited and ran; of a week also by day, as charts."""
    sums = sum_words(
        {
            Status.FINISHED: tally.finished,
            Status.FAILED: tally.failed,
            Status.STOPPED: tally.stopped,
            Status.ASKING: tally.asking,
            Status.RUNNING: tally.running,
        }
    )
    sums = sums or say("no jobs")
    first = say("Your day: {sums}", sums=sums) if daily else say("Your week: {sums}", sums=sums)
    second = " ".join(filter(None, (_waits(tally), _runs(tally))))
    small = joined(when(tally.since, say("Since ")), when(tally.until, say("Until ")))
    days = [] if daily else tally.by_day[-DAYS:]
    blocks: list[Block] = [section(f"*{first}*", second), *_charts(days)]
    blocks += [context(small), actions(settings_button())]
    return message([first, second, *map(_day_words, days), small], blocks)


def _waits(tally: Tally) -> str:
    if tally.median_wait is None:
        return ""
    half = lasting(tally.median_wait)
    if tally.longest_wait is None:
        return say("Half of them waited less than {duration}.", duration=half)
    longest = lasting(tally.longest_wait)
    return say(
        "Half of them waited less than {duration}, none longer than {longest}.",
        duration=half,
        longest=longest,
    )


def _runs(tally: Tally) -> str:
    if tally.median_run is None:
        return ""
    return say("Half of them ran less than {duration}.", duration=lasting(tally.median_run))


def _day(day: date) -> str:
    return plain(format_skeleton("MMMd", day, locale=spoken_now()), 20)


def _day_words(it: Day) -> str:
    ends = {Status.FINISHED: it.finished, Status.FAILED: it.failed, Status.STOPPED: it.stopped}
    sums = say("{day}: {sums}", day=_day(it.day), sums=sum_words(ends) or say("no jobs"))
    return joined(sums, "" if it.wait is None else say("waited {duration}", duration=lasting(it.wait)))


def _charts(days: Sequence[Day]) -> list[DataVisualizationBlock]:
    """The ends of jobs by state, and how long they waited where anybody would notice; Slack takes two."""
    if not days:
        return []
    ends = {
        say("Finished"): [it.finished for it in days],
        say("Failed"): [it.failed for it in days],
        say("Stopped"): [it.stopped for it in days],
    }
    # Stops are rare: a row of noughts is left out.
    shown = {name: values for number, (name, values) in enumerate(ends.items()) if number < 2 or any(values)}
    charts = [_chart(say("Jobs by day"), days, shown)]
    longest = max((it.wait for it in days if it.wait is not None), default=timedelta())
    if longest >= NOTICED:
        unit, name = (HOUR, say("Hours")) if longest >= 100 * MINUTE else (MINUTE, say("Minutes"))
        waits = [round((it.wait or timedelta()) / unit, 1) for it in days]
        charts.append(_chart(say("Waiting times by day"), days, {say("Median wait"): waits}, name))
    return charts


def _chart(
    title: str, days: Sequence[Day], shown: Mapping[str, Sequence[float]], unit: str | None = None
) -> DataVisualizationBlock:
    names = [_day(it.day) for it in days]
    series = [
        DataSeries(plain(name, 20), list(map(DataPoint, names, values))) for name, values in shown.items()
    ]
    return DataVisualizationBlock(plain(title, 50), BarChart(series, AxisConfig(names, y_label=unit)))
