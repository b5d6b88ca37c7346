"""The control interface: what tests and the demo's page do behind the scenes."""

import asyncio
import json
import re
import sys
from collections.abc import AsyncIterator

import httpx
import pytest
from aiohttp import web

from bot.sandbox import server
from bot.sandbox.ecotaxa import KEEPALIVE_SECONDS, EcoTaxa
from tests.sandbox.lab import ADA, ELENA, TOMAS, Lab, Open


async def test_the_state_tells_everything(lab: Lab) -> None:
    first, second = await lab.start("export"), await lab.start("ask", who=TOMAS)
    state = await lab.seen("state")

    assert state.keys() == {"speed", "faults", "users", "projects", "jobs", "kinds"}
    assert (state["speed"], state["faults"]) == (50, [])
    assert [job["id"] for job in state["jobs"]] == [second, first]
    assert {"export", "ask-300", "nasty"} <= {kind["kind"] for kind in state["kinds"]}
    assert [user["email"] for user in state["users"] if user["is_admin"]] == [ADA]
    assert len(state["users"]) > 40
    assert len(state["projects"]) == 8


async def test_every_kind_can_be_started_and_comes_to_a_state_of_its_own(open_lab: Open) -> None:
    lab = await open_lab(speed=2000, slots=50)
    kinds = [kind["kind"] for kind in (await lab.seen("state"))["kinds"]]
    jobs = {kind: await lab.start(kind) for kind in kinds}
    states = {kind: (await lab.settle(job_id))["state"] for kind, job_id in jobs.items()}

    assert {kind for kind, state in states.items() if state == "A"} == {
        "ask",
        "ask-300",
        "ask-taxa",
        "ask-users",
        "nasty",
    }
    assert {kind for kind, state in states.items() if state == "E"} == {
        "bad-import",
        "empty-error",
        "fail-1000",
        "html-error",
        "nasty-error",
        "sql-error",
    }


@pytest.mark.parametrize(
    ("name", "order"),
    [
        ("start", {"as": ELENA, "kind": "nothing"}),
        ("start", {"as": "nobody@lab.example", "kind": "export"}),
        ("start", {"as": ELENA, "kind": "export", "options": {"colour": "red"}}),
        ("speed", {"speed": 0}),
        ("set", {"job_id": 99}),
        ("break", {"fire": True}),
        ("break", {"down": True, "paths": "("}),
    ],
)
async def test_an_order_that_makes_no_sense_is_a_400(lab: Lab, name: str, order: dict[str, object]) -> None:
    answer = await lab.http.post(f"/_control/ecotaxa/{name}", json=order)

    assert answer.status_code == 400
    assert answer.json()["error"]


async def test_a_job_can_be_started_in_a_project_of_ones_choice(lab: Lab) -> None:
    assert (await lab.job(await lab.start("export", project=5)))["params"]["req"]["project_id"] == 5
    assert (await lab.job(await lab.start("import", project=3)))["params"]["prj_id"] == 3


@pytest.mark.rule("ecotaxa.load.big-list")
async def test_thousands_of_old_jobs_can_be_made_at_once(lab: Lab) -> None:
    made = (await lab.control("jobs", count=5000, padding=100, **{"as": ELENA}))["job_ids"]
    listed = await lab.get("/jobs/")

    assert sorted(job["id"] for job in listed.json()) == made
    assert 3_000_000 < len(listed.content) < 7_000_000
    assert (await lab.get(f"/jobs/{made[0]}/file")).status_code == 200


async def test_an_old_job_of_any_state_stays_as_it_is(lab: Lab) -> None:
    made = [
        (await lab.control("jobs", state=state, type="FileImport", **{"as": ELENA}))["job_ids"][0]
        for state in "PRAEF"
    ]
    await lab.settled("export")

    assert "".join([(await lab.job(job_id))["state"] for job_id in made]) == "PRAEF"


@pytest.mark.rule("ecotaxa.job.odd-fields")
async def test_fields_can_be_forced_and_removed(open_lab: Open) -> None:
    lab = await open_lab(speed=20)
    job_id = await lab.start("long-export")
    await lab.settle(job_id, "R")
    await lab.control(
        "set", job_id=job_id, state="X", progress_msg=None, progress_pct=140, remove=["question"]
    )
    forced = await lab.job(job_id)
    assert (forced["state"], forced["progress_msg"], forced["progress_pct"]) == ("X", None, 140)
    assert "question" not in forced

    await lab.control("speed", speed=500)
    await lab.settled("export")
    assert await lab.job(job_id) == forced


@pytest.mark.rule("ecotaxa.job.stuck")
@pytest.mark.parametrize("state", ["P", "R"])
async def test_a_frozen_job_does_not_move_by_itself_and_can_be_released(open_lab: Open, state: str) -> None:
    lab = await open_lab(speed=20)
    job_id = await lab.start("export")
    await lab.settle(job_id, state)
    await lab.control("set", job_id=job_id, freeze=True)
    await lab.settled("export")
    assert (await lab.job(job_id))["state"] == state

    await lab.control("set", job_id=job_id, freeze=False)
    assert (await lab.settle(job_id))["state"] == "F"


async def test_a_server_that_is_down_drops_connections_until_it_is_healed(lab: Lab) -> None:
    await lab.login(ELENA)
    assert await lab.control("break", down=True) == {"faults": [{"down": True}]}
    for _ in range(2):
        with pytest.raises(httpx.TransportError):
            await lab.get("/jobs/")
    assert [entry["status"] for entry in (await lab.seen("traffic"))["entries"]][-2:] == [None, None]

    assert await lab.control("break", heal=True) == {"faults": []}
    assert (await lab.get("/jobs/")).status_code == 200


async def test_a_slow_server_answers_late(lab: Lab) -> None:
    await lab.login(ELENA)
    await lab.control("break", slow=0.2)
    await lab.get("/jobs/")

    assert (await lab.seen("traffic"))["entries"][-1]["ms"] >= 190


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("stacktrace", "text/plain; charset=utf-8"),
        ("html", "text/html; charset=utf-8"),
        ("json", "application/json"),
    ],
)
async def test_a_fault_may_answer_any_status_in_any_dress(lab: Lab, body: str, content_type: str) -> None:
    await lab.control("break", status=503, body=body, paths="^/jobs/")
    answer = await lab.get("/jobs/")

    assert (answer.status_code, answer.headers["content-type"]) == (503, content_type)


async def test_a_truncated_answer_may_be_honest_about_its_length_or_not(lab: Lab) -> None:
    await lab.control("jobs", count=20, **{"as": ELENA})
    await lab.control("break", truncate=True, paths="^/jobs/", times=1)
    cut = await lab.get("/jobs/")
    assert cut.status_code == 200
    with pytest.raises(json.JSONDecodeError):
        cut.json()

    await lab.control("break", truncate=True, honest_length=False, paths="^/jobs/", times=1)
    with pytest.raises(httpx.RemoteProtocolError):
        await lab.get("/jobs/")
    assert len((await lab.get("/jobs/")).json()) == 20


async def test_garbage_says_that_it_is_json(lab: Lab) -> None:
    await lab.control("break", garbage=True, paths="^/jobs/")
    answer = await lab.get("/jobs/")

    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    with pytest.raises(ValueError, match=r"codec|Expecting"):
        answer.json()


async def test_a_fault_can_be_about_some_requests_and_for_some_times(lab: Lab) -> None:
    job = await lab.settled("import")
    await lab.control("break", status=500, paths="/restart$", methods=["get"], times=2)
    await lab.control("break", status=502, paths="^/users/", methods=["POST"])
    statuses = [(await lab.get(f"/jobs/{job['id']}/restart")).status_code for _ in range(3)]

    assert statuses == [500, 500, 200]
    assert (await lab.get("/users/me")).status_code == 200
    assert (await lab.seen("state"))["faults"] == [{"status": 502, "paths": "^/users/", "methods": ["POST"]}]


async def test_several_faults_may_stand_at_once(lab: Lab) -> None:
    await lab.login(ELENA)
    await lab.control("break", slow=0.1)
    await lab.control("break", status=500)
    answer = await lab.get("/jobs/")

    assert answer.status_code == 500
    assert answer.elapsed.total_seconds() >= 0.1


async def test_traffic_tells_who_asked_what_but_no_secret(lab: Lab) -> None:
    token = await lab.login(ELENA)
    await lab.get("/jobs/?job_status=R")
    await lab.get("/jobs/7/", None)
    traffic = await lab.seen("traffic")
    login, listed, refused = traffic["entries"]

    assert (login["method"], login["path"], login["status"], login["user_id"]) == (
        "POST",
        "/login",
        200,
        None,
    )
    assert (listed["path"], listed["query"], listed["user_id"]) == ("/jobs/", "job_status=R", 1)
    assert refused["status"] == 403
    assert (await lab.seen("traffic", since=listed["seq"]))["entries"] == [refused]
    assert not re.search(f"{re.escape(token)}|plankton|Bearer", json.dumps(traffic))


async def test_traffic_tells_how_many_requests_stood_at_once(lab: Lab) -> None:
    await lab.login(ELENA)
    await lab.login(TOMAS)
    await lab.control("break", slow=0.1)
    await asyncio.gather(lab.get("/jobs/"), lab.get("/jobs/"), lab.get("/jobs/"), lab.get("/jobs/", TOMAS))

    assert (await lab.seen("traffic"))["peak_concurrency_by_user"] == {"1": 3, "3": 1}


async def test_events_tell_of_every_change(lab: Lab) -> None:
    async with asyncio.timeout(30), lab.http.stream("GET", "/_control/ecotaxa/events") as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        started = asyncio.create_task(lab.start("export"))
        lines = [line async for line in _first(stream, 6)]
        await started

    data = [json.loads(line.removeprefix("data: "))["seq"] for line in lines if line.startswith("data: ")]
    assert "event: change" in lines
    assert data == sorted(data) != []


async def _first(stream: httpx.Response, count: int) -> AsyncIterator[str]:
    left = count
    async for line in stream.aiter_lines():
        yield line
        left -= 1
        if not left:
            return


async def test_a_reset_forgets_everything_but_logins_and_job_numbers(lab: Lab) -> None:
    job_id = await lab.start("long-export")
    await lab.control("break", down=True, paths="nothing")
    await lab.control("deactivate", active=False, **{"as": TOMAS})
    await lab.login(ELENA)
    await lab.control("reset")
    state = await lab.seen("state")

    assert (state["jobs"], state["faults"], (await lab.seen("traffic"))["entries"]) == ([], [], [])
    assert (await lab.get("/jobs/", TOMAS)).status_code == 200
    assert (await lab.get("/jobs/")).status_code == 200
    assert await lab.start("export") == job_id + 1


@pytest.mark.rule("ecotaxa.pages")
async def test_the_pages_behind_links_are_for_people(lab: Lab) -> None:
    job = await lab.settled("nasty-error")
    page = (await lab.http.get(f"/ecotaxa/gui/job/show/{job['id']}")).text
    assert "FileImport in state E" in page
    assert "<!channel>" not in page

    assert "Svalbard net samples &lt;WP3&gt;" in (await lab.http.get("/ecotaxa/prj/6")).text
    assert (await lab.http.get("/ecotaxa/gui/job/show/424242")).status_code == 404
    assert (await lab.http.get("/ecotaxa/prj/424242")).status_code == 404


async def test_the_stand_in_leaves_the_rest_of_the_application_alone() -> None:
    async def home(_request: web.Request) -> web.Response:
        return web.Response(text="home")

    app = web.Application()
    app.router.add_get("/", home)
    EcoTaxa().add_to(app)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        async with httpx.AsyncClient(base_url=f"http://{host}:{port}") as http:
            assert (await http.get("/")).text == "home"
            assert (await http.get("/nothing")).text == "404: Not Found"
    finally:
        await runner.cleanup()


async def test_the_stand_in_can_be_served_and_told_to_start_jobs_from_a_shell() -> None:
    module = (sys.executable, "-m", "bot.sandbox.ecotaxa")
    server = await asyncio.create_subprocess_exec(
        *module, "--port", "0", "--speed", "50", stdout=asyncio.subprocess.PIPE
    )
    assert server.stdout is not None
    try:
        base = (await server.stdout.readline()).decode().strip()
        assert base.endswith("/ecotaxa/api")
        starter = await asyncio.create_subprocess_exec(
            *module, "start", "--base", base, "--as", ELENA, "export", stdout=asyncio.subprocess.PIPE
        )
        told, _ = await starter.communicate()
        assert told.strip() == b"1"
        async with httpx.AsyncClient() as http:
            page = await http.get(base.replace("/api", "/gui/job/show/1"))
            assert "GeneralExport" in page.text
    finally:
        server.terminate()
        assert await server.wait() == 0


@pytest.mark.rule("ecotaxa.load.idle")
async def test_an_idle_connection_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert KEEPALIVE_SECONDS == 5
    monkeypatch.setattr(server, "KEEPALIVE_SECONDS", 0.2)
    sandbox = server.Sandbox(0)
    await sandbox.start()
    reader, writer = await asyncio.open_connection("127.0.0.1", int(sandbox.url.rpartition(":")[2]))
    writer.write(b"GET /ecotaxa/api/status HTTP/1.1\r\nHost: lab\r\n\r\n")
    async with asyncio.timeout(10):
        answer = await reader.read()
    writer.close()
    await sandbox.stop()

    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b"connection: close" not in answer.lower()
