import time
from typing import Any

import pytest
from hypothesis import given

from bot.failures import LIMIT, UNEXPLAINED, all_lines, readable, why
from bot.jobs import Job
from tests.bot.slack_limits import any_job, nasty_text

SQL = (
    '(psycopg2.errors.ForeignKeyViolation) insert or update on table "obj_head" violates foreign key'
    ' constraint "obj_head_classif_id_fkey"\n'
    'DETAIL:  Key (classif_id)=(99999999) is not present in table "taxonomy".\n\n'
    "[SQL: INSERT INTO obj_head (objid, acquisid) VALUES (%(objid)s, %(acquisid)s)]\n"
    "[parameters: ({'objid': 500000001, 'who': 'secret'})]\n"
    "(Background on this error at: https://sqlalche.me/e/14/gkpj)"
)
TRACE = [
    '  File "<string>", line 1, in <module>\n',
    '  File "/usr/lib/python3.8/spawn.py", line 116, in spawn_main\n    exitcode = _main(fd)\n',
    "… further stack-trace lines …",
]
IMPORT = [
    "In [base]/m106/ecotaxa_one.tsv:",
    " - Invalid Header 'nounderscorecol'. Format must be Table_Field.",
    " - line 3: Invalid Lat. value '100' for field 'object_lat'. Range is -90/+90°.",
    "In [base]/ecotaxa_two.tsv:",
    " - line 8: Missing Image 'nada.png'.",
    "Duplicate object ids",
    " - on its own",
]


def failed(message: object = "", errors: object = None, **more: object) -> Job:
    return Job.parse({"id": 7, "state": "E", "progress_msg": message, "errors": errors, **more})


@pytest.mark.parametrize(
    ("message", "errors", "reason"),
    [
        ("'users'", TRACE, "The answer was incomplete."),
        ("'taxa'", TRACE, "The answer was incomplete."),
        ("'obj_orig_id'", [], "EcoTaxa missed something that it needs: obj_orig_id."),
        ("", TRACE, UNEXPLAINED),
        (None, None, UNEXPLAINED),
        (" \u200b\n", ["", " "], UNEXPLAINED),
        ("Killed", IMPORT, "It was stopped."),
        (SQL, TRACE, "EcoTaxa knows no taxon with the number 99999999."),
        ("Disk full", IMPORT, "Disk full"),
        (
            "7 error(s) during run",
            IMPORT,
            "ecotaxa_one.tsv: Invalid Header 'nounderscorecol'. Format must be Table_Field. (and 4 more)",
        ),
        ("1 error(s) during run", ["Only one"], "Only one"),
        ("", ["Only one", "and another"], "Only one (and 1 more)"),
        ("", ["<br>", "Only one"], "Only one"),
        ("16 error(s) during run", [], "EcoTaxa counted 16 errors, but lists none."),
    ],
)
def test_why_is_one_line_for_people(message: object, errors: object, reason: str) -> None:
    assert why(failed(message, errors)) == reason


@pytest.mark.parametrize("state", ["P", "R", "A", "F", "?"])
def test_what_an_earlier_run_left_behind_is_no_failure(state: str) -> None:
    job = Job.parse({"id": 7, "state": state, "progress_msg": "'users'", "errors": IMPORT})

    assert why(job) == ""
    assert all_lines(job) == []


def test_continued_lines_name_the_file_they_are_in() -> None:
    assert all_lines(failed("7 error(s) during run", IMPORT)) == [
        "ecotaxa_one.tsv: Invalid Header 'nounderscorecol'. Format must be Table_Field.",
        "ecotaxa_one.tsv: line 3: Invalid Lat. value '100' for field 'object_lat'. Range is -90/+90°.",
        "ecotaxa_two.tsv: line 8: Missing Image 'nada.png'.",
        "Duplicate object ids",
        "on its own",
    ]


def test_a_stack_trace_among_the_errors_leaves_only_its_cause() -> None:
    errors = [
        "Before",
        "Traceback (most recent call last):",
        '  File "/opt/back/main.py", line 3, in run',
        "    do_it(secret)",
        "KeyError: 'users'",
        'Traceback (most recent call last):\n  File "x.py", line 1, in f\n    g()\nValueError: No such one\n',
    ]

    assert all_lines(failed("", errors)) == ["Before", "The answer was incomplete.", "No such one"]


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("No object to import.<br>* No .txt file was found.", "No object to import. No .txt file was found."),
        ("<p>First</p><ul><li>one</li><li>two</li></ul>", "First; one; two"),
        ("<b>Bold</b> &lt;tag&gt; &amp; <a href='x'>link</a>", "Bold <tag> & link"),
        ("unknown taxon egg<Actinopterygii", "unknown taxon egg<Actinopterygii"),
        ("<!channel>", "<!channel>"),
        (
            "cannot identify image file '.../scan 1/broken.jpg' <class 'PIL.UnidentifiedImageError'>",
            "cannot identify image file 'broken.jpg'",
        ),
        ("cannot open /srv/ecotaxa/temp/job_12/import.zip", "cannot open import.zip"),
        (r"cannot open C:\Users\ada\scan.jpg now", "cannot open scan.jpg now"),
        ("Invalid Date value '12/31/2014'", "Invalid Date value '12/31/2014'"),
        ("Missing Image 'sub/img.jpg'", "Missing Image 'sub/img.jpg'"),
        ("volume in m3/h and/or 1/2", "volume in m3/h and/or 1/2"),
        ("no account for ada.lovelace@example.org", "no account for a…@example.org"),
        (
            "PermissionError: [Errno 13] Permission denied: '/data/x/y.tsv'",
            "[Errno 13] Permission denied: 'y.tsv'",
        ),
        ("MemoryError", "Memory error."),
        ("requests.exceptions.ReadTimeoutError: ", "Read timeout error."),
        (
            'Traceback (most recent call last):\n  File "a.py", line 1, in f\n    g()\nKeyError: 1\n\n'
            "During handling of the above exception, another exception occurred:\n\n"
            'Traceback (most recent call last):\n  File "b.py", line 2, in h\n    i()\nOSError: it broke',
            "it broke",
        ),
        (
            '(psycopg2.errors.NotNullViolation) null value in column "orig_id" violates not-null constraint\n'
            "DETAIL:  Failing row contains (1, secret, ada@example.org).\n[SQL: INSERT INTO x VALUES (1)]",
            'The database refused it: null value in column "orig_id" violates not-null constraint',
        ),
        (
            "sqlalchemy.exc.IntegrityError: (psycopg2.errors.UniqueViolation) duplicate key value\n"
            "DETAIL:  Key (orig_id)=(a1) already exists.\n\n[SQL: INSERT INTO x VALUES (1)]",
            "The database refused it: Key (orig_id)=(a1) already exists.",
        ),
        ("INSERT INTO obj_head (objid) VALUES (%(objid)s)" + ", (1)" * 600, "The database refused it."),
        ("SELECT a.b, c.d FROM secrets", "The database refused it."),
        ("", ""),
        (" \n\u200b", ""),
    ],
)
def test_what_ecotaxa_says_becomes_plain_words(said: str, words: str) -> None:
    assert readable(said) == words


def test_three_thousand_characters_of_sql_become_one_line() -> None:
    reason = why(failed(SQL.replace("[parameters:", "[parameters: " + "('objid', 1), " * 300)))

    assert "\n" not in reason
    assert len(reason) < 100
    assert "secret" not in reason


@given(any_job)
def test_every_failed_job_has_a_reason_of_one_short_line(job: Job) -> None:
    reason = why(job)

    assert bool(reason) == (job.state == "E")
    for line in [reason, *all_lines(job)]:
        assert len(line) <= LIMIT
        assert "\n" not in line


@given(nasty_text)
def test_no_whole_address_is_ever_told(text: str) -> None:
    assert "ada@example.org" not in readable(text + " ada@example.org")


def test_a_thousand_long_errors_are_read_in_a_blink() -> None:
    errors: list[Any] = ["In [base]/a.tsv:", *(f" - line {n}: " + "'/<" * 300 for n in range(1_000))]
    job = failed("1000 error(s) during run", errors)
    started = time.process_time()

    assert why(job).endswith("(and 999 more)")
    assert time.process_time() - started < 0.5
