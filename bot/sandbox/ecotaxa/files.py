"""The files that exports leave behind."""

import io
import zipfile
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import chain
from random import Random
from typing import Any

from bot.sandbox.ecotaxa.archive import MadeUpArchive

CHUNK = 256 * 1024
"""How many bytes are handed out at a time."""


@dataclass(frozen=True)
class JobFile:
    """A file of `size` bytes; without `content` it is a zip archive that is made as it is read."""

    name: str
    size: int
    content: bytes | None = None

    @property
    def media_type(self) -> str:
        """What the server calls this kind of file."""
        return "application/zip" if self.name.endswith(".zip") else "text/tab-separated-values"

    def chunks(self, start: int) -> Iterator[bytes | memoryview]:
        """Its bytes from `start` on; the same bytes whatever the start."""
        if self.content is None:
            yield from MadeUpArchive(self.size).chunks(start, CHUNK)
            return
        for at in range(start, self.size, CHUNK):
            yield self.content[at : at + CHUNK]


@dataclass(frozen=True)
class _Tampered(JobFile):
    """A file that is no longer what it was."""

    original: JobFile | None = None
    wrong_at: int | None = None

    def chunks(self, start: int) -> Iterator[bytes | memoryview]:
        """The original's bytes, or one more or fewer, or with a wrong one among them."""
        chunks = self.original.chunks(start) if self.original else iter(())
        for chunk in chain(chunks, [b"\n"] * (start < self.size)):
            piece = chunk[: self.size - start]
            if self.wrong_at is not None and start <= self.wrong_at < start + len(piece):
                wrong = bytearray(piece)
                wrong[self.wrong_at - start] ^= 0xFF
                piece = bytes(wrong)
            if piece:
                yield piece
            start += len(piece)


def tampered(file: JobFile, wrongs: Collection[str]) -> JobFile:
    """The file with these wrongs, of those that a fault's `file` names."""
    if not set(wrongs) & {"renamed", "longer", "shorter", "corrupt"}:
        return file
    size = file.size + ("longer" in wrongs) - ("shorter" in wrongs) * (file.size // 10)
    name = f"newer_{file.name}" if "renamed" in wrongs else file.name
    return _Tampered(name, size, None, file, file.size // 2 if "corrupt" in wrongs else None)


def project_of(params: dict[str, Any]) -> str:
    """The project, as the server writes it into file names."""
    project = params.get("prj_id") or params.get("req", {}).get("project_id") or 0
    return str(project).replace(",", "_")


def zip_of(kind: str, rows: int, params: dict[str, Any], at: datetime) -> JobFile:
    """A small real zip with a table of `rows` objects in it."""
    content = _zipped(rows)
    return JobFile(_name(kind, params, at, "zip"), len(content), content)


def tsv_of(kind: str, rows: int, params: dict[str, Any], at: datetime) -> JobFile:
    """A table on its own."""
    content = _table(rows).encode()
    return JobFile(_name(kind, params, at, "tsv"), len(content), content)


def huge(size: int, params: dict[str, Any], at: datetime) -> JobFile:
    """A real archive of any size below 4 GB that takes no room; ValueError for a size that cannot be."""
    return JobFile(_name("TSV", params, at, "zip"), MadeUpArchive(size).size)


def _name(kind: str, params: dict[str, Any], at: datetime, ending: str) -> str:
    return f"export__{kind}_{project_of(params)}_{at:%Y%m%d_%H%M}.{ending}"


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
