"""Logs and files of jobs."""

import asyncio
import contextlib
import io
import re
import zipfile

import httpx
import pytest

from bot.sandbox.ecotaxa.archive import MEMBER, SMALLEST
from tests.sandbox.lab import ELENA, Lab, Open


@pytest.mark.rule("ecotaxa.log")
async def test_a_log_is_there_from_the_creation_on_and_knows_no_ranges(open_lab: Open) -> None:
    lab = await open_lab(speed=20)
    job_id = await lab.start("export")
    early = await lab.get(f"/jobs/{job_id}/log")
    assert (early.status_code, early.headers["content-type"]) == (200, "text/plain; charset=utf-8")
    assert f"Creating job {job_id}" in early.text

    await lab.settle(job_id)
    late = await lab.get(f"/jobs/{job_id}/log", headers={"Range": "bytes=10-20"})
    assert late.status_code == 200
    assert late.text.startswith(early.text)
    assert "Running in PID" in late.text


@pytest.mark.rule("ecotaxa.log.missing")
async def test_a_log_may_not_be_there_yet(lab: Lab) -> None:
    job_id = await lab.start("export")
    await lab.control("break", log_missing=True, paths="/log$", times=1)

    assert (await lab.get(f"/jobs/{job_id}/log")).status_code == 500
    assert (await lab.get(f"/jobs/{job_id}/log")).status_code == 200


@pytest.mark.rule("ecotaxa.log.breaks")
async def test_a_read_of_a_running_jobs_log_breaks_off_now_and_then(lab: Lab) -> None:
    (job_id,) = (await lab.control("jobs", state="R", **{"as": ELENA}))["job_ids"]
    broken = 0
    for _ in range(300):
        try:
            await lab.get(f"/jobs/{job_id}/log")
        except httpx.TransportError:
            broken += 1

    assert 1 <= broken <= 30


@pytest.mark.rule("ecotaxa.file")
async def test_a_finished_export_has_a_file(lab: Lab) -> None:
    job = await lab.settled("export")
    answer = await lab.get(f"/jobs/{job['id']}/file")

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["content-disposition"] == f'attachment; filename="{job["result"]["out_file"]}"'
    assert answer.headers["content-length"] == str(len(answer.content))
    assert answer.headers["accept-ranges"] == "bytes"
    (name,) = zipfile.ZipFile(io.BytesIO(answer.content)).namelist()
    assert name.endswith(".tsv")


@pytest.mark.rule("ecotaxa.file")
async def test_a_summary_is_a_table_without_a_zip(lab: Lab) -> None:
    job = await lab.settled("summary")
    answer = await lab.get(f"/jobs/{job['id']}/file")

    assert answer.headers["content-type"].startswith("text/tab-separated-values")
    assert answer.text.startswith("object_id\t")


@pytest.mark.rule("ecotaxa.file.touches", "ecotaxa.job.updated-on")
async def test_a_download_touches_the_job(lab: Lab) -> None:
    job = await lab.settled("export")
    await lab.get(f"/jobs/{job['id']}/file")
    after = await lab.job(job["id"])

    assert after["updated_on"] > job["updated_on"]
    assert after["state"] == "F"


@pytest.mark.rule("ecotaxa.file.ranges")
async def test_only_open_ranges_are_served(lab: Lab) -> None:
    path = f"/jobs/{(await lab.settled('export'))['id']}/file"
    whole = (await lab.get(path)).content
    size = len(whole)

    for start in (0, 100, size):
        part = await lab.get(path, headers={"Range": f"bytes={start}-"})
        assert part.status_code == 206
        assert part.headers["content-range"] == f"bytes {start}-{size - 1}/{size}"
        assert part.content == whole[start:]
    for bad in ("bytes=0-99", "bytes=-100", f"bytes={size + 1}-", "items=1-"):
        refused = await lab.get(path, headers={"Range": bad})
        assert refused.status_code == 416
        assert refused.json() == {"detail": f"Invalid/unsupported request range (Range:'{bad}')"}
    assert (await lab.call("HEAD", path)).status_code == 405


@pytest.mark.rule("ecotaxa.file.none")
@pytest.mark.parametrize("kind", ["import", "subset", "prediction", "bad-import"])
async def test_a_job_without_a_file_answers_a_stack_trace(lab: Lab, kind: str) -> None:
    job_id = await lab.start(kind)
    if kind != "prediction":
        await lab.settle(job_id)
    answer = await lab.get(f"/jobs/{job_id}/file")

    assert (answer.status_code, answer.headers["content-type"]) == (500, "text/plain; charset=utf-8")
    assert "BACK-END" in answer.text
    assert 'File "/app' in answer.text


@pytest.mark.rule("ecotaxa.file.none")
async def test_the_connection_is_closed_after_a_stack_trace_without_being_announced(lab: Lab) -> None:
    job_id, token = await lab.start("import"), await lab.login(ELENA)
    reader, writer = await asyncio.open_connection(lab.http.base_url.host, lab.http.base_url.port)
    head = (
        f"GET /ecotaxa/api/jobs/{job_id}/file HTTP/1.1\r\nHost: lab\r\nAuthorization: Bearer {token}\r\n\r\n"
    )
    writer.write(head.encode())
    async with asyncio.timeout(30):
        answer = await reader.read()
    writer.close()

    assert answer.startswith(b"HTTP/1.1 500 ")
    assert b"connection: close" not in answer.lower()


async def test_a_huge_file_is_made_on_the_fly(lab: Lab) -> None:
    job = await lab.settled("big-export")
    path = f"/ecotaxa/api/jobs/{job['id']}/file"
    token = {"Authorization": f"Bearer {lab.tokens['elena@lab.example']}"}
    async with lab.http.stream("GET", path, headers=token) as answer:
        assert answer.headers["content-length"] == "2000000000"
        received = 0
        async for chunk in answer.aiter_raw():
            received += len(chunk)
            if received > 3_000_000:
                break

    tail = await lab.get(f"/jobs/{job['id']}/file", headers={"Range": "bytes=1999999000-"})
    assert len(tail.content) == 1000
    assert (
        tail.content
        == (await lab.get(f"/jobs/{job['id']}/file", headers={"Range": "bytes=1999998000-"})).content[1000:]
    )


@pytest.mark.rule("ecotaxa.file.ranges")
async def test_a_download_that_breaks_off_can_be_resumed(lab: Lab) -> None:
    job = await lab.settled("export", options={"bytes": 600_000})
    await lab.control("break", truncate=True, paths="/file$", times=1)
    received = b""

    async def download() -> None:
        nonlocal received
        token = {"Authorization": f"Bearer {await lab.login(ELENA)}"}
        async with lab.http.stream("GET", f"/ecotaxa/api/jobs/{job['id']}/file", headers=token) as answer:
            async for chunk in answer.aiter_raw():
                received += chunk

    with pytest.raises(httpx.TransportError):
        await download()
    rest = await lab.get(f"/jobs/{job['id']}/file", headers={"Range": f"bytes={len(received)}-"})
    whole = await lab.get(f"/jobs/{job['id']}/file")
    assert 0 < len(received) < 600_000
    assert received + rest.content == whole.content


@pytest.mark.parametrize("size", [SMALLEST, 1000, MEMBER + 131, 3 * MEMBER + 77])
async def test_a_file_made_on_the_fly_is_a_whole_archive_of_the_size_ordered(lab: Lab, size: int) -> None:
    job = await lab.settled("export", options={"bytes": size})
    whole = (await lab.get(f"/jobs/{job['id']}/file")).content
    rest = (await lab.get(f"/jobs/{job['id']}/file", headers={"Range": f"bytes={size // 3}-"})).content

    assert len(whole) == size
    assert zipfile.ZipFile(io.BytesIO(whole)).testzip() is None
    assert rest == whole[size // 3 :]


async def test_a_size_that_no_archive_has_fails_in_its_order(lab: Lab) -> None:
    answer = await lab.http.post(
        "/_control/ecotaxa/start", json={"as": ELENA, "kind": "export", "options": {"bytes": 7}}
    )

    assert answer.status_code == 400
    assert "an archive has" in answer.json()["error"]


async def test_a_download_breaks_off_where_and_as_often_as_told(lab: Lab) -> None:
    job = await lab.settled("export", options={"bytes": 900_000})
    await lab.control("break", cut_after=300_000, paths="/file$", times=2)
    token = {"Authorization": f"Bearer {await lab.login(ELENA)}"}
    received, answers = b"", 0
    while len(received) < 900_000:
        answers += 1
        span = token | ({"Range": f"bytes={len(received)}-"} if received else {})
        with contextlib.suppress(httpx.TransportError):
            async with lab.http.stream("GET", f"/ecotaxa/api/jobs/{job['id']}/file", headers=span) as answer:
                async for chunk in answer.aiter_raw():
                    received += chunk

    assert answers == 3
    assert zipfile.ZipFile(io.BytesIO(received)).testzip() is None


async def test_a_file_may_be_another_one_meanwhile(lab: Lab) -> None:
    job = await lab.settled("export")
    path = f"/jobs/{job['id']}/file"
    whole = (await lab.get(path)).content
    middle = len(whole) // 2

    async def spoilt(file: str, **headers: str) -> httpx.Response:
        await lab.control("break", file=file, paths="/file$", times=1)
        return await lab.get(path, headers=headers)

    renamed = await spoilt("renamed")
    assert f'"newer_{job["result"]["out_file"]}"' in renamed.headers["content-disposition"]
    assert renamed.content == whole
    longer = await spoilt("longer", Range="bytes=10-")
    assert longer.headers["content-range"] == f"bytes 10-{len(whole)}/{len(whole) + 1}"
    assert longer.content == whole[10:] + b"\n"
    shorter = await spoilt("shorter")
    assert shorter.content == whole[: len(whole) - len(whole) // 10]
    corrupt = (await spoilt("corrupt")).content
    assert [at for at in range(len(whole)) if whole[at] != corrupt[at]] == [middle]
    ignored = await spoilt("no_ranges", Range="bytes=10-")
    assert (ignored.status_code, ignored.content) == (200, whole)
    assert (await lab.get(path)).content == whole


@pytest.mark.rule("ecotaxa.log", "ecotaxa.job.secrets")
async def test_a_log_holds_dated_lines_parameters_and_the_stack_trace_of_a_failure(lab: Lab) -> None:
    job = await lab.settled("sql-error")
    lines = (await lab.get(f"/jobs/{job['id']}/log")).text.splitlines()

    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}:[\w.]+:INFO Creating job \d+", lines[0])
    assert any("Input Param = {" in line for line in lines)
    assert "Traceback (most recent call last):" in "\n".join(lines)
    assert any('File "/app/py/' in line for line in lines)
    assert any("[SQL: INSERT INTO obj_head" in line for line in lines)


@pytest.mark.rule("ecotaxa.job.secrets")
async def test_an_imports_log_names_the_people_of_its_files(lab: Lab) -> None:
    job = await lab.settled("ask-users")

    assert "e.rodriguez@example.org" in (await lab.get(f"/jobs/{job['id']}/log")).text


@pytest.mark.rule("ecotaxa.job.warnings")
async def test_a_finished_import_may_have_warnings(lab: Lab) -> None:
    job = await lab.settled("warned-import")

    assert job["state"] == "F"
    assert job["result"]["infos"] == ["14 object(s) don't have GPS information."]
    assert "2 image(s) are larger than 5 MB." in job["result"]["wrns"]
