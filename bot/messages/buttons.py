"""The buttons that stand on more than one message; no I/O."""

from slackblocks import Button

from bot.ids import Action
from bot.jobs import Job
from bot.messages.blocks import button
from bot.messages.words import job_url, type_words
from bot.text import one_line

COMMAND_LIMIT = 200
"""Code points of a command that still fit, as JSON, into what a modal can carry along."""


def answer_button(job: Job, page: int | None = None) -> Button | None:
    """*Answer*, where the job asks something that can be answered here; `page` when it stands on a list."""
    if not job.question:
        return None
    value = job.id if page is None else f"{job.id} {page}"
    return button(
        "Answer", Action.ANSWER_OPEN.of(job.id), value=value, style="primary", label=_label("Answer", job)
    )


def details_button(job: Job) -> Button:
    """*Details* of a job, as a message of their own."""
    return button("Details", Action.JOB_SHOW.of(job.id), value=job.id, label=_label("Details of", job))


def open_button(job: Job, web_url: str) -> Button:
    """A way to the job's page in EcoTaxa."""
    return button(
        "Open in EcoTaxa",
        Action.WEB_OPEN.of(job.id),
        url=job_url(job, web_url),
        label=_label("Open in EcoTaxa:", job),
    )


def link_button(command_text: str = "", text: str = "Link my account") -> Button:
    """The way to the link modal; afterwards the bot goes on with `command_text`, if it is a possible one."""
    command = one_line(command_text)
    value = command if 0 < len(command) <= COMMAND_LIMIT else None
    return button(text, Action.LINK_OPEN, value=value, style="primary")


def _label(what: str, job: Job) -> str:
    return f"{what} {type_words(job)} {job.id}"[:75]
