"""The buttons that stand on more than one message; no I/O."""

from slackblocks import Button

from bot.ids import LINK_BESIDE, Action
from bot.jobs import Job, JobState
from bot.messages.blocks import button, confirm
from bot.messages.words import job_url, type_words
from bot.text import one_line

COMMAND_LIMIT = 200
"""Code points of a command that still fit, as JSON, into what a modal can carry along."""


def answer_button(job: Job, place: str | None = None) -> Button | None:
    """*Answer*, where the job asks something that can be answered here.

    On a list, `place` is the page to show anew afterwards (`filters.place_dump`).
    """
    if not job.question:
        return None
    value = job.id if place is None else f"{job.id} {place}"
    return button(
        "Answer", Action.ANSWER_OPEN.of(job.id), value=value, style="primary", label=_label("Answer", job)
    )


def details_button(job: Job) -> Button:
    """*Details* of a job, as a message of their own."""
    return button("Details", Action.JOB_SHOW.of(job.id), value=job.id, label=_label("Details of", job))


def file_button(job: Job) -> Button | None:
    """*Get the file* of a finished export."""
    if job.state is not JobState.FINISHED or not job.out_file:
        return None
    label = _label("Get the file of", job)
    return button("Get the file", Action.FILE_GET.of(job.id), value=job.id, style="primary", label=label)


def log_button(job: Job) -> Button:
    """*Log*: what the job wrote."""
    return button("Log", Action.LOG_SHOW.of(job.id), value=job.id, label=_label("Log of", job))


def errors_button(job: Job) -> Button | None:
    """*What went wrong*, or *Warnings*, where the job tells more than a line of them."""
    if job.state is JobState.ERROR and not job.was_killed and job.errors:
        text = "What went wrong"
    elif job.state is JobState.FINISHED and job.warnings:
        text = "Warnings"
    else:
        return None
    return button(text, Action.ERRORS_SHOW.of(job.id), value=job.id, label=_label(f"{text} in", job))


def restart_button(job: Job) -> Button | None:
    """*Restart*: EcoTaxa restarts what failed or was stopped, and nothing else."""
    if job.state is not JobState.ERROR:
        return None
    label = _label("Restart", job)
    return button("Restart", Action.JOB_RESTART.of(job.id), value=job.id, label=label)


def kill_button(job: Job) -> Button | None:
    """*Stop*, which asks first: the job stays, as stopped, and can be restarted."""
    if not job.state.is_open:
        return None
    what = f"{type_words(job)} #{job.id} stops where it is. {left_by_stop(job)}"
    return button(
        "Stop", Action.JOB_KILL.of(job.id), value=job.id, style="danger", label=_label("Stop", job),
        confirm=confirm("Stop this job?", what, "Stop it", "Let it run"),
    )  # fmt: skip


def delete_button(job: Job) -> Button | None:
    """*Delete*, which asks first, for a job that has come to its end."""
    if not job.state.has_ended:
        return None
    what = f"{type_words(job)} #{job.id}{with_file(job)}"
    return button(
        "Delete", Action.JOB_DELETE.of(job.id), value=job.id, style="danger", label=_label("Delete", job),
        confirm=confirm("Delete this job?", f"{what} will be gone for good.", "Delete it", "Keep it"),
    )  # fmt: skip


def left_by_stop(job: Job) -> str:
    """What a job that is stopped now leaves behind, and whether it can go on, in a sentence of ours."""
    if job.is_import and job.state is JobState.RUNNING:
        return "What it has imported so far stays, and a restart may then fail: delete those objects first."
    return "You can restart it later."


def with_file(job: Job) -> str:
    """What goes with a job that is deleted: ` and its file`, or nothing."""
    return " and its file" if job.out_file and job.state is JobState.FINISHED else ""


def keep_button(text: str) -> Button:
    """Leave everything as it is, instead of what a question offers."""
    return button(text, Action.KEEP)


def open_button(job: Job, web_url: str) -> Button:
    """A way to the job's page in EcoTaxa."""
    return button(
        "Open in EcoTaxa",
        Action.WEB_OPEN.of(job.id),
        url=job_url(job, web_url),
        label=_label("Open in EcoTaxa:", job),
    )


def link_button(command_text: str = "", text: str = "Link my account", *, stays: bool = False) -> Button:
    """The way to the link modal; afterwards the bot goes on with `command_text`, if it is a possible one.

    What it answers then takes the place of the button's message, unless that one `stays`.
    """
    command = one_line(command_text)
    value = command if 0 < len(command) <= COMMAND_LIMIT else None
    action = LINK_BESIDE if stays else Action.LINK_OPEN
    return button(text, action, value=value, style="primary")


def _label(what: str, job: Job) -> str:
    return f"{what} {type_words(job)} {job.id}"[:75]
