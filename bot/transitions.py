"""What changed between two looks at an account's jobs, and what of it is news; no I/O."""

import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from bot.jobs import Event, Job, JobState, Question


@dataclass(frozen=True, slots=True)
class Transition:
    """A job that came to a state worth telling."""

    job: Job
    event: Event


@dataclass(frozen=True, slots=True)
class Moved:
    """A job that came to another state or question, told or not; `was` is None for one that is new."""

    job: Job
    was: JobState | None


@dataclass(frozen=True, slots=True)
class Seen:
    """What is remembered of one job: its state, and what made that state new.

    `shown` is the mark of something that the person knows is to come: the question that an answer of
    theirs leaves open, or the end of a job that they stopped.  It stays remembered while the job is on
    its way there, and coming there is no news.
    """

    state: JobState
    mark: str
    shown: str = ""


@dataclass(frozen=True)
class Snapshot:
    """What one link last saw of its account's jobs.

    `newest` is the highest job id that a whole list showed, so that one that was short for a moment
    does not make old jobs news.
    """

    jobs: Mapping[int, Seen] = field(default_factory=dict)
    newest: int = 0

    @cached_property
    def open(self) -> Mapping[int, JobState]:
        """The jobs among them that waited, ran or asked; found once, however often they are asked for."""
        return {job_id: seen.state for job_id, seen in self.jobs.items() if seen.state.is_open}

    def dump(self) -> str:
        """The snapshot as text for the store."""
        jobs = {
            str(job_id): [it.state.value, it.mark, *([it.shown] if it.shown else [])]
            for job_id, it in self.jobs.items()
        }
        return json.dumps([self.newest, jobs], separators=(",", ":"))

    @classmethod
    def load(cls, text: str) -> "Snapshot":
        """The snapshot that `dump` wrote."""
        newest, jobs = json.loads(text)
        seen = {int(job_id): Seen(_STATES[state], *marks) for job_id, (state, *marks) in jobs.items()}
        return cls(seen, newest)

    @staticmethod
    def ids(text: str) -> list[int]:
        """The ids alone of the jobs in what `dump` wrote, for 5,000 of them ten times as fast as `load`."""
        return [*map(int, _ID.findall(text))]

    def without(self, gone: Collection[int]) -> "Snapshot":
        """The snapshot without some jobs: those that were deleted."""
        if self.jobs.keys().isdisjoint(gone):
            return self
        return replace(self, jobs={job_id: it for job_id, it in self.jobs.items() if job_id not in gone})

    def with_job(self, job_id: int, seen: Seen) -> "Snapshot":
        """The snapshot with another memory of one job."""
        return replace(self, jobs={**self.jobs, job_id: seen})


# A lookup in an enum costs more than one in a dict, and a snapshot can hold thousands.
_STATES = {state.value: state for state in JobState}
_ID = re.compile(r'"(\d+)":')


def compare(
    before: Snapshot | None, jobs: Iterable[Job], *, whole: bool = True
) -> tuple[Snapshot, list[Transition]]:
    """What is new in `jobs`, and what to remember of them.

    `before` None is the baseline: old news is not told, but questions that wait are.  With `whole`,
    `jobs` are all there are and the others are forgotten; otherwise the others stay as they were.
    A state that nobody knows changes nothing.
    """
    known = before or Snapshot()
    after: dict[int, Seen] = {} if whole else dict(known.jobs)
    transitions: list[Transition] = []
    newest = known.newest
    for job in jobs:
        was = known.jobs.get(job.id)
        if job.state is JobState.UNKNOWN and was is not None:
            after[job.id] = was
            continue
        now = after[job.id] = Seen(job.state, job.mark, _still_shown(was, job))
        newest = max(newest, job.id) if whole else newest
        is_old_news = was is None and (before is None or job.id <= known.newest)
        event = Event.of(job)
        is_known = now == was or (now.shown != "" and now.shown == now.mark)
        if event is None or is_known or (is_old_news and event is not Event.ASKED):
            continue
        transitions.append(Transition(job, event))
    return Snapshot(after, newest), sorted(transitions, key=lambda t: t.job.id)


def moved(before: Snapshot | None, jobs: Iterable[Job]) -> list[Moved]:
    """The jobs that are not where `before` saw them, those that the person brought there too.

    At the first look those that wait or run, else no old jobs that were not seen for a moment.
    """
    if before is None:
        return [Moved(job, None) for job in jobs if job.state.is_active]
    known = before.jobs
    return [
        Moved(job, was.state if was else None)
        for job in jobs
        if job.state is not JobState.UNKNOWN
        and ((was := known.get(job.id)) is None or (was.state, was.mark) != (job.state, job.mark))
        and (was is not None or job.id > before.newest)
    ]


def foresee(snapshot: Snapshot, job: Job, rest: Question) -> Snapshot:
    """The snapshot once the person answered `job` in part: that it will ask for `rest` is no news."""
    return snapshot.with_job(job.id, Seen(job.state, job.mark, rest.mark))


def forget_foreseen(snapshot: Snapshot, job: Job, rest: Question) -> Snapshot:
    """The snapshot once nobody waits any more to tell the person that `job` asks for `rest`: that is news.

    A look that saw it ask meanwhile told nobody, and is forgotten, so that the next one tells.  What was
    foreseen since of another answer, or of a stop, stays.
    """
    was = snapshot.jobs.get(job.id)
    if was is None or was.shown != rest.mark:
        return snapshot
    is_there = was.state is JobState.ASKING and was.mark == was.shown
    return snapshot.with_job(job.id, Seen(JobState.PENDING, "") if is_there else replace(was, shown=""))


def foresee_kill(snapshot: Snapshot, job: Job) -> Snapshot:
    """The snapshot once the person stops `job`: that it then stands there, stopped, is no news."""
    return snapshot.with_job(job.id, Seen(job.state, job.mark, job.if_killed().mark))


def begin_anew(snapshot: Snapshot, job: Job) -> Snapshot:
    """The snapshot once the person has restarted `job`: its next end is news, also one like the last.

    A state that a look saw since stays as it was seen.
    """
    was = snapshot.jobs.get(job.id)
    if was is None or was.state is JobState.ERROR:
        return snapshot.with_job(job.id, Seen(JobState.PENDING, ""))
    return snapshot.with_job(job.id, replace(was, shown=""))


def _still_shown(was: Seen | None, job: Job) -> str:
    if was is None:
        return ""
    if job.state.is_active:
        # Past the end that was foreseen a new run begins, and its end may be news again.
        return "" if was.state is JobState.ERROR else was.shown
    is_there = job.state in (JobState.ASKING, JobState.ERROR) and job.mark in (was.mark, was.shown)
    return was.shown if is_there else ""
