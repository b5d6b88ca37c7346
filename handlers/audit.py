"""One's own acts, and nobody else's."""

from bot import messages
from bot.messages.audit import MOST
from handlers.context import Request


async def show(request: Request) -> None:
    """Show what the person did through the bot lately, linked or not."""
    await request.reply(messages.own_acts(await request.services.store.acts_of(request.person, MOST)))
