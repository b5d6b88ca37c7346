"""A job's log in a message; no I/O."""

from collections.abc import Sequence
from datetime import datetime

from slackblocks import Block

from bot.ids import Action
from bot.joblog import Entry
from bot.jobs import Job
from bot.language import say
from bot.messages.blocks import Message, actions, button, context, message, section
from bot.messages.buttons import open_button
from bot.messages.failures import SENT
from bot.messages.words import headline, type_words
from bot.text import prose

_ENTRIES = 20
_TEXT = 200
_ROOM = 2_800
"""Bytes: so that the entries fit into one section, and into the text that stands for the message."""


def job_log(job: Job, entries: Sequence[Entry], web_url: str, *, is_sent: bool = False) -> Message:
    """The last entries of a job's log, the newest at the end, as many as are read at a glance.

    `is_sent` says that the whole log was sent to the person, which is not offered again then.
    """
    shown: list[str] = []
    room = _ROOM
    for entry in reversed(entries[-_ENTRIES:]):
        line = _line(entry)
        room -= len(line.encode()) + 1
        if room < 0:
            break
        shown.insert(0, line)
    lead = (
        say("The end of its log:")
        if shown
        else say("Its log is still empty. Look again when the job has run.")
    )
    sent = say(SENT) if is_sent else ""
    blocks: list[Block] = [section(headline(job, web_url), lead)]
    blocks += [section(*shown)] if shown else []
    blocks += [context(sent)] if sent else []
    again = button(say("Refresh"), Action.LOG_REFRESH.of(job.id), value=job.id)
    whole = button(say("Whole log"), Action.LOG_WHOLE.of(job.id), value=job.id)
    offered = [again, whole] if shown and not is_sent else [again]
    blocks.append(actions(*offered, open_button(job, web_url)))
    return message([headline(job), lead, *shown, sent], blocks)


def whole_log(job: Job, *, is_cut: bool) -> str:
    """What stands above the file with the whole log, in mrkdwn."""
    named = f"{type_words(job)} #{job.id}"
    told = say("The log of {job}, without e-mail addresses, server paths and SQL.", job=named)
    cut = say("It is very long: its beginning is left out.") if is_cut else ""
    return f"{told} {cut}".rstrip()


def _line(entry: Entry) -> str:
    level = f"*{entry.level.capitalize()}* " if entry.level else ""
    return f"{_clock(entry.at)}{level}{prose(entry.text, _TEXT)}"


def _clock(at: datetime | None) -> str:
    """The moment as each reader's own clock shows it, to the second."""
    if at is None:
        return ""
    fallback = f"{at:%Y-%m-%d %H:%M:%S} UTC"
    seconds = int(at.timestamp())
    # Slack shows no date before 1970.
    return f"<!date^{seconds}^{{date_num}} {{time_secs}}|{fallback}>  " if seconds > 0 else f"{fallback}  "
