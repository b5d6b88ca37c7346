"""The menu of what somebody may mute, and how it comes into a message; no I/O."""

from slackblocks import Element, Option, OverflowMenu, PlainText

from bot.ids import Action
from bot.jobs import Job
from bot.language import say
from bot.messages.blocks import Message
from bot.messages.words import shown_projects
from bot.text import plain


def mute_menu(job: Job, *others: Job) -> OverflowMenu:
    """What somebody may no longer want to be told of a job, or of several, for good or for a while."""
    options = [] if others else [_option(f"job:{job.id}", say("Mute this job"))]
    first, *more = ({*shown_projects(it)} for it in (job, *others))
    if len(first) == 1 and all(it == first for it in more):
        [project] = first
        options.append(_option(f"project:{project}", say("Mute project {project}", project=project)))
    options.append(_option("hour", say("Nothing for an hour")))
    options.append(_option("tomorrow", say("Nothing until tomorrow")))
    return OverflowMenu(Action.MUTE.of(job.id), options)


def adding(shown: Message, *more: Element) -> Message:
    """A message with more beside the buttons in its last row."""
    *blocks, last = shown.blocks
    elements = [*last["elements"], *(element._resolve() for element in more)]
    return Message(shown.text, [*blocks, {**last, "elements": elements}])


def _option(value: str, text: str) -> Option:
    return Option(PlainText(plain(text, 75)), value=value)
