"""A clean-up as values: which jobs are to go, how far it is, and what stayed and why; no I/O."""

import base64
import binascii
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import accumulate, pairwise

from bot.jobs import Job, JobState

ROOM = 1_900
"""Characters that a plan may have as text: it travels in a button, whose value holds 2,000."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The jobs that were counted, by the state that they were in then; ids in rising order."""

    finished: tuple[int, ...] = ()
    failed: tuple[int, ...] = ()

    @classmethod
    def of(cls, jobs: Iterable[Job]) -> "Plan":
        """The plan that deletes those of `jobs` that have ended: the oldest, as many as fit a button."""
        by_id = {job.id: job.state for job in jobs if job.state.has_ended}
        ids = sorted(by_id)
        while len((plan := cls._of_states(ids, by_id)).dump()) > ROOM:
            ids = ids[: len(ids) * 9 // 10]
        return plan

    @classmethod
    def _of_states(cls, ids: Iterable[int], states: Mapping[int, JobState]) -> "Plan":
        ids = list(ids)
        finished = tuple(job_id for job_id in ids if states[job_id] is JobState.FINISHED)
        return cls(finished, tuple(job_id for job_id in ids if states[job_id] is JobState.ERROR))

    def __len__(self) -> int:
        return len(self.finished) + len(self.failed)

    def __iter__(self) -> Iterator[tuple[int, JobState]]:
        counted = [(job_id, JobState.FINISHED) for job_id in self.finished]
        return iter(sorted(counted + [(job_id, JobState.ERROR) for job_id in self.failed]))

    def dump(self) -> str:
        """The plan as text for a button: the steps from id to id, packed."""
        steps = ";".join(",".join(str(b - a) for a, b in pairwise((0, *ids))) for ids in self._parts)
        return base64.urlsafe_b64encode(zlib.compress(steps.encode(), 9)).decode()

    @property
    def _parts(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        return self.finished, self.failed

    @classmethod
    def load(cls, text: str) -> "Plan":
        """The plan that `dump` wrote; raises ValueError when `text` is none."""
        try:
            packed = base64.b64decode(text, altchars=b"-_", validate=True)
            # A button of ours never holds more: what unpacks to more was not packed here.
            steps = zlib.decompressobj().decompress(packed, 100 * ROOM).decode()
        except (binascii.Error, zlib.error, UnicodeDecodeError) as error:
            raise ValueError("no plan") from error
        finished, failed = steps.split(";")
        return cls(_ids(finished), _ids(failed))


def _ids(steps: str) -> tuple[int, ...]:
    ids = tuple(accumulate(int(step) for step in steps.split(","))) if steps else ()
    if any(after <= before for before, after in pairwise((0, *ids))):
        raise ValueError("ids that do not rise")
    return ids


class Kept(StrEnum):
    """Why a job of the plan was not deleted by it."""

    GONE = "gone"
    CHANGED = "changed"
    FORBIDDEN = "forbidden"
    REFUSED = "refused"
    UNREACHED = "unreached"


class End(StrEnum):
    """How a clean-up ended."""

    DONE = "done"
    STOPPED = "stopped"
    UNLINKED = "unlinked"
    TAKEN_OVER = "taken over"
    SHUTDOWN = "shutdown"
    SIGNED_OUT = "signed out"
    SILENT = "silent"
    BLIND = "blind"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a clean-up of `total` jobs is: how many are deleted, and which were kept and why."""

    total: int
    deleted: int = 0
    kept: Mapping[Kept, tuple[int, ...]] = field(default_factory=dict)

    def plus(self, job_id: int, kept: Kept | None) -> "Progress":
        """The progress after one job more; `kept` None says that it was deleted."""
        if kept is None:
            return replace(self, deleted=self.deleted + 1)
        return replace(self, kept={**self.kept, kept: (*self.kept.get(kept, ()), job_id)})

    @property
    def done(self) -> int:
        """How many jobs it has dealt with."""
        return self.deleted + sum(map(len, self.kept.values()))

    @property
    def left(self) -> int:
        """How many jobs it has not come to."""
        return self.total - self.done

    @property
    def pct(self) -> int:
        """How much of it is dealt with, in per cent."""
        return 100 * self.done // self.total if self.total else 100
