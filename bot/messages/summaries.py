"""How a day or a week went: in words, and as a chart; no I/O."""

from collections.abc import Sequence
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


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of a person's jobs between two moments, and how many ask or run at the end of it.

    `by_day` has for each day, the earliest first, how many finished and how many failed.
    """

    since: datetime
    until: datetime
    finished: int = 0
    failed: int = 0
    stopped: int = 0
    asking: int = 0
    running: int = 0
    by_day: Sequence[tuple[date, int, int]] = ()
    median_wait: timedelta | None = None
    longest_wait: timedelta | None = None
    median_run: timedelta | None = None


def summary(tally: Tally, *, daily: bool) -> Message:
    """The sum first, then how long jobs waited and ran, and a chart by day."""
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
    days = [(_day(day), finished, failed) for day, finished, failed in tally.by_day[-DAYS:]]
    blocks: list[Block] = [section(f"*{first}*", second)]
    blocks += [_chart(days)] if days else []
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


def _day_words(row: tuple[str, int, int]) -> str:
    day, finished, failed = row
    sums = sum_words({Status.FINISHED: finished, Status.FAILED: failed}) or say("no jobs")
    return say("{day}: {sums}", day=day, sums=sums)


def _chart(days: Sequence[tuple[str, int, int]]) -> DataVisualizationBlock:
    done = [DataPoint(day, finished) for day, finished, _ in days]
    broken = [DataPoint(day, failed) for day, _, failed in days]
    series = [
        DataSeries(plain(say("Finished"), 20), done),
        DataSeries(plain(say("Failed"), 20), broken),
    ]
    chart = BarChart(series, AxisConfig([day for day, _, _ in days]))
    return DataVisualizationBlock(plain(say("Jobs by day"), 50), chart)
