"""What changes of people themselves: their language, their time zone."""

from slack_bolt.context.ack.async_ack import AsyncAck

from handlers.context import Request


async def profile_changed(request: Request, ack: AsyncAck) -> None:
    """Take note of a changed profile, or of one that is closed; Slack tells of everybody in the workspace."""
    await ack()
    user, services = request.event["user"], request.services
    if user.get("deleted"):
        # Whoever left the workspace is told nothing any more, and their token is kept no longer.
        await services.store.forget_link(request.person)
        return
    await services.people.changed(request.person, user)
