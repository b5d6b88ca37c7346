"""What the bot tells of its own accord, and what becomes of it; no I/O."""

from slackblocks import Block

from bot.jobs import Event, Job, JobState
from bot.language import say, say_n
from bot.messages.blocks import Message, actions, context, message, section
from bot.messages.buttons import (
    answer_button,
    details_button,
    errors_button,
    file_button,
    open_button,
    restart_button,
)
from bot.messages.failures import failure_lines
from bot.messages.words import headline, kept_words, matter, name_list, result_words
from bot.names import NO_TITLES, Titles
from bot.text import clip

_NAMES = 3
_KINDS = 3


def notice(kind: str, job: Job, web_url: str, titles: Titles = NO_TITLES) -> Message:
    """The message for a job's `Event`; raises ValueError when `kind` is none."""
    match Event(kind):
        case Event.FINISHED:
            return finished(job, web_url, titles)
        case Event.FAILED:
            return failed(job, web_url, titles)
        case Event.KILLED:
            return killed(job, web_url, titles)
        case Event.ASKED:
            return asked(job, web_url, titles)


def finished(job: Job, web_url: str, titles: Titles = NO_TITLES) -> Message:
    """It is done, and what it made."""
    return _about(job, web_url, matter(job), small=kept_words(job), titles=titles)


def failed(job: Job, web_url: str, titles: Titles = NO_TITLES) -> Message:
    """It failed, and why: its most frequent kinds of error, and what to do about the first."""
    return _about(job, web_url, *failure_lines(job, _KINDS), titles=titles)


def killed(job: Job, web_url: str, titles: Titles = NO_TITLES) -> Message:
    """Somebody stopped it, which is no failure."""
    return _about(job, web_url, matter(job), titles=titles)


def asked(job: Job, web_url: str, titles: Titles = NO_TITLES) -> Message:
    """It waits for an answer: how much it wants, and the first names."""
    what = matter(job)
    if job.question:
        what = say("{matter}: {names}", matter=what, names=name_list(job.question, _NAMES))
    return _about(job, web_url, what, titles=titles)


def answered(job: Job, summary: str, web_url: str) -> Message:
    """The asking message once somebody answered, and how the job goes on.

    `summary` is mrkdwn of ours (`sent_words`): foreign words in it were made safe before.
    """
    return _about(job, web_url, f"{clip(summary, 1_000)} {_outcome(job)}".strip())


def already_answered(job: Job, web_url: str) -> Message:
    """The question was answered elsewhere, or the job has gone on: nothing was sent."""
    if job.question:
        return asked(job, web_url)
    return _about(job, web_url, " ".join((say("This question is already answered."), _outcome(job))))


def _outcome(job: Job) -> str:
    match job.state:
        case JobState.PENDING:
            return say("Waiting for its turn.")
        case JobState.RUNNING:
            return say("Running again.")
        case JobState.ASKING if job.question:
            return say_n(
                "Asking for the rest ({n} name): {names}",
                "Asking for the rest ({n} names): {names}",
                len(job.question),
                names=name_list(job.question, _NAMES),
            )
        case JobState.ASKING:
            return say("Asking for something else, on its own page in EcoTaxa.")
        case JobState.ERROR:
            return matter(job) if job.was_killed else say("Failed: {why}", why=matter(job, limit=300))
        case JobState.FINISHED:
            made = result_words(job)
            return say("Finished: {made}", made=made) if made else say("Finished.")
        case _:
            return ""


def _about(job: Job, web_url: str, *lines: str, small: str = "", titles: Titles = NO_TITLES) -> Message:
    offered = [*filter(None, (answer_button(job), file_button(job), errors_button(job), restart_button(job)))]
    blocks: list[Block] = [section(headline(job, web_url, titles), *lines)]
    blocks += [context(small)] if small else []
    details = [] if answer_button(job) else [details_button(job)]
    blocks.append(actions(*offered, *details, open_button(job, web_url)))
    return message([headline(job, titles=titles), *lines, small], blocks)
