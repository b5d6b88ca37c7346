"""What is asked before a clean-up, shown while it runs, and told at its end; no I/O."""

from collections import Counter
from collections.abc import Sequence

from slackblocks import Button

from bot.cleanup import End, Kept, Plan, Progress
from bot.commands import Scope
from bot.ids import Action
from bot.jobs import Job, JobState
from bot.language import listed, mark, number, say, say_n
from bot.messages.blocks import Message, actions, button, confirm, message, note, section
from bot.messages.buttons import keep_button
from bot.messages.words import joined, progress_bar, type_words

STOP_HERE = "here"
"""The value of the *Stop* that stands on the progress itself."""

_KINDS = 6
_IDS = 5

_NOTHING = {
    Scope.DONE: mark("You have no finished jobs to delete."),
    Scope.FAILED: mark("You have no failed jobs to delete."),
    Scope.ALL: mark("You have no finished or failed jobs to delete."),
}
_ENDS = {
    End.DONE: "",
    End.STOPPED: mark("You stopped it."),
    End.UNLINKED: mark("Your account was unlinked in the middle. Type `/ecotaxa link`, then clean up again."),
    End.TAKEN_OVER: mark("A later clean-up of yours took over."),
    End.SHUTDOWN: mark("I was switched off in the middle. Type `/ecotaxa clean` again to go on."),
    End.SIGNED_OUT: mark(
        "EcoTaxa no longer accepts your sign-in. Type `/ecotaxa link`, then clean up again."
    ),
    End.BLIND: mark(
        "I could not get at my own records in the middle, and did not go on without."
        " Type `/ecotaxa clean` again to go on."
    ),
    End.SILENT: mark("EcoTaxa does not answer right now. Please try again in a few minutes."),
}


def nothing_to_clean(scope: Scope) -> Message:
    """There is nothing to delete."""
    return note(say(_NOTHING[scope]))


def clean_question(jobs: Sequence[Job], plan: Plan) -> Message:
    """Ask before `plan` is carried out: how many jobs of which state and kind `jobs` are.

    A plan may have fewer jobs than there are: the oldest of them.
    """
    planned = len(plan)
    these = say_n("Delete {n} job from EcoTaxa?", "Delete {n} jobs from EcoTaxa?", planned)
    if planned < len(jobs):
        these = say_n(
            "Delete the oldest {n} job of {total} from EcoTaxa? Ask again for the rest.",
            "Delete the oldest {n} jobs of {total} from EcoTaxa? Ask again for the rest.",
            planned,
            total=number(len(jobs)),
        )
    files = say("Their files go with them.") if any(job.out_file for job in jobs) else ""
    others = say("Jobs that still go on are left alone.")
    text = " ".join(filter(None, (these, files, others)))
    states, kinds = _by_state(jobs), _by_kind(jobs)
    keep = say("Keep them")
    gone = say_n("{n} job will be gone for good.", "{n} jobs will be gone for good.", planned)
    yes = button(
        say_n("Delete {n} job", "Delete {n} jobs", planned),
        Action.CLEAN_YES,
        value=plan.dump(),
        style="danger",
        confirm=confirm(say("Clean up?"), gone, say("Delete them"), keep),
    )
    blocks = [section(f"*{these}* {files}".rstrip(), states, kinds), actions(yes, keep_button(keep))]
    return message([text, states, kinds], blocks)


def _by_state(jobs: Sequence[Job]) -> str:
    finished = sum(job.state is JobState.FINISHED for job in jobs)
    killed = sum(job.was_killed for job in jobs)
    failed = len(jobs) - finished - killed
    return joined(
        say_n("✅ {n} finished", "✅ {n} finished", finished) if finished else "",
        say_n("❌ {n} failed", "❌ {n} failed", failed) if failed else "",
        say_n("⏹️ {n} stopped", "⏹️ {n} stopped", killed) if killed else "",
    )


def _by_kind(jobs: Sequence[Job]) -> str:
    kinds = Counter(type_words(job).lower() for job in jobs).most_common()
    shown = [f"{number(count)} \N{MULTIPLICATION SIGN} {kind}" for kind, count in kinds[:_KINDS]]
    others = sum(count for _, count in kinds[_KINDS:])
    if others:
        shown.append(say_n("{n} of other kinds", "{n} of other kinds", others))
    return listed(shown)


def clean_progress(progress: Progress) -> Message:
    """How far a clean-up is, and the way to stop it."""
    text = say_n(
        "Deleting {n} job: {done} done.",
        "Deleting {n} jobs: {done} done.",
        progress.total,
        done=number(progress.done),
    )
    so_far = joined(progress_bar(progress.pct), _kept_so_far(progress))
    blocks = [section(text, so_far), actions(_stop_button(STOP_HERE))]
    return message([text, so_far], blocks)


def _kept_so_far(progress: Progress) -> str:
    kept = progress.done - progress.deleted
    return say_n("{n} not deleted", "{n} not deleted", kept) if kept else ""


def _stop_button(where: str) -> Button:
    return button(say("Stop"), Action.CLEAN_STOP, value=where, style="danger", label=say("Stop the clean-up"))


def clean_summary(progress: Progress, end: End) -> Message:
    """What a clean-up came to: deleted, kept and why."""
    left = ""
    if progress.left:
        left = say_n("{n} job not looked at.", "{n} jobs not looked at.", progress.left)
    kept = [f"• {_kept_words(why, len(ids))} ({_named(ids)})" for why, ids in progress.kept.items()]
    lines = [" ".join(filter(None, (_deleted_words(progress), say(_ENDS[end]), left))), *kept]
    return message(lines, [section(*lines)])


def _deleted_words(progress: Progress) -> str:
    if progress.deleted == progress.total:
        return say_n("Deleted {n} job.", "Deleted {n} jobs.", progress.total)
    return say_n(
        "Deleted {deleted} of {n} job.",
        "Deleted {deleted} of {n} jobs.",
        progress.total,
        deleted=number(progress.deleted),
    )


def _kept_words(why: Kept, amount: int) -> str:
    match why:
        case Kept.CHANGED:
            return say_n("{n} kept: changed since I counted", "{n} kept: changed since I counted", amount)
        case Kept.GONE:
            return say_n("{n} gone already", "{n} gone already", amount)
        case Kept.FORBIDDEN:
            return say_n("{n} kept: not yours to delete", "{n} kept: not yours to delete", amount)
        case Kept.REFUSED:
            return say_n("{n} kept: EcoTaxa did not delete", "{n} kept: EcoTaxa did not delete", amount)
        case Kept.UNREACHED:
            return say_n("{n} unclear: EcoTaxa did not answer", "{n} unclear: EcoTaxa did not answer", amount)


def _named(ids: Sequence[int]) -> str:
    more = len(ids) - _IDS
    shown = listed(f"#{job_id}" for job_id in ids[:_IDS])
    return say_n("{jobs} and {n} more", "{jobs} and {n} more", more, jobs=shown) if more > 0 else shown


def still_cleaning() -> Message:
    """Another clean-up of the same person is not at its end."""
    text = say("I am still deleting the jobs of your last clean-up. Wait for its end, or stop it.")
    return message([text], [section(text), actions(_stop_button("elsewhere"))])


def cleaning_stops() -> Message:
    """The clean-up stops, and tells its summary where it runs."""
    return note(say("Stopped. I tell you what was deleted where it was running."))


def no_cleaning() -> Message:
    """There is no clean-up to stop (any more)."""
    return note(say("No clean-up is running: there is nothing to stop."))
