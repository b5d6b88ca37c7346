"""The API's operations on jobs."""

import hashlib
import re
from datetime import UTC, datetime

from aiohttp import web

from bot.sandbox.ecotaxa.files import JobFile, tampered
from bot.sandbox.ecotaxa.front import STRUCK, drop
from bot.sandbox.ecotaxa.jobs import STATES, Job
from bot.sandbox.ecotaxa.refusals import (
    Broken,
    Refused,
    answer,
    boolean,
    integer,
    json_body,
    member,
    not_allowed,
    object_of,
)
from bot.sandbox.ecotaxa.world import World

BROKEN_LOG_READS = 0.03
"""The share of reads of a running job's log that break off."""


class JobsApi:
    """`/jobs/…`."""

    def __init__(self, world: World) -> None:
        self._world = world

    def add_to(self, router: web.UrlDispatcher) -> None:
        """Add the routes; a slash at the end is there or not as the server has it."""
        router.add_route("GET", "/jobs/", self.list_jobs)
        router.add_route("GET", "/jobs/{job_id}/", self.get_job)
        router.add_route("GET", "/jobs/{job_id}/log", self.get_log)
        router.add_route("GET", "/jobs/{job_id}/file", self.get_file)
        router.add_route("GET", "/jobs/{job_id}/restart", self.restart)
        router.add_route("POST", "/jobs/{job_id}/answer", self.reply)
        router.add_route("DELETE", "/jobs/{job_id}", self.erase)

    async def list_jobs(self, request: web.Request) -> web.Response:
        """One's own jobs, or everybody's for an administrator."""
        caller = self._world.caller(request.headers.get("Authorization"))
        for_admin = boolean(request.query.get("for_admin"), "query", "for_admin")
        state, job_type = request.query.get("job_status"), request.query.get("job_type")
        if any(fault.ignore_filters for fault in request[STRUCK]):
            state = job_type = None
        if state is not None:
            member(state, STATES, "query", "job_status")
        if for_admin and not caller.is_admin:
            raise not_allowed()
        return answer(self._world.jobs.listed(None if for_admin else caller.id, job_type, state))

    async def get_job(self, request: web.Request) -> web.Response:
        """One job."""
        return answer(self._job(request).raw)

    async def get_log(self, request: web.Request) -> web.StreamResponse:
        """The whole log; now and then it breaks off while the job writes it."""
        job = self._job(request)
        if job.id < 0 or any(fault.log_missing for fault in request[STRUCK]):
            raise Broken
        text = job.log_text
        modified = datetime.fromtimestamp(self._world.clock(), UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")
        etag = hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
        response = web.Response(text=text, headers={"last-modified": modified, "etag": etag})
        if job.state == "R" and self._world.rng.random() < BROKEN_LOG_READS:
            response.text = text[: len(text) // 2]
            response.headers["Content-Length"] = str(len(text.encode()))
            await response.prepare(request)
            await response.write_eof()
            return drop(request)
        return response

    async def get_file(self, request: web.Request) -> web.StreamResponse:
        """The file of a finished export, from any byte on."""
        job = self._job(request)
        self._world.jobs.touch(job)
        if job.file is None or job.state != "F":
            raise Broken
        wrongs = {fault.file for fault in request[STRUCK]}
        file = tampered(job.file, wrongs)
        headers = {"content-disposition": f'attachment; filename="{file.name}"', "accept-ranges": "bytes"}
        wanted = None if "no_ranges" in wrongs else request.headers.get("Range")
        start = 0
        if wanted is not None:
            start = _open_range(wanted, file.size)
            headers["content-range"] = f"bytes {start}-{file.size - 1}/{file.size}"
        response = web.StreamResponse(status=200 if wanted is None else 206, headers=headers)
        response.content_type = file.media_type
        response.content_length = file.size - start
        return await self._stream(request, response, file, start)

    async def restart(self, request: web.Request) -> web.Response:
        """Start a failed job again; 200 whether or not it was one."""
        self._world.jobs.restart(self._job(request))
        return answer(None)

    async def reply(self, request: web.Request) -> web.Response:
        """Reply to an asking job; 200 whether or not it was one."""
        body = await json_body(request)
        caller = self._world.caller(request.headers.get("Authorization"))
        job_id = integer(request.match_info["job_id"], "path", "job_id")
        reply = object_of({} if body is None else body, "body")
        self._world.jobs.answer(self._world.job_of(caller, job_id), reply)
        return answer(None)

    async def erase(self, request: web.Request) -> web.Response:
        """Kill a living job, delete one that has ended."""
        self._world.erase(self._job(request))
        return answer(None)

    def _job(self, request: web.Request) -> Job:
        caller = self._world.caller(request.headers.get("Authorization"))
        job_id = integer(request.match_info["job_id"], "path", "job_id")
        return self._world.job_of(caller, job_id)

    async def _stream(
        self, request: web.Request, response: web.StreamResponse, file: JobFile, start: int
    ) -> web.StreamResponse:
        cuts = [fault.cut_after for fault in request[STRUCK] if fault.cut_after is not None]
        cuts += [(file.size - start) // 2 for fault in request[STRUCK] if fault.truncate]
        end = min([file.size, *(start + cut for cut in cuts)])
        cut = end < file.size
        await response.prepare(request)
        for chunk in file.chunks(start):
            await response.write(chunk[: end - start])
            start += len(chunk)
            if start >= end:
                break
        if cut:
            return drop(request)
        await response.write_eof()
        return response


def _open_range(wanted: str, size: int) -> int:
    """Where an open range begins; every other range is refused."""
    match = re.fullmatch(r"bytes=(\d+)-", wanted)
    if match is None or int(match[1]) > size:
        raise Refused(416, f"Invalid/unsupported request range (Range:'{wanted}')")
    return int(match[1])
