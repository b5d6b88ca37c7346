"""How jobs went: their waiting and running times, and what is usual for their kind and size; no I/O."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from statistics import median

from bot.jobs import Job, JobState

LEAST = 3
"""So many past runs at least make something usual."""


@dataclass(frozen=True, slots=True)
class Run:
    """The last run of a job, as looks at it saw it.

    `attempt` counts its starts; `size` is how many objects its project had, where that is known;
    `was_stopped` tells a stop from a failure.  The times are those of the looks, None where none saw that
    state.
    """

    job_id: int
    type: str
    project_id: int | None
    attempt: int
    state: JobState
    pending_at: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    size: int | None = None
    was_stopped: bool = False

    @property
    def took(self) -> timedelta | None:
        """How long it ran; None while it does, and where no look saw it begin."""
        return self.ended_at - self.started_at if self.ended_at and self.started_at else None

    @property
    def waited(self) -> timedelta | None:
        """How long it waited for its turn."""
        return self.started_at - self.pending_at if self.started_at and self.pending_at else None

    def lasted(self, now: datetime) -> timedelta:
        """For how long somebody has waited for it: its last run with the wait before.

        Where the clock was put back meanwhile nobody knows, and it may have been long.
        """
        since = self.pending_at or self.started_at
        lasted = (self.ended_at or now) - since if since else timedelta(0)
        return lasted if lasted >= timedelta(0) else timedelta.max


def follow(run: Run | None, job: Job, now: datetime, *, is_first: bool = False) -> Run:
    """The run of a job that a look saw at `now`; the same one where it is where it was.

    Since when a job runs that `is_first` seen by a first look, nobody knows.
    """
    if run is None:
        created = min(job.created_at or now, now)
        run = Run(job.id, job.type, next(iter(job.project_ids), None), 1, job.state, pending_at=created)
    elif run.state is job.state:
        return run
    elif job.state.is_active and not run.state.is_active:
        # After an answer it is the same attempt, yet its time counts anew.
        attempt = run.attempt + (run.state is not JobState.ASKING)
        run = replace(run, attempt=attempt, pending_at=now, started_at=None, ended_at=None)
    if job.state is JobState.RUNNING and not is_first:
        run = replace(run, started_at=now)
    if job.state.has_ended:
        run = replace(run, ended_at=now)
    return replace(run, state=job.state, was_stopped=job.was_killed)


@dataclass(frozen=True, slots=True)
class Usual:
    """How long jobs of a kind and size run and wait; None where too few are known."""

    took: timedelta | None = None
    waited: timedelta | None = None

    def left(self, started_at: datetime, pct: int | None, now: datetime) -> timedelta | None:
        """How long a running job goes on: what is usual, tempered by its own progress once it has some."""
        elapsed = now - started_at
        usual = self.took - elapsed if self.took else None
        own = elapsed * ((100 - pct) / pct) if pct and pct >= 10 and elapsed.total_seconds() >= 30 else None
        told = [it for it in (usual, own) if it is not None]
        if usual is None or not told:
            return None
        left = sum(told, timedelta()) / len(told)
        return left if left > timedelta(0) else None


def usual(past: Sequence[Run], project_id: int | None, size: int | None = None) -> Usual:
    """What is usual among `past` finished runs of a kind: those of about that size, or of that project.

    Of each time the median of at least LEAST runs, the nearest first: size, then project, then all.
    """
    alike = [run for run in past if size and run.size and 0.5 <= run.size / size <= 2]
    same = [run for run in past if project_id is not None and run.project_id == project_id]
    groups = (alike, same, past)
    return Usual(
        next((it for runs in groups if (it := _median([run.took for run in runs]))), None),
        next((it for runs in groups if (it := _median([run.waited for run in runs]))), None),
    )


def _median(times: Sequence[timedelta | None]) -> timedelta | None:
    known = [time.total_seconds() for time in times if time is not None]
    return timedelta(seconds=median(known)) if len(known) >= LEAST else None
