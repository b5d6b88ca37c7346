"""Who may come in, and how the stand-in says no."""

import base64
import json
import time
from typing import Any

import pytest

from tests.sandbox.lab import ADA, ELENA, TOMAS, Lab

NO = {"detail": "You can't do this."}
EVERY_JOB_OPERATION = (
    ("GET", "/"),
    ("GET", "/log"),
    ("GET", "/file"),
    ("GET", "/restart"),
    ("POST", "/answer"),
    ("DELETE", ""),
)


def unpadded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


@pytest.mark.rule("ecotaxa.login.token")
async def test_a_login_gives_a_token_that_tells_its_owner_and_its_issue(lab: Lab) -> None:
    payload, stamp, signature = (await lab.login(ELENA)).split(".")
    me = (await lab.get("/users/me")).json()

    assert json.loads(unpadded(payload)) == {"user_id": me["id"]}
    assert abs(int.from_bytes(unpadded(stamp), "big") - time.time()) < 60
    assert len(unpadded(signature)) == 20


@pytest.mark.rule("ecotaxa.login.refused")
@pytest.mark.parametrize(
    ("email", "password"),
    [
        (ELENA, "wrong"),
        ("nobody@lab.example", "plankton"),
        ("gone@lab.example", "plankton"),
        ("", ""),
    ],
)
async def test_a_bad_login_is_a_403(lab: Lab, email: str, password: str) -> None:
    answer = await lab.call("POST", "/login", None, json={"username": email, "password": password})

    assert (answer.status_code, answer.json()) == (403, NO)


@pytest.mark.rule("ecotaxa.login.pending")
async def test_an_account_that_waits_for_validation_is_a_401_with_a_list(lab: Lab) -> None:
    body = {"username": "pending@lab.example", "password": "plankton"}
    answer = await lab.call("POST", "/login", None, json=body)

    assert answer.status_code == 401
    assert isinstance(answer.json()["detail"], list)


@pytest.mark.rule("ecotaxa.login.malformed")
async def test_a_malformed_login_is_a_422_that_lists_what_is_missing(lab: Lab) -> None:
    answer = await lab.call("POST", "/login", None, json={"user": "x"})

    assert answer.status_code == 422
    assert answer.json()["detail"] == [
        {"loc": ["body", name], "msg": "field required", "type": "value_error.missing"}
        for name in ("password", "username")
    ]


@pytest.mark.rule("ecotaxa.login.malformed")
async def test_a_login_that_is_no_json_is_a_422_that_tells_where(lab: Lab) -> None:
    (error,) = (await lab.call("POST", "/login", None, content="zzz")).json()["detail"]

    assert (error["loc"], error["type"]) == (["body", 0], "value_error.jsondecode")
    assert error["ctx"] == {"msg": "Expecting value", "doc": "zzz", "pos": 0, "lineno": 1, "colno": 1}


@pytest.mark.rule("ecotaxa.token.none")
@pytest.mark.parametrize("headers", [{}, {"Authorization": "Basic abc"}, {"Authorization": "Bearer"}])
async def test_no_bearer_token_is_a_403_that_says_so(lab: Lab, headers: dict[str, str]) -> None:
    answer = await lab.get("/jobs/", None, headers=headers)

    assert (answer.status_code, answer.json()) == (403, {"detail": "Not authenticated"})


@pytest.mark.rule("ecotaxa.token.bad")
async def test_a_token_that_is_not_good_is_a_401(lab: Lab) -> None:
    good = await lab.login(ELENA)
    payload, stamp, signature = good.split(".")
    others = base64.urlsafe_b64encode(b'{"user_id":3}').decode().rstrip("=")
    old = (await lab.control("token", age_days=31.01, **{"as": ELENA}))["token"]
    forged = f"{others}.{stamp}.{signature}"

    for token in ("garbage", "a.b.c", good[:-3] + "AAA", forged, f"{payload}.{stamp}.x", old):
        answer = await lab.get("/jobs/", None, headers={"Authorization": f"Bearer {token}"})
        assert (answer.status_code, answer.json()) == (401, {"detail": "Could not validate credentials"})
        assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.rule("ecotaxa.token.age")
async def test_a_token_is_good_for_31_days_also_with_the_newer_key(lab: Lab) -> None:
    for key in ("user_id", "_user_id"):
        token = (await lab.control("token", age_days=30.9, key=key, **{"as": TOMAS}))["token"]
        answer = await lab.get("/users/me", None, headers={"Authorization": f"Bearer {token}"})
        assert answer.json()["email"] == TOMAS
        assert key in json.loads(unpadded(token.split(".")[0]))


@pytest.mark.rule("ecotaxa.token.bad")
async def test_a_new_secret_makes_every_token_bad(lab: Lab) -> None:
    await lab.login(ELENA)
    await lab.control("new_secret")
    assert (await lab.get("/jobs/")).status_code == 401

    lab.tokens.clear()
    assert (await lab.get("/jobs/")).status_code == 200


@pytest.mark.rule("ecotaxa.token.deactivated")
async def test_a_deactivated_account_is_refused_with_a_good_token(lab: Lab) -> None:
    await lab.login(ELENA)
    await lab.control("deactivate", active=False, **{"as": ELENA})
    answer = await lab.get("/jobs/")
    assert (answer.status_code, answer.json()) == (403, NO)

    await lab.control("deactivate", active=True, **{"as": ELENA})
    assert (await lab.get("/jobs/")).status_code == 200


@pytest.mark.rule("ecotaxa.me")
async def test_me_tells_who_one_is(lab: Lab) -> None:
    me = (await lab.get("/users/me")).json()
    fields = {"id", "email", "name", "organisation", "status", "can_do", "last_used_projects"}
    assert fields <= me.keys()
    assert (me["name"], me["can_do"]) == ("Elena Rodriguez", [1])
    assert {"projid", "title"} == me["last_used_projects"][0].keys()

    assert 2 in (await lab.get("/users/me", ADA)).json()["can_do"]


@pytest.mark.rule("ecotaxa.others")
@pytest.mark.parametrize(("method", "path"), EVERY_JOB_OPERATION)
async def test_other_peoples_jobs_are_a_403_but_not_for_an_administrator(
    lab: Lab, method: str, path: str
) -> None:
    job = await lab.settled("export")
    body: Any = {} if method == "POST" else None

    answer = await lab.call(method, f"/jobs/{job['id']}{path}", TOMAS, json=body)
    assert (answer.status_code, answer.json()) == (403, NO)
    assert await lab.job(job["id"]) == job

    assert (await lab.call(method, f"/jobs/{job['id']}{path}", ADA, json=body)).status_code == 200


@pytest.mark.rule("ecotaxa.for-admin")
async def test_the_list_of_everybody_is_for_administrators(lab: Lab) -> None:
    job_id = await lab.start("export")
    answer = await lab.get("/jobs/?for_admin=true")
    assert (answer.status_code, answer.json()) == (403, NO)

    assert job_id in {job["id"] for job in (await lab.get("/jobs/?for_admin=true", ADA)).json()}
    assert (await lab.get("/jobs/", ADA)).json() == []


@pytest.mark.rule("ecotaxa.get.slash")
@pytest.mark.parametrize(
    ("path", "leads_to"),
    [
        ("/jobs", "/jobs/"),
        ("/jobs?job_status=R", "/jobs/?job_status=R"),
        ("/users/me/", "/users/me"),
        ("/jobs/1/log/", "/jobs/1/log"),
    ],
)
async def test_a_slash_too_much_or_too_few_leads_to_the_public_address(
    lab: Lab, path: str, leads_to: str
) -> None:
    answer = await lab.get(path)

    assert answer.status_code == 307
    assert answer.headers["location"] == f"https://ecotaxa.example:443/api{leads_to}"


@pytest.mark.rule("ecotaxa.get.slash")
@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/jobs/5"), ("HEAD", "/jobs/5/file"), ("POST", "/jobs/5/restart"), ("PUT", "/jobs/")],
)
async def test_a_wrong_method_is_a_405(lab: Lab, method: str, path: str) -> None:
    assert (await lab.call(method, path)).status_code == 405


async def test_an_unknown_path_is_a_404_of_another_wording(lab: Lab) -> None:
    answer = await lab.get("/nothing/here")

    assert (answer.status_code, answer.json()) == (404, {"detail": "Not Found"})


@pytest.mark.rule("ecotaxa.get.unknown")
@pytest.mark.parametrize(("method", "path"), EVERY_JOB_OPERATION)
@pytest.mark.parametrize(
    ("job_id", "status"),
    [("424242", 404), ("99999999999999", 404), ("-424242", 404), ("abc", 422), ("1.5", 422)],
)
async def test_unknown_jobs_are_a_404_and_words_a_422(
    lab: Lab, method: str, path: str, job_id: str, status: int
) -> None:
    answer = await lab.call(method, f"/jobs/{job_id}{path}", json={} if method == "POST" else None)

    assert answer.status_code == status
    if status == 404:
        assert answer.json() == {"detail": "Not found."}
    else:
        (error,) = answer.json()["detail"]
        assert error["loc"] == ["path", "job_id"]
        assert error["type"] == "type_error.integer"


@pytest.mark.rule("ecotaxa.status")
async def test_the_server_says_that_it_is_up(lab: Lab) -> None:
    answer = await lab.get("/status", None)

    assert (answer.text, answer.headers["content-type"]) == ("UP!", "text/plain; charset=utf-8")
