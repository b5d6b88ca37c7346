"""What went wrong in a job, and what a finished one remarks: by kind, each with what to do; no I/O."""

from slackblocks import Block

from bot.failures import Group, grouped
from bot.ids import Action
from bot.jobs import Job, JobState
from bot.language import mark, number, say, say_n
from bot.messages.blocks import Message, actions, button, context, message, section
from bot.messages.buttons import log_button, open_button, restart_button
from bot.messages.words import headline, matter, type_words
from bot.text import prose

SENT = mark("I sent you all of it by direct message, without e-mail addresses, server paths and SQL.")

_GROUPS = 6
_EXAMPLE = 220

_ADVICE = mark("What to do: {hint}")
_FIRST_ADVICE = mark("What to do first: {hint}")


def failure_lines(job: Job, limit: int) -> list[str]:
    """Why a job failed, in mrkdwn: its kinds of error with their number, and what to do about the first."""
    groups, rest = grouped(job, limit)
    if rest == 0 and sum(group.count for group in groups) < 2:
        return [matter(job, limit=300), *_advice(groups[:1])]
    return [*map(_bullet, groups), _and_more(rest), *_advice(groups[:1], _FIRST_ADVICE)]


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
        lines.append(_how_many(job, total))
        blocks.append(section(lines[-1]))
    for group in groups:
        told = [_bullet(group) if total > 1 else prose(group.example, _EXAMPLE), *_advice([group])]
        lines += told
        blocks.append(section(*told))
    if rest:
        lines.append(_and_more(rest))
        blocks.append(section(_and_more(rest)))
    if is_sent:
        lines.append(say(SENT))
        blocks.append(context(say(SENT)))
    whole = button(
        say_n("All {n} lines", "All {n} lines", total), Action.ERRORS_WHOLE.of(job.id), value=job.id
    )
    offered = [whole] if total > len(groups) and not is_sent else []
    offered += filter(None, (restart_button(job), log_button(job)))
    blocks.append(actions(*offered, open_button(job, web_url)))
    return message(lines, blocks)


def all_errors(job: Job, lines: int) -> str:
    """What stands above the file with every line, in mrkdwn."""
    named = f"{type_words(job)} #{job.id}"
    if job.state is JobState.FINISHED:
        return say_n(
            "{job}: {n} remark, without e-mail addresses, server paths and SQL.",
            "{job}: {n} remarks, without e-mail addresses, server paths and SQL.",
            lines,
            job=named,
        )
    return say_n(
        "{job}: {n} error line, without e-mail addresses, server paths and SQL.",
        "{job}: {n} error lines, without e-mail addresses, server paths and SQL.",
        lines,
        job=named,
    )


def _how_many(job: Job, total: int) -> str:
    if job.state is JobState.FINISHED:
        return say_n(
            "{n} remark, the most frequent kind first:", "{n} remarks, the most frequent kind first:", total
        )
    return say_n(
        "{n} error, the most frequent kind first:", "{n} errors, the most frequent kind first:", total
    )


def _bullet(group: Group) -> str:
    example = prose(group.example, _EXAMPLE)
    count = number(group.count)
    if group.kind is None:
        return f"• *{count} \N{MULTIPLICATION SIGN}* {example}" if group.count > 1 else f"• {example}"
    kind = say(group.kind.name)
    if group.count > 1:
        return say(
            "• *{count} \N{MULTIPLICATION SIGN} {kind}*, e.g. {example}",
            count=count,
            kind=kind,
            example=example,
        )
    return say(
        "• *{count} \N{MULTIPLICATION SIGN} {kind}*: {example}", count=count, kind=kind, example=example
    )


def _advice(groups: list[Group], advice: str = _ADVICE) -> list[str]:
    return [say(advice, hint=say(group.kind.hint)) for group in groups if group.kind]


def _and_more(rest: int) -> str:
    return say_n("… and {n} more", "… and {n} more", rest) if rest else ""


def _nothing(job: Job) -> str:
    if job.state is JobState.ERROR:
        return matter(job, limit=300)
    if job.state is JobState.FINISHED:
        return say("This job has nothing to remark.")
    return say("Nothing has gone wrong in this job so far.")
