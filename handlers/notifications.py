"""What a person wants to be told: the modal with all of it."""

from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck

from bot import messages, modals
from bot.errors import NotFound
from bot.language import say
from bot.numbers import HIGHEST_JOB
from bot.rules.preferences import Preferences
from handlers.context import Request


async def open_settings(request: Request) -> None:
    """Open the modal; a message with a button where it cannot open."""
    await request.link()
    chosen = await request.services.store.find_preferences(request.person)
    if await request.open_modal(await _modal(request, chosen)) is None:
        await request.reply(messages.settings_offered())


async def settings_clicked(request: Request, ack: AsyncAck) -> None:
    """*Notification settings* was pressed."""
    await ack()
    await open_settings(request)


async def settings_submitted(request: Request, ack: AsyncAck) -> None:
    """Keep what was chosen, and plan the next summary by it."""
    services, person = request.services, request.person
    await request.link()
    chosen = messages.read_notify_modal(request.view)
    if wrong := messages.wrong_in_notify_modal(chosen):
        await ack(response_action="errors", errors=wrong)
        return
    await services.store.save_preferences(person, chosen, services.clock())
    saved = modals.plain_modal(say("Notifications"), say("✅ Saved. It counts from now on."))
    await ack(response_action="update", view=saved)
    await services.sequels.plan_summary(person)


async def place_ended(request: Request, ack: AsyncAck) -> None:
    """*Stop* was pressed beside a channel: it goes, and what stands in the other fields stays."""
    await ack()
    await request.link()
    await request.services.store.end_place(request.person, _place_id(request.value))
    view = await _modal(request, messages.read_notify_modal(request.view))
    await request.redraw(str(request.view["id"]), view)


def _place_id(value: str) -> int:
    if not value.isdecimal() or len(value) > len(str(HIGHEST_JOB)):
        raise NotFound
    return int(value)


async def _modal(request: Request, chosen: Preferences) -> dict[str, Any]:
    services, person = request.services, request.person
    profile, places = await services.people.of(person), await services.store.places_of(person)
    return messages.notify_modal(chosen, profile.zone, places)
