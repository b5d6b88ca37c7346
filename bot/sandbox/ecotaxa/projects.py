"""Projects, who may do what in them, and the taxa that they remember."""

from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.ecotaxa.accounts import Account, Accounts

OPERATIONS = (
    "pre_predict",
    "post_predict",
    "project_export",
    "collection_export",
    "dwca_export_occurrence",
    "dwca_export_emof",
    "project_import",
)
"""What a project can remember taxa for."""


@dataclass
class Project:
    """A set of images that some people sort."""

    id: int
    title: str
    instrument: str
    managers: tuple[str, ...]
    annotators: tuple[str, ...] = ()
    viewers: tuple[str, ...] = ()
    public: bool = True
    objects: int = 0
    preset: tuple[str, ...] = ()
    recasts: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By operation: the remembered map, as it was put."""

    def right_of(self, account: Account) -> str:
        """The highest right that the account has here; empty when it has none."""
        for right, people in (
            ("Manage", self.managers),
            ("Annotate", self.annotators),
            ("View", self.viewers),
        ):
            if account.email in people:
                return right
        return "Manage" if account.is_admin else ""

    def summary(self) -> dict[str, Any]:
        """The two fields that `/users/me` tells of it."""
        return {"projid": self.id, "title": self.title}


_PROJECTS: tuple[dict[str, Any], ...] = (
    {
        "title": "Point B zooscan 2023-2024",
        "instrument": "Zooscan",
        "managers": ("elena@lab.example", "amelie@lab.example"),
        "annotators": ("tomas@lab.example", "claire.martin@lov.example"),
        "objects": 48213,
        "preset": ("Cyclopoida", "Calanoida", "part<Annelida", "egg<Actinopterygii", "Oncaeidae", "detritus"),
    },
    {
        "title": "Tara Europa UVP6, leg 3",
        "instrument": "UVP6",
        "managers": ("amelie@lab.example",),
        "annotators": ("elena@lab.example",),
        "objects": 912034,
        "preset": ("Copepoda", "Rhizaria", "Trichodesmium", "detritus", "fiber<detritus"),
    },
    {
        "title": "FlowCam Santos Bay",
        "instrument": "Flowcam",
        "managers": ("tomas@lab.example",),
        "annotators": ("camila@furg.example", "elena@lab.example"),
        "objects": 15377,
        "preset": ("Bacillariophyceae", "Dinophyceae"),
    },
    {
        "title": "Bay of Villefranche WP2 historic",
        "instrument": "Zooscan",
        "managers": ("claire.martin@lov.example",),
        "viewers": ("elena@lab.example",),
        "objects": 204551,
    },
    {
        "title": "IFCB Catalan coast 2025",
        "instrument": "IFCB",
        "managers": ("elena@lab.example",),
        "objects": 66120,
        "preset": ("Bacillariophyceae", "Ciliophora"),
    },
    {
        "title": 'Svalbard net samples <WP3> & "Isfjorden"',
        "instrument": "Zooscan",
        "managers": ("ingrid@imr.example",),
        "annotators": ("elena@lab.example", "tomas@lab.example"),
        "objects": 8020,
    },
    {
        "title": "Learning set: Copepoda",
        "instrument": "Zooscan",
        "managers": ("ada@lab.example",),
        "viewers": ("elena@lab.example", "amelie@lab.example", "tomas@lab.example"),
        "objects": 120000,
    },
    {
        "title": "Not published yet",
        "instrument": "Other camera",
        "managers": ("tomas@lab.example",),
        "public": False,
        "objects": 12,
    },
)

_REMEMBERED = {"cyclopoid": "Cyclopoida", "oeuf poisson": "egg<Actinopterygii"}
"""What project 1 remembers from imports before: the file's name, the taxon's display name."""


class Projects:
    """All projects, by id from 1."""

    def __init__(self, accounts: Accounts, taxon_ids: dict[str, int]) -> None:
        self._accounts = accounts
        self._taxon_ids = taxon_ids
        self._by_id = {n: Project(id=n, **made) for n, made in enumerate(_PROJECTS, start=1)}
        self._by_id[1].recasts["project_import"] = {
            "from_to": {name: taxon_ids[taxon] for name, taxon in _REMEMBERED.items()},
            "doc": dict.fromkeys(_REMEMBERED, "an import of 2024"),
        }

    def find(self, project_id: int) -> Project | None:
        """The project with that id."""
        return self._by_id.get(project_id)

    def all(self) -> list[Project]:
        """Every project."""
        return list(self._by_id.values())

    def of(self, account: Account) -> list[Project]:
        """The projects in which the account has a right of its own."""
        return [p for p in self._by_id.values() if account.email in p.managers + p.annotators + p.viewers]

    def preset(self, project: Project) -> list[int]:
        """The taxa that the project's people sort into."""
        return [self._taxon_ids[name] for name in project.preset]

    def model(self, project: Project, account: Account) -> dict[str, Any]:
        """What `/projects/{id}` tells the account of it."""
        return {
            "projid": project.id,
            "title": project.title,
            "access": "1" if project.public else "0",
            "status": "Annotate",
            "objcount": float(project.objects),
            "pctvalidated": 37.5,
            "pctclassified": 100.0,
            "classifsettings": None,
            "classiffieldlist": None,
            "popoverfieldlist": None,
            "comments": None,
            "rf_models_used": None,
            "cnn_network_id": None,
            "formulae": None,
            "obj_free_cols": {"area": "n01", "esd": "n02"},
            "sample_free_cols": {"ship": "t01"},
            "acquisition_free_cols": {},
            "process_free_cols": {},
            "bodc_variables": {},
            "init_classif_list": self.preset(project),
            "managers": self._people(project.managers),
            "annotators": self._people(project.annotators),
            "viewers": self._people(project.viewers),
            "contact": self._people(project.managers)[0],
            "instrument": project.instrument,
            "instrument_url": None,
            "highest_right": project.right_of(account),
        }

    def _people(self, emails: tuple[str, ...]) -> list[dict[str, Any]]:
        return [self._accounts.by_email(email).minimal() for email in emails]
