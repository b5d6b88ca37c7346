"""What is asked before a job is stopped or deleted, and what is told afterwards; no I/O."""

from typing import assert_never

from slackblocks import Button

from bot.deeds import Act, Deed, Effect
from bot.ids import Action
from bot.jobs import Job, JobState
from bot.language import mark, say
from bot.messages.blocks import Message, actions, button, message, note, section
from bot.messages.buttons import (
    DELETE,
    KEEP,
    LET_RUN,
    STOP,
    answer_button,
    delete_button,
    details_button,
    errors_button,
    file_button,
    has_file,
    keep_button,
    kill_button,
    left_by_stop,
    open_button,
    restart_button,
)
from bot.messages.words import headline, joined, matter, project_words, type_words

_UNSURE = mark(
    "EcoTaxa gave no clear answer in time, so I cannot tell whether that was done."
    " Look again in a minute before you try again."
)
_UNKNOWN = mark("EcoTaxa tells a state that I do not know, so I left it alone.")


def ask_kill(job: Job, web_url: str) -> Message:
    """Ask before a job is stopped."""
    yes = button(say(STOP), Action.JOB_KILL.of(job.id), value=job.id, style="danger")
    text = " ".join((say("Stop this job? It stops where it is."), left_by_stop(job)))
    return _question(job, web_url, text, yes, keep_button(say(LET_RUN)))


def ask_delete(job: Job, web_url: str) -> Message:
    """Ask before a job is deleted."""
    yes = button(say(DELETE), Action.JOB_DELETE.of(job.id), value=job.id, style="danger")
    if has_file(job):
        text = say("Delete this job? It and its file will be gone for good.")
    else:
        text = say("Delete this job? It will be gone for good.")
    return _question(job, web_url, text, yes, keep_button(say(KEEP)))


def _question(job: Job, web_url: str, text: str, yes: Button, no: Button) -> Message:
    said = matter(job, limit=200)
    blocks = [section(headline(job, web_url), said, text), actions(yes, no)]
    return message([text, headline(job), said], blocks)


def deed_done(deed: Deed, web_url: str) -> Message:
    """The job as it now is, and what came of what the person did to it."""
    words, job = deed_words(deed), deed.after
    if job is None:
        was = deed.before
        named = joined(type_words(was), f"#{was.id}", project_words(was))
        linked = joined(type_words(was), f"#{was.id}", project_words(was, web_url))
        return message([named, words], [section(linked, words)])
    is_told = deed.effect is Effect.TOOK or job.was_killed
    said = "" if is_told else matter(job, limit=200)
    # A second order would come on top of the first, if that is still under way: stop, then delete.
    offered = () if deed.effect is Effect.UNSURE else _offered(job)
    buttons = actions(*offered, details_button(job), open_button(job, web_url))
    return message([headline(job), words, said], [section(headline(job, web_url), words, said), buttons])


def _offered(job: Job) -> list[Button]:
    offered = (
        answer_button(job),
        file_button(job),
        errors_button(job),
        restart_button(job),
        kill_button(job),
        delete_button(job),
    )
    return [button for button in offered if button is not None]


def gone(job_id: int) -> Message:
    """The job was deleted before, by whomever."""
    return note(say("Job #{id} is already gone from EcoTaxa, so nothing is left to do.", id=job_id))


def deed_words(deed: Deed) -> str:
    """What came of an act, in a sentence or two of ours."""
    if deed.effect is Effect.UNSURE:
        return say(_UNSURE)
    match deed.act:
        case Act.RESTART:
            return _restarted(deed)
        case Act.KILL:
            return _killed(deed)
        case Act.DELETE:
            return _deleted(deed)
        case _:
            assert_never(deed.act)


def _restarted(deed: Deed) -> str:
    match deed.effect, deed.before.state:
        case Effect.TOOK, _:
            return say("You restarted it.")
        case Effect.NOTHING, _:
            return say("EcoTaxa did not restart it: nothing changed. Please try again in a minute.")
        case Effect.OTHERWISE, _:
            return say("It was deleted in that very moment, so nothing was restarted.")
        case _, JobState.FINISHED:
            return say("It has not failed: it was already finished, and nothing changed.")
        case _, JobState.ASKING:
            return say("It has not failed: it asks something. Answer that, and it goes on.")
        case _, state if state.is_active:
            return say("It already goes on, so there is nothing to restart.")
        case _:
            return say(_UNKNOWN)


def _killed(deed: Deed) -> str:
    match deed.effect, deed.before.state:
        case Effect.TOOK, _:
            return " ".join((say("You stopped it."), left_by_stop(deed.before)))
        case Effect.NOTHING, _:
            return say("EcoTaxa did not stop it: nothing changed. Please try again in a minute.")
        case Effect.OTHERWISE, _:
            return _missed(deed.after)
        case _, JobState.FINISHED:
            return say("It was already finished, nothing changed.")
        case _, JobState.ERROR if deed.before.was_killed:
            return say("It was already stopped, nothing changed.")
        case _, JobState.ERROR:
            return say("It had already failed, nothing changed.")
        case _:
            return say(_UNKNOWN)


def _missed(after: Job | None) -> str:
    if after is None:
        return say("It ended in that very moment, so that EcoTaxa deleted it instead of stopping it.")
    match after.state:
        case JobState.FINISHED:
            return say("It finished before it could be stopped.")
        case JobState.ERROR:
            return say("It failed before it could be stopped.")
        case _:
            return say("It changed before it could be stopped.")


def _deleted(deed: Deed) -> str:
    match deed.effect, deed.before.state:
        case Effect.TOOK, _:
            if has_file(deed.before):
                return say("You deleted it and its file: gone for good.")
            return say("You deleted it: gone for good.")
        case Effect.NOTHING, _:
            return say("EcoTaxa did not delete it: nothing changed. Please try again in a minute.")
        case Effect.OTHERWISE, _:
            return say("It was started again in that very moment, so that EcoTaxa stopped it and kept it.")
        case _, state if state.is_open:
            first = say("EcoTaxa deletes only jobs that have ended: stop it first, then delete it.")
            return f"{first} {left_by_stop(deed.before)}"
        case _:
            return say(_UNKNOWN)
