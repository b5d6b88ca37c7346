"""Words said to the bot: `@EcoTaxa jobs` in a channel, `jobs` in the direct conversation."""

import html

from slack_bolt.context.ack.async_ack import AsyncAck

from bot import messages
from bot.commands import Word, job_named_in, parse
from bot.errors import UsageError
from handlers import colleagues, commands
from handlers.context import Request, bot_user

SLACKBOT = "USLACKBOT"
"""The user in whose name Slack itself writes: reminders, for one."""


async def mentioned(request: Request, ack: AsyncAck) -> None:
    """Answer the asker alone; who only speaks about the bot, in the middle of a sentence, is let be."""
    await ack()
    if _is_said_by_a_person(request) and not request.channel.startswith("D"):
        begins = str(request.event.get("text", "")).lstrip().startswith(f"<@{bot_user(request.body)}>")
        await _answer(request, is_meant=begins)


async def told_directly(request: Request, ack: AsyncAck) -> None:
    """Answer what is typed in the direct conversation; threads there belong to what was asked in them."""
    await ack()
    if not _is_said_by_a_person(request) or request.event.get("channel_type") != "im":
        return
    if request.thread_ts:
        said = html.unescape(str(request.event.get("text", "")))  # as Slack escapes what people type
        await colleagues.replied(request, request.channel, request.thread_ts, said)
    else:
        await _answer(request, is_meant=True)


def _is_said_by_a_person(request: Request) -> bool:
    """Whether a person wrote it just now: never an app, which might answer in its turn."""
    event = request.event
    return event["user"] != SLACKBOT and not any(event.get(name) for name in ("bot_id", "subtype", "edited"))


async def _answer(request: Request, *, is_meant: bool) -> None:
    """Do what the words say, or show the job that they name somewhere.

    Raises UsageError when that leads nowhere, unless the bot is perhaps not meant.
    """
    try:
        word = parse(request.words).word
    except UsageError:
        job_id = job_named_in(request.words)
        if job_id is None and not is_meant:
            return
        if job_id is None:
            raise
        word, request = Word.JOB, request.saying(f"{Word.JOB} {job_id}")
    if word is Word.LINK:
        await request.reply(messages.link_offered())
    elif request.words or is_meant:
        await commands.run(request)
