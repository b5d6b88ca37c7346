"""`/ecotaxa …`: each word to the module that does it."""

from typing import assert_never

from slack_bolt.context.ack.async_ack import AsyncAck

from bot import commands, messages
from bot.commands import Word
from handlers import account, jobs
from handlers.context import Request


async def command_typed(request: Request, ack: AsyncAck) -> None:
    """Acknowledge at once, then do what the words say."""
    await ack()
    await run(request)


async def link_submitted(request: Request, ack: AsyncAck) -> None:
    """Link the account, then go on with what was asked for before."""
    linked = await account.link_submitted(request, ack)
    if linked is not None and linked.words:
        await run(linked)
    elif linked is not None and linked.in_place:
        await account.who_am_i(linked)


async def run(request: Request) -> None:
    """Do what `request.words` say; also what a person had asked for before they linked their account."""
    command = commands.parse(request.words)
    match command.word:
        case Word.JOBS:
            await jobs.show_list(request)
        case Word.JOB:
            await jobs.show_job(request, command.job_id or 0)
        case Word.LINK:
            await account.open_link_modal(request.saying(""))
        case Word.WHOAMI:
            await account.who_am_i(request)
        case Word.UNLINK:
            await account.ask_unlink(request)
        case Word.HELP:
            await request.reply(messages.help_text())
        case _:
            assert_never(command.word)
