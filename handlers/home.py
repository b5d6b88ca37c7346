"""The app's home tab."""

from slack_bolt.context.ack.async_ack import AsyncAck

from handlers.context import Request


async def home_opened(request: Request, ack: AsyncAck) -> None:
    """Publish the home that a person opens, and keep it up to date for a while."""
    await ack()
    if request.event.get("tab") == "home":
        request.services.homes.opened(request.person)


async def refresh_clicked(_request: Request, ack: AsyncAck) -> None:
    """Every press on the home publishes it anew: there is nothing more to do."""
    await ack()
