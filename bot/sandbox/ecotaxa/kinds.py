"""The kinds of job that the control interface can start."""

from dataclasses import dataclass, replace
from itertools import islice

from bot.sandbox.ecotaxa.files import huge
from bot.sandbox.ecotaxa.recipes import Recipe, export_recipe
from bot.sandbox.ecotaxa.wreckage import BAD_FILES, NASTY_LINES, NO_FILES, STACK, sql_error

RODRIGUEZ = {"e. rodriguez": {"email": "e.rodriguez@example.org"}}
_GROUPS = "calanus oithona acartia evadne salpa oikopleura limacina diphyes tripos detritus"
_TAILS = "sp. (dead) female male ci ciii cv copepodite eggs part antenna like"


def _many_names(count: int) -> tuple[str, ...]:
    names = (
        f"{group} {tail} {n}" for n in range(count) for tail in _TAILS.split() for group in _GROUPS.split()
    )
    return tuple(islice(names, count))


@dataclass(frozen=True)
class Kind:
    """A kind of job that the control interface can start."""

    label: str
    recipe: Recipe


KINDS: dict[str, Kind] = {
    "export": Kind("Export (a few seconds)", export_recipe("GeneralExport", rows=240)),
    "long-export": Kind(
        "Long export (half a minute)",
        replace(
            export_recipe("GeneralExport", seconds=30, rows=48213),
            says=("Extracting objects", "Writing tables", "Copying images", "Compressing"),
            jumps_back=True,
        ),
    ),
    "summary": Kind("Summary export", export_recipe("SummaryExport", seconds=2, rows=36)),
    "backup": Kind("Backup export", export_recipe("BackupExport", seconds=4, rows=1200)),
    "big-export": Kind(
        "Export of 2 GB",
        replace(
            export_recipe("GeneralExport", seconds=6, rows=912034),
            make_file=lambda _rows, params, at: huge(2_000_000_000, params, at),
        ),
    ),
    "import": Kind(
        "Import", Recipe("FileImport", source="point_b_2024.zip", known_taxa={"cyclopoida": "Cyclopoida"})
    ),
    "warned-import": Kind(
        "Import with warnings",
        Recipe(
            "FileImport",
            source="point_b_2022.zip",
            rows=1204,
            infos=("14 object(s) don't have GPS information.",),
            warnings=(
                "In [base]/m106/ecotaxa_m106_mn01_n1_sml.tsv:",
                " - Column 'object_unknown' is not used, and was left out.",
                *(f" - line {n}: Image 'm106_mn01_n1_sml_{n}.jpg' is there twice." for n in range(3, 23)),
                "2 image(s) are larger than 5 MB.",
            ),
        ),
    ),
    "bad-import": Kind("Import of bad files", Recipe("FileImport", source="import_issues", errors=BAD_FILES)),
    "ask-users": Kind("Import that asks for a person", Recipe("FileImport", users=RODRIGUEZ)),
    "ask-taxa": Kind(
        "Import that asks for taxa",
        Recipe(
            "FileImport",
            taxa=("part (annelida)", "part"),
            known_taxa={"part (cnidaria)": "part<Cnidaria"},
            rows=6,
        ),
    ),
    "ask": Kind(
        "Import that asks for a person and taxa",
        Recipe(
            "FileImport",
            users=RODRIGUEZ,
            taxa=("part (annelida)", "oncaeid"),
            source="point_b_2023.zip",
            rows=312,
            infos=("1 object(s) don't have GPS information.",),
        ),
    ),
    "ask-300": Kind(
        "Import that asks for 300 taxa",
        Recipe("FileImport", taxa=_many_names(300), source="years.zip", rows=90000),
    ),
    "fail-1000": Kind(
        "Import with 1,000 errors",
        Recipe(
            "FileImport",
            errors=tuple(f" - line {n}: Missing Image 'm106_mn01_n1_sml_{n}.jpg'." for n in range(3, 1003)),
            source="import_many_errors",
        ),
    ),
    "sql-error": Kind(
        "Import that fails in the database", Recipe("FileImport", errors=STACK, message=sql_error(99999999))
    ),
    "html-error": Kind("Import of nothing", Recipe("FileImport", errors=NO_FILES, source="no_such_dir")),
    "empty-error": Kind(
        "Export that fails without a word", Recipe("SummaryExport", errors=STACK, message="")
    ),
    "subset": Kind("Subset", Recipe("Subset", rows=5)),
    "simple-import": Kind("Import of images only", Recipe("SimpleImport", rows=12)),
    "prediction": Kind(
        "Prediction (waits long)", Recipe("Prediction", seconds=10, rows=5000, own_queue=True, waits=180)
    ),
    "nasty": Kind(
        "Import with nasty names",
        Recipe(
            "FileImport",
            users={
                "<!channel> & `sons`": {"email": "<@u1>@private.example"},
                "\u202ezeugirdor .e": {"email": "rtl@example.org"},
            },
            taxa=("<@u1>", "*bold* _it_ ~no~ `code`", "zero\u200bwidth\u200d &amp; <script>", "x" * 240),
            source="<!everyone>/`rm -rf`&.zip",
            infos=NASTY_LINES,
            says=(NASTY_LINES[0],),
        ),
    ),
    "nasty-error": Kind(
        "Import with nasty errors",
        Recipe("FileImport", errors=NASTY_LINES, message="<!channel> `it` *failed* & <@U1> \u202edetrevni"),
    ),
}
"""What can be started, by the name the control interface gives it."""
