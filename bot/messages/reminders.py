"""What is told though nothing has happened to a job: it is slow, waits, is about to lose its file; no I/O."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from slackblocks import Block, Element

from bot.commands import NAME
from bot.filters import Kind
from bot.jobs import Job
from bot.language import say
from bot.messages.amounts import lasting
from bot.messages.blocks import Message, actions, context, message, note, section
from bot.messages.buttons import (
    answer_button,
    details_button,
    file_button,
    kill_button,
    link_button,
    open_button,
)
from bot.messages.menus import mute_menu
from bot.messages.words import headline, joined, matter, when
from bot.names import NO_TITLES, Titles
from bot.rules.preferences import kind_of

SELF = "@EcoTaxa"
"""How people call the bot."""


def slow(job: Job, usual: timedelta, web_url: str, titles: Titles = NO_TITLES) -> Message:
    """It runs much longer than such jobs do."""
    text = say("🐢 It takes longer than usual: such jobs take about {duration}.", duration=lasting(usual))
    row = [details_button(job), *filter(None, (kill_button(job),))]
    return _about(job, web_url, titles, text, matter(job), offered=row)


def waits_long(job: Job, waited: timedelta, web_url: str, titles: Titles = NO_TITLES) -> Message:
    """It waits for its turn; a prediction for the GPU, which has a queue of its own."""
    duration = lasting(waited)
    if kind_of(job) is Kind.PREDICTIONS:
        text = say("⏳ It has waited for the GPU for {duration}: others go first.", duration=duration)
    else:
        text = say("⏳ It has waited for its turn for {duration}: others go first.", duration=duration)
    row = [details_button(job), *filter(None, (kill_button(job),))]
    return _about(job, web_url, titles, text, offered=row)


def unanswered(job: Job, web_url: str, titles: Titles = NO_TITLES) -> Message:
    """Its question has been open for a day or more."""
    text = say("⏰ It still waits for an answer, and does nothing until then.")
    return _about(
        job, web_url, titles, text, matter(job), offered=[answer_button(job) or details_button(job)]
    )


def file_expires(job: Job, until: datetime, web_url: str, titles: Titles = NO_TITLES) -> Message:
    """EcoTaxa is about to delete its file, which nobody has fetched."""
    row = [*filter(None, (file_button(job),)), details_button(job)]
    return _about(
        job, web_url, titles, when(until, say("⏰ EcoTaxa deletes its file: ")), matter(job), offered=row
    )


def sign_in_expires(until: datetime) -> Message:
    """The token is about to end, and with it all that the bot can tell."""
    first = when(until, say("🔑 Your sign-in to EcoTaxa ends: "))
    second = say("After that I cannot see your jobs until you renew it.")
    return message(
        [first, second], [section(first, second), actions(link_button(text=say("Renew my sign-in")))]
    )


def unreachable(since: datetime) -> Message:
    """EcoTaxa does not answer: what happens meanwhile is told afterwards."""
    first = say("⚠️ EcoTaxa does not answer. What you miss, I tell you when it does.")
    return _with_small(first, when(since, say("Since ")))


def reachable(since: datetime, until: datetime) -> Message:
    """EcoTaxa answers again; it takes the place of `unreachable`."""
    first = say(
        "✅ EcoTaxa answers again. It did not for {duration}.",
        duration=lasting(max(until - since, timedelta())),
    )
    return _with_small(first, joined(when(since, say("Away: ")), when(until, say("Back: "))))


def place_lost(channel: str, project_id: int | None) -> Message:
    """The bot can no longer write in a channel, so that it ended what it told there."""
    if project_id is None:
        first = say(
            "🔕 I can no longer write in <#{channel}>, so I tell your jobs there no more.", channel=channel
        )
        words = f"{NAME} notify here"
    else:
        first = say(
            "🔕 I can no longer write in <#{channel}>, so I tell your jobs of project {project} there no"
            " more.",
            channel=channel,
            project=project_id,
        )
        words = f"{NAME} notify here project {project_id}"
    again = say("To begin anew, type `/invite {bot}` and then `{command}` there.", bot=SELF, command=words)
    return note(f"{first}\n{again}")


def _about(job: Job, web_url: str, titles: Titles, *lines: str, offered: Sequence[Element]) -> Message:
    row = actions(*offered, open_button(job, web_url), mute_menu(job))
    return message(
        [headline(job, titles=titles), *lines], [section(headline(job, web_url, titles), *lines), row]
    )


def _with_small(first: str, small: str) -> Message:
    blocks: list[Block] = [section(first), context(small)]
    return message([first, small], blocks)
