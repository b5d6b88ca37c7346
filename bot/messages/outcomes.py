"""What became of an answer, in a sentence; no I/O."""

from bot.jobs import Became, Job, Outcome
from bot.messages.blocks import Message, note
from bot.messages.words import count, matter, result_words, state_words, type_words
from bot.text import prose


def sent_words(outcome: Outcome) -> str:
    """What was sent, and what could not be, as mrkdwn."""
    words = [f"You answered {count(outcome.sent, 'name')}."] if outcome.sent else []
    if outcome.unknown:
        named = ", ".join(prose(label, 60) for label in outcome.unknown[:3])
        words.append(f"EcoTaxa does not know {named} any more: please choose again.")
    return " ".join(words)


def outcome_words(outcome: Outcome) -> str:
    """The whole outcome as mrkdwn, for the modal in which the person waits."""
    if outcome.job is None and outcome.sent:
        return f"{sent_words(outcome)} The job was then deleted."
    if outcome.job is None:
        return "This job was deleted meanwhile, so nothing was sent."
    if outcome.became is Became.NOT_SENT:
        return sent_words(outcome) or not_asking(outcome.job)
    return f"{sent_words(outcome)} {_next(outcome.became, outcome.job)}"


def not_asking(job: Job) -> str:
    """Why there is nothing to answer (any more)."""
    if job.question is not None:
        return f"Meanwhile #{job.id} was answered in another way and asks something else: nothing was sent."
    why = "it was stopped" if job.was_killed else "it was answered meanwhile"
    return f"#{job.id} no longer asks: {why}, so nothing was sent. Now: {state_words(job)}."


def deleted(job_id: int) -> Message:
    """The asking message of a job that is gone."""
    return note(f"Import #{job_id} was deleted, so there is nothing left to answer.")


def _next(became: Became, job: Job) -> str:
    match became:
        case Became.FINISHED:
            made = result_words(job)
            return f"The {type_words(job).lower()} has finished{f': {made}' if made else ''}."
        case Became.FAILED:
            return f"It then failed: {matter(job, limit=300)}"
        case Became.ASKS_AGAIN:
            left = count(len(job.question), "name") if job.question else "more"
            return f"EcoTaxa asks for the rest: {left}."
        case _:
            return "EcoTaxa goes on; I tell you when it is done or asks again."
