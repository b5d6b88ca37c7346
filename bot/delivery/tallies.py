"""The sums that a summary tells; no I/O."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from statistics import median
from zoneinfo import ZoneInfo

from bot.jobs import JobState
from bot.messages.summaries import Day, Tally
from bot.rules.preferences import Summary
from bot.rules.runs import Run
from bot.rules.watches import STOPPED


def span(every: Summary) -> timedelta:
    """The time that a summary is about."""
    return timedelta(days=1 if every is Summary.DAILY else 7)


def tally(runs: Sequence[Run], since: datetime, until: datetime, zone: ZoneInfo) -> Tally | None:
    """What became of the jobs that moved between two moments; None where none did."""
    shown = [run for run in runs if (run.ended_at or until) >= since]
    if not shown:
        return None
    states = Counter(map(_letter, shown))
    waits = [run.waited for run in shown if run.waited is not None]
    took = [run.took for run in shown if run.took is not None and run.state is JobState.FINISHED]
    first, last = since.astimezone(zone).date(), until.astimezone(zone).date()
    days = [first + timedelta(days=ahead) for ahead in range((last - first).days + 1)]
    ended = Counter((run.ended_at.astimezone(zone).date(), _letter(run)) for run in shown if run.ended_at)
    begun = [(run.started_at.astimezone(zone).date(), run.waited) for run in shown if run.started_at]
    by_day = [
        Day(
            day,
            ended[day, JobState.FINISHED.value],
            ended[day, JobState.ERROR.value],
            ended[day, STOPPED],
            _median([waited for at, waited in begun if at == day and waited is not None]),
        )
        for day in days
    ]
    return Tally(
        since=since,
        until=until,
        finished=states["F"],
        failed=states["E"],
        stopped=states[STOPPED],
        asking=states["A"],
        running=states["P"] + states["R"],
        by_day=by_day,
        median_wait=_median(waits),
        longest_wait=max(waits, default=None),
        median_run=_median(took),
    )


def _letter(run: Run) -> str:
    return STOPPED if run.was_stopped else run.state.value


def _median(times: Sequence[timedelta]) -> timedelta | None:
    return timedelta(seconds=median(it.total_seconds() for it in times)) if times else None
