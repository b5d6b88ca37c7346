"""Clean up: count and ask, delete in sight, stop in the middle."""

from slack_bolt.context.ack.async_ack import AsyncAck

from bot import messages
from bot.cleanup import Plan
from bot.commands import Scope
from bot.errors import UsageError
from bot.language import mark, say
from bot.live import ByResponse, ByUpdate
from handlers.context import Request

FIRST_USES = 5
"""A press's response_url takes so many answers, and none is spent before the progress is shown."""
_NO_PLAN = mark("I no longer know which jobs I had counted. Type `/ecotaxa clean` again.")


async def ask(request: Request, scope: Scope) -> None:
    """Count the jobs, and ask before any is deleted."""
    services = request.services
    link = await request.link()
    if await services.store.is_cleaning(request.person, services.clock()):
        await request.reply(messages.still_cleaning())
        return
    jobs = await services.cleaning.find(link, scope)
    if not jobs:
        await request.reply(messages.nothing_to_clean(scope))
        return
    question = messages.clean_question(jobs, Plan.of(jobs))
    if request.pressed is None and not request.in_place and await request.is_direct():
        # A real message: what stands for one person alone can be changed only five times.
        await request.slack.post(request.person, question)
    else:
        await request.reply(question)


async def clean_confirmed(request: Request, ack: AsyncAck) -> None:
    """*Delete … jobs* was pressed, and confirmed."""
    await ack()
    services, pressed = request.services, request.pressed
    try:
        plan = Plan.load(request.value)
    except ValueError:
        raise UsageError(say(_NO_PLAN)) from None
    link = await request.link()
    await request.once()
    screen = (
        ByUpdate(request.slack, pressed)
        if pressed
        else ByResponse(request.slack, request.response_url, left=FIRST_USES)
    )
    if not await services.cleaning.start(link, plan, screen):
        await request.reply(messages.still_cleaning(), replace=True)


async def stop_clicked(request: Request, ack: AsyncAck) -> None:
    """*Stop* was pressed: the clean-up itself then shows its summary in the place of its progress."""
    await ack()
    services = request.services
    if not await services.store.stop_cleaning(request.person, services.clock()):
        await request.reply(messages.no_cleaning(), replace=True)
    elif request.value != messages.STOP_HERE:
        await request.reply(messages.cleaning_stops(), replace=True)
