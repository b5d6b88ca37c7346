"""People, projects, taxa and what a project remembers of names, as EcoTaxa tells them; no I/O."""

from collections.abc import Mapping
from dataclasses import dataclass, field

Titles = Mapping[int, str]
"""The titles of projects, or the names of people, by their number, as far as known: foreign text."""

NO_TITLES: Titles = {}

_ADMINISTRATE_THE_APP = 2
"""From EcoTaxa's schema: 1 create a project, 2 administrate the app, 3 administrate users, 4 create taxon."""


@dataclass(frozen=True, slots=True)
class User:
    """A person whom EcoTaxa's user search may return; all texts are foreign and may be empty."""

    id: int
    name: str
    email: str = ""
    organisation: str = ""


@dataclass(frozen=True, slots=True)
class Account:
    """The EcoTaxa account that a token stands for; `can_do` are EcoTaxa's action numbers."""

    id: int
    email: str
    name: str
    organisation: str = ""
    can_do: frozenset[int] = frozenset()

    @property
    def is_admin(self) -> bool:
        """Whether the account may see everybody's jobs."""
        return _ADMINISTRATE_THE_APP in self.can_do


@dataclass(frozen=True, slots=True)
class Project:
    """A set of images that people sort; its title is foreign text and may be empty.

    `objects` is how many of them it has, where EcoTaxa told that.
    """

    id: int
    title: str
    objects: int | None = None


@dataclass(frozen=True, slots=True)
class Taxon:
    """A category of the taxonomy; `text` is its display name, such as `egg<Actinopterygii`.

    `is_preset` tells that the project of the search uses it; `renamed_to` is the id that EcoTaxa
    advises instead; `lineage` holds the names from the taxon itself up to the root, and is only known
    of a taxon that was asked for by its id.
    """

    id: int
    text: str
    status: str = ""
    is_preset: bool = False
    renamed_to: int | None = None
    lineage: tuple[str, ...] = ()

    @property
    def is_approved(self) -> bool:
        """Whether the taxonomists approved it."""
        return self.status == "A"

    @property
    def is_deprecated(self) -> bool:
        """Whether it should no longer be used, though EcoTaxa still takes it."""
        return self.status == "D"


@dataclass(frozen=True, slots=True)
class TaxonMemory:
    """Which taxon a project's imports mean by a name, and why.

    A name that stands for None is one that EcoTaxa was told to discard; it is kept because writing
    replaces the whole memory.
    """

    from_to: Mapping[str, int | None] = field(default_factory=dict)
    doc: Mapping[str, str] = field(default_factory=dict)
