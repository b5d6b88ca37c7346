"""The message about a job that lives: one card, changed in place until its end; no I/O."""

from datetime import timedelta

from slackblocks import Button

from bot.failures import readable
from bot.ids import Action
from bot.jobs import Event, Job, JobState
from bot.language import number, say
from bot.messages.amounts import lasting
from bot.messages.blocks import Message, actions, button, message, section
from bot.messages.buttons import details_button, kill_button, open_button
from bot.messages.exports import report
from bot.messages.menus import adding, mute_menu
from bot.messages.notices import notice
from bot.messages.words import headline, joined, matter, progress_bar, type_words
from bot.names import NO_TITLES, Titles
from bot.text import prose

_SAID = 150
_SHORT = 80


def job_card(
    job: Job,
    web_url: str,
    titles: Titles = NO_TITLES,
    *,
    attempt: int = 1,
    left: timedelta | None = None,
    whose: str = "",
    is_told: bool = False,
) -> Message:
    """The card of a job: how far it is, and at its end or question what `notice` tells of that.

    With `is_told` a message of its own tells the latter, and the card is but a line of it.

    `attempt` counts its runs from 1, `left` is how long it goes on, where that is known.  With `whose`,
    whose job it is, the card stands where others read it: it says no more than `report` does.
    """
    event = Event.of(job)
    if event is not None:
        return _line(job, web_url, titles) if is_told else _told(event, job, web_url, titles, whose)
    how_far = joined(_progress(job), _left(left), _attempt(attempt))
    if whose:
        row = actions(details_button(job), _follow_button(job), open_button(job, web_url))
        lines = [f"{whose} {headline(job)}", how_far]
        return message(lines, [section(f"{whose} {headline(job, web_url)}", how_far), row])
    said = prose(readable(job.progress_msg), _SAID)
    stop = filter(None, (kill_button(job),))
    row = actions(details_button(job), *stop, open_button(job, web_url), mute_menu(job))
    lines = [headline(job, titles=titles), how_far, said]
    return message(lines, [section(headline(job, web_url, titles), how_far, said), row])


def _line(job: Job, web_url: str, titles: Titles) -> Message:
    short = matter(job, limit=_SHORT, bar=False)
    shown = section(headline(job, web_url, titles), short, button=details_button(job))
    return message([headline(job, titles=titles), short], [shown])


def _told(event: Event, job: Job, web_url: str, titles: Titles, whose: str) -> Message:
    if whose:
        shown = report(event, job, web_url, whose)
        return shown if job.state.has_ended else adding(shown, _follow_button(job))
    shown = notice(event, job, web_url, titles)
    return shown if job.state.has_ended else adding(shown, mute_menu(job))


def _progress(job: Job) -> str:
    match job.state:
        case JobState.PENDING:
            return say("waiting for its turn")
        case JobState.RUNNING:
            return progress_bar(job.progress_pct)
        case _:
            return ""


def _left(left: timedelta | None) -> str:
    return "" if left is None else say("about {duration} left", duration=lasting(left))


def _attempt(attempt: int) -> str:
    return say("Attempt {attempt}", attempt=number(attempt)) if attempt > 1 else ""


def _follow_button(job: Job) -> Button:
    label = say("Tell me too of {kind} {job}", kind=type_words(job), job=job.id)
    return button(say("Tell me too"), Action.FOLLOW.of(job.id), value=job.id, label=label[:75])
