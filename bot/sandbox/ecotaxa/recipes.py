"""What jobs do once they run: a recipe is the data, the runner does it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from bot.sandbox.ecotaxa.files import JobFile, tsv_of, zip_of

Params = dict[str, Any]
MakeFile = Callable[[int, Params, datetime], JobFile]
"""Makes a job's file from its number of rows, its parameters and the time at which it is made."""


@dataclass(frozen=True)
class Recipe:
    """How a job of one kind goes, at speed 1.

    An import first matches names: `known_taxa` are found by themselves, `users` (name → what the files tell
    of them) and `taxa` are what it must ask for.  `errors` or `message` make it fail instead of finish.
    """

    job_type: str
    seconds: float = 3.0
    """From the first report to the end."""
    rows: int = 8
    source: str = "import_test.zip"
    users: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    taxa: tuple[str, ...] = ()
    known_taxa: Mapping[str, str] = field(default_factory=dict)
    """Name → display name."""
    errors: tuple[str, ...] = ()
    message: str | None = None
    """The progress message of the failure; without it, the errors are counted."""
    infos: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    """What is odd though the job finishes; the API calls it `wrns`."""
    says: tuple[str, ...] = ()
    """The progress messages on the way."""
    jumps_back: bool = False
    """Whether the percentage goes backwards once."""
    make_file: MakeFile | None = None
    own_queue: bool = False
    """Whether it waits for a runner of its own (a prediction, for the GPU) instead of a slot."""
    waits: float = 0.0
    """How long it stays pending at least."""
    survives_kill: bool = False
    """Whether it runs on to its end when it is killed while it runs, as a young job may."""

    @property
    def is_import(self) -> bool:
        """Whether it reads files, and so may ask."""
        return self.job_type == "FileImport"


def export_recipe(job_type: str, *, seconds: float = 3.0, rows: int = 8) -> Recipe:
    """An export of that type, with its file."""
    makers: dict[str, MakeFile] = {
        "GeneralExport": partial(zip_of, "TSV"),
        "BackupExport": partial(zip_of, "BAK"),
        "SummaryExport": partial(tsv_of, "SUM"),
    }
    says = ("Extracting objects", "Writing tables", "Compressing")
    return Recipe(job_type, seconds=seconds, rows=rows, says=says, make_file=makers[job_type])


def job_params(recipe: Recipe, project_id: int) -> Params:
    """The parameters that the server keeps for a job that was started with defaults."""
    match recipe.job_type:
        case "FileImport" | "SimpleImport":
            req: Params = {
                "source_path": recipe.source,
                "taxo_mappings": {},
                "skip_loaded_files": False,
                "skip_existing_objects": False,
                "update_mode": "",
            }
            return {"prj_id": project_id, "req": req}
        case "Subset":
            req = {"filters": {}, "dest_prj_id": project_id + 1, "group_type": "S", "limit_type": "P"}
            return {"prj_id": project_id, "req": req | {"limit_value": 50.0}}
        case "DarwinCoreExport":
            return {"req": {"collection_id": project_id, "dry_run": False}}
        case "GeneralExport":
            return {"req": {"collection_id": None, "project_id": project_id} | GENERAL, "filters": NO_FILTERS}
        case "SummaryExport":
            return {"req": {"collection_id": None, "project_id": project_id} | SUMMARY, "filters": NO_FILTERS}
        case "BackupExport":
            return {"req": {"collection_id": None, "project_id": project_id} | BACKUP, "filters": NO_FILTERS}
        case _:
            return {"req": {"project_id": project_id}, "filters": NO_FILTERS}


GENERAL: Params = {
    "split_by": "none",
    "with_images": "none",
    "with_internal_ids": False,
    "with_types_row": False,
    "only_annotations": False,
    "out_to_ftp": False,
}
SUMMARY: Params = {"quantity": "abundance", "summarise_by": "sample", "formulae": {}, "out_to_ftp": False}
BACKUP: Params = {"out_to_ftp": False}

_FILTERS = (
    "taxo taxochild statusfilter MapN MapW MapE MapS depthmin depthmax samples instrum daytime month "
    "fromdate todate fromtime totime inverttime validfromdate validtodate freenum freenumst freenumend "
    "freetxt freetxtval filt_annot filt_last_annot"
)
NO_FILTERS: Params = dict.fromkeys(_FILTERS.split())
"""The filters of an export, none set."""
