"""The menu of what somebody may mute, and how it comes into a message; no I/O."""

from slackblocks import Element, Option, OverflowMenu, PlainText

from bot.ids import Action
from bot.jobs import Job
from bot.language import say
from bot.messages.blocks import Message
from bot.messages.words import shown_projects
from bot.text import plain


def mute_menu(job: Job) -> OverflowMenu:
    """What somebody may no longer want to be told, for good or for a while."""
    options = [_option(f"job:{job.id}", say("Mute this job"))]
    projects = shown_projects(job)
    if len(projects) == 1:
        text = say("Mute project {project}", project=projects[0])
        options.append(_option(f"project:{projects[0]}", text))
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
