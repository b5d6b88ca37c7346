"""Channels in which people's jobs are told: begun and ended there, and lost."""

from slack_bolt.context.ack.async_ack import AsyncAck

from bot import messages
from handlers.context import Request


async def tell(request: Request, project_id: int | None) -> None:
    """Tell the person's jobs, or those of a project, in the channel where it was asked."""
    await request.link()
    channel, services = request.channel, request.services
    if _is_no_channel(channel):
        await request.reply(messages.only_in_channels())
    elif not await request.is_member():
        await request.reply(messages.invite_first(channel))
    else:
        await services.store.tell_in(request.person, channel, project_id, services.clock())
        await request.reply(messages.told_here(channel, project_id))


async def end(request: Request, _project_id: int | None = None) -> None:
    """Tell nothing of the person's jobs there any more."""
    await request.link()
    store, person, channel = request.services.store, request.person, request.channel
    if _is_no_channel(channel):
        await request.reply(messages.only_in_channels())
        return
    for place in await store.places_of(person):
        if place.channel == channel:
            await store.end_place(person, place.id)
    await request.reply(messages.not_told_here(channel))


async def channel_lost(request: Request, ack: AsyncAck) -> None:
    """A channel was archived or deleted, or the bot was taken out of it."""
    await ack()
    await request.services.channels.lost(request.channel)


def _is_no_channel(channel: str) -> bool:
    """A direct conversation, or a modal, which is in no channel."""
    return not channel or channel.startswith("D")
