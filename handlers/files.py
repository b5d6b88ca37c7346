"""A job's file, brought into Slack."""

from slack_bolt.context.ack.async_ack import AsyncAck

from bot.jobs import Job, JobState
from bot.links import Link
from bot.live import ByResponse, ByUpdate, Screen
from bot.messages import Message, files
from bot.relay import Place, Standing
from handlers.context import Request


async def get_file(
    request: Request, job_id: int, *, in_place: bool = False, thread_ts: str | None = None
) -> None:
    """Bring a finished export's file to where it was asked.

    In a conversation with others it is asked first who shall see it; `thread_ts` is the thread of an
    earlier time, which the pressed message may not stand in.
    """
    found = await _with_file(request, job_id, in_place=in_place)
    if found is None:
        return
    link, job = found
    place = await _direct_place(request)
    if place is None:
        await request.reply(files.where_to(job, thread_ts or _thread(request)), replace=in_place)
        return
    is_begun = await _bring(request, link, job, place, in_place=in_place)
    if is_begun and _is_asked_elsewhere(request):
        await request.reply(files.comes_to_you(job), replace=in_place)


async def file_clicked(request: Request, ack: AsyncAck) -> None:
    """*Get the file* was pressed."""
    await ack()
    await get_file(request, request.job_id)


async def again_clicked(request: Request, ack: AsyncAck) -> None:
    """*Try again* or *Bring it again* was pressed: what is known of an earlier time no longer counts."""
    await ack()
    number = request.job_id
    request.services.relay.forget(request.person, number)
    await get_file(request, number, in_place=True, thread_ts=_thread_in_value(request))


async def share_clicked(request: Request, ack: AsyncAck) -> None:
    """*Share here, with everybody* was pressed."""
    await ack()
    found = await _with_file(request, request.job_id, in_place=True)
    if found is not None:
        place = Place(_channel(request), _thread_in_value(request), is_shared=True)
        await _bring(request, *found, place, in_place=True)


async def send_clicked(request: Request, ack: AsyncAck) -> None:
    """*Send it to me* was pressed: it goes to the direct conversation."""
    await ack()
    found = await _with_file(request, request.job_id, in_place=True)
    if found is None:
        return
    link, job = found
    place = Place(await request.slack.direct_channel(request.person, anew=True))
    if await _bring(request, link, job, place, in_place=False):
        await request.reply(files.comes_to_you(job), replace=True)


async def cancel_clicked(request: Request, ack: AsyncAck) -> None:
    """*Cancel* was pressed; that it stopped is told where its progress was."""
    await ack()
    number = request.job_id
    if not request.services.relay.cancel(request.person, number):
        await request.reply(files.not_stopped(number))


async def _with_file(request: Request, number: int, *, in_place: bool) -> tuple[Link, Job] | None:
    """The job as it is now and the person's link; None when it has no file, which the person is told."""
    link = await request.link()
    job = await request.services.ecotaxa.get_job(link.token, number)
    if job.state is JobState.FINISHED and job.out_file:
        return link, job
    await request.reply(files.no_file(job, request.services.web_url), replace=in_place)
    return None


async def _bring(request: Request, link: Link, job: Job, place: Place, *, in_place: bool) -> bool:
    """Begin to bring the file; tells whether it was begun, and the person if it was not."""
    await request.once()

    async def open_screen(message: Message) -> Screen:
        if in_place and not request.is_in_modal:
            screen: Screen = (
                ByUpdate(request.slack, request.pressed)
                if request.pressed
                else ByResponse(request.slack, request.response_url, left=5)
            )
            await screen.show(message)
            return screen
        sent = await request.slack.post_in(place.channel, message, thread_ts=place.thread_ts)
        return ByUpdate(request.slack, sent)

    is_elsewhere = _channel(request) != place.channel
    standing = request.services.relay.bring(link, job, place, open_screen)
    match standing:
        case Standing.UNDER_WAY:
            await request.reply(files.under_way(job), replace=in_place)
        case Standing.ARRIVED:
            await request.reply(files.is_here(job, is_elsewhere=is_elsewhere), replace=in_place)
        case Standing.MAYBE_ARRIVED:
            await request.reply(files.may_be_here(job, is_elsewhere=is_elsewhere), replace=in_place)
    return standing is Standing.BEGUN


async def _direct_place(request: Request) -> Place | None:
    """The direct conversation, or the pressed message's thread there; None in the middle of others.

    Where nothing can be asked unseen by the others, it is the direct conversation too.
    """
    direct = await request.slack.direct_channel(request.person, anew=True)
    channel = _channel(request)
    if channel and channel != direct and request.response_url:
        return None
    pressed = request.pressed
    return Place(direct, _thread(request) if pressed is not None and pressed.channel == direct else None)


def _thread_in_value(request: Request) -> str | None:
    return request.value.partition(" ")[2] or None


def _is_asked_elsewhere(request: Request) -> bool:
    """Whether it was asked where nothing of the direct conversation is seen.

    That is in a modal, by a mention, and by words that waited until the account was linked.
    """
    has_waited = bool(request.response_url) and not _channel(request)
    is_mention = bool(request.event) and not request.channel.startswith("D")
    return request.is_in_modal or is_mention or has_waited


def _thread(request: Request) -> str | None:
    """The thread of the pressed message, or the one that it would begin; what one person sees begins none."""
    container = request.body.get("container") or {}
    begins = None if container.get("is_ephemeral") else container.get("message_ts")
    thread = container.get("thread_ts") or begins
    return str(thread) if thread else None


def _channel(request: Request) -> str:
    """Where it was asked; empty for what has no conversation, such as the app's home."""
    body = request.body
    container, channel = body.get("container") or {}, body.get("channel") or {}
    return str(body.get("channel_id") or container.get("channel_id") or channel.get("id") or "")
