"""One page of a list of jobs: which jobs, in which order, and what stands beside them; no I/O."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from bot.filters import Filter, Kind, Status
from bot.jobs import OPEN, Job, JobState
from bot.names import Titles

_T = TypeVar("_T")

PAGE = 8
"""Jobs on one page of the list: few enough for a phone, and for the text that a message may hold."""

ALL = Filter()
"""All of one's own jobs."""

_STATES = {
    Status.FAILED: JobState.ERROR,
    Status.ASKING: JobState.ASKING,
    Status.RUNNING: JobState.RUNNING,
    Status.WAITING: JobState.PENDING,
    Status.FINISHED: JobState.FINISHED,
    Status.STOPPED: JobState.ERROR,
}
"""EcoTaxa's state for each word: a stopped job is an error there."""

_TYPES = {Kind.PREDICTIONS: "Prediction", Kind.SUBSETS: "Subset"}
"""The kinds that are one type of EcoTaxa's; there are several types of exports and of imports."""


@dataclass(frozen=True, slots=True)
class Listing:
    """The jobs of one page, in order, out of `total` that `wanted` takes; `page` counts from 0.

    `titles` are those of the projects, `owners` the names of whose jobs they are, as far as known;
    `remembered` says that jobs that have ended are listed as the bot last saw them.
    """

    jobs: Sequence[Job]
    page: int = 0
    total: int = 0
    wanted: Filter = ALL
    titles: Titles = field(default_factory=dict)
    owners: Titles = field(default_factory=dict)
    remembered: bool = False

    @classmethod
    def of(cls, jobs: Iterable[Job], page: int = 0, wanted: Filter = ALL) -> "Listing":
        """A page of all these jobs, as far as `wanted` takes them."""
        ordered = in_order(job for job in jobs if takes(wanted, job))
        page = held(page, len(ordered))
        return cls(on_page(ordered, page), page, len(ordered), wanted)

    @property
    def moves(self) -> bool:
        """Whether anything on it moves by itself."""
        return any(job.state.is_active for job in self.jobs)

    def states(self) -> list[tuple[int, str]]:
        """What is shown at once when it changes."""
        return [(job.id, job.state) for job in self.jobs]

    def progress(self) -> list[tuple[int | None, str]]:
        """What waits its turn to be shown."""
        return [(job.progress_pct, job.progress_msg) for job in self.jobs]


def takes(wanted: Filter, job: Job) -> bool:
    """Whether a filter takes the job; whose it is, EcoTaxa has seen to."""
    return (
        (not wanted.states or status_of(job) in wanted.states)
        and (not wanted.kinds or any(job.type.endswith(kind.one.capitalize()) for kind in wanted.kinds))
        and (wanted.project_id is None or wanted.project_id in job.project_ids)
    )


def status_of(job: Job) -> Status | None:
    """How people say a job's state; None for one that nobody knows."""
    if job.was_killed:
        return Status.STOPPED
    return next((status for status, state in _STATES.items() if state is job.state), None)


def states_of(wanted: Filter) -> tuple[JobState | None, ...]:
    """The states to ask EcoTaxa for, one list each; None is one list of any state.

    Finished jobs are most of what it keeps: a list of them is as long as one of all.
    """
    states = sorted({_STATES[status] for status in wanted.states})
    is_any = not states or (len(states) > 1 and JobState.FINISHED in states)
    return (None,) if is_any else tuple(states)


def type_of(wanted: Filter) -> str:
    """The one type to ask EcoTaxa for; empty where several are meant."""
    types = [_TYPES.get(kind, "") for kind in wanted.kinds]
    return types[0] if len(types) == 1 else ""


def in_order(jobs: Iterable[Job]) -> list[Job]:
    """Each job once: those that still go on first, then the newest, which has the highest number."""
    by_id = {job.id: job for job in jobs}
    newest = [by_id[job_id] for job_id in sorted(by_id, reverse=True)]
    # A tuple is searched by identity first: faster than a property of the state, and lists can be long.
    return sorted(newest, key=lambda job: job.state not in OPEN)


def held(page: int, total: int) -> int:
    """A page held to those that so many jobs fill."""
    return max(0, min(page, (total - 1) // PAGE))


def on_page(all_of_them: Sequence[_T], page: int) -> Sequence[_T]:
    """Those that stand on a page."""
    return all_of_them[page * PAGE : (page + 1) * PAGE]


def place_dump(page: int, wanted: Filter) -> str:
    """A page of a list as a button carries it: `2 failed exports`."""
    return f"{page} {wanted.dump()}".rstrip()


def place_load(value: str) -> tuple[int, Filter]:
    """The page and the filter that `place_dump` wrote; what is odd is the first page, or everything."""
    page, _, words = value.partition(" ")
    is_page = page.isascii() and page.isdecimal() and len(page) < 6
    return int(page) if is_page else 0, Filter.load(words)
