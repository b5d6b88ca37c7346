"""The exports that EcoTaxa makes of a project: what there is to choose, and what to ask it for; no I/O.

The choices and their defaults are those of `/object_set/export/{general,summary,backup}` in EcoTaxa's API
(0.0.45).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from pydantic import TypeAdapter, ValidationError

from bot.errors import UsageError
from bot.language import mark, say
from bot.text import clip, one_line

FORMULA_CHARS = 300
"""As long as a formula may be: three fit, with all else, into what a modal can carry along."""


class Kind(StrEnum):
    """What EcoTaxa makes: its name in the API's path."""

    GENERAL = "general"
    SUMMARY = "summary"
    BACKUP = "backup"


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several; the first is EcoTaxa's own default.  `options` are its values in plain words.

    These and every `label` and `about` are marked, to be said when shown.
    """

    name: str
    label: str
    options: Mapping[str, str]
    redraws: bool = False
    """Whether other questions hang on it."""

    @property
    def default(self) -> str:
        """What EcoTaxa takes when nothing is chosen."""
        return next(iter(self.options))


@dataclass(frozen=True, slots=True)
class Switch:
    """On or off; off is EcoTaxa's own default."""

    name: str
    label: str
    about: str


@dataclass(frozen=True, slots=True)
class Formula:
    """How to compute something from a project's free columns, in EcoTaxa's own language."""

    name: str
    label: str
    example: str
    quantities: frozenset[str]
    """The quantities that are computed with it."""


Field = Choice | Switch | Formula

ABOUT: Mapping[Kind, tuple[str, str]] = {
    Kind.GENERAL: (mark("General"), mark("A table of objects, with images if you want them")),
    Kind.SUMMARY: (mark("Summary"), mark("Numbers for each taxon: abundance, concentration, biovolume")),
    Kind.BACKUP: (mark("Backup"), mark("All data and images, ready to be imported again")),
}
"""Each kind's name, and what it is for."""

_FTP = Switch("out_to_ftp", mark("Copy it to the FTP area too"), mark("Where your EcoTaxa has one"))
_VOLUMES = frozenset({"concentration", "biovolume"})

FIELDS: Mapping[Kind, tuple[Field, ...]] = {
    Kind.GENERAL: (
        Choice(
            "with_images",
            mark("Images"),
            {
                "none": mark("None"),
                "first": mark("The first of each object"),
                "all": mark("All images of each object"),
            },
        ),
        Choice(
            "split_by",
            mark("Folders in the zip file"),
            {
                "none": mark("None: all in one table"),
                "sample": mark("One for each sample"),
                "acquisition": mark("One for each acquisition"),
                "taxon": mark("One for each taxon"),
            },
        ),
        Switch(
            "only_annotations", mark("Annotations only"), mark("Each object's last annotation, nothing else")
        ),
        Switch(
            "with_types_row",
            mark("A second line with the columns' types"),
            mark("As an import into EcoTaxa wants it"),
        ),
        Switch(
            "with_internal_ids", mark("EcoTaxa's internal numbers"), mark("Of objects, samples and so on")
        ),
        _FTP,
    ),
    Kind.SUMMARY: (
        Choice(
            "quantity",
            mark("What to compute"),
            {
                "abundance": mark("Abundance"),
                "concentration": mark("Concentration"),
                "biovolume": mark("Biovolume"),
            },
            redraws=True,
        ),
        Choice(
            "summarise_by",
            mark("For each"),
            {
                "sample": mark("Sample"),
                "acquisition": mark("Acquisition"),
                "none": mark("Project as a whole"),
            },
        ),
        Formula("subsample_coef", mark("Formula: subsampling coefficient"), "1/ssm.sub_part", _VOLUMES),
        Formula("total_water_volume", mark("Formula: total water volume"), "sam.tot_vol/1000", _VOLUMES),
        Formula(
            "individual_volume",
            mark("Formula: volume of an individual"),
            "4.0/3.0*math.pi*(math.sqrt(obj.area/math.pi)*ssm.pixel_size)**3",
            frozenset({"biovolume"}),
        ),
        _FTP,
    ),
    Kind.BACKUP: (_FTP,),
}
"""What there is to choose for each kind."""

STATUS = Choice(
    "statusfilter",
    mark("Which objects"),
    {
        "any": mark("All"),
        "V": mark("Validated"),
        "VM": mark("Validated by me"),
        "NVM": mark("Validated by others"),
        "NV": mark("Not validated"),
        "P": mark("Predicted"),
        "PV": mark("Predicted or validated"),
        "PVD": mark("Predicted, validated or dubious"),
        "D": mark("Dubious"),
        "U": mark("Not classified"),
    },
)
"""Which objects go into it: EcoTaxa's filter by the status of their classification."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an export was asked for: a conversation's id, its name where it has one, and who sees it."""

    channel: str = ""
    name: str = ""
    is_public: bool = False

    @classmethod
    def of(cls, channel: str, name: str) -> "Place":
        """The place that a payload names.

        Slack tells the names of public channels only; a direct message is no place of its own.
        """
        if not channel or channel.startswith("D"):
            return cls()
        is_public = channel.startswith("C") and name != "privategroup" and not name.startswith("mpdm-")
        return cls(channel, clip(one_line(name), 80) if is_public else "", is_public)


@dataclass(frozen=True, slots=True)
class Draft:
    """An export in the making; it travels in the modal's `private_metadata` (3,000 characters).

    `chosen` holds what differs from EcoTaxa's defaults, by `key_of`, also of kinds that are not shown now.
    `told_here` says whether to report at `place`, instead of by direct message.
    """

    kind: Kind = Kind.GENERAL
    project_id: int | None = None
    title: str = ""
    chosen: Mapping[str, str] = field(default_factory=dict)
    place: Place = Place()
    told_here: bool = False

    def of(self, project_id: int, title: str) -> "Draft":
        """The same for a project; its title is foreign text of any length."""
        return replace(self, project_id=project_id, title=clip(one_line(title), 80))

    def dump(self) -> str:
        """The draft as text for Slack to keep."""
        return _DRAFT.dump_json(self).decode()

    @classmethod
    def load(cls, text: str) -> "Draft":
        """The draft that `dump` wrote; raises UsageError for any other text."""
        try:
            return _DRAFT.validate_json(text)
        except ValidationError:
            raise UsageError(
                say("I no longer know this form. Please type `/ecotaxa export` once more.")
            ) from None

    def value(self, asked: Field) -> str:
        """What is chosen for a field, in the API's own spelling; a switch that is on says `on`."""
        chosen = self.chosen.get(key_of(self.kind, asked), "")
        if isinstance(asked, Choice):
            return chosen if chosen in asked.options else asked.default
        return chosen

    def fields(self) -> tuple[Field, ...]:
        """What there is to choose for its kind: a formula only where its quantity is computed."""
        asked = FIELDS[self.kind]
        quantity = next((self.value(one) for one in asked if one.name == "quantity"), "")
        return tuple(one for one in asked if not isinstance(one, Formula) or quantity in one.quantities)

    def body(self) -> dict[str, Any]:
        """What to send to EcoTaxa; raises UsageError without a project."""
        if self.project_id is None:
            raise UsageError(say("Choose a project first."))
        wanted: dict[str, Any] = {"project_id": self.project_id}
        formulae = {}
        for asked in self.fields():
            value = self.value(asked)
            match asked:
                case Choice():
                    wanted[asked.name] = value
                case Switch():
                    wanted[asked.name] = value == ON
                case Formula() if value:
                    formulae[asked.name] = value
        if self.kind is Kind.SUMMARY:
            wanted["formulae"] = formulae
        status = self.value(STATUS)
        return {"filters": {} if status == STATUS.default else {STATUS.name: status}, "request": wanted}


ON = "on"
_DRAFT = TypeAdapter(Draft)


def key_of(kind: Kind, asked: Field) -> str:
    """The name under which a field is kept: which objects are meant is one question for all kinds."""
    return asked.name if asked is STATUS else f"{kind}.{asked.name}"
