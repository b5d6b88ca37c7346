"""Seeing jobs: the list and the details, which refresh in place."""

from slack_bolt.context.ack.async_ack import AsyncAck

from bot import messages
from bot.commands import HIGHEST_JOB
from bot.errors import NotFound
from bot.live import ByResponse, ByUpdate, Listing, Screen
from handlers.context import Request


async def show_list(request: Request, page: int = 0, *, in_place: bool = False) -> None:
    """Show the person's own jobs, where it was asked; while some run, a list that can change moves.

    Typed in the direct conversation it is a message of its own.  Elsewhere it is seen by the person
    alone, and Slack lets such an answer to a command change only once a button on it was pressed.
    """
    services = request.services
    in_place = in_place or request.in_place
    link = await request.link()
    listing = Listing(await services.ecotaxa.list_jobs(link.token), page)
    sent = request.pressed
    screen: Screen | None = None
    if sent is None and not in_place and await request.is_direct():
        sent = await services.slack.post(request.person, services.live.render(listing, live=True))
        screen = ByUpdate(services.slack, sent)
    else:
        if in_place:
            screen = (
                ByUpdate(services.slack, sent) if sent else ByResponse(services.slack, request.response_url)
            )
        await request.reply(services.live.render(listing, live=screen is not None), replace=in_place)
    if screen is not None:
        services.live.follow(link, listing, screen)


async def show_job(request: Request, job_id: int, *, in_place: bool = False) -> None:
    """Show one job's details."""
    link = await request.link()
    services = request.services
    job = await services.ecotaxa.get_job(link.token, job_id)
    message = messages.job_details(job, now=services.clock(), web_url=services.web_url)
    await request.reply(message, replace=in_place)


async def refresh_clicked(request: Request, ack: AsyncAck) -> None:
    """Refresh the list, on the page it shows."""
    await ack()
    await show_list(request, _page(request.value), in_place=True)


async def details_clicked(request: Request, ack: AsyncAck) -> None:
    """Show a job of the list, below it."""
    await ack()
    await show_job(request, job_id(request.value))


async def job_refresh_clicked(request: Request, ack: AsyncAck) -> None:
    """Refresh a job's details where they stand."""
    await ack()
    await show_job(request, job_id(request.value), in_place=True)


async def web_opened(_request: Request, ack: AsyncAck) -> None:
    """A link button opens in the browser; Slack wants it acknowledged all the same."""
    await ack()


def _page(value: str) -> int:
    return min(int(value), 10_000) if value.isdecimal() else 0


def job_id(value: str) -> int:
    """The job that a button stands for; raises NotFound when its value names none that can be."""
    number = value.partition(" ")[0]
    if not number.isdecimal() or not 0 < int(number) <= HIGHEST_JOB:
        raise NotFound
    return int(number)
