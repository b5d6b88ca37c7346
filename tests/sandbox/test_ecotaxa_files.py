"""Logs and files of jobs."""

import asyncio
import io
import zipfile

import httpx
import pytest

from tests.sandbox.lab import ELENA, Lab, Open


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


async def test_a_log_may_not_be_there_yet(lab: Lab) -> None:
    job_id = await lab.start("export")
    await lab.control("break", log_missing=True, paths="/log$", times=1)

    assert (await lab.get(f"/jobs/{job_id}/log")).status_code == 500
    assert (await lab.get(f"/jobs/{job_id}/log")).status_code == 200


async def test_a_read_of_a_running_jobs_log_breaks_off_now_and_then(lab: Lab) -> None:
    (job_id,) = (await lab.control("jobs", state="R", **{"as": ELENA}))["job_ids"]
    broken = 0
    for _ in range(300):
        try:
            await lab.get(f"/jobs/{job_id}/log")
        except httpx.TransportError:
            broken += 1

    assert 1 <= broken <= 30


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


async def test_a_summary_is_a_table_without_a_zip(lab: Lab) -> None:
    job = await lab.settled("summary")
    answer = await lab.get(f"/jobs/{job['id']}/file")

    assert answer.headers["content-type"].startswith("text/tab-separated-values")
    assert answer.text.startswith("object_id\t")


async def test_a_download_touches_the_job(lab: Lab) -> None:
    job = await lab.settled("export")
    await lab.get(f"/jobs/{job['id']}/file")
    after = await lab.job(job["id"])

    assert after["updated_on"] > job["updated_on"]
    assert after["state"] == "F"


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


@pytest.mark.parametrize("kind", ["import", "subset", "prediction", "bad-import"])
async def test_a_job_without_a_file_answers_a_stack_trace(lab: Lab, kind: str) -> None:
    job_id = await lab.start(kind)
    if kind != "prediction":
        await lab.settle(job_id)
    answer = await lab.get(f"/jobs/{job_id}/file")

    assert (answer.status_code, answer.headers["content-type"]) == (500, "text/plain; charset=utf-8")
    assert "BACK-END" in answer.text
    assert 'File "/app' in answer.text


async def test_the_connection_is_closed_after_a_stack_trace_without_being_announced(lab: Lab) -> None:
    job_id, token = await lab.start("import"), await lab.login(ELENA)
    reader, writer = await asyncio.open_connection(lab.http.base_url.host, lab.http.base_url.port)
    head = (
        f"GET /ecotaxa/api/jobs/{job_id}/file HTTP/1.1\r\nHost: lab\r\nAuthorization: Bearer {token}\r\n\r\n"
    )
    writer.write(head.encode())
    async with asyncio.timeout(5):
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
