"""What a change of a job gives rise to: one function a trigger, with a key of what it tells once; no I/O.

A message about what has not happened yet is owed for later, and is overtaken by what happens before.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.jobs import Event, Job, JobState
from bot.rules.kinds import Told
from bot.rules.preferences import Preferences
from bot.rules.runs import Run, Usual

CARD_AFTER = timedelta(seconds=20)
"""A job that ends before has no card: its end is the message."""
SLOW_AT_LEAST = timedelta(minutes=10)
WAITS_AT_LEAST = timedelta(minutes=30)
TIMES = 3
"""So many times what is usual is unusual."""
UNANSWERED_AFTER = timedelta(days=1)
UNANSWERED_AGAIN = timedelta(days=7)
FILE_KEPT = timedelta(days=7)
"""From a job's creation to the night in which EcoTaxa purges it with its file."""
FILE_BEFORE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Change:
    """A job that came to another state, as one look saw it at `now`.

    `event` is the news that it is for its owner, None where that is none; `look` names the look, for keys
    of what may come again.
    """

    job: Job
    was: JobState | None
    event: Event | None
    run: Run
    usual: Usual
    now: datetime
    choices: Preferences
    look: str


@dataclass(frozen=True, slots=True)
class News:
    """Something to tell: once for that key, at once or, where nothing overtakes it, at `due_at`."""

    kind: str
    once: str
    due_at: datetime | None = None


def comes_to_news(change: Change) -> Iterator[News]:
    """It finished, failed, was stopped or asks."""
    event = change.event
    if event is not None and change.choices.tells(event, change.run.lasted(change.now)):
        yield News(event.value, f"{change.look}/{change.job.id}")


def begins(change: Change) -> Iterator[News]:
    """It waits or runs, from now on: a card shows how it goes."""
    if change.choices.cards and change.job.state.is_active and not _was_active(change):
        yield News(Told.CARD, f"card/{change.job.id}", change.now + CARD_AFTER)


def runs_long(change: Change) -> Iterator[News]:
    """It may run far longer than such jobs do."""
    took = change.usual.took
    if change.choices.slow and took and change.job.state is JobState.RUNNING:
        due_at = change.now + max(took * TIMES, took + SLOW_AT_LEAST)
        yield News(Told.SLOW, f"slow/{change.job.id}/{change.look}", due_at)


def waits_long(change: Change) -> Iterator[News]:
    """It may wait for its turn far longer than such jobs do."""
    if change.choices.slow and change.job.state is JobState.PENDING:
        due_at = change.now + max((change.usual.waited or timedelta(0)) * TIMES, WAITS_AT_LEAST)
        yield News(Told.WAITS_LONG, f"waits/{change.job.id}/{change.look}", due_at)


def stays_unanswered(change: Change) -> Iterator[News]:
    """Its question may stay without an answer."""
    if change.job.state is JobState.ASKING:
        once = f"unanswered/{change.job.id}/{change.job.mark}/{change.look}"
        yield News(Told.UNANSWERED, once, change.now + UNANSWERED_AFTER)


def file_goes(change: Change) -> Iterator[News]:
    """Its file will be purged, and may not have been fetched by then."""
    job = change.job
    if job.state is not JobState.FINISHED or not job.out_file or job.created_at is None:
        return
    due_at = job.created_at + FILE_KEPT - FILE_BEFORE
    if due_at > change.now:
        yield News(Told.FILE_EXPIRES, f"file/{job.id}/{change.look}", due_at)


TRIGGERS: tuple[Callable[[Change], Iterator[News]], ...] = (
    comes_to_news,
    begins,
    runs_long,
    waits_long,
    stays_unanswered,
    file_goes,
)

_PASSES: frozenset[str] = frozenset(
    {Event.ASKED, Told.CARD, Told.SLOW, Told.WAITS_LONG, Told.UNANSWERED, Told.FILE_EXPIRES}
)
"""What is true of a job only while it stays where it is; that it finished or failed stays true."""
_STAYS: Mapping[JobState, frozenset[str]] = {
    JobState.PENDING: frozenset({Told.CARD}),
    JobState.RUNNING: frozenset({Told.CARD}),
    JobState.ASKING: frozenset({Event.ASKED}),
    JobState.FINISHED: frozenset({Told.FILE_EXPIRES}),
}
"""What is still to be told when a job comes to that state; all else that passes is overtaken by it."""


def news_of(change: Change) -> list[News]:
    """All that a change gives rise to."""
    return [news for trigger in TRIGGERS for news in trigger(change)]


def overtaken(state: JobState | None) -> frozenset[str]:
    """The kinds of messages that are moot once a job is in that state, or no more (None)."""
    return _PASSES - _STAYS.get(state, frozenset()) if state else _PASSES


def _was_active(change: Change) -> bool:
    return change.was is not None and change.was.is_active
