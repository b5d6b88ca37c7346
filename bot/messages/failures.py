"""What went wrong in a job, and what a finished one remarks: by kind, each with what to do; no I/O."""

from slackblocks import Block

from bot.failures import Group, grouped
from bot.ids import Action
from bot.jobs import Job, JobState
from bot.messages.blocks import Message, actions, button, context, message, section
from bot.messages.buttons import log_button, open_button, restart_button
from bot.messages.words import count, headline, matter, type_words
from bot.text import prose

REDACTED = "without e-mail addresses, server paths and SQL"
SENT = f"I sent you all of it by direct message, {REDACTED}."

_GROUPS = 6
_EXAMPLE = 220


def failure_lines(job: Job, limit: int) -> list[str]:
    """Why a job failed, in mrkdwn: its kinds of error with their number, and what to do about the first."""
    groups, rest = grouped(job, limit)
    if rest == 0 and sum(group.count for group in groups) < 2:
        return [matter(job, limit=300), *_advice(groups[:1])]
    return [*map(_bullet, groups), _and_more(rest), *_advice(groups[:1], "What to do first")]


def explained(job: Job, web_url: str, *, is_sent: bool = False) -> Message:
    """All kinds of error that a failed job tells, or of remark that a finished one makes.

    `is_sent` says that the whole list was sent to the person, which is not offered again then.
    """
    groups, rest = grouped(job, _GROUPS)
    total = rest + sum(group.count for group in groups)
    blocks: list[Block] = [section(headline(job, web_url))]
    lines = [headline(job)]
    if not groups:
        lines.append(_nothing(job))
        blocks.append(section(lines[-1]))
    elif total > 1:
        noun = "remark" if job.state is JobState.FINISHED else "error"
        lines.append(f"{count(total, noun)}, the most frequent kind first:")
        blocks.append(section(lines[-1]))
    for group in groups:
        told = [_bullet(group) if total > 1 else prose(group.example, _EXAMPLE), *_advice([group])]
        lines += told
        blocks.append(section(*told))
    if rest:
        lines.append(_and_more(rest))
        blocks.append(section(_and_more(rest)))
    if is_sent:
        lines.append(SENT)
        blocks.append(context(SENT))
    whole = button(f"All {total:,} lines", Action.ERRORS_WHOLE.of(job.id), value=job.id)
    offered = [whole] if total > len(groups) and not is_sent else []
    offered += filter(None, (restart_button(job), log_button(job)))
    blocks.append(actions(*offered, open_button(job, web_url)))
    return message(lines, blocks)


def all_errors(job: Job, lines: int) -> str:
    """What stands above the file with every line, in mrkdwn."""
    noun = "remark" if job.state is JobState.FINISHED else "error line"
    return f"{type_words(job)} #{job.id}: {count(lines, noun)}, {REDACTED}."


def _bullet(group: Group) -> str:
    example = prose(group.example, _EXAMPLE)
    number = f"{group.count:,} \N{MULTIPLICATION SIGN}"
    if group.kind is not None:
        return f"• *{number} {group.kind.name}*{', e.g. ' if group.count > 1 else ': '}{example}"
    return f"• *{number}* {example}" if group.count > 1 else f"• {example}"


def _advice(groups: list[Group], lead: str = "What to do") -> list[str]:
    return [f"{lead}: {group.kind.hint}" for group in groups if group.kind]


def _and_more(rest: int) -> str:
    return f"… and {rest:,} more" if rest else ""


def _nothing(job: Job) -> str:
    if job.state is JobState.ERROR:
        return matter(job, limit=300)
    if job.state is JobState.FINISHED:
        return "This job has nothing to remark."
    return "Nothing has gone wrong in this job so far."
