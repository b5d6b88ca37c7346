"""The taxonomy: real plankton with their lineages, and the search for them."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any

from bot.sandbox.ecotaxa.like import like

MOST_FOUND = 200
"""How many taxa one search returns at most."""

_FIRST_OWN_ID = 90_000
"""Where the ids begin of the taxa whose id in EcoTaxa is not known here."""


@dataclass
class Taxon:
    """A category that images are sorted into."""

    id: int
    name: str
    parent: "Taxon | None"
    is_morphological: bool = False
    rank: str | None = None
    aphia_id: int | None = None
    status: str = "A"
    renamed_to: str | None = None
    display_name: str = ""
    children: list["Taxon"] = field(default_factory=list)

    @property
    def lineage(self) -> list["Taxon"]:
        """The taxon and everything above it."""
        return [self, *(self.parent.lineage if self.parent else [])]


class Taxonomy:
    """All taxa, by id and by display name."""

    def __init__(self) -> None:
        self._by_id: dict[int, Taxon] = {}
        text = files(__package__).joinpath("taxa.txt").read_text(encoding="utf-8")
        for taxon in _read(text):
            self._by_id[taxon.id] = taxon
        times = Counter(taxon.name.casefold() for taxon in self)
        for taxon in self:
            ambiguous = times[taxon.name.casefold()] > 1 and taxon.parent
            taxon.display_name = (
                f"{taxon.name}<{taxon.parent.name}" if ambiguous and taxon.parent else taxon.name
            )
        self.ids = {taxon.display_name: taxon.id for taxon in self}
        self._sorted = sorted(self, key=lambda taxon: taxon.display_name.casefold())

    def __iter__(self) -> Iterator[Taxon]:
        return iter(self._by_id.values())

    def __contains__(self, taxon_id: object) -> bool:
        return taxon_id in self._by_id

    def find(self, taxon_id: int) -> Taxon | None:
        """The taxon with that id."""
        return self._by_id.get(taxon_id)

    def search(
        self, query: str, preset: Sequence[int] = (), only: Sequence[int] | None = None
    ) -> list[dict[str, Any]]:
        """What `/taxon_set/search` answers: the taxa whose display name begins like `query`.

        Blanks and `*` stand for any text; the `preset` comes first; with `only`, just these, in their order.
        """
        wanted = like(query.replace("*", "%").replace(" ", "%") + "%")
        found = [taxon for taxon in self._sorted if wanted.fullmatch(taxon.display_name)]
        if only is not None:
            found = sorted((t for t in found if t.id in only), key=lambda taxon: only.index(taxon.id))
        else:
            found.sort(key=lambda taxon: taxon.id not in preset)
        return [self._row(taxon, preset) for taxon in found[:MOST_FOUND]]

    def model(self, taxon: Taxon) -> dict[str, Any]:
        """What `/taxon/{id}` answers."""
        lineage = taxon.lineage
        return {
            "id": taxon.id,
            "name": taxon.name,
            "type": "M" if taxon.is_morphological else "P",
            "status": taxon.status,
            "display_name": taxon.display_name,
            "lineage": [above.name for above in lineage],
            "id_lineage": [above.id for above in lineage],
            "lineage_status": "".join(above.status for above in lineage),
            "renm_id": self._renamed(taxon),
            "nb_objects": 0,
            "nb_children_objects": 0,
            "aphia_id": taxon.aphia_id,
            "rank": taxon.rank,
            "children": [child.id for child in taxon.children],
        }

    def _row(self, taxon: Taxon, preset: Sequence[int]) -> dict[str, Any]:
        return {
            "id": taxon.id,
            "status": taxon.status,
            "text": taxon.display_name,
            "pr": int(taxon.id in preset),
            "aphia_id": taxon.aphia_id,
            "renm_id": self._renamed(taxon),
        }

    def _renamed(self, taxon: Taxon) -> int | None:
        return self.ids[taxon.renamed_to] if taxon.renamed_to else None


def _read(text: str) -> Iterator[Taxon]:
    """The taxa of the data file, parents before children."""
    above: list[Taxon] = []
    for number, line in enumerate(text.splitlines()):
        if line.startswith("#"):
            continue
        depth = (len(line) - len(line.lstrip())) // 2
        name, *facts = (part.strip() for part in line.split(";"))
        parent = above[depth - 1] if depth else None
        taxon = Taxon(_FIRST_OWN_ID + number, name.removeprefix("~"), parent, name.startswith("~"))
        for fact in facts:
            _learn(taxon, fact)
        if parent:
            parent.children.append(taxon)
        above[depth:] = [taxon]
        yield taxon


def _learn(taxon: Taxon, fact: str) -> None:
    match fact[0], fact[1:]:
        case ("A" | "N" | "D") as status, "":
            taxon.status = status
        case "#", number:
            taxon.id = int(number)
        case "a", number:
            taxon.aphia_id = int(number)
        case ">", display_name:
            taxon.renamed_to = display_name
        case _:
            taxon.rank = fact
