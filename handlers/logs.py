"""A job's log, what went wrong in it, and both as files."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck

from bot import joblog, messages
from bot.failures import all_lines
from bot.joblog import Tail
from bot.jobs import Job, JobState
from bot.messages import Message
from handlers.context import Request

WHOLE_BYTES = 5_000_000
"""As much of a log is sent as a file."""


async def show_log(request: Request, job_id: int) -> None:
    """Show the last entries of a job's log, where it was asked."""
    await _answer(request, await _log_message(request, job_id))


async def log_clicked(request: Request, ack: AsyncAck) -> None:
    """*Log* was pressed."""
    await ack()
    await show_log(request, request.job_id)


async def log_refreshed(request: Request, ack: AsyncAck) -> None:
    """Show the last entries anew, in place."""
    await ack()
    await request.reply(await _log_message(request, request.job_id), replace=True)


async def whole_log_clicked(request: Request, ack: AsyncAck) -> None:
    """Send all of the log to the person alone, wherever *Whole log* was pressed."""
    await ack()
    await _once(request, _send_log(request))


async def errors_clicked(request: Request, ack: AsyncAck) -> None:
    """*What went wrong* or *Warnings* was pressed."""
    await ack()
    job = await _job(request)
    await _answer(request, messages.explained(job, request.services.web_url))


async def all_errors_clicked(request: Request, ack: AsyncAck) -> None:
    """Send every line of them to the person alone."""
    await ack()
    await _once(request, _send_errors(request))


async def _once(request: Request, sending: Coroutine[Any, Any, None]) -> None:
    """Send a file, unless the same press is being answered already."""
    name = f"{request.action['action_id']} {request.person.key}"
    if request.services.work.is_under_way(name):
        sending.close()
        return
    await request.services.work.start(sending, name=name)


async def _send_log(request: Request) -> None:
    job, log = await _read(request, request.job_id, WHOLE_BYTES)
    # Megabytes to look through: long enough to keep everybody else waiting.
    text = await asyncio.to_thread(joblog.redacted, log.text)
    await _share(request, f"job-{job.id}-log.txt", text, messages.whole_log(job, is_cut=log.is_cut))
    shown = messages.job_log(job, joblog.entries(log.text), request.services.web_url, is_sent=True)
    await request.reply(shown, replace=True)


async def _send_errors(request: Request) -> None:
    job = await _job(request)
    lines = await asyncio.to_thread(all_lines, job)
    what = "remarks" if job.state is JobState.FINISHED else "errors"
    await _share(request, f"job-{job.id}-{what}.txt", "\n".join(lines), messages.all_errors(job, len(lines)))
    shown = messages.explained(job, request.services.web_url, is_sent=True)
    await request.reply(shown, replace=True)


async def _job(request: Request) -> Job:
    link = await request.link()
    return await request.services.ecotaxa.get_job(link.token, request.job_id)


async def _read(request: Request, job_id: int, limit: int) -> tuple[Job, Tail]:
    link = await request.link()
    ecotaxa = request.services.ecotaxa
    job = await ecotaxa.get_job(link.token, job_id)
    async with ecotaxa.get_job_log(link.token, job_id) as chunks:
        return job, await joblog.tail(chunks, limit)


async def _log_message(request: Request, job_id: int) -> Message:
    job, log = await _read(request, job_id, joblog.LOOKED_AT)
    return messages.job_log(job, joblog.entries(log.text), request.services.web_url)


async def _answer(request: Request, message: Message) -> None:
    """Answer where it was asked; in the direct conversation for good, to come back to."""
    if request.channel and await request.is_direct():
        await request.slack.post(request.person, message)
    else:
        await request.reply(message)


async def _share(request: Request, filename: str, text: str, comment: str) -> None:
    uploads = request.services.uploads.of(request.workspace)
    await request.slack.in_direct(
        request.person,
        lambda channel: uploads.share_text(channel, filename, text, comment=comment),
    )
