"""What is said of news that somebody does not want for a while; no I/O."""

from datetime import datetime

from slackblocks import Block

from bot.ids import Action
from bot.language import say
from bot.messages.blocks import Message, actions, button, context, message, note, section
from bot.messages.words import when


def muted(what: str, until: datetime | None) -> Message:
    """What is no longer told: `job:12`, `project:42`, or `all`; None for until it is undone."""
    first, small = _words(what), when(until, say("Until "))
    blocks: list[Block] = [section(first)]
    blocks += [context(small)] if small else []
    blocks.append(actions(button(say("Undo"), Action.UNMUTE, value=what)))
    return message([first, small], blocks)


def unmuted() -> Message:
    """It is told again."""
    return note(say("🔔 I tell you again."))


def _words(what: str) -> str:
    kind, _, number = what.partition(":")
    match kind:
        case "job":
            return say("🔕 I tell you nothing more of #{job}.", job=number)
        case "project":
            return say("🔕 I tell you nothing more of project {project}.", project=number)
        case _:
            return say("🔕 I tell you nothing for now; what you miss, I tell you afterwards.")
