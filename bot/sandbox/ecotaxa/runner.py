"""The background: what starts jobs and carries them along."""

import asyncio
import contextlib
from collections.abc import Mapping
from itertools import count
from typing import Any

from bot.sandbox.ecotaxa.jobs import Job, Jobs
from bot.sandbox.ecotaxa.pace import Pace
from bot.sandbox.ecotaxa.taxonomy import Taxonomy
from bot.sandbox.ecotaxa.wreckage import STACK, sql_error

TIMER = 5.0
"""Every so many seconds, at speed 1, waiting jobs are started."""

SILENCE = 1.5
"""For so long a job that runs still shows its pending message."""

LAST_LOOK = 0.5
"""For so long a job shows 100 % before it is finished."""

NIGHT = 86_400.0
"""Every so many seconds old jobs are purged."""

UNMATCHED_MESSAGE = "Some users or taxonomic references could not be matched"
_COLUMNS = {
    "obj_field": {"n01": "area", "n02": "mean", "n03": "major", "n04": "minor", "n05": "feret"},
    "samples": {"t01": "project", "t02": "ship"},
    "acquisitions": {"t01": "cell_type"},
    "process": {"t01": "software", "t02": "pixel"},
}


class _Failed(Exception):
    """The run ends in E; without a message the errors are counted."""

    def __init__(self, errors: tuple[str, ...], message: str | None = None) -> None:
        super().__init__(message)
        self.errors = errors
        self.message = message


class _Asks(Exception):
    """The run ends in A."""


class Runner:
    """Starts what waits, `slots` jobs at a time, and does what their recipes say."""

    def __init__(self, jobs: Jobs, taxonomy: Taxonomy, pace: Pace, slots: int) -> None:
        self._jobs = jobs
        self._taxonomy = taxonomy
        self._pace = pace
        self._slots = slots
        self._runs: dict[Job, asyncio.Task[None]] = {}
        self._waiting_since: dict[Job, float] = {}
        self._pids = count(6083)
        self._timers: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Start the timers; needs a running loop."""
        self._timers = [
            asyncio.create_task(self._start_for_ever()),
            asyncio.create_task(self._purge_for_ever()),
        ]

    async def close(self) -> None:
        """Stop the timers and every run."""
        tasks = [*self._timers, *self._runs.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._timers.clear()

    def stop(self, job: Job) -> None:
        """End the job's run where it stands, without a word."""
        if run := self._runs.pop(job, None):
            run.cancel()

    def resume(self, job: Job) -> None:
        """Run a job again whose run was stopped while it shows R."""
        if job.state == "R" and job not in self._runs:
            self._runs[job] = asyncio.create_task(self._run(job))

    async def _start_for_ever(self) -> None:
        while True:
            await self._pace.sleep(TIMER)
            self._start_what_waits()

    async def _purge_for_ever(self) -> None:
        while True:
            await self._pace.sleep(NIGHT)
            self._jobs.purge()

    def _start_what_waits(self) -> None:
        for job in self._jobs.all():
            if job.state != "P" or job.frozen or job in self._runs:
                self._waiting_since.pop(job, None)
                continue
            since = self._waiting_since.setdefault(job, self._pace.now())
            busy = sum(not running.recipe.own_queue for running in self._runs)
            free = job.recipe.own_queue or busy < self._slots
            if free and self._pace.now() - since >= job.recipe.waits:
                self._runs[job] = asyncio.create_task(self._run(job))

    async def _run(self, job: Job) -> None:
        self._jobs.begin(job)
        job.note("BG_operations.JobScheduler", f"Running in PID {next(self._pids)}")
        job.note(f"API_operations.{job.recipe.job_type}", f"Input Param = {job.raw.get('params')}")
        await self._pace.sleep(SILENCE)
        try:
            await (self._import(job) if job.recipe.is_import else self._work(job))
            await self._finish(job)
        except _Asks:
            job.note("API_operations.imports.Import", UNMATCHED_MESSAGE)
            self._jobs.change(job, state="A", progress_msg=UNMATCHED_MESSAGE)
        except _Failed as failure:
            self._fail(job, failure)
        finally:
            if self._runs.get(job) is asyncio.current_task():
                del self._runs[job]

    async def _work(self, job: Job) -> None:
        recipe = job.recipe
        if recipe.errors or recipe.message is not None:
            await self._pace.sleep(recipe.seconds / 2)
            raise _Failed(recipe.errors, recipe.message)
        await self._report(job, recipe.says or ("Working",), recipe.seconds)

    async def _import(self, job: Job) -> None:
        recipe = job.recipe
        answered, job.answered = job.answered, False
        reading = recipe.seconds / 3
        self._jobs.change(job, progress_pct=0, progress_msg="Processing files")
        await self._pace.sleep(reading)
        if recipe.errors or recipe.message is not None:
            raise _Failed(recipe.errors, recipe.message)
        if answered:
            self._take_reply(job)
        else:
            job.raw["inside"] = self._match(job)
            found = {name: job.raw["inside"][name] for name in ("found_users", "source_path")}
            job.note("API_operations.imports.Import", f"Read {found}")
        self._ask_for_what_is_missing(job)
        if job.wrote_rows:
            raise _Failed((" - line 3: Object 'm106_mn01_n1_sml_1' is already in EcoTaxa.",))
        self._check_taxa(job)
        try:
            await self._report(
                job, recipe.says or ("Importing objects", "Copying images"), recipe.seconds - reading
            )
        except asyncio.CancelledError:
            job.wrote_rows = True
            raise

    async def _report(self, job: Job, says: tuple[str, ...], seconds: float) -> None:
        steps = max(4, round(seconds / 1.5))
        for step in range(steps):
            percent = 10 + 85 * step // steps
            if job.recipe.jumps_back and step == steps * 2 // 3:
                percent -= 15
            message = says[step * len(says) // steps]
            job.note(f"API_operations.{job.recipe.job_type}", f"{percent}% {message}")
            self._jobs.change(job, progress_pct=percent, progress_msg=message)
            await self._pace.sleep(seconds / steps)

    async def _finish(self, job: Job) -> None:
        recipe = job.recipe
        self._jobs.change(job, progress_pct=100, progress_msg="Done")
        await self._pace.sleep(LAST_LOOK)
        result: dict[str, Any] = {
            "nb_images" if recipe.job_type == "SimpleImport" else "rowcount": recipe.rows
        }
        if recipe.infos:
            result["infos"] = list(recipe.infos)
        if recipe.warnings:
            result["wrns"] = list(recipe.warnings)
        result |= job.leave_file()
        job.note(f"API_operations.{recipe.job_type}", f"Done {result}")
        self._jobs.change(job, state="F", result=result, errors=[])

    def _fail(self, job: Job, failure: _Failed) -> None:
        errors = list(failure.errors)
        told = {} if failure.message is not None else {"result": {"infos": list(job.recipe.infos)}}
        message = failure.message if failure.message is not None else f"{len(errors)} error(s) during run"
        if STACK[0] in errors:
            trace = ["Traceback (most recent call last):\n", *STACK]
            job.note("BG_operations.JobScheduler", "".join(trace) + message, "ERROR")
        else:
            job.note(f"API_operations.{job.recipe.job_type}", "\n".join([message, *errors]))
        self._jobs.change(job, state="E", progress_msg=message, errors=errors, **told)

    def _match(self, job: Job) -> dict[str, Any]:
        """What the server notes of the files when it has read them."""
        recipe = job.recipe
        taxa: dict[str, int | None] = dict.fromkeys(recipe.taxa)
        taxa |= {name: self._taxonomy.ids[taxon] for name, taxon in recipe.known_taxa.items()}
        return {
            "found_users": {name: dict(hint) for name, hint in recipe.users.items()},
            "taxo_found": taxa,
            "col_mapping": _COLUMNS,
            "nb_rows": recipe.rows,
            "source_path": f"/data/{recipe.source}",
        }

    def _take_reply(self, job: Job) -> None:
        """Fill in what the reply tells; a reply without both keys is what a Python program stumbles over."""
        try:
            users, taxa = (_numbers(job.raw["reply"][key]) for key in ("users", "taxa"))
        except (KeyError, AttributeError, ValueError, TypeError) as error:
            raise _Failed(STACK, str(error)) from error
        inside = job.raw["inside"]
        for name in inside["found_users"].keys() & users.keys():
            inside["found_users"][name] = {"id": users[name]}
        for name in inside["taxo_found"].keys() & taxa.keys():
            inside["taxo_found"][name] = taxa[name]

    def _ask_for_what_is_missing(self, job: Job) -> None:
        inside = job.raw["inside"]
        users = [name for name, found in inside["found_users"].items() if found.get("id") is None]
        taxa = [name for name, found in inside["taxo_found"].items() if found is None]
        if users or taxa:
            job.raw["question"] = {"missing_users": users, "missing_taxa": taxa}
            raise _Asks

    def _check_taxa(self, job: Job) -> None:
        for taxon_id in job.raw["inside"]["taxo_found"].values():
            if taxon_id not in self._taxonomy:
                raise _Failed(STACK, sql_error(taxon_id))


def _numbers(reply: Mapping[str, Any]) -> dict[str, int]:
    """Ids as the database takes them: a fraction is rounded, half up."""
    numbers = {}
    for name, value in reply.items():
        with contextlib.suppress(TypeError):  # null: nothing was chosen
            numbers[name] = int(float(value) + 0.5)
    return numbers
