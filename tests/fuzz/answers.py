"""What comes from EcoTaxa: documents of its shapes with wild contents, refusals, and what is no answer.

Shapes are those of its API's description; https://ecotaxa.obs-vlfr.fr/api/docs
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import httpx
from hypothesis import strategies as st

from bot.ecotaxa import meaning, server
from bot.ecotaxa.meaning import Reply
from tests.bot.slack_limits import job_json
from tests.fuzz.words import DATES, SECRET, below, junk, spoilt, words

OWNER = 7
HIDDEN = (
    f"psycopg2.errors.UniqueViolation: duplicate key [SQL: INSERT INTO users VALUES ('{SECRET}')]",
    f"[parameters: ('{SECRET}', 1)]",
    f"No such file: '/srv/{SECRET}/data/a.tsv'",
    f"Cannot read /home/ecotaxa/{SECRET}/import.zip",
    f"Ask m{SECRET}@lab.example",
)
"""Lines as EcoTaxa writes them into errors and logs, with what is not to be told on."""

_line = st.sampled_from(HIDDEN) | words
_name = words
_ids = st.sampled_from([1, 7, 42, 45072, 2**31 - 1]) | st.integers(-1, 2**31)
_dates = st.sampled_from(DATES)


_PARAMS: list[dict[str, Any]] = [
    {"prj_id": 42}, {"prj_id": 42}, {"req": {"project_id": 42}}, {"req": {"project_id": "42,7"}}, {},
    {"prj_id": "x"}, {"prj_id": 10**30}, {"prj_id": -5}, {"prj_id": "9" * 5_000},
]  # fmt: skip


_TYPES = (
    "FileImport", "SimpleImport", "GeneralExport", "SummaryExport", "BackupExport", "Prediction", "Subset",
)  # fmt: skip
_tidy = st.fixed_dictionaries(
    {
        "state": st.sampled_from("PRAEFF"),
        "owner_id": st.sampled_from([OWNER, OWNER, OWNER, 8, None, 10**30]),
        "type": st.sampled_from(_TYPES), "params": st.sampled_from(_PARAMS),
        "progress_pct": st.none() | st.integers(0, 100), "progress_msg": st.none() | _line,
        "creation_date": _dates, "updated_on": _dates, "errors": st.just([]), "question": st.just({}),
        "result": st.just({}), "inside": st.just({}),
    }
)  # fmt: skip
_numbers = st.integers(1, 40) | st.integers(1, 2**31 - 1)
_failed_with = st.sampled_from(["Killed", "'users'"]) | _line
_names, _lines, _remarks = (st.lists(it, max_size=n) for it, n in ((_name, 25), (_line, 12), (_line, 3)))


@st.composite
def job_documents(draw: st.DrawFn, job_id: int | None = None) -> dict[str, Any]:
    """A job as `/jobs/{id}/` tells it, tidy or wild."""
    number = {"id": draw(_numbers) if job_id is None else job_id}
    if not draw(below(4)):
        return draw(job_json) | number
    job = draw(_tidy) | number
    match job["state"]:
        case "A":
            users = draw(_names)
            job["question"] = {"missing_users": users, "missing_taxa": draw(_names)}
            job["inside"] = {"found_users": {name: {"email": draw(_name)} for name in users[:2]}}
        case "E":
            job |= {"errors": draw(_lines), "progress_msg": draw(_failed_with)}
        case "F":
            job["result"] = {"rowcount": draw(_ids), "out_file": draw(_name), "wrns": draw(_remarks)}
    return job


_user = st.fixed_dictionaries({"id": _ids, "name": _name, "email": _name}, optional={"organisation": _name})
_account = st.fixed_dictionaries(
    {"id": st.just(OWNER), "name": _name, "email": _name, "can_do": st.just([1, 2])}
)
_project = st.fixed_dictionaries({"projid": _ids, "title": _name}, optional={"objcount": st.floats() | _ids})
_taxon = st.fixed_dictionaries(
    {"id": _ids},
    optional={
        "text": _name, "display_name": _name, "name": _name, "status": st.sampled_from("PMD"),
        "pr": st.sampled_from([0, 1]), "renm_id": _ids, "lineage": st.lists(_name, max_size=5),
    },
)  # fmt: skip
_memory = st.none() | st.fixed_dictionaries(
    {"from_to": st.dictionaries(_name, _ids, max_size=5), "doc": st.dictionaries(_name, _name, max_size=3)}
)
_started = st.fixed_dictionaries({"job_id": st.integers(0, 2**31), "errors": st.lists(_name, max_size=3)})
_token = st.sampled_from([f"eyJ1c2VyX2lkIjogN30.aaaa.{SECRET}", "", "a.b.c"])


def _many(of: st.SearchStrategy[Any], most: int = 6) -> st.SearchStrategy[list[Any]]:
    return st.lists(of, max_size=most)


@dataclass(frozen=True)
class Endpoint:
    """One thing that EcoTaxa tells: its path, its documents, and how the bot reads them."""

    path: re.Pattern[str]
    documents: Callable[[str], st.SearchStrategy[Any]]
    reads: tuple[Callable[[Reply], Any], ...]


def _at(path: str, documents: st.SearchStrategy[Any], *reads: Callable[[Reply], Any]) -> Endpoint:
    return Endpoint(re.compile(f"/api{path}"), lambda _path: documents, reads)


@cache
def _own_job(path: str) -> st.SearchStrategy[Any]:
    return job_documents(int(path.split("/")[3]))


ENDPOINTS = (
    _at("/status", st.just("fine"), server.alive),
    _at("/openapi.json", _name.map(lambda version: {"info": {"version": version}}), server.version),
    _at("/login", _token, meaning.token),
    _at("/users/me", _account, meaning.account),
    _at("/users/search", _many(_user), meaning.users),
    _at("/users/[0-9]+", _user, meaning.user),
    _at("/jobs/", _many(job_documents()), meaning.jobs, server.honours_filters),
    Endpoint(re.compile("/api/jobs/[0-9]+/?"), _own_job, (meaning.job,)),
    _at("/jobs/[0-9]+/(answer|restart)", st.none(), meaning.anything),
    _at("/projects/search", _many(_project), meaning.projects),
    _at("/projects/[0-9]+", _project, meaning.project),
    _at("/object_set/export/.*", _started, meaning.started_job),
    _at("/taxon_set/search", _many(_taxon), meaning.taxa),
    _at("/taxon/[0-9]+", _taxon, meaning.taxon),
    _at("/taxo_recast", _memory, meaning.taxon_memory),
)  # fmt: skip

_trace = f"Traceback (most recent call last):\n  File \"/srv/{SECRET}.py\", line 1\nKeyError: '{SECRET}'"
_page = f"<html><body>{SECRET} Bad gateway</body></html>"
TROUBLE = (
    (401, "application/json", '{"detail": "Could not validate credentials"}'),
    (403, "application/json", '{"detail": "You are not authorized"}'),
    (403, "application/json", '{"detail": "Not authenticated"}'),
    (403, "text/html", _page),
    (404, "application/json", '{"detail": "Not found"}'),
    (422, "application/json", '{"detail": [{"loc": ["query", "x", 1], "msg": "<!channel> `bad`"}]}'),
    (422, "application/json", '{"detail": {"a": 1}}'),
    (500, "text/plain; charset=utf-8", _trace),
    (502, "text/html", _page),
    (503, "application/json", "null"),
    (200, "text/html", _page),
    (200, "application/json", ""),
    (200, "application/json", "[" * 5_000),
    (200, "application/json", '{"id": 1e400, "id2": NaN}'),
    (302, "text/html", _page),
    (204, "application/json", ""),
)
"""Statuses, types and bodies of what is no good answer."""


@dataclass(frozen=True)
class Answer:
    """An answer as it comes over the wire."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def _json(value: Any) -> Answer:
    return Answer(200, {"content-type": "application/json"}, json.dumps(value).encode())


@st.composite
def answers(draw: st.DrawFn, endpoint: Endpoint, path: str) -> Answer:
    """One answer: mostly a document, now and then a spoilt one or trouble."""
    how = draw(below(10))
    if how == 0:
        status, kind, body = TROUBLE[draw(below(len(TROUBLE)))]
        return Answer(status, {"content-type": kind}, body.encode())
    if how == 1:
        return _json(draw(junk))
    document = draw(endpoint.documents(path))
    return _json(draw(spoilt(document)) if how == 2 and document else document)


_LOG = (
    "2026-11-23 11:25:37,191:API_operations.exports.ForProject:INFO Starting",
    "2026-11-23 11:25:38.5:x:ERROR went wrong", "Traceback (most recent call last):", '  File "a.py", line 3',
    "ValueError: no", "9999-99-99 11:25:37,191:x:INFO y",
)  # fmt: skip

logs = st.binary(max_size=200) | st.lists(st.sampled_from([*_LOG, *HIDDEN]) | words, max_size=30).map(
    lambda lines: "\n".join(lines).encode(errors="surrogatepass")
)
"""The bytes of a job's log."""

_FILES = (b"", b"PK\x05\x06" + b"\0" * 18, b"PK\x03\x04 broken", b"a\tb\n1\t2\n" * 400)
_NAMES = (
    'attachment; filename="export_42.zip"', "attachment", "inline", 'attachment; filename="../../etc/passwd"',
    "attachment; filename*=utf-8''%F0%9F%92%A9.tsv", "attachment; filename*=x'y",
    'attachment; filename="\u202e<!here>"',
)  # fmt: skip


_bytes = st.sampled_from(_FILES) | st.binary(max_size=100)


@st.composite
def files(draw: st.DrawFn) -> Answer:
    """A job's file, or what stands for it."""
    if not draw(below(5)):
        status, kind, text = TROUBLE[draw(below(len(TROUBLE)))]
        return Answer(status, {"content-type": kind}, text.encode())
    body = draw(st.sampled_from(_FILES) | st.binary(max_size=100))
    told = draw(st.sampled_from([str(len(body))] * 6 + ["", "²", "99999999999", str(len(body) + 9)]))
    headers = {"content-type": "application/zip", "content-disposition": draw(st.sampled_from(_NAMES))}
    if not draw(st.integers(0, 5)):
        headers["content-range"] = draw(
            st.sampled_from(["bytes 0-9/10", "bytes x", f"bytes 0-{told}/{told}"])
        )
        return Answer(206, headers, body)
    return Answer(200, headers | {"content-length": told}, body)


NO_ANSWER = (
    httpx.ConnectError, httpx.ConnectTimeout, httpx.ReadTimeout, httpx.ReadError, httpx.RemoteProtocolError,
)  # fmt: skip
"""How a connection ends without an answer."""


def endpoint_of(path: str) -> Endpoint:
    """The endpoint that a path belongs to."""
    return next(it for it in ENDPOINTS if it.path.fullmatch(path))
