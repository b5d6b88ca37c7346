"""Being forgotten: asked once, then everything about a person goes."""

from slack_bolt.context.ack.async_ack import AsyncAck

from bot import messages
from handlers.context import Request


async def ask(request: Request) -> None:
    """Ask before anything is deleted; also somebody who never linked an account."""
    await request.reply(messages.forget_question())


async def confirmed(request: Request, ack: AsyncAck) -> None:
    """Delete everything about the person, and say what is not the bot's to delete.

    What other processes have in memory is not asked for any more, and goes within a week.
    """
    await ack()
    services, person = request.services, request.person
    services.people.forget(person)
    account = await services.store.forget_person(person, services.clock())
    for part in (services.live, services.relay, services.homes):
        part.forget(person)
    for captions in (services.titles, services.owners):
        captions.forget(account)
    await request.reply(messages.forgotten(), replace=True)
    request.slack.forget(person)
