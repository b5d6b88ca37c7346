"""Others who want to know how a job ends: by a button in a channel, or named by whose job it is."""

import structlog
from slack_bolt.context.ack.async_ack import AsyncAck

from bot import messages
from bot.errors import PlaceGone
from bot.links import Person
from bot.store import Notice
from handlers.context import Request

_log = structlog.get_logger(__name__)


async def follow_clicked(request: Request, ack: AsyncAck) -> None:
    """*Tell me too* was pressed, perhaps by somebody without an account.

    The button's value is what anybody may send: only what the message itself tells of can be followed.
    """
    await ack()
    job_id, person = request.job_id, request.person
    told = await _told(request, job_id)
    if told is None:
        await request.reply(messages.not_told(job_id))
    elif told.person == person:
        await request.reply(messages.is_own(job_id))
    else:
        await request.services.store.follow(told.person, job_id, person, request.services.clock())
        await request.reply(messages.following(job_id))


async def add(request: Request, job_id: int, user_id: str) -> None:
    """Tell somebody else too how a job of the person's ends."""
    link, services, person = await request.link(), request.services, request.person
    job = await services.ecotaxa.get_job(link.token, job_id)
    if job.owner_id != link.token.ecotaxa_user_id:
        shown = messages.not_own(job_id)
    elif not job.state.is_open:
        shown = messages.is_over(job_id)
    elif user_id == person.user_id:
        shown = messages.is_own(job_id)
    elif not await _is_a_person(request, user_id):
        shown = messages.no_person(user_id)
    else:
        follower = Person(person.enterprise_id, person.team_id, user_id)
        await services.store.follow(person, job_id, follower, services.clock())
        shown = messages.following(job_id, user_id)
    await request.reply(shown)


async def _told(request: Request, job_id: int) -> Notice | None:
    """What the pressed message tells of the job."""
    pressed = request.pressed
    if pressed is None:
        return None
    notices = await request.services.store.notices_at(pressed.channel, pressed.ts)
    return next((it for it in notices if it.job_id == job_id), None)


async def _is_a_person(request: Request, user_id: str) -> bool:
    """Whether Slack knows somebody there who can be told."""
    try:
        user = (await request.slack.read("users.info", user=user_id))["user"]
    except PlaceGone as error:
        _log.info("nobody to tell", user=user_id, why=str(error))
        return False
    return not (user.get("is_bot") or user.get("deleted") or user_id == "USLACKBOT")
