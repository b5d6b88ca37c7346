"""What changes of people themselves: their language, their time zone."""

from slack_bolt.context.ack.async_ack import AsyncAck

from handlers.context import Request


async def profile_changed(request: Request, ack: AsyncAck) -> None:
    """Take note of a changed profile; Slack tells of everybody in the workspace."""
    await ack()
    await request.services.people.changed(request.person, request.event["user"])
