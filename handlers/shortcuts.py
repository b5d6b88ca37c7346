"""Shortcuts: one's jobs from anywhere, and the job that a message names, each in a modal."""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck

from bot import messages
from bot.errors import BotError, SlackError, UnexpectedAnswer
from bot.numbers import is_ours, job_named_in, job_worded_in
from handlers import jobs
from handlers.context import Request
from handlers.front import error_message


async def jobs_asked(request: Request, ack: AsyncAck) -> None:
    """Show the person's jobs: the shortcut from anywhere, and *All my jobs* on the home."""
    await ack()
    await _in_modal(request, "jobs", lambda inside: jobs.show_list(inside, in_place=True))


async def job_of_message_asked(request: Request, ack: AsyncAck) -> None:
    """Show the job that a message names, if it names one."""
    await ack()
    job_id = _job_of(request.body["message"], request.services.web_url)
    if job_id is None:
        await _in_modal(request, "", lambda inside: inside.reply(messages.no_job_named(), replace=True))
    else:
        await _job_in_modal(request, job_id)


async def job_peeked(request: Request, ack: AsyncAck) -> None:
    """*Details* was pressed on the home, which has no place for them."""
    await ack()
    await _job_in_modal(request, request.job_id)


async def _job_in_modal(request: Request, job_id: int) -> None:
    await _in_modal(request, f"job {job_id}", lambda inside: jobs.show_job(inside, job_id, in_place=True))


async def _in_modal(request: Request, words: str, show: Callable[[Request], Awaitable[None]]) -> None:
    """Open a modal at once, for the trigger lives 3 s and EcoTaxa may take longer; then `show` in it.

    `words` ask for the same, to go on with once the account is linked.
    """
    opened = await request.slack.call(
        "views.open", trigger_id=request.body["trigger_id"], view=messages.as_modal(messages.asking())
    )
    inside = replace(request, body={**request.body, "view": opened["view"]}, response_url="", pressed=None)
    try:
        await show(inside)
    except BotError as error:
        await inside.reply(error_message(error, words, None), replace=True)
        if isinstance(error, SlackError | UnexpectedAnswer):
            raise  # the message about it has the reference to quote


def _job_of(message: dict[str, Any], web_url: str) -> int | None:
    """The job named in a message's text, else in its blocks, cards and buttons; else the one put in words."""
    rest = _strings([message.get("blocks"), message.get("attachments")], web_url)
    texts = [str(message.get("text") or ""), *rest]
    found = (find(text, web_url) for find in (job_named_in, job_worded_in) for text in texts)
    return next((job_id for job_id in found if job_id is not None), None)


def _strings(value: Any, web_url: str) -> Iterator[str]:
    """Every text in a message's parts, but for links to elsewhere and what is shown of such pages."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item, web_url)
    elif isinstance(value, dict):
        address = value.get("url") or value.get("from_url")
        if not address or is_ours(str(address), web_url):
            yield from _strings(list(value.values()), web_url)
