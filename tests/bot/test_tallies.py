"""The sums that a summary tells."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.delivery.tallies import span, tally
from bot.jobs import JobState
from bot.messages.summaries import Day
from bot.rules.preferences import Summary
from bot.rules.runs import Run

UNTIL = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)
SINCE = UNTIL - span(Summary.WEEKLY)
HOUR = timedelta(hours=1)
PARIS = ZoneInfo("Europe/Paris")


def run(
    state: JobState, ended: datetime | None = None, *, waited: int = 1, took: int = 2, stopped: bool = False
) -> Run:
    began = (ended or UNTIL) - (waited + took) * HOUR
    return Run(1, "Subset", 42, 1, state, began, began + waited * HOUR, ended, was_stopped=stopped)


def test_a_week_is_told_by_its_ends_and_its_waits() -> None:
    runs = [
        run(JobState.FINISHED, UNTIL - HOUR, waited=1, took=2),
        run(JobState.FINISHED, UNTIL - 2 * HOUR, waited=3, took=4),
        run(JobState.ERROR, UNTIL - 3 * HOUR, waited=5),
        run(JobState.ERROR, UNTIL - 4 * HOUR, stopped=True),
        run(JobState.RUNNING),
        run(JobState.PENDING),
        run(JobState.ASKING),
    ]

    told = tally(runs, SINCE, UNTIL, PARIS)

    assert told is not None
    assert (told.finished, told.failed, told.stopped, told.asking, told.running) == (2, 1, 1, 1, 2)
    assert told.longest_wait == 5 * HOUR
    assert told.median_wait == HOUR
    assert told.median_run == 3 * HOUR, "of those that finished"


def test_each_day_is_the_persons_own() -> None:
    late = datetime(2026, 11, 26, 23, 30, tzinfo=UTC)

    runs = [
        run(JobState.FINISHED, late),
        run(JobState.ERROR, late),
        run(JobState.ERROR, late, stopped=True),
    ]

    told = tally(runs, SINCE, UNTIL, PARIS)

    assert told is not None
    assert [it.day for it in told.by_day] == [date(2026, 11, 23) + timedelta(days=n) for n in range(8)]
    assert [it for it in told.by_day if it != Day(it.day)] == [
        # They began before midnight, and ended after it.
        Day(date(2026, 11, 26), wait=HOUR),
        Day(date(2026, 11, 27), finished=1, failed=1, stopped=1),
    ]


def test_nothing_is_told_where_nothing_was() -> None:
    assert tally([], SINCE, UNTIL, PARIS) is None
    assert tally([run(JobState.FINISHED, SINCE - HOUR)], SINCE, UNTIL, PARIS) is None


def test_a_summary_is_about_a_day_or_a_week() -> None:
    assert span(Summary.DAILY) == timedelta(days=1)
    assert span(Summary.WEEKLY) == timedelta(days=7)
