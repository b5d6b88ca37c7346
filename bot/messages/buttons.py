"""The buttons that stand on more than one message; no I/O."""

from slackblocks import Button

from bot.ids import LINK_BESIDE, Action
from bot.jobs import Job, JobState
from bot.language import mark, say
from bot.messages.blocks import button, confirm
from bot.messages.words import job_url, type_words
from bot.text import one_line

COMMAND_LIMIT = 200
"""Code points of a command that still fit, as JSON, into what a modal can carry along."""

STOP, LET_RUN = mark("Stop it"), mark("Let it run")
DELETE, KEEP = mark("Delete it"), mark("Keep it")
"""The answers to what is asked before a job is stopped or deleted."""


def answer_button(job: Job, place: str | None = None) -> Button | None:
    """*Answer*, where the job asks something that can be answered here.

    On a list, `place` is the page to show anew afterwards (`filters.place_dump`).
    """
    if not job.question:
        return None
    value = job.id if place is None else f"{job.id} {place}"
    label = say("Answer {job}", job=_named(job))
    return button(say("Answer"), Action.ANSWER_OPEN.of(job.id), value=value, style="primary", label=label)


def details_button(job: Job) -> Button:
    """*Details* of a job, as a message of their own."""
    return button(say("Details"), Action.JOB_SHOW.of(job.id), value=job.id, label=details_label(job))


def details_label(job: Job) -> str:
    """What a screen reader says of a job's *Details*."""
    return say("Details of {job}", job=_named(job))


def file_button(job: Job) -> Button | None:
    """*Get the file* of a finished export."""
    if not has_file(job):
        return None
    label = say("Get the file of {job}", job=_named(job))
    return button(say("Get the file"), Action.FILE_GET.of(job.id), value=job.id, style="primary", label=label)


def log_button(job: Job) -> Button:
    """*Log*: what the job wrote."""
    label = say("Log of {job}", job=_named(job))
    return button(say("Log"), Action.LOG_SHOW.of(job.id), value=job.id, label=label)


def errors_button(job: Job) -> Button | None:
    """*What went wrong*, or *Warnings*, where the job tells more than a line of them."""
    if job.state is JobState.ERROR and not job.was_killed and job.errors:
        text, label = say("What went wrong"), say("What went wrong in {job}", job=_named(job))
    elif job.state is JobState.FINISHED and job.warnings:
        text, label = say("Warnings"), say("Warnings in {job}", job=_named(job))
    else:
        return None
    return button(text, Action.ERRORS_SHOW.of(job.id), value=job.id, label=label)


def restart_button(job: Job) -> Button | None:
    """*Restart*: EcoTaxa restarts what failed or was stopped, and nothing else."""
    if job.state is not JobState.ERROR:
        return None
    label = say("Restart {job}", job=_named(job))
    return button(say("Restart"), Action.JOB_RESTART.of(job.id), value=job.id, label=label)


def kill_button(job: Job) -> Button | None:
    """*Stop*, which asks first: the job stays, as stopped, and can be restarted."""
    if not job.state.is_open:
        return None
    what = say("{job} stops where it is.", job=f"{type_words(job)} #{job.id}")
    asked = confirm(say("Stop this job?"), f"{what} {left_by_stop(job)}", say(STOP), say(LET_RUN))
    label = say("Stop {job}", job=_named(job))
    return button(
        say("Stop"), Action.JOB_KILL.of(job.id), value=job.id, style="danger", label=label, confirm=asked
    )


def delete_button(job: Job) -> Button | None:
    """*Delete*, which asks first, for a job that has come to its end."""
    if not job.state.has_ended:
        return None
    named = f"{type_words(job)} #{job.id}"
    if has_file(job):
        what = say("{job} and its file will be gone for good.", job=named)
    else:
        what = say("{job} will be gone for good.", job=named)
    asked = confirm(say("Delete this job?"), what, say(DELETE), say(KEEP))
    label = say("Delete {job}", job=_named(job))
    return button(
        say("Delete"), Action.JOB_DELETE.of(job.id), value=job.id, style="danger", label=label, confirm=asked
    )


def left_by_stop(job: Job) -> str:
    """What a job that is stopped now leaves behind, and whether it can go on, in a sentence of ours."""
    if job.is_import and job.state is JobState.RUNNING:
        return say(
            "What it has imported so far stays, and a restart may then fail: delete those objects first."
        )
    return say("You can restart it later.")


def has_file(job: Job) -> bool:
    """Whether the job made a file, which goes with it when it is deleted."""
    return job.state is JobState.FINISHED and bool(job.out_file)


def keep_button(text: str) -> Button:
    """Leave everything as it is, instead of what a question offers."""
    return button(text, Action.KEEP)


def open_button(job: Job, web_url: str) -> Button:
    """A way to the job's page in EcoTaxa."""
    label = say("Open in EcoTaxa: {job}", job=_named(job))
    return button(say("Open in EcoTaxa"), Action.WEB_OPEN.of(job.id), url=job_url(job, web_url), label=label)


def link_button(command_text: str = "", text: str = "", *, stays: bool = False) -> Button:
    """The way to the link modal; afterwards the bot goes on with `command_text`, if it is a possible one.

    What it answers then takes the place of the button's message, unless that one `stays`.
    """
    command = one_line(command_text)
    value = command if 0 < len(command) <= COMMAND_LIMIT else None
    action = LINK_BESIDE if stays else Action.LINK_OPEN
    return button(text or say("Link my account"), action, value=value, style="primary")


def _named(job: Job) -> str:
    return f"{type_words(job)} {job.id}"
