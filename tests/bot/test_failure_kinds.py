"""Each wording that EcoTaxa is known to use, by its kind."""

import re
import time

import pytest
from hypothesis import given, settings

from bot.failure_kinds import KINDS, kind_of, shape_of
from bot.failures import all_lines, grouped, readable
from bot.jobs import Job
from bot.sandbox.ecotaxa.wreckage import BAD_FILES, NASTY_LINES, NO_FILES, STACK, sql_error
from tests.bot.slack_limits import any_job, nasty_text

UNHURRIED = settings(deadline=None)


def a_job(errors: object, message: str = "9 error(s) during run", state: str = "E", **more: object) -> Job:
    return Job.parse({"id": 7, "state": state, "progress_msg": message, "errors": errors, **more})


@pytest.mark.parametrize(
    ("error", "name"),
    [
        (" - line 3: Missing Image 'nada.png'.", "missing image"),
        ("Missing Image 'nada.png' in file a.tsv. ", "missing image"),
        (" - line 7: Error while reading image 'a.jpg': cannot identify image file 'a'", "unreadable image"),
        (" - Invalid Header 'nounderscorecol'. Format must be Table_Field.", "wrong column name"),
        (" - Invalid Header 'unknown_target'. Unknown table prefix 'unknown'.", "wrong column name"),
        (" - Invalid Type '[H]' for field 'object_wrongtype'.", "wrong column type"),
        (
            " - Field acq_cus31 cannot be mapped. Too many custom fields, or bad type.",
            "column that finds no room",
        ),
        (
            "Field acq_x, in file a.tsv, cannot be mapped. Too many custom fields, or bad type.",
            "column that finds no room",
        ),
        (
            " - Field object_id is mandatory as there are some object columns: ['object_lat'].",
            "missing column",
        ),
        (" - line 8: Missing object_id.", "missing object id"),
        ("Missing object_id in line '8' of file a.tsv. ", "missing object id"),
        (" - line 3: Invalid Lat. value '100' for field 'object_lat'.", "wrong latitude"),
        (" - line 3: Invalid Long. value '200' for field 'object_lon'.", "wrong longitude"),
        (" - line 3: Invalid float value 'a' for field 'object_buggy_float'.", "wrong number"),
        (" - line 3: Invalid Date value '20140433' for field 'object_date'.", "wrong date"),
        (" - line 5: Invalid Time value '5:31' for field 'object_time'.", "wrong time"),
        (
            " - line 3: Invalid Annotation Status 'predit' for field 'object_annotation_status'.",
            "wrong annotation status",
        ),
        (
            " - line 4: When a category (12) is provided it has to be with a status.",
            "half an annotation",
        ),
        (
            " - line 4: When annotation status 'validated' is provided there has to be a category.",
            "half an annotation",
        ),
        (
            " - line 4: Value(s) ['x'] must not be in a header-less column.",
            "value without a column name",
        ),
        (
            " - line 4: (Object 'a1', Image 'a1.jpg') is already in this TSV line 3.",
            "object that is twice in the files",
        ),
        ("Duplicate object 'a1' Image 'a1.jpg' in file a.tsv. ", "object that is twice in the files"),
        (
            " - line 3: (Object 'a1', Image 'a1.jpg') is already in EcoTaxa or being imported.",
            "object that is already in EcoTaxa",
        ),
        (" - line 3: Object 'a1' is already in EcoTaxa.", "object that is already in EcoTaxa"),
        (
            "Acquisition 'q1' is already associated with sample '{'s1'}', it cannot be associated as well",
            "acquisition of two samples",
        ),
        (NO_FILES[0], "no table to read"),
        (
            "No object to import.<br>* 'SKIP TSV' option was set and all TSV files were imported before.",
            "table that was imported before",
        ),
        ("Some specified classif_id don't exist, correct them prior to reload: 7", "unknown category number"),
        (sql_error(99999999), "unknown category number"),
        ("'users'", "incomplete answer"),
        ("'taxa'", "incomplete answer"),
        (
            "(psycopg2.errors.StringDataRightTruncation) value too long for type character varying(250)",
            "text that is too long",
        ),
        (
            '(psycopg2.errors.UniqueViolation) duplicate key value violates unique constraint "a"',
            "object that is already in EcoTaxa",
        ),
        ("'utf-8' codec can't decode byte 0xe9 in position 10", "text in another encoding"),
        ("File is not a zip file", "damaged archive"),
        ("[Errno 28] No space left on device", "full disk"),
        ("Disk full", "full disk"),
        ("[Errno 2] No such file or directory: '/x/y'", "file that EcoTaxa cannot find"),
        ("PermissionError: [Errno 13] Permission denied: '/x'", "file that EcoTaxa may not read"),
        ("MemoryError", "lack of memory"),
        ("1 object(s) don't have GPS information.", "missing position"),
        ("New field object_x found in file a.tsv -> n03", "new column"),
        (
            "Some fields configured in the project are not seen in this import object_x, object_y",
            "remark on unused columns",
        ),
    ],
)
def test_each_wording_is_of_its_kind(error: str, name: str) -> None:
    kind = kind_of(error)

    assert kind is not None
    assert kind.name == name


@pytest.mark.parametrize(
    "error",
    [
        "",
        "Something else went wrong",
        "The table says: Missing Image 'x'",
        *STACK,
        NASTY_LINES[0],
        "part<Annelida is unknown",
    ],
)
def test_what_is_not_known_is_of_no_kind(error: str) -> None:
    assert kind_of(error) is None


def test_every_line_of_bad_files_is_explained() -> None:
    lines = [line for line in BAD_FILES if line.startswith(" - ")]

    assert all(kind_of(line) for line in lines)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_each_kind_says_briefly_what_to_do(kind: object) -> None:
    hint = kind.hint  # type: ignore[attr-defined]  # the ids want an untyped parameter

    assert re.fullmatch(r"[A-Z].{10,170}\.", hint)
    assert hint.count("`") % 2 == 0
    assert not re.search(r"[<>&*~]", hint)


def test_names_are_told_once() -> None:
    assert len({kind.name for kind in KINDS}) == len(KINDS)


def test_a_shape_is_what_the_same_sort_of_error_shares() -> None:
    assert shape_of("row 3: odd thing 'a b'") == shape_of('row 12: odd thing "c"')
    assert shape_of("row 3: odd thing 'a'") != shape_of("row 3: other thing 'a'")


def test_errors_are_grouped_with_their_number_and_the_first_of_each() -> None:
    groups, rest = grouped(
        a_job(
            [
                "In [base]/m106/ecotaxa_a.tsv:",
                " - Invalid Header 'x'. Format must be Table_Field.",
                " - line 3: Missing Image 'one.jpg'.",
                "In [base]/m106/ecotaxa_b.tsv:",
                " - line 9: Missing Image 'two.jpg'.",
                "Sensor 5 is 'off'",
                "Sensor 7 is 'on'",
                "Sensor 9 is 'out'",
            ]
        ),
        6,
    )

    assert [(it.kind.name if it.kind else None, it.count, it.example) for it in groups] == [
        (None, 3, "Sensor 5 is 'off'"),
        ("missing image", 2, "ecotaxa_a.tsv: line 3: Missing Image 'one.jpg'."),
        ("wrong column name", 1, "ecotaxa_a.tsv: Invalid Header 'x'. Format must be Table_Field."),
    ]
    assert rest == 0


def test_what_no_group_has_room_for_is_counted_by_lines() -> None:
    errors = ["one", "one", "one", "two", "two", "three", "four", "four"]

    groups, rest = grouped(a_job(errors), 2)

    assert [it.example for it in groups] == ["one", "two"]
    assert rest == 3


def test_lines_that_say_nothing_are_no_group() -> None:
    assert grouped(a_job(["<br>", " ", *STACK]), 6) == ([], 0)


def test_a_message_that_counts_nothing_is_the_first_cause() -> None:
    groups, _ = grouped(a_job(STACK, sql_error(99999999)), 6)

    assert [(it.count, it.example) for it in groups] == [
        (1, "EcoTaxa knows no taxon with the number 99999999.")
    ]
    assert groups[0].kind is not None


@pytest.mark.parametrize("state", ["P", "R", "A", "?"])
def test_what_goes_on_has_no_failures(state: str) -> None:
    assert grouped(a_job(BAD_FILES, "'users'", state), 6) == ([], 0)
    assert all_lines(a_job(BAD_FILES, "'users'", state)) == []


def test_what_somebody_stopped_has_no_failures() -> None:
    assert grouped(a_job(BAD_FILES, "Killed"), 6) == ([], 0)


def test_a_finished_jobs_warnings_are_grouped_and_its_old_errors_are_not() -> None:
    result = {"wrns": ["New field a found in file x -> n1", "New field b found in file x -> n2"]}
    result["infos"] = ["3 object(s) don't have GPS information."]
    job = a_job(["an old error"], "Done", "F", result=result)

    groups, rest = grouped(job, 6)

    assert [(it.kind.name if it.kind else "", it.count) for it in groups] == [
        ("new column", 2),
        ("missing position", 1),
    ]
    assert rest == 0
    assert len(all_lines(job)) == 3


def test_all_lines_are_readable_and_name_their_file() -> None:
    lines = all_lines(a_job([*BAD_FILES, *STACK, NASTY_LINES[3]]))

    assert (
        lines[0]
        == "ecotaxa_m106_mn01_n3_sml.tsv: Invalid Header 'nounderscorecol'. Format must be Table_Field."
    )
    assert lines[5] == "ecotaxa_m107_mn01_n1_sml.tsv: line 8: Missing object_id."
    assert len(lines) == 7
    assert "someone@" not in lines[6]
    assert "/home" not in lines[6]


@UNHURRIED
@given(any_job)
def test_every_line_is_in_a_group_or_counted(job: Job) -> None:
    groups, rest = grouped(job, 3)
    lines = all_lines(job)

    assert len(groups) <= 3
    assert all(it.count > 0 and it.example for it in groups)
    assert all(it.example in lines for it in groups)
    assert rest == 0 or len(groups) == 3
    assert bool(lines) == bool(groups)


@UNHURRIED
@given(nasty_text)
def test_any_text_has_a_kind_or_none_whatever_is_in_it(text: str) -> None:
    kind = kind_of(text)

    assert kind is None or kind in KINDS
    assert len(shape_of(text)) <= 160
    assert readable(text).count("\n") == 0


@pytest.mark.parametrize(
    "line",
    [
        " - line 3: Missing Image '" + "x" * 480 + "'.",
        "Object 'a' is already " * 25,
        "Field " + "x" * 490,
        "'/<" * 166,
        '"' * 500,
        " " * 480 + "end",
        "No object to import 'SKIP TSV' " * 16,
        "<br " * 125,
        "Acquisition is already " * 22,
    ],
)
def test_a_thousand_lines_are_grouped_in_a_blink(line: str) -> None:
    job = a_job([line] * 1_000)
    started = time.process_time()

    groups, _ = grouped(job, 6)

    assert groups[0].count == 1_000
    # Of its own time, and with much to spare: only going back and forth over the text takes longer.
    assert time.process_time() - started < 2
