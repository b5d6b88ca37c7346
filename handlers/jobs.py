"""Seeing jobs: the list and the details, which refresh in place."""

from slack_bolt.context.ack.async_ack import AsyncAck

from bot import messages
from bot.filters import Filter
from bot.jobs import Job
from bot.language import say
from bot.links import Link
from bot.listing import ALL, place_load
from bot.live import ByResponse, ByUpdate, Screen
from handlers.context import Request


async def show_list(
    request: Request,
    page: int = 0,
    wanted: Filter = ALL,
    *,
    in_place: bool = False,
    anew: bool = False,
) -> None:
    """Show the jobs that are wanted, where it was asked; while some run, a list that can change moves.

    Typed in the direct conversation it is a message of its own.  Elsewhere it is seen by the person
    alone, and Slack lets such an answer to a command change only once a button on it was pressed.
    """
    services = request.services
    in_place = (in_place or request.in_place) and request.has_place
    link = await request.link()
    listing = await services.lister.page(link, page, wanted, anew=anew)
    sent = request.pressed
    screen: Screen | None = None
    if sent is None and not in_place and await request.is_direct():
        sent = await request.slack.post(request.person, services.live.render(listing, live=True))
        services.live.follow(link, listing, ByUpdate(request.slack, sent))
        return
    if in_place and not request.is_in_modal:
        screen = ByUpdate(request.slack, sent) if sent else _private(request)
        services.live.follow(link, listing, screen)
    await request.reply(services.live.render(listing, live=screen is not None), replace=in_place)


def _private(request: Request) -> ByResponse:
    """The message that was pressed, where the person alone sees it."""
    place = str((request.body.get("container") or {}).get("message_ts") or "")
    return ByResponse(request.slack, request.response_url, place=place)


async def show_job(request: Request, job_id: int, *, in_place: bool = False) -> None:
    """Show one job's details."""
    link = await request.link()
    services = request.services
    job = await services.ecotaxa.get_job(link.token, job_id)
    titles = await services.titles.find(link.token, messages.shown_projects(job))
    message = messages.job_details(
        job,
        now=services.clock(),
        web_url=services.web_url,
        titles=titles,
        owner=await _owner(request, link, job),
    )
    await request.reply(message, replace=in_place)


async def _owner(request: Request, link: Link, job: Job) -> str:
    """Whose job it is, where it is not the person's own: an administrator sees everybody's."""
    if job.owner_id is None or job.owner_id == link.token.ecotaxa_user_id:
        return ""
    names = await request.services.owners.find(link.token, [job.owner_id])
    return names.get(job.owner_id) or say("user {user}", user=job.owner_id)


async def refresh_clicked(request: Request, ack: AsyncAck) -> None:
    """Refresh the list, on the page it shows."""
    await ack()
    await show_list(request, *place_load(request.value), in_place=True, anew=True)


async def page_turned(request: Request, ack: AsyncAck) -> None:
    """Show another page of the list."""
    await ack()
    await show_list(request, *place_load(request.value), in_place=True)


async def filter_chosen(request: Request, ack: AsyncAck) -> None:
    """Show other jobs in the place of the list."""
    await ack()
    option = request.action.get("selected_option") or {}
    await show_list(request, *place_load(str(option.get("value") or "")), in_place=True)


async def details_clicked(request: Request, ack: AsyncAck) -> None:
    """Show a job of the list, below it."""
    await ack()
    await show_job(request, request.job_id)


async def job_refresh_clicked(request: Request, ack: AsyncAck) -> None:
    """Refresh a job's details where they stand."""
    await ack()
    await show_job(request, request.job_id, in_place=True)


async def web_opened(_request: Request, ack: AsyncAck) -> None:
    """A link button opens in the browser; Slack wants it acknowledged all the same."""
    await ack()
