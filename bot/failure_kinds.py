"""The kinds of error that EcoTaxa's jobs tell, each with what to do about it; no I/O.

The wordings are those of its import's checks, older ones too (`py/BO` in
https://github.com/ecotaxa/ecotaxa_back), of PostgreSQL and of Python.
"""

import re
from dataclasses import dataclass

from bot.language import mark


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of error: its name, as it stands after a number of times, and what to do about it.

    Both are marked, to be said when shown; `hint` is mrkdwn of ours.  An error is of this kind when its
    words begin with the pattern `begins`, or hold one of the phrases in `holds` (lower case).
    """

    name: str
    hint: str
    begins: str = ""
    holds: tuple[str, ...] = ()


KINDS = (
    Kind(
        mark("missing image"),
        mark("Put each image into the same folder as its table, spelt exactly as in `img_file_name`."),
        begins=r"Missing Image\b",
    ),
    Kind(
        mark("unreadable image"),
        mark("The file is damaged or no image: save it anew as JPEG, PNG or TIFF."),
        begins=r"Error while reading image\b",
        holds=("cannot identify image file", "image file is truncated"),
    ),
    Kind(
        mark("wrong column name"),
        mark("Name each column after its table: `object_…`, `sample_…`, `acq_…`, `process_…` or `img_…`."),
        begins=r"Invalid Header\b",
    ),
    Kind(
        mark("wrong column type"),
        mark("In the table's second line write `[t]` for text or `[f]` for numbers."),
        begins=r"Invalid Type\b",
    ),
    Kind(
        mark("column that finds no room"),
        mark("The project has no column left of that sort: leave out those you do not need."),
        begins=r"Field \S{1,200} cannot be mapped|Field \S{1,200} in file .{1,200} cannot be mapped",
    ),
    Kind(
        mark("missing column"),
        mark("Add the column: where a table has columns of a sort, it needs their `…_id` too."),
        begins=r"Field \S{1,200} is mandatory\b",
    ),
    Kind(
        mark("missing object id"), mark("Fill in `object_id` in every line."), begins=r"Missing object_id\b"
    ),
    Kind(
        mark("wrong latitude"),
        mark("Write degrees between -90 and 90, with a point before the decimals."),
        begins=r"Invalid Lat\b",
    ),
    Kind(
        mark("wrong longitude"),
        mark("Write degrees between -180 and 180, with a point before the decimals."),
        begins=r"Invalid Long?\b",
    ),
    Kind(
        mark("wrong number"),
        mark("Write nothing but a number, with a point before the decimals, or leave it empty."),
        begins=r"Invalid float value\b",
        holds=("numeric field overflow", "integer out of range", "out of range for type"),
    ),
    Kind(
        mark("wrong date"),
        mark("Write dates as `YYYYMMDD`, and check that there is such a day."),
        begins=r"Invalid Date value\b",
    ),
    Kind(mark("wrong time"), mark("Write times as `HHMMSS`, in UTC."), begins=r"Invalid Time value\b"),
    Kind(
        mark("wrong annotation status"),
        mark("Write `predicted`, `dubious` or `validated`."),
        begins=r"Invalid Annotation Status\b",
    ),
    Kind(
        mark("half an annotation"),
        mark("Fill in both the category and its status, or neither."),
        begins=r"When (?:annotation status|a category)\b",
    ),
    Kind(
        mark("value without a column name"),
        mark("Look for a stray tab in that line, or name the column in the first one."),
        begins=r"Value\(s\) ",
    ),
    Kind(
        mark("object that is twice in the files"),
        mark("Keep one line for each object and image, and take the others out."),
        begins=r"\(?Object .{1,600} is already in this TSV\b|Duplicate object\b",
    ),
    Kind(
        mark("object that is already in EcoTaxa"),
        mark(
            "Delete these objects from the project first, also what a stopped import left behind. Or import "
            "anew and let it skip objects that are there."
        ),
        begins=r"\(?Object .{1,600} is already in EcoTaxa\b",
        holds=("duplicate key value violates unique constraint", ") already exists."),
    ),
    Kind(
        mark("acquisition of two samples"),
        mark("An acquisition belongs to one sample: give each its own `acq_id`."),
        begins=r"Acquisition .{1,600} is already associated\b",
    ),
    Kind(
        mark("table that was imported before"),
        mark("Every table is in EcoTaxa already. To read them once more, import without skipping tables."),
        begins=r"No object to import\b.{1,300}'SKIP TSV' option was set and all\b",
    ),
    Kind(
        mark("no table to read"),
        mark("Let the table's name begin with `ecotaxa` and end in `.tsv` or `.txt`, and give it lines."),
        begins=r"No object to import\b",
    ),
    Kind(
        mark("unknown category number"),
        mark("Correct `object_annotation_category_id`, or restart and choose another taxon."),
        begins=r"Some specified classif_id\b",
        holds=('is not present in table "taxonomy"',),
    ),
    Kind(
        mark("incomplete answer"),
        mark("Press Restart: EcoTaxa asks again, and you can answer anew."),
        begins=r"(?:KeyError: )?'(?:users|taxa)'\s*\Z",
    ),
    Kind(
        mark("text that is too long"),
        mark("Shorten the longest texts of your table: the database has no room for them."),
        holds=("value too long for type",),
    ),
    Kind(
        mark("text in another encoding"),
        mark("Save the table as UTF-8."),
        holds=("codec can't decode", "invalid byte sequence for encoding"),
    ),
    Kind(
        mark("damaged archive"),
        mark("Make the zip file anew, and send it again."),
        holds=("is not a zip file", "bad magic number for", "bad crc-32", "while decompressing data"),
    ),
    Kind(
        mark("file that EcoTaxa cannot find"),
        mark("Check that what you import from is still there, then press Restart."),
        holds=("no such file or directory",),
    ),
    Kind(
        mark("file that EcoTaxa may not read"),
        mark("Ask EcoTaxa's administrators to let it read that folder."),
        holds=("permission denied",),
    ),
    Kind(
        mark("full disk"),
        mark("EcoTaxa has no room left: tell its administrators, and press Restart later."),
        holds=("no space left on device", "disk full"),
    ),
    Kind(
        mark("lack of memory"),
        mark("Try again with less at once: a smaller import, or an export that is split."),
        holds=("memoryerror", "out of memory"),
    ),
    Kind(
        mark("new column"),
        mark("These were added to the project. If one is only misspelt, mend it before you import more."),
        begins=r"New field\b",
    ),
    Kind(
        mark("remark on unused columns"),
        mark("The project has columns that these files do not fill. That may well be right."),
        begins=r"Some fields configured in the project are not seen\b",
    ),
    Kind(
        mark("missing position"),
        mark("Fill in `object_lat` and `object_lon`, if you know where they come from."),
        begins=r"\d{1,12} object\(s\) don't have GPS\b",
    ),
)
"""All that are known; where several fit, a beginning goes before a phrase, and the first wins."""

_PLACE = r"\s*+(?:[-*•]\s++)?(?:line \d{1,9}:\s*+)?"
_NAMED = (f"(?P<k{at}>{kind.begins})" for at, kind in enumerate(KINDS) if kind.begins)
_BEGINNINGS = re.compile(f"{_PLACE}(?:{'|'.join(_NAMED)})", re.DOTALL | re.IGNORECASE)
_PHRASES = tuple((phrase, kind) for kind in KINDS for phrase in kind.holds)

_READ = 600
"""How many characters of an error are looked at: what tells its kind stands at the beginning."""

_SHAPED = 160
_VARIES = re.compile(r"'[^'\n]{0,150}'|\"[^\"\n]{0,150}\"|\d+")


def kind_of(error: str) -> Kind | None:
    """The kind of an error as EcoTaxa spells it; None for one that is not known."""
    error = error[:_READ]
    begins = _BEGINNINGS.match(error)
    if begins and begins.lastgroup:
        return KINDS[int(begins.lastgroup[1:])]
    lowered = error.lower()
    return next((kind for phrase, kind in _PHRASES if phrase in lowered), None)


def shape_of(error: str) -> str:
    """What errors of the same sort have in common: their words without numbers and quoted names."""
    return _VARIES.sub("…", error[:_SHAPED])
