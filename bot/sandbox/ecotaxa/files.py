"""The files that exports leave behind."""

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from random import Random
from typing import Any

CHUNK = 256 * 1024
"""How many bytes are handed out at a time."""


@dataclass(frozen=True)
class JobFile:
    """A file of `size` bytes; without `content`, its bytes are made on the fly and stored nowhere."""

    name: str
    size: int
    content: bytes | None = None

    @property
    def media_type(self) -> str:
        """What the server calls this kind of file."""
        return "application/zip" if self.name.endswith(".zip") else "text/tab-separated-values"

    def chunks(self, start: int) -> Iterator[bytes]:
        """Its bytes from `start` on; the same bytes whatever the start."""
        if self.content is not None:
            for at in range(start, self.size, CHUNK):
                yield self.content[at : at + CHUNK]
            return
        pattern = Random(self.size).randbytes(CHUNK)  # noqa: S311 - filling, not a secret
        while start < self.size:
            offset = start % CHUNK
            chunk = pattern[offset : offset + self.size - start]
            yield chunk
            start += len(chunk)


def project_of(params: dict[str, Any]) -> str:
    """The project, as the server writes it into file names."""
    project = params.get("prj_id") or params.get("req", {}).get("project_id") or 0
    return str(project).replace(",", "_")


def zip_of(kind: str, rows: int, params: dict[str, Any]) -> JobFile:
    """A small real zip with a table of `rows` objects in it."""
    content = _zipped(rows)
    return JobFile(_name(kind, params, "zip"), len(content), content)


def tsv_of(kind: str, rows: int, params: dict[str, Any]) -> JobFile:
    """A table on its own."""
    content = _table(rows).encode()
    return JobFile(_name(kind, params, "tsv"), len(content), content)


def huge(size: int, params: dict[str, Any]) -> JobFile:
    """A file of any size that takes no room."""
    return JobFile(_name("TSV", params, "zip"), size)


def _name(kind: str, params: dict[str, Any], ending: str) -> str:
    return f"export__{kind}_{project_of(params)}_{datetime.now(UTC):%Y%m%d_%H%M}.{ending}"


@lru_cache(maxsize=8)
def _zipped(rows: int) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("ecotaxa_export.tsv", _table(rows))
    return made.getvalue()


def _table(rows: int) -> str:
    rng = Random(rows)  # noqa: S311 - sample data, not a secret
    taxa = ("Oithona<Oithonidae", "Calanoida", "Oncaeidae", "detritus", "Chaetognatha", "egg<Actinopterygii")
    lines = ["object_id\tobject_lat\tobject_lon\tobject_date\tobject_annotation_category\tobject_area"]
    lines += [
        f"sample_{n // 40}_{n}\t{rng.uniform(43, 44):.4f}\t{rng.uniform(7, 8):.4f}"
        f"\t2024{rng.randint(1, 12):02}15\t{rng.choice(taxa)}\t{rng.randint(200, 90000)}"
        for n in range(rows)
    ]
    return "\n".join(lines) + "\n"
