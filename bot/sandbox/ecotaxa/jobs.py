"""Jobs, and what people may do to them."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from random import Random
from typing import Any

from bot.sandbox.ecotaxa.files import JobFile
from bot.sandbox.ecotaxa.recipes import Recipe

STATES = ("P", "R", "A", "E", "F")
PENDING_MESSAGE, PROCEEDING_MESSAGE = "Waiting for a slot", "Proceeding"
RESTARTING_MESSAGE, KILLED_MESSAGE = "Restarting", "Killed"

KEPT_FINISHED, KEPT_OTHERWISE = timedelta(days=7), timedelta(days=30)
"""How long after its creation the nightly purge leaves a job alone."""


@dataclass(eq=False)
class Job:
    """One job: `raw` is what the API shows, whatever was forced upon it; the rest is what really is."""

    id: int
    owner_id: int
    recipe: Recipe
    raw: dict[str, Any]
    clock: Callable[[], float]
    log: list[str] = field(default_factory=list)
    file: JobFile | None = None
    frozen: bool = False
    answered: bool = False
    """Whether a reply waits to be taken up by the next run."""
    wrote_rows: bool = False
    """Whether a run was stopped when some of its rows were already in."""

    @property
    def state(self) -> str:
        """The letter; anything that was forced upon it."""
        return str(self.raw.get("state"))

    def note(self, where: str, text: str, level: str = "INFO") -> None:
        """Write a line (or several, of which only the first is dated) into the log, whose clock is UTC."""
        at = self._now().strftime("%Y-%m-%d %H:%M:%S,%f")[:-3]
        self.log.append(f"{at}:{where}:{level} {text}\n")

    def leave_file(self) -> dict[str, str]:
        """Make the file that the job leaves behind, if it does: what its result tells of it."""
        if self.recipe.make_file is None:
            return {}
        self.file = self.recipe.make_file(self.recipe.rows, self.raw.get("params") or {}, self._now())
        return {"out_file": self.file.name}

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self.clock(), UTC)

    @property
    def log_text(self) -> str:
        """The whole log."""
        return "".join(self.log)


class Jobs:
    """All jobs; deleted ones stay under the negative of their id."""

    def __init__(
        self,
        rng: Random,
        zone: tzinfo,
        clock: Callable[[], float],
        on_change: Callable[[], None],
        first_id: int = 1,
    ) -> None:
        self._rng = rng
        self._zone = zone
        self._clock = clock
        self._on_change = on_change
        self._by_id: dict[int, Job] = {}
        self._of: defaultdict[int, dict[int, Job]] = defaultdict(dict)
        """By owner: the jobs that are not archived."""
        self.next_id = first_id

    def find(self, job_id: int) -> Job | None:
        """The job with that id; a negative id looks into the archive."""
        return self._by_id.get(job_id)

    def all(self) -> list[Job]:
        """Every job that is not archived, oldest first."""
        return [job for job_id, job in self._by_id.items() if job_id > 0]

    def listed(self, owner_id: int | None, job_type: str | None, state: str | None) -> list[dict[str, Any]]:
        """The jobs of one person (or everybody) that pass the filters, in no order."""
        found = [
            job.raw
            for job in (self.all() if owner_id is None else self._of[owner_id].values())
            if job_type in (None, job.raw.get("type")) and state in (None, job.raw.get("state"))
        ]
        self._rng.shuffle(found)
        return found

    def create(self, owner_id: int, recipe: Recipe, params: dict[str, Any]) -> Job:
        """A new job, waiting to be started."""
        now = self._stamp(self._now())
        raw: dict[str, Any] = {"params": params, "result": {}, "errors": [], "question": {}, "reply": {}}
        raw |= {"inside": {}, "id": self.next_id, "owner_id": owner_id, "type": recipe.job_type, "state": "P"}
        raw |= {"step": None, "progress_pct": None, "progress_msg": PENDING_MESSAGE}
        raw |= {"creation_date": now, "updated_on": now}
        job = self._by_id[self.next_id] = Job(self.next_id, owner_id, recipe, raw, self._clock)
        self._of[owner_id][job.id] = job
        self.next_id += 1
        job.note("API_operations.helpers.JobService", f"Creating job {job.id}")
        self._on_change()
        return job

    def change(self, job: Job, **fields: Any) -> None:
        """Set fields of a job, which also touches it."""
        job.raw.update(fields)
        self.touch(job)

    def touch(self, job: Job) -> None:
        """Move `updated_on`, as anything does that opens a job for writing."""
        job.raw["updated_on"] = self._stamp(self._now())
        self._on_change()

    def begin(self, job: Job) -> None:
        """P → R, which alone does not move `updated_on`."""
        job.raw["state"] = "R"
        self._on_change()

    def force(self, job: Job, fields: dict[str, Any], remove: Iterable[str] = ()) -> None:
        """Make the API show these fields, and not show those, without touching the job."""
        job.raw.update(deepcopy(fields))
        for name in remove:
            job.raw.pop(name, None)
        self._on_change()

    def answer(self, job: Job, reply: dict[str, Any]) -> None:
        """Take a reply, if the job is asking; anyway touch it."""
        if job.state == "A":
            job.answered = True
            job.raw |= {"state": "P", "progress_msg": PROCEEDING_MESSAGE, "reply": deepcopy(reply)}
        self.touch(job)

    def restart(self, job: Job) -> None:
        """Put a failed job back into the queue; anyway touch it."""
        if job.state == "E":
            job.answered = False
            job.raw |= {"state": "P", "progress_msg": RESTARTING_MESSAGE}
        self.touch(job)

    def erase(self, job: Job) -> None:
        """Kill a job that lives; archive one that has ended, or bring it back from the archive."""
        self.touch(job)
        if job.state in ("P", "R", "A"):
            job.raw |= {"state": "E", "progress_msg": KILLED_MESSAGE}
            job.note("API_operations.CRUD.Jobs", "Killed")
        elif job.state in ("E", "F"):
            del self._by_id[job.id]
            if job.id > 0:
                del self._of[job.owner_id][job.id]
            else:
                self._of[job.owner_id][-job.id] = job
            job.id = -job.id
            job.raw["id"] = job.id
            job.file = None
            job.log.clear()
            self._by_id[job.id] = job
        self._on_change()

    def purge(self) -> list[int]:
        """Remove what the nightly purge removes, and return the ids."""
        now = self._now()
        gone = []
        for job in self.all():
            created = datetime.fromisoformat(job.raw["creation_date"]).replace(tzinfo=None)
            if now - created > (KEPT_FINISHED if job.state == "F" else KEPT_OTHERWISE):
                del self._by_id[job.id], self._of[job.owner_id][job.id]
                gone.append(job.id)
        self._on_change()
        return gone

    def create_old(
        self, owner_id: int, recipe: Recipe, params: dict[str, Any], *, state: str, age: timedelta
    ) -> Job:
        """A job that came to `state` a while ago."""
        job = self.create(owner_id, recipe, params)
        created = self._now() - age
        job.raw |= {
            "state": state,
            "creation_date": self._stamp(created),
            "updated_on": self._stamp(created + timedelta(seconds=7)),
            "progress_pct": 100 if state == "F" else 40,
        }
        match state:
            case "F":
                result = {"rowcount": recipe.rows} | job.leave_file()
                job.raw |= {"progress_msg": "Done", "result": result}
            case "E":
                errors = list(recipe.errors)
                job.raw |= {"progress_msg": f"{len(errors)} error(s) during run", "errors": errors}
            case "A":
                asked = {"missing_users": list(recipe.users), "missing_taxa": list(recipe.taxa)}
                job.raw |= {"question": asked, "inside": {"found_users": dict(recipe.users)}}
        return job

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock(), self._zone).replace(tzinfo=None)

    @staticmethod
    def _stamp(at: datetime) -> str:
        return at.isoformat(timespec="microseconds")
