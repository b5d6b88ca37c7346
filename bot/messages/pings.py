"""News of jobs, told at once: one as it always was, several as one message; no I/O."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from slackblocks import Block, Button

from bot.filters import Status
from bot.jobs import Event, Job, JobState
from bot.language import say, say_n
from bot.messages.amounts import status_of, sum_words
from bot.messages.blocks import Message, actions, context, message, section
from bot.messages.buttons import answer_button, details_button, errors_button, file_button
from bot.messages.exports import report
from bot.messages.menus import adding, mute_menu
from bot.messages.notices import answered, notice
from bot.messages.words import headline, matter
from bot.names import NO_TITLES, Titles
from bot.text import clip

ROWS = 40
"""Jobs that one message names: with what stands around them, fewer than Slack's 50 blocks."""

_ROOM = 10_500
"""Characters of all rows: Slack refuses a message with more than 13,000."""
_MATTER = 80
_SUMMARY = 300
_URGENCY = (Event.ASKED, Event.FAILED, Event.KILLED, Event.FINISHED)


@dataclass(frozen=True, slots=True)
class Ping:
    """A change of a job that is told; `whose` job it is, as mrkdwn, where others read it too."""

    event: Event
    job: Job
    whose: str = ""


def pings(told: Sequence[Ping], web_url: str, titles: Titles = NO_TITLES, *, late: bool = False) -> Message:
    """The news in one message, `told` in the order in which they happened; there is at least one.

    A job has one row, for its last change.  `late` says that quiet hours held them back.
    """
    rows = _rows(told)
    if len(rows) > 1:
        return _several(rows, web_url, titles, late=late)
    ping = rows[0]
    if ping.whose:
        return report(ping.event, ping.job, web_url, ping.whose)
    return adding(notice(ping.event, ping.job, web_url, titles), mute_menu(ping.job))


def retold(
    told: Sequence[Ping],
    job: Job,
    summary: str,
    web_url: str,
    titles: Titles = NO_TITLES,
    *,
    late: bool = False,
) -> Message:
    """The same message once the question of `job`, as it is now, was answered.

    `summary` is mrkdwn of ours that says what was sent, see `answered`.  Where several questions of one
    message are answered, `told` has the jobs that were answered before as they are now.
    """
    rows = _rows([replace(ping, job=job) if ping.job.id == job.id else ping for ping in told])
    if len(rows) == 1:
        return answered(job, summary, web_url)
    return _several(rows, web_url, titles, late=late, said={job.id: clip(summary, _SUMMARY)})


def _rows(told: Sequence[Ping]) -> list[Ping]:
    last = {ping.job.id: ping for ping in told}
    return sorted(last.values(), key=lambda ping: _URGENCY.index(ping.event))


def _several(
    rows: Sequence[Ping], web_url: str, titles: Titles, *, late: bool, said: Mapping[int, str] | None = None
) -> Message:
    sums = sum_words(Counter(map(_status, rows)))
    if late:
        heading = say("While it was quiet: {sums}", sums=sums)
    else:
        heading = say_n("{n} job: {sums}", "{n} jobs: {sums}", len(rows), sums=sums)
    blocks: list[Block] = [section(f"*{heading}*")]
    lines, room = [heading], _ROOM
    for ping in rows[:ROWS]:
        first, short = _headlines(ping, web_url, titles)
        second = (said or {}).get(ping.job.id) or _matter(ping)
        room -= len(first) + len(second)
        if room < 0:
            break
        blocks.append(section(first, second, button=_button(ping)))
        lines.append(say("{job}: {matter}", job=short, matter=second) if second else short)
    more = len(rows) + 1 - len(blocks)
    if more:
        rest = say_n("… and {n} more", "… and {n} more", more)
        blocks.append(context(rest))
        lines.append(rest)
    # Where others read it too, nobody's own choice is offered.
    if not rows[0].whose:
        blocks.append(actions(mute_menu(*(ping.job for ping in rows))))
    return message(lines, blocks)


def _status(ping: Ping) -> Status:
    """The state to count it under: that of its change, unless it was answered meanwhile."""
    match ping.event:
        case Event.ASKED if ping.job.state is not JobState.ASKING:
            return status_of(ping.job.state, was_killed=ping.job.was_killed)
        case Event.ASKED:
            return Status.ASKING
        case Event.FAILED:
            return Status.FAILED
        case Event.KILLED:
            return Status.STOPPED
        case Event.FINISHED:
            return Status.FINISHED


def _headlines(ping: Ping, web_url: str, titles: Titles) -> tuple[str, str]:
    if ping.whose:
        return f"{ping.whose} {headline(ping.job, web_url)}", f"{ping.whose} {headline(ping.job)}"
    return headline(ping.job, web_url, titles), headline(ping.job, titles=titles)


def _matter(ping: Ping) -> str:
    # Where others read it, what a job says of itself is left to the buttons, as in `report`.
    is_told = not ping.whose or ping.event is Event.FINISHED
    return matter(ping.job, limit=_MATTER, bar=False) if is_told else ""


def _button(ping: Ping) -> Button:
    answer = None if ping.whose else answer_button(ping.job)
    return answer or file_button(ping.job) or errors_button(ping.job) or details_button(ping.job)
