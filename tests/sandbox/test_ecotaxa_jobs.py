"""How jobs live: what moves them, what they leave behind."""

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.sandbox.lab import ELENA, TOMAS, Lab, Open

FIELDS = """
    id owner_id type state step progress_pct progress_msg creation_date updated_on
    params result errors question reply inside
"""


async def history(lab: Lab, job_id: int) -> list[dict[str, Any]]:
    """Every look of a job, until it has settled, that differs from the one before."""
    looks = [await lab.job(job_id)]
    async with asyncio.timeout(60):
        while looks[-1]["state"] not in "AEF":
            await asyncio.sleep(0.005)
            look = await lab.job(job_id)
            if look != looks[-1]:
                looks.append(look)
    return looks


@pytest.mark.rule("ecotaxa.job.progress", "ecotaxa.job.updated-on")
async def test_a_job_waits_then_runs_then_finishes(open_lab: Open) -> None:
    lab = await open_lab(speed=8)
    looks = await history(lab, await lab.start("export"))
    pending, running = looks[0], looks[1]
    assert (pending["state"], pending["progress_pct"], pending["progress_msg"]) == (
        "P",
        None,
        "Waiting for a slot",
    )

    # Running still shows what waiting showed, and did not touch the job.
    assert running == pending | {"state": "R"}

    # 100 % is there before the end.
    assert [(look["state"], look["progress_pct"], look["progress_msg"]) for look in looks[-2:]] == [
        ("R", 100, "Done"),
        ("F", 100, "Done"),
    ]
    assert looks[-2]["result"] == {}
    assert set(looks[-1]) == set(FIELDS.split())
    assert looks[-1]["result"].keys() == {"rowcount", "out_file"}


@pytest.mark.rule("ecotaxa.job.progress")
async def test_a_long_job_reports_on_its_way_and_once_goes_back(open_lab: Open) -> None:
    lab = await open_lab(speed=40)
    looks = await history(lab, await lab.start("long-export"))
    shown = [look["progress_pct"] for look in looks if look["progress_pct"] is not None]

    assert len(set(shown)) > 5
    assert any(later < earlier for earlier, later in pairwise(shown))
    assert len({look["progress_msg"] for look in looks}) > 3


async def test_a_speed_of_one_takes_its_time_until_it_is_changed(open_lab: Open) -> None:
    lab = await open_lab(speed=1)
    job_id = await lab.start("export")
    assert (await lab.job(job_id))["state"] == "P"

    assert await lab.control("speed", speed=100) == {"speed": 100}
    assert (await lab.settle(job_id))["state"] == "F"


@pytest.mark.rule("ecotaxa.job.dates")
async def test_dates_are_naive_and_utc(lab: Lab) -> None:
    job = await lab.job(await lab.start("export"))
    created = datetime.fromisoformat(job["creation_date"])

    assert created.tzinfo is None
    assert abs(datetime.now(UTC).replace(tzinfo=None) - created) < timedelta(minutes=1)


@pytest.mark.rule("ecotaxa.job.dates")
async def test_dates_follow_the_zone_of_the_server_but_logs_do_not(open_lab: Open) -> None:
    lab = await open_lab(zone=ZoneInfo("Asia/Tokyo"))
    job = await lab.job(await lab.start("export"))
    logged = datetime.fromisoformat((await lab.get(f"/jobs/{job['id']}/log")).text.split(",")[0])

    assert abs(datetime.fromisoformat(job["creation_date"]) - logged - timedelta(hours=9)) < timedelta(
        minutes=1
    )


@pytest.mark.rule("ecotaxa.list.order")
async def test_the_list_holds_ones_own_jobs_in_no_order(lab: Lab) -> None:
    await lab.control("jobs", count=30, **{"as": ELENA})
    await lab.control("jobs", count=3, **{"as": TOMAS})
    listed = [job["id"] for job in (await lab.get("/jobs/")).json()]

    assert sorted(listed) == list(range(1, 31))
    assert listed not in (sorted(listed), sorted(listed, reverse=True))


@pytest.mark.rule("ecotaxa.list.filters")
async def test_the_list_can_be_filtered_by_one_state_and_by_type(lab: Lab) -> None:
    for state in "PRAEF":
        await lab.control("jobs", count=2, state=state, type="FileImport", **{"as": ELENA})
    await lab.control("jobs", count=1, type="GeneralExport", **{"as": ELENA})

    for state in "PRAE":
        assert [job["state"] for job in (await lab.get(f"/jobs/?job_status={state}")).json()] == [state] * 2
    assert len((await lab.get("/jobs/?job_type=GeneralExport")).json()) == 1
    assert len((await lab.get("/jobs/?job_type=FileImport&job_status=F")).json()) == 2
    assert (await lab.get("/jobs/?job_type=Nope")).json() == []


@pytest.mark.rule("ecotaxa.list.filters")
async def test_an_unknown_filter_is_a_422(lab: Lab) -> None:
    (error,) = (await lab.get("/jobs/?job_status=Z")).json()["detail"]
    assert (error["loc"], error["ctx"]) == (["query", "job_status"], {"enum_values": list("PRAEF")})

    (error,) = (await lab.get("/jobs/?for_admin=maybe")).json()["detail"]
    assert error["type"] == "type_error.bool"


@pytest.mark.rule("ecotaxa.list.filters")
async def test_older_servers_ignore_the_filters(lab: Lab) -> None:
    await lab.control("jobs", count=2, state="F", **{"as": ELENA})
    await lab.control("break", ignore_filters=True)

    assert len((await lab.get("/jobs/?job_status=R")).json()) == 2


@pytest.mark.rule("ecotaxa.job.errors")
async def test_a_failed_import_tells_why_with_lines_that_continue_others(lab: Lab) -> None:
    job = await lab.settled("bad-import")

    assert job["state"] == "E"
    assert job["progress_msg"] == f"{len(job['errors'])} error(s) during run"
    assert any(line.startswith(" - ") for line in job["errors"])
    assert job["result"] == {"infos": []}


@pytest.mark.rule("ecotaxa.job.errors", "ecotaxa.job.messages")
@pytest.mark.parametrize(
    ("kind", "lines", "message"),
    [
        ("fail-1000", 1000, "1000 error(s) during run"),
        ("html-error", 1, "1 error(s) during run"),
        ("empty-error", 4, ""),
    ],
)
async def test_failures_come_in_many_sizes(lab: Lab, kind: str, lines: int, message: str) -> None:
    job = await lab.settled(kind)

    assert (job["state"], len(job["errors"]), job["progress_msg"]) == ("E", lines, message)


@pytest.mark.rule("ecotaxa.job.messages")
async def test_a_database_error_is_told_in_full(lab: Lab) -> None:
    message = (await lab.settled("sql-error"))["progress_msg"]

    assert 2900 < len(message) < 3200
    assert "\n" in message
    assert "INSERT INTO" in message


@pytest.mark.rule("ecotaxa.job.results")
@pytest.mark.parametrize(
    ("kind", "result"),
    [
        ("import", {"rowcount": 8}),
        ("subset", {"rowcount": 5}),
        ("simple-import", {"nb_images": 12}),
    ],
)
async def test_results_are_as_the_type_has_them(lab: Lab, kind: str, result: dict[str, int]) -> None:
    assert (await lab.settled(kind))["result"] == result


@pytest.mark.rule("ecotaxa.load.prediction")
async def test_a_prediction_waits_long_but_is_in_nobodys_way(open_lab: Open) -> None:
    lab = await open_lab(slots=1)
    prediction = await lab.start("prediction")
    await lab.settled("export")
    assert (await lab.job(prediction))["state"] == "P"

    await lab.control("speed", speed=2000)
    assert (await lab.settle(prediction))["state"] == "F"


@pytest.mark.rule("ecotaxa.job.purge")
async def test_the_nightly_purge_comes_by_itself(open_lab: Open) -> None:
    lab = await open_lab(speed=1_000_000)
    (job_id,) = (await lab.control("jobs", **{"as": ELENA}))["job_ids"]
    await lab.control("set", job_id=job_id, creation_date="2020-01-01T00:00:00.000000")
    async with asyncio.timeout(30):
        while True:
            if (await lab.get(f"/jobs/{job_id}/")).status_code == 404:
                break
            await asyncio.sleep(0.01)

    assert (await lab.get("/jobs/")).json() == []


@pytest.mark.rule("ecotaxa.load.timer")
async def test_only_so_many_jobs_run_at_once(open_lab: Open) -> None:
    lab = await open_lab(slots=1)
    first, second = await lab.start("export"), await lab.start("export")
    await lab.settle(first)
    assert (await lab.job(second))["state"] in "PR"

    assert (await lab.settle(second))["state"] == "F"


@pytest.mark.rule("ecotaxa.answer.null", "ecotaxa.restart", "ecotaxa.job.updated-on")
async def test_restart_and_answer_of_a_finished_job_do_nothing_but_touch_it(lab: Lab) -> None:
    before = await lab.settled("import")
    await lab.restart(before["id"])
    middle = await lab.job(before["id"])
    after = await lab.answer(before["id"], {"users": {}, "taxa": {}})

    assert before["updated_on"] < middle["updated_on"] < after["updated_on"]
    assert before | {"updated_on": None} == after | {"updated_on": None}


@pytest.mark.rule("ecotaxa.restart")
async def test_restart_of_a_waiting_or_asking_job_does_nothing(lab: Lab) -> None:
    asking = await lab.settled("ask-users")
    assert (await lab.restart(asking["id"]))["state"] == "A"

    waiting = await lab.start("prediction")
    await lab.get(f"/jobs/{waiting}/restart")
    assert (await lab.job(waiting))["progress_msg"] == "Waiting for a slot"


@pytest.mark.rule("ecotaxa.restart", "ecotaxa.job.leftovers")
async def test_a_restarted_job_says_so_and_keeps_its_errors_while_it_runs(open_lab: Open) -> None:
    lab = await open_lab(speed=8)
    failed = await lab.settled("bad-import")
    await lab.get(f"/jobs/{failed['id']}/restart")
    looks = await history(lab, failed["id"])

    assert (looks[0]["state"], looks[0]["progress_msg"]) == ("P", "Restarting")
    assert (looks[1]["state"], looks[1]["progress_msg"]) == ("R", "Restarting")
    assert all(look["errors"] == failed["errors"] for look in looks)


async def test_a_finished_run_clears_the_errors_of_the_one_before(lab: Lab) -> None:
    asking = await lab.settled("ask-users")
    failed = await lab.answer(asking["id"], {})
    assert failed["errors"]

    again = await lab.restart(asking["id"])
    assert again["errors"] == failed["errors"]
    done = await lab.answer(again["id"], {"users": {"e. rodriguez": 1}, "taxa": {}})
    assert (done["state"], done["errors"]) == ("F", [])


@pytest.mark.rule("ecotaxa.delete")
@pytest.mark.parametrize(("kind", "state"), [("prediction", "P"), ("long-export", "R"), ("ask-users", "A")])
async def test_deleting_a_living_job_kills_it_and_a_second_time_deletes_it(
    open_lab: Open, kind: str, state: str
) -> None:
    lab = await open_lab(speed=25)
    job_id = await lab.start(kind)
    await lab.settle(job_id, state)

    told = await lab.call("DELETE", f"/jobs/{job_id}")
    assert (told.status_code, told.json()) == (200, None)
    killed = await lab.job(job_id)
    assert (killed["state"], killed["progress_msg"]) == ("E", "Killed")

    await lab.call("DELETE", f"/jobs/{job_id}")
    assert (await lab.get(f"/jobs/{job_id}/")).status_code == 404
    assert (await lab.call("DELETE", f"/jobs/{job_id}")).status_code == 404


@pytest.mark.rule("ecotaxa.killed-restart")
async def test_a_killed_job_stays_killed_until_it_is_restarted(open_lab: Open) -> None:
    lab = await open_lab(speed=20)
    job_id = await lab.start("long-export")
    await lab.settle(job_id, "R")
    await lab.call("DELETE", f"/jobs/{job_id}")
    killed = await lab.job(job_id)
    await lab.control("speed", speed=200)
    await lab.settled("export")
    assert await lab.job(job_id) == killed

    assert (await lab.restart(job_id))["state"] == "F"


@pytest.mark.rule("ecotaxa.job.not-final")
async def test_a_job_that_survives_its_killing_finishes_by_itself(open_lab: Open) -> None:
    lab = await open_lab(speed=20)
    job_id = await lab.start("export", options={"survives_kill": True})
    await lab.settle(job_id, "R")
    await lab.call("DELETE", f"/jobs/{job_id}")
    assert (await lab.job(job_id))["state"] == "E"

    assert (await lab.settle(job_id, "F"))["progress_msg"] == "Done"


@pytest.mark.rule("ecotaxa.killed-import")
async def test_an_import_killed_while_it_writes_cannot_be_restarted(open_lab: Open) -> None:
    lab = await open_lab(speed=20)
    job_id = await lab.start("import", seconds=120)
    await lab.settle(job_id, "R")
    await lab.control("speed", speed=400)
    async with asyncio.timeout(30):
        while True:
            if (await lab.job(job_id))["progress_msg"] == "Importing objects":
                break
            await asyncio.sleep(0.005)
    await lab.call("DELETE", f"/jobs/{job_id}")

    job = await lab.restart(job_id)
    assert job["state"] == "E"
    assert "already in EcoTaxa" in job["errors"][0]


@pytest.mark.rule("ecotaxa.delete.archive")
async def test_a_deleted_job_is_in_the_archive_and_can_come_back_without_its_file(lab: Lab) -> None:
    job = await lab.settled("export")
    await lab.call("DELETE", f"/jobs/{job['id']}")
    archived = (await lab.get(f"/jobs/-{job['id']}/")).json()
    assert (archived["id"], archived["state"]) == (-job["id"], "F")
    assert (await lab.get("/jobs/")).json() == []
    for what in ("log", "file"):
        assert (await lab.get(f"/jobs/-{job['id']}/{what}")).status_code == 500

    told = await lab.call("DELETE", f"/jobs/-{job['id']}")
    assert (told.status_code, told.json()) == (200, None)
    assert (await lab.job(job["id"]))["state"] == "F"
    assert (await lab.get(f"/jobs/{job['id']}/file")).status_code == 500


@pytest.mark.rule("ecotaxa.job.purge")
async def test_finished_jobs_are_purged_after_7_days_and_others_after_30(lab: Lab) -> None:
    def ago(days: float) -> str:
        return (datetime.now(UTC) - timedelta(days=days)).replace(tzinfo=None).isoformat()

    finished = (await lab.control("jobs", count=2, state="F", **{"as": ELENA}))["job_ids"]
    failed = (await lab.control("jobs", count=2, state="E", **{"as": ELENA}))["job_ids"]
    for job_id, days in zip(finished + failed, (6.9, 7.1, 29.9, 30.1), strict=True):
        await lab.control("set", job_id=job_id, creation_date=ago(days))

    assert await lab.control("purge") == {"job_ids": [finished[1], failed[1]]}
    assert (await lab.get(f"/jobs/{finished[1]}/")).status_code == 404
    assert (await lab.get(f"/jobs/{finished[0]}/")).status_code == 200
