"""What became of an answer, in a sentence; no I/O."""

from bot.jobs import Became, Job, Outcome
from bot.language import listed, say, say_n
from bot.messages.blocks import Message, note
from bot.messages.words import matter, result_words, state_words, type_words
from bot.text import prose


def sent_words(outcome: Outcome) -> str:
    """What was sent, and what could not be, as mrkdwn."""
    words = []
    if outcome.sent:
        words.append(say_n("You answered {n} name.", "You answered {n} names.", outcome.sent))
    if outcome.unknown:
        named = listed(prose(label, 60) for label in outcome.unknown[:3])
        words.append(say("EcoTaxa does not know {names} any more: please choose again.", names=named))
    return " ".join(words)


def outcome_words(outcome: Outcome) -> str:
    """The whole outcome as mrkdwn, for the modal in which the person waits."""
    if outcome.job is None and outcome.sent:
        return " ".join((sent_words(outcome), say("The job was then deleted.")))
    if outcome.job is None:
        return say("This job was deleted meanwhile, so nothing was sent.")
    if outcome.became is Became.NOT_SENT:
        return sent_words(outcome) or not_asking(outcome.job)
    return f"{sent_words(outcome)} {_next(outcome.became, outcome.job)}"


def not_asking(job: Job) -> str:
    """Why there is nothing to answer (any more)."""
    if job.question is not None:
        return say(
            "Meanwhile #{id} was answered in another way and asks something else: nothing was sent.",
            id=job.id,
        )
    if job.was_killed:
        why = say("#{id} no longer asks: it was stopped, so nothing was sent.", id=job.id)
    else:
        why = say("#{id} no longer asks: it was answered meanwhile, so nothing was sent.", id=job.id)
    return " ".join((why, say("Now: {state}.", state=state_words(job))))


def deleted(job_id: int) -> Message:
    """The asking message of a job that is gone."""
    return note(say("Import #{id} was deleted, so there is nothing left to answer.", id=job_id))


def _next(became: Became, job: Job) -> str:
    match became:
        case Became.FINISHED:
            made, kind = result_words(job), type_words(job).lower()
            if made:
                return say("The {kind} has finished: {made}.", kind=kind, made=made)
            return say("The {kind} has finished.", kind=kind)
        case Became.FAILED:
            return say("It then failed: {why}", why=matter(job, limit=300))
        case Became.ASKS_AGAIN:
            if not job.question:
                return say("EcoTaxa asks for the rest: more.")
            left = len(job.question)
            return say_n(
                "EcoTaxa asks for the rest: {n} name.", "EcoTaxa asks for the rest: {n} names.", left
            )
        case _:
            return say("EcoTaxa goes on; I tell you when it is done or asks again.")
