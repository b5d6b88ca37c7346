"""What somebody does not want to be told, for good or for a while; and all of it again."""

import re
from datetime import datetime, timedelta

from slack_bolt.context.ack.async_ack import AsyncAck

from bot import messages
from bot.errors import NotFound
from bot.numbers import HIGHEST_JOB
from bot.rules.audience import ALL, tomorrow
from bot.rules.preferences import zone_of
from handlers.context import Request

_WHAT = re.compile(r"(?:job|project):([1-9][0-9]{0,9})")


async def mute_chosen(request: Request, ack: AsyncAck) -> None:
    """Tell whoever chose it nothing of a job or a project, or nothing at all for a while."""
    await ack()
    await request.link()
    chosen = str((request.action.get("selected_option") or {}).get("value") or "")
    what, until = await _choice(request, chosen)
    await request.services.store.mute(request.person, what, until, request.services.clock())
    await request.reply(messages.muted(what, until))


async def undo_clicked(request: Request, ack: AsyncAck) -> None:
    """*Undo* was pressed: tell it again, and what was held back."""
    await ack()
    await request.link()
    store, person = request.services.store, request.person
    what = request.value if request.value == ALL else _checked(request.value)
    await store.unmute(person, what)
    await store.look_at_held(person, request.services.clock())
    await request.reply(messages.unmuted(), replace=True)


async def _choice(request: Request, chosen: str) -> tuple[str, datetime | None]:
    """What is to be muted, and until when; raises NotFound for what no menu of ours offers."""
    now = request.services.clock()
    match chosen:
        case "hour":
            return ALL, now + timedelta(hours=1)
        case "tomorrow":
            profile = await request.services.people.of(request.person)
            return ALL, tomorrow(now, zone_of(profile.zone))
        case _:
            return _checked(chosen), None


def _checked(what: str) -> str:
    found = _WHAT.fullmatch(what)
    if found is None or int(found[1]) > HIGHEST_JOB:
        raise NotFound
    return what
