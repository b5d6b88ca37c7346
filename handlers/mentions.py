"""Words said to the bot: `@EcoTaxa jobs` in a channel, `jobs` in the direct conversation."""

import html

from slack_bolt.context.ack.async_ack import AsyncAck

from bot import messages
from bot.commands import Word, parse
from bot.errors import UsageError
from bot.numbers import job_named_in
from handlers import colleagues, commands
from handlers.context import Request, bot_user

SLACKBOT = "USLACKBOT"
"""The user in whose name Slack itself writes: reminders, for one."""
BROADCAST = "thread_broadcast"
"""The subtype of a reply in a thread that its writer also sent to the whole conversation."""
IN_PASSING = frozenset({Word.JOBS, Word.JOB})
"""All that the bot does where it is perhaps not meant: what only shows something."""


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
    if event["user"] == SLACKBOT or event.get("bot_id") or event.get("edited"):
        return False
    return not event.get("subtype") or (event["subtype"] == BROADCAST and bool(request.thread_ts))


async def _answer(request: Request, *, is_meant: bool) -> None:
    """Do what the words say, or show the job that they name somewhere.

    Where the bot is perhaps not meant, it shows jobs or says nothing; elsewhere, raises UsageError for
    words that lead nowhere.
    """
    web_url = request.services.web_url
    job_id = job_named_in(request.words, web_url)
    try:
        word = parse(request.words, web_url).word
    except UsageError:
        if is_meant and job_id is None:
            raise
        word = None
    if word is None or not (is_meant or word in IN_PASSING):
        if job_id is None:
            return
        word, request = Word.JOB, request.saying(f"{Word.JOB} {job_id}")
    if word is Word.LINK:
        await request.reply(messages.link_offered())
    else:
        await commands.run(request)
