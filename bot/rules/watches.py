"""Jobs that a person watches as one; no I/O."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from bot.jobs import Job, JobState
from bot.transitions import Moved

STOPPED = "K"
"""How a watch spells a job that somebody stopped; all others by EcoTaxa's letter."""


@dataclass(frozen=True, slots=True)
class Watch:
    """The jobs of a project, or some that were chosen, each with the letter of its state.

    `place` is where its card stands: a channel, or empty for the direct message.
    """

    id: str
    place: str
    project_id: int | None
    jobs: Mapping[int, str]

    @property
    def is_over(self) -> bool:
        """Whether no job of it goes on or asks."""
        return not any(JobState(letter).is_open for letter in self.jobs.values() if letter != STOPPED)

    def after(self, moved: Iterable[Moved], gone: Collection[int]) -> "Watch":
        """The watch once these jobs have moved and those are no more; it takes in new ones of its project."""
        jobs = {job_id: letter for job_id, letter in self.jobs.items() if job_id not in gone}
        for it in moved:
            is_new = self.project_id is not None and self.project_id in it.job.project_ids
            if it.job.id in jobs or is_new:
                jobs[it.job.id] = letter_of(it.job)
        return replace(self, jobs=jobs) if jobs != self.jobs else self


def letter_of(job: Job) -> str:
    """How a watch spells a job's state."""
    return STOPPED if job.was_killed else job.state.value
