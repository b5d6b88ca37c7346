"""`/ecotaxa …`: each word to the module that does it."""

from collections.abc import Awaitable, Callable, Mapping

from slack_bolt.context.ack.async_ack import AsyncAck

from bot import commands, messages
from bot.commands import Here, Word
from handlers import (
    account,
    audit,
    cleaning,
    doctor,
    exports,
    files,
    followers,
    forgetting,
    jobs,
    logs,
    notifications,
    operations,
    places,
    watches,
)
from handlers.context import Request


async def command_typed(request: Request, ack: AsyncAck) -> None:
    """Acknowledge at once, then do what the words say."""
    await ack()
    await run(request)


async def link_submitted(request: Request, ack: AsyncAck) -> None:
    """Link the account, then go on with what was asked for before."""
    linked = await account.link_submitted(request, ack)
    if linked is not None:
        await go_on(linked)


async def go_on(request: Request) -> None:
    """Do what a person had asked for before they linked their account."""
    if request.words:
        await run(request)
    elif request.in_place:
        await account.who_am_i(request)


async def run(request: Request) -> None:
    """Do what `request.words` say."""
    command = commands.parse(request.words, request.services.web_url)
    if command.job_id is not None:
        await _ABOUT_A_JOB[command.word](request, command.job_id)
        return
    match command.word:
        case Word.JOBS:
            await jobs.show_list(request, wanted=command.wanted)
        case Word.CLEAN if command.scope:
            await cleaning.ask(request, command.scope)
        case Word.EXPORT:
            await exports.open_modal(request, command.project_id)
        case Word.NOTIFY if command.here:
            await (places.tell if command.here is Here.ON else places.end)(request, command.project_id)
        case Word.WATCH if command.follower:
            await followers.add(request, command.job_ids[0], command.follower)
        case Word.WATCH if command.job_ids or command.project_id:
            await watches.begin(request, command.job_ids, command.project_id)
        case word:
            await _ALONE[word](request)


async def _link(request: Request) -> None:
    await account.begin(request.saying(""))


async def _help(request: Request) -> None:
    await request.reply(messages.help_text())


_ABOUT_A_JOB: Mapping[Word, Callable[[Request, int], Awaitable[None]]] = {
    Word.JOB: jobs.show_job,
    Word.FILE: files.get_file,
    Word.LOG: logs.show_log,
    Word.RESTART: operations.restart,
    Word.KILL: operations.kill,
    Word.DELETE: operations.delete,
}
_ALONE: Mapping[Word, Callable[[Request], Awaitable[None]]] = {
    Word.NOTIFY: notifications.open_settings,
    Word.WATCH: watches.choose,
    Word.DOCTOR: doctor.examine,
    Word.LINK: _link,
    Word.WHOAMI: account.who_am_i,
    Word.UNLINK: account.ask_unlink,
    Word.FORGET: forgetting.ask,
    Word.AUDIT: audit.show,
    Word.HELP: _help,
}
