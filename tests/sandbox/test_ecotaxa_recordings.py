"""The stand-in's answers have the shapes that a real server's have.

Without anything else they are held against the few shapes below.  Where ECOTAXA_RECORDINGS names a folder of
recorded exchanges, those too: `*.json`, each a list of `{name, request: {method, path, json, content},
status, headers, body}`.
"""

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.lab import ELENA, TOMAS, Lab

Exchange = dict[str, Any]

ONE_USER = {"users": {"e. rodriguez": 987654}, "taxa": {}}
NO_ID = {"detail": "Not found."}
REQ = {
    "source_path": "",
    "taxo_mappings": {},
    "skip_loaded_files": False,
    "skip_existing_objects": False,
    "update_mode": "",
}


def exchange(name: str, asked: str, status: int, body: Any, sent: Any = None) -> Exchange:
    method, path = asked.split()
    return {
        "name": name,
        "request": {"method": method, "path": path, "json": sent, "content": None},
        "status": status,
        "headers": {"content-type": "application/json"},
        "body": body,
    }


def job(type_: str, state: str, params: Any, **more: Any) -> Exchange:
    """A recorded look at a job."""
    body = {"params": params, "result": {}, "errors": [], "question": {}, "reply": {}, "inside": {}, "id": 1}
    body |= {
        "owner_id": 1,
        "type": type_,
        "state": state,
        "step": None,
        "progress_pct": 1,
        "progress_msg": "",
    }
    body |= {"creation_date": "2026-11-23T11:22:20.685751", "updated_on": "2026-11-23T11:22:25.062603"}
    return exchange(f"{type_} {state}", "GET /jobs/1/", 200, body | more)


BUILT_IN: list[Exchange] = [
    exchange(
        "login ok", "POST /login", 200, "payload.stamp.signature", {"username": "user", "password": "right"}
    ),
    exchange(
        "login wrong password",
        "POST /login",
        403,
        {"detail": "You can't do this."},
        {"username": "user", "password": "wrong"},
    ),
    exchange("jobs no auth", "GET /jobs/", 403, {"detail": "Not authenticated"}),
    exchange("jobs bad token", "GET /jobs/", 401, {"detail": "Could not validate credentials"}),
    exchange("jobs admin as user", "GET /jobs/?for_admin=true", 403, {"detail": "You can't do this."}),
    exchange("job unknown", "GET /jobs/424242/", 404, NO_ID),
    exchange("delete unknown", "DELETE /jobs/424242", 404, NO_ID),
    exchange("job no slash", "GET /jobs/424242", 405, {"detail": "Method Not Allowed"}),
    exchange(
        "job nonint",
        "GET /jobs/abc/",
        422,
        {
            "detail": [
                {
                    "loc": ["path", "job_id"],
                    "msg": "value is not a valid integer",
                    "type": "type_error.integer",
                }
            ]
        },
    ),
    exchange(
        "users search",
        "GET /users/search?by_name=%25a%25",
        200,
        [{"id": 1, "email": "x", "name": "x", "organisation": "x"}],
    ),
    exchange(
        "taxa search",
        "GET /taxon_set/search?query=oncae",
        200,
        [{"id": 78418, "status": "A", "text": "Oncaeidae", "pr": 0, "aphia_id": 128586, "renm_id": None}],
    ),
    exchange("taxon unknown", "GET /taxon/1234567", 200, None),
    job("FileImport", "P", {"prj_id": 1, "req": REQ}, progress_pct=None),
    job("FileImport", "F", {"prj_id": 1, "req": REQ}, result={"rowcount": 8}),
    job("FileImport", "E", {"prj_id": 1, "req": REQ}, result={"infos": []}, errors=["line"]),
    job(
        "FileImport", "A", {"prj_id": 1, "req": REQ}, question={"missing_users": [], "missing_taxa": ["part"]}
    ),
]
KINDS = {
    ("FileImport", "F"): "import",
    ("FileImport", "E"): "bad-import",
    ("FileImport", "A"): "ask",
    ("GeneralExport", "F"): "export",
    ("GeneralExport", "P"): "export",
    ("BackupExport", "F"): "backup",
    ("SummaryExport", "E"): "empty-error",
    ("Subset", "F"): "subset",
}
"""Which kind of the stand-in comes to be such a job."""

STATELESS = re.compile(
    r"/(login|status|users/.*|taxon.*|taxo_recast.*|jobs/?(\?.*)?|jobs/(424242|99999999999999|abc).*)"
)
"""The requests that mean the same to any server."""


def recordings() -> dict[str, list[Exchange]]:
    folder = os.environ.get("ECOTAXA_RECORDINGS", "")
    found = sorted(Path(folder).glob("*.json")) if folder else []
    return {"built-in": BUILT_IN} | {path.stem: json.loads(path.read_text()) for path in found}


RECORDINGS = recordings()


def as_here(recorded: Exchange) -> tuple[str | None, dict[str, str], dict[str, Any]]:
    """Who asks in the recording, with which headers, and what is sent, in the names of the stand-in."""
    name, sent = recorded["name"], recorded["request"]
    who: str | None = TOMAS if "by other" in name else ELENA
    headers: dict[str, str] = {}
    if any(hint in name for hint in ("no auth", "bad token", "basic")):
        who = None
    if "bad token" in name:
        headers = {"Authorization": "Bearer garbage"}
    if "basic" in name:
        headers = {"Authorization": "Basic abc"}
    body = sent["json"]
    if name == "login ok":
        body = {"username": ELENA, "password": "plankton"}
    if name == "login inactive":
        body = {"username": "gone@lab.example", "password": "plankton"}
    more: dict[str, Any] = {"json": body} if body is not None else {}
    return who, headers, more | ({"content": sent["content"]} if sent["content"] else {})


@pytest.mark.rule("ecotaxa.recorded")
@pytest.mark.parametrize("name", RECORDINGS)
async def test_requests_that_mean_the_same_to_any_server_are_answered_alike(lab: Lab, name: str) -> None:
    for recorded in RECORDINGS[name]:
        asked = recorded["request"]
        if not STATELESS.fullmatch(asked["path"]) or recorded["name"] == "list all":
            continue
        who, headers, more = as_here(recorded)
        path = asked["path"].replace("%25user%25", "%25elena%25")
        answer = await lab.call(asked["method"], path, who, headers=headers, **more)

        what = f"{recorded['name']}: {answer.text[:300]}"
        assert answer.status_code == recorded["status"], what
        assert (
            answer.headers.get("content-type") == recorded["headers"].get("content-type")
            or not answer.content
        ), what
        if recorded["headers"].get("content-type") != "application/json" or not answer.content:
            continue
        if answer.status_code >= 400:
            assert answer.json() == recorded["body"], what
        elif isinstance(recorded["body"], list) and recorded["body"]:
            assert {frozenset(row) for row in answer.json()} == {
                frozenset(row) for row in recorded["body"]
            }, what
        else:
            assert same_shape(answer.json(), recorded["body"]), what


def same_shape(here: Any, there: Any) -> bool:
    """Whether two bodies are alike, but for rows of lists and for null where a value may be."""
    if isinstance(here, dict) and isinstance(there, dict):
        return here.keys() == there.keys() and all(same_shape(here[name], there[name]) for name in here)
    return None in (here, there) or isinstance(here, list) == isinstance(there, list)


def looks(name: str) -> list[dict[str, Any]]:
    """The recorded looks at jobs, one of each type and state."""
    found: dict[tuple[str, str, str], dict[str, Any]] = {}
    for recorded in RECORDINGS[name]:
        body = recorded["body"]
        if recorded["request"]["method"] == "GET" and isinstance(body, dict) and "progress_msg" in body:
            found.setdefault((body["type"], body["state"], body["progress_msg"][:1]), body)
    return list(found.values())


async def waiting(lab: Lab, kind: str) -> dict[str, Any]:
    """A new job that stays in the queue."""
    await lab.control("speed", speed=0.01)
    job_id = await lab.start(kind)
    await lab.control("set", job_id=job_id, freeze=True)
    await lab.control("speed", speed=50)
    return await lab.job(job_id)


async def like_in_the_lab(lab: Lab, there: dict[str, Any]) -> dict[str, Any]:
    """A job of the stand-in in the same situation."""
    if there["state"] == "P":
        return await waiting(lab, "import" if there["type"] == "FileImport" else "export")
    if there["progress_msg"] == "Killed":
        job = await (lab.settled("ask") if there["question"] else waiting(lab, "export"))
        await lab.call("DELETE", f"/jobs/{job['id']}")
        return await lab.job(int(job["id"]))
    if there["state"] == "E" and there["question"]:
        replies: dict[str, Any] = {"'users'": {}, "'taxa'": {"users": {}}}
        reply = replies.get(there["progress_msg"])
        asking = await lab.settled("ask-users" if reply is not None else "ask-taxa")
        taxa = dict.fromkeys(asking["question"]["missing_taxa"], 99999999)
        return await lab.answer(asking["id"], {"users": {}, "taxa": taxa} if reply is None else reply)
    if there["state"] == "A" and there["errors"]:
        failed = await lab.answer((await lab.settled("ask"))["id"], {})
        return await lab.restart(failed["id"])
    if there["state"] == "F" and there["question"]:
        return await lab.answer((await lab.settled("ask-users"))["id"], ONE_USER)
    return await lab.settled(KINDS[there["type"], there["state"]])


@pytest.mark.rule("ecotaxa.job.shape", "ecotaxa.recorded")
@pytest.mark.parametrize("name", RECORDINGS)
async def test_jobs_look_alike(lab: Lab, name: str) -> None:
    for there in looks(name):
        here = await like_in_the_lab(lab, there)

        what = f"{there['type']} {there['state']} {there['progress_msg'][:40]}: {here}"
        assert here.keys() == there.keys(), what
        assert here["params"].keys() == there["params"].keys(), what
        assert here["params"]["req"].keys() == there["params"]["req"].keys(), what
        assert here["state"] == there["state"], what
        assert here["result"].keys() == there["result"].keys(), what
        assert here["question"].keys() == there["question"].keys(), what
        assert bool(here["errors"]) == bool(there["errors"]), what
        if there["inside"]:
            assert here["inside"].keys() == there["inside"].keys(), what
        if there["state"] in "AF":
            assert here["progress_msg"] == there["progress_msg"] or not there["progress_msg"], what
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}", here["updated_on"]), what
