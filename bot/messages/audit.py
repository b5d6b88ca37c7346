"""What a person did through the bot, as they see it themselves; no I/O."""

from collections.abc import Sequence

from bot.acts import AuditEntry, CameTo, Did
from bot.language import mark, say
from bot.messages.blocks import Message, message, note, section
from bot.messages.words import joined, when

MOST = 20
"""Acts that are shown."""
_A_SECTION = 10

_ACTS: dict[str, str] = {
    Did.RESTART: mark("Restart"),
    Did.KILL: mark("Stop"),
    Did.DELETE: mark("Delete"),
    Did.CLEAN: mark("Clean up"),
    Did.ANSWER: mark("Answer"),
    Did.EXPORT: mark("Export"),
    Did.FILE: mark("File for you"),
    Did.SHARE: mark("File for everybody"),
    Did.LINK: mark("Link account"),
    Did.UNLINK: mark("Unlink account"),
    Did.ASK: mark("Ask a colleague"),
    Did.PICK: mark("Pick for a colleague"),
    Did.PASS: mark("No pick for a colleague"),
    Did.WRITE: mark("Write to a colleague"),
}
_OUTCOMES: dict[str, str] = {
    CameTo.DONE: mark("done"),
    CameTo.NOTHING: mark("nothing changed"),
    CameTo.UNKNOWN: mark("unknown: no answer came"),
    CameTo.OTHERWISE: mark("the job had moved on"),
    CameTo.REFUSED: mark("refused"),
    CameTo.STOPPED: mark("stopped early"),
}


def own_acts(acts: Sequence[AuditEntry]) -> Message:
    """What somebody did, the newest first, each in a line that fits a phone; times in their own zone."""
    if not acts:
        return note(say("You have done nothing through me that I still know of."))
    first = say("What you did through me lately:")
    lines = [_line(act) for act in acts]
    parts = [lines[start : start + _A_SECTION] for start in range(0, len(lines), _A_SECTION)]
    return message([first, *lines], [section(f"*{first}*"), *(section(*part) for part in parts)])


def _line(act: AuditEntry) -> str:
    # An act or outcome without words is of another release: its own word is ours, and safe.
    did, came_to = _ACTS.get(act.act, act.act), _OUTCOMES.get(act.outcome, act.outcome)
    job = f" #{act.job_id}" if act.job_id else ""
    return joined(when(act.at), f"{say(did)}{job}", say(came_to))
