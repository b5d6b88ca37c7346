import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.failures import LIMIT
from bot.joblog import CUT_OFF, LEFT_OUT, Entry, entries, redacted, tail
from bot.sandbox.ecotaxa.wreckage import sql_error
from tests.bot.slack_limits import nasty_text

UNHURRIED = settings(deadline=None)
LOG = """\
2026-11-23 11:25:37,191:API_operations.helpers.JobService:INFO Creating job 11
2026-11-23 11:25:41,133:BG_operations.JobScheduler:INFO Running in PID 6083
2026-11-23 11:25:41,134:API_operations.imports.Import:INFO Input Param = {'source_path': '/data/in/a.zip'}
2026-11-23 11:25:41,134:API_operations.imports.Import:INFO Input Param = {'source_path': '/data/in/a.zip'}
2026-11-23 11:25:42,000:API_operations.imports.Import:ERROR Job run raised
Traceback (most recent call last):
  File "/app/py/BG_operations/JobScheduler.py", line 60, in run
    sce.run_in_background(secret)
  File "/app/py/API_operations/imports/Import.py", line 188, in do_run
    self.do_real()

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/app/py/x.py", line 1, in f
    g()
ValueError: No such sample for ada@example.org
2026-11-23 11:25:43,000:API_operations.imports.Import:INFO
2026-11-23 11:25:44,000:API_operations.imports.Import:WARNING 2 error(s) during run
In [base]/a.tsv:
 - line 3: Missing Image 'x.jpg'.
"""

HEAD = "2026-11-23 11:25:37,191:a.b:INFO "


async def chunks(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


def test_entries_are_one_line_each_with_traces_folded_to_their_cause() -> None:
    assert [(it.level, it.text) for it in entries(LOG)] == [
        ("", "Creating job 11"),
        ("", "Running in PID 6083"),
        ("", "Input Param = {'source_path': 'a.zip'}"),
        ("ERROR", "Job run raised; ValueError: No such sample for a…@example.org"),
        ("WARNING", "2 error(s) during run; In a.tsv: line 3: Missing Image 'x.jpg'."),
    ]


def test_times_are_utc() -> None:
    assert entries(LOG)[0].at == datetime(2026, 11, 23, 11, 25, 37, tzinfo=UTC)


def test_only_the_last_entries_are_read() -> None:
    log = "".join(f"{HEAD}step {n}\n" for n in range(100))

    assert [it.text for it in entries(log, 3)] == ["step 97", "step 98", "step 99"]


@pytest.mark.parametrize(
    ("log", "said"),
    [
        ("", []),
        ("\n\n", []),
        (
            "the end of a line that is cut off\n" + HEAD + "next",
            ["the end of a line that is cut off", "next"],
        ),
        ("2026-99-99 11:25:37,191:a.b:INFO no such day", ["no such day"]),
        (HEAD + sql_error(99999999), ["EcoTaxa knows no taxon with the number 99999999."]),
        (HEAD + 'x\n  File "/srv/a.py", line 3, in f\n    g(1)', ["x"]),
        (HEAD + "x\r\n" + HEAD + "y\r\n", ["x", "y"]),
    ],
)
def test_odd_logs_are_read_too(log: str, said: list[str]) -> None:
    assert [it.text for it in entries(log)] == said


def test_a_whole_log_keeps_its_lines_and_loses_what_is_not_to_be_told() -> None:
    text = redacted(f"{LOG}{HEAD}{sql_error(99999999)}\n{HEAD}went on")

    assert "Creating job 11" in text
    assert "{'source_path': 'a.zip'}" in text
    assert '  File "JobScheduler.py", line 60, in run' in text
    assert "ValueError: No such sample for a…@example.org" in text
    assert 'Key (classif_id)=(99999999) is not present in table "taxonomy".' in text
    assert text.count(LEFT_OUT) == 1
    assert text.endswith(f"{HEAD}went on")
    for secret in ("/app/py", "/data", "ada@", "INSERT", "objid", "classif_qual"):
        assert secret not in text


def test_a_database_rows_contents_are_left_out() -> None:
    log = f"{HEAD}null value\nDETAIL:  Failing row contains (1, ada lovelace, hunter2).\n{HEAD}next"

    text = redacted(log)

    assert "hunter2" not in text
    assert LEFT_OUT in text
    assert text.endswith("next")


async def test_a_short_log_is_kept_whole() -> None:
    kept = await tail(chunks(b"one\n", b"two\n"), 100)

    assert (kept.text, kept.is_cut) == ("one\ntwo\n", False)


async def test_a_log_of_exactly_the_limit_is_kept_whole() -> None:
    kept = await tail(chunks(b"one\n", b"two\n"), 8)

    assert (kept.text, kept.is_cut) == ("one\ntwo\n", False)


async def test_of_a_long_log_the_end_is_kept_from_a_whole_entry_on() -> None:
    log = [f"{HEAD}step {n}\nmore of {n}\n" for n in range(1_000)]

    kept = await tail(chunks(*(entry.encode() for entry in log)), 3 * len(log[-1]) - 1)

    assert kept.is_cut
    assert kept.text == "".join(log[-2:])


@pytest.mark.parametrize("log", [b"x" * 1_000, b"a row\n" * 200])
async def test_of_one_endless_entry_nothing_is_told(log: bytes) -> None:
    kept = await tail(chunks(log), 30)

    assert (kept.text, kept.is_cut) == (CUT_OFF, True)
    assert [it.text for it in entries(kept.text)] == [CUT_OFF]
    assert redacted(kept.text) == CUT_OFF


@pytest.mark.parametrize("kept_bytes", range(111, 400, 41))
async def test_rows_of_a_statement_in_which_a_log_was_cut_are_not_told(kept_bytes: int) -> None:
    rows = "".join(f" (hunter{n}, 'ada lovelace'),\n" for n in range(20))
    log = f"{HEAD}failed\nINSERT INTO obj_head (objid, name) VALUES\n{rows}{HEAD}went on\n{HEAD}and on\n"

    kept = await tail(chunks(log.encode()), kept_bytes)

    for told in (redacted(kept.text), str(entries(kept.text))):
        assert "hunter" not in told
        assert "ada lovelace" not in told
    assert redacted(kept.text) == f"{HEAD}went on\n{HEAD}and on"


def test_of_a_huge_log_no_more_than_its_end_is_looked_at() -> None:
    row = "(hunter2, 'ada lovelace'),\n"
    log = f"{HEAD}long ago\n{HEAD}INSERT INTO t VALUES\n{row * 100_000}{HEAD}went on\n{HEAD}and on"

    assert [it.text for it in entries(log)] == ["went on", "and on"]
    assert [it.text for it in entries(f"{HEAD}INSERT INTO t VALUES\n{row * 100_000}")] == [CUT_OFF]


@UNHURRIED
@given(st.lists(st.binary(max_size=40) | st.just(f"\n{HEAD}x".encode()), max_size=20), st.integers(1, 120))
async def test_a_tail_is_of_the_end_whatever_the_chunks(parts: list[bytes], limit: int) -> None:
    whole = b"".join(parts)
    kept = await tail(chunks(*parts), limit)

    assert kept.is_cut == (len(whole) > limit)
    if not kept.is_cut:
        assert kept.text == whole.decode(errors="replace")
    else:
        assert kept.text == CUT_OFF or whole[-limit:].decode(errors="replace").endswith(kept.text)


@UNHURRIED
@given(st.lists(st.sampled_from([*LOG.splitlines(), HEAD]) | nasty_text, max_size=12).map("\n".join))
def test_nothing_that_is_not_to_be_told_is_left(log: str) -> None:
    log += f"\n{HEAD}for ada@example.org in /srv/concealed/x.tsv [SQL: SELECT hidden FROM t]"

    shown = [*entries(log), Entry(None, "", redacted(log))]

    for entry in shown:
        assert "ada@example.org" not in entry.text
        assert "concealed" not in entry.text
        assert "hidden" not in entry.text
    for entry in shown[:-1]:
        assert len(entry.text) <= LIMIT
        assert "\n" not in entry.text


@pytest.mark.parametrize("line", [HEAD + "'/<" * 300, "x" * 900, HEAD + "a/" * 450, '"' * 900, " " * 900])
def test_a_megabyte_is_read_in_seconds(line: str) -> None:
    log = f"{line}\n" * 1_100
    started = time.process_time()

    redacted(log)
    entries(log)

    # Of its own time, and with much to spare: only going back and forth over the text takes longer.
    assert time.process_time() - started < 15
