"""Restart, stop and delete a job: typed, or by the buttons that stand on it."""

from collections.abc import Awaitable, Callable

from slack_bolt.context.ack.async_ack import AsyncAck

from bot import messages
from bot.deeds import Act, Deed
from bot.errors import NotFound
from bot.jobs import Job
from bot.links import Link
from bot.messages import Message
from handlers.context import Request


async def restart(request: Request, job_id: int) -> None:
    """Restart a failed or stopped job."""
    link = await request.link()
    await request.once()
    deed = await request.services.operations.restart(link, job_id)
    await request.reply(messages.deed_done(deed, request.services.web_url))


async def kill(request: Request, job_id: int) -> None:
    """Ask whether to stop a job, or say why there is nothing to stop."""
    await _ask(request, job_id, Act.KILL, messages.ask_kill)


async def delete(request: Request, job_id: int) -> None:
    """Ask whether to delete a job, or say why that cannot be now."""
    await _ask(request, job_id, Act.DELETE, messages.ask_delete)


async def _ask(request: Request, job_id: int, act: Act, question: Callable[[Job, str], Message]) -> None:
    services = request.services
    link = await request.link()
    job = await services.ecotaxa.get_job(link.token, job_id)
    if act.fits(job.state):
        await request.reply(question(job, services.web_url))
    else:
        await request.reply(messages.deed_done(Deed.refused(act, job), services.web_url))


async def restart_clicked(request: Request, ack: AsyncAck) -> None:
    """*Restart* was pressed."""
    await ack()
    await _do(request, request.services.operations.restart)


async def kill_clicked(request: Request, ack: AsyncAck) -> None:
    """*Stop* was pressed, and confirmed."""
    await ack()
    await _do(request, request.services.operations.kill)


async def delete_clicked(request: Request, ack: AsyncAck) -> None:
    """*Delete* was pressed, and confirmed."""
    await ack()
    await _do(request, request.services.operations.delete)


async def keep_clicked(request: Request, ack: AsyncAck) -> None:
    """Leave everything as it is."""
    await ack()
    await request.reply(messages.kept(), replace=True)


async def _do(request: Request, act: Callable[[Link, int], Awaitable[Deed]]) -> None:
    """Do it, and show what came of it in the place of the message whose button was pressed."""
    job_id = request.job_id
    link = await request.link()
    await request.once()
    try:
        deed = await act(link, job_id)
    except NotFound:
        message = messages.gone(job_id)
    else:
        message = messages.deed_done(deed, request.services.web_url)
    await request.reply(message, replace=True)
