"""A job in few words for places that others see too, and messages as modals; no I/O."""

from datetime import datetime
from typing import Any

from slackblocks import Block, Button

from bot.ids import Action, Modal
from bot.jobs import Job, JobState
from bot.language import say
from bot.messages.blocks import Message, actions, button, context, message, note, section
from bot.messages.buttons import details_button, details_label, open_button
from bot.messages.words import asks, headline, made_words, progress_bar, when


def link_card(job: Job, now: datetime, web_url: str) -> list[dict[str, Any]]:
    """The blocks under a link to a job: what it is and how far, no names of files, nothing it says itself.

    Everybody in the conversation sees them; *Details* asks EcoTaxa what whoever presses may see.
    """
    blocks: list[Block] = [section(headline(job, web_url), _how_far(job))]
    blocks += [
        context(when(now, say("As of {when}"))),
        actions(details_button(job), open_button(job, web_url)),
    ]
    return message([headline(job)], blocks).blocks


def _how_far(job: Job) -> str:
    match job.state:
        case JobState.RUNNING:
            return progress_bar(job.progress_pct)
        case JobState.ASKING:
            return asks(job)
        case JobState.FINISHED:
            return made_words(job)
        case _:
            return ""


def peek_button(job: Job) -> Button:
    """*Details* of a job in a modal, where there is no conversation to show them in."""
    return button(say("Details"), Action.JOB_PEEK.of(job.id), value=job.id, label=details_label(job))


def no_job_named() -> Message:
    """The message that was pointed at names no job."""
    return note(
        say("This message names no job. I look for a number such as `#1234`, or a link to a job's page.")
    )


def asking() -> Message:
    """What stands in a modal until EcoTaxa has answered."""
    return note(say("⏳ Asking EcoTaxa…"))


def as_modal(shown: Message) -> dict[str, Any]:
    """A message as a modal."""
    return {
        "type": "modal",
        "callback_id": str(Modal.SHOWN),
        "title": {"type": "plain_text", "text": "EcoTaxa"},
        "close": {"type": "plain_text", "text": say("Close")},
        "blocks": shown.blocks,
    }
