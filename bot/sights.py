"""Everybody's jobs as an administrator sees them at one moment, and whose account moved since; no I/O."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from bot.jobs import Job

MOST_MISSED = 50
"""Jobs that came and may have gone between two sights, which are asked for one by one."""


@dataclass(frozen=True, slots=True)
class Sight:
    """The jobs that wait, run or ask: of each its owner's account, and a mark that changes when it moves.

    `newest` is the highest id of a job that is known to have been given away.
    """

    jobs: Mapping[int, tuple[int, str]] = field(default_factory=dict)
    newest: int = 0

    @classmethod
    def of(cls, jobs: Iterable[Job], newest: int = 0) -> "Sight":
        """The sight of these jobs; `newest` is that of the sight before."""
        seen = {
            job.id: (job.owner_id, f"{job.state.value}{job.mark}")
            for job in jobs
            if job.state.is_open and job.owner_id is not None
        }
        return cls(seen, max(newest, *seen, 0))

    def missed(self, before: "Sight") -> list[int]:
        """Ids given away since `before` that are not seen: of jobs that are over already, or never were.

        The latest ones where there are too many; none at the first sight.
        """
        if not before.newest:
            return []
        since = range(max(before.newest, self.newest - 10 * MOST_MISSED) + 1, self.newest + 1)
        return [job_id for job_id in since if job_id not in self.jobs][-MOST_MISSED:]

    def moved(self, before: "Sight") -> set[int]:
        """The accounts with a job that came, went or changed since `before`."""
        ids = self.jobs.keys() | before.jobs.keys()
        changed = [job_id for job_id in ids if self.jobs.get(job_id) != before.jobs.get(job_id)]
        return {(self.jobs.get(job_id) or before.jobs[job_id])[0] for job_id in changed}

    def dump(self) -> str:
        """The sight as text for the store."""
        return json.dumps([self.newest, self.jobs], separators=(",", ":"))

    @classmethod
    def load(cls, text: str) -> "Sight":
        """The sight that `dump` wrote."""
        newest, jobs = json.loads(text)
        return cls({int(job_id): (owner, mark) for job_id, (owner, mark) in jobs.items()}, newest)
