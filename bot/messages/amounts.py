"""How long, and how many jobs of which state, in words; no I/O."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from bot.filters import Status
from bot.jobs import JobState
from bot.language import listed, number, say, say_n
from bot.messages.words import job_page

_STATUSES = {
    JobState.PENDING: Status.WAITING,
    JobState.RUNNING: Status.RUNNING,
    JobState.ASKING: Status.ASKING,
    JobState.ERROR: Status.FAILED,
    JobState.FINISHED: Status.FINISHED,
    JobState.UNKNOWN: Status.WAITING,
}
ORDER = (
    Status.FINISHED, Status.FAILED, Status.STOPPED, Status.ASKING, Status.RUNNING, Status.WAITING,
)  # fmt: skip
"""In which order sums tell them."""


def lasting(duration: timedelta) -> str:
    """How long something takes, roughly: `45 s`, `4 min`, `2 h`, `3 days`."""
    seconds = max(0, round(duration.total_seconds()))
    minutes, hours, days = round(seconds / 60), round(seconds / 3_600), round(seconds / 86_400)
    if seconds < 60:
        return say("{seconds} s", seconds=seconds)
    # A rounding that halves or doubles what it tells is put off: 90 min are not 2 h.
    if minutes < 100:
        return say("{minutes} min", minutes=minutes)
    return say("{hours} h", hours=hours) if hours < 36 else say_n("{n} day", "{n} days", days)


def status_of(state: JobState, *, was_killed: bool) -> Status:
    """What people call a job's state; one that nobody knows is waited for."""
    return Status.STOPPED if was_killed else _STATUSES[state]


def sum_words(counts: Mapping[Status, int]) -> str:
    """How many jobs there are of each state: `17 finished, 2 failed, 1 asks`."""
    return listed(filter(None, (amount_words(status, counts.get(status, 0)) for status in ORDER)))


def amount_words(status: Status, amount: int) -> str:
    """How many jobs are in that state; empty for none."""
    if not amount:
        return ""
    match status:
        case Status.FINISHED:
            return say_n("{n} finished", "{n} finished", amount)
        case Status.FAILED:
            return say_n("{n} failed", "{n} failed", amount)
        case Status.STOPPED:
            return say_n("{n} stopped", "{n} stopped", amount)
        case Status.ASKING:
            return say_n("{n} asks", "{n} ask", amount)
        case Status.RUNNING:
            return say_n("{n} running", "{n} running", amount)
        case Status.WAITING:
            return say_n("{n} waiting", "{n} waiting", amount)


def numbers(job_ids: Sequence[int], limit: int, web_url: str | None = None) -> str:
    """The numbers of the first jobs, and how many more there are: `#12, #15 and 3 more`.

    They lead to the jobs' pages where `web_url` is given.
    """
    first = job_ids[:limit]
    shown = listed(f"<{job_page(it, web_url)}|#{it}>" if web_url else f"#{it}" for it in first)
    more = len(job_ids) - limit
    return say("{shown} and {more} more", shown=shown, more=number(more)) if more > 0 else shown
