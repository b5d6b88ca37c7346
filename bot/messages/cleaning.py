"""What is asked before a clean-up, shown while it runs, and told at its end; no I/O."""

from collections import Counter
from collections.abc import Sequence

from slackblocks import Button

from bot.cleanup import End, Kept, Plan, Progress
from bot.commands import NAME, Scope
from bot.ids import Action
from bot.jobs import Job, JobState
from bot.messages.blocks import Message, actions, button, confirm, message, note, section
from bot.messages.buttons import keep_button
from bot.messages.words import count, joined, progress_bar, type_words

STOP_HERE = "here"
"""The value of the *Stop* that stands on the progress itself."""

_KINDS = 6
_IDS = 5

_SCOPES = {Scope.DONE: "finished jobs", Scope.FAILED: "failed jobs", Scope.ALL: "finished or failed jobs"}
_WHY = {
    Kept.CHANGED: "kept: changed since I counted",
    Kept.GONE: "gone already",
    Kept.FORBIDDEN: "kept: not yours to delete",
    Kept.REFUSED: "kept: EcoTaxa did not delete",
    Kept.UNREACHED: "unclear: EcoTaxa did not answer",
}
_ENDS = {
    End.DONE: "",
    End.STOPPED: "You stopped it.",
    End.UNLINKED: f"Your account was unlinked in the middle. Type `{NAME} link`, then clean up again.",
    End.TAKEN_OVER: "A later clean-up of yours took over.",
    End.SHUTDOWN: f"I was switched off in the middle. Type `{NAME} clean` again to go on.",
    End.SIGNED_OUT: f"EcoTaxa no longer accepts your sign-in. Type `{NAME} link`, then clean up again.",
    End.SILENT: "EcoTaxa does not answer right now. Please try again in a few minutes.",
}


def nothing_to_clean(scope: Scope) -> Message:
    """There is nothing to delete."""
    return note(f"You have no {_SCOPES[scope]} to delete.")


def clean_question(jobs: Sequence[Job], plan: Plan) -> Message:
    """Ask before `plan` is carried out: how many jobs of which state and kind `jobs` are.

    A plan may have fewer jobs than there are: the oldest of them.
    """
    what = count(len(plan), "job")
    these = f"Delete {what} from EcoTaxa?"
    if len(plan) < len(jobs):
        these = f"Delete the oldest {what} of {len(jobs):,} from EcoTaxa? Ask again for the rest."
    files = " Their files go with them." if any(job.out_file for job in jobs) else ""
    text = f"{these}{files} Jobs that still go on are left alone."
    states, kinds = _by_state(jobs), _by_kind(jobs)
    yes = button(
        f"Delete {what}",
        Action.CLEAN_YES,
        value=plan.dump(),
        style="danger",
        confirm=confirm("Clean up?", f"{what} will be gone for good.", "Delete them", "Keep them"),
    )
    blocks = [section(f"*{these}*{files}", states, kinds), actions(yes, keep_button("Keep them"))]
    return message([text, states, kinds], blocks)


def _by_state(jobs: Sequence[Job]) -> str:
    finished = sum(job.state is JobState.FINISHED for job in jobs)
    killed = sum(job.was_killed for job in jobs)
    failed = len(jobs) - finished - killed
    counted = ((finished, "✅ {} finished"), (failed, "❌ {} failed"), (killed, "⏹️ {} stopped"))
    return joined(*(words.format(f"{number:,}") for number, words in counted if number))


def _by_kind(jobs: Sequence[Job]) -> str:
    kinds = Counter(type_words(job).lower() for job in jobs).most_common()
    shown = [count(number, kind) for kind, number in kinds[:_KINDS]]
    others = sum(number for _, number in kinds[_KINDS:])
    return ", ".join([*shown, *([f"{others:,} of other kinds"] if others else [])])


def clean_progress(progress: Progress) -> Message:
    """How far a clean-up is, and the way to stop it."""
    text = f"Deleting {count(progress.total, 'job')}: {progress.done:,} done."
    so_far = joined(progress_bar(progress.pct), _kept_so_far(progress))
    blocks = [section(text, so_far), actions(_stop_button(STOP_HERE))]
    return message([text, so_far], blocks)


def _kept_so_far(progress: Progress) -> str:
    kept = progress.done - progress.deleted
    return f"{kept:,} not deleted" if kept else ""


def _stop_button(where: str) -> Button:
    return button("Stop", Action.CLEAN_STOP, value=where, style="danger", label="Stop the clean-up")


def clean_summary(progress: Progress, end: End) -> Message:
    """What a clean-up came to: deleted, kept and why."""
    total = count(progress.total, "job")
    part = "" if progress.deleted == progress.total else f"{progress.deleted:,} of "
    left = f"{count(progress.left, 'job')} not looked at." if progress.left else ""
    kept = [f"• {len(ids):,} {_WHY[why]} ({_named(ids)})" for why, ids in progress.kept.items()]
    lines = [" ".join(filter(None, (f"Deleted {part}{total}.", _ENDS[end], left))), *kept]
    return message(lines, [section(*lines)])


def _named(ids: Sequence[int]) -> str:
    more = len(ids) - _IDS
    shown = ", ".join(f"#{job_id}" for job_id in ids[:_IDS])
    return f"{shown} and {more:,} more" if more > 0 else shown


def still_cleaning() -> Message:
    """Another clean-up of the same person is not at its end."""
    text = "I am still deleting the jobs of your last clean-up. Wait for its end, or stop it."
    return message([text], [section(text), actions(_stop_button("elsewhere"))])


def cleaning_stops() -> Message:
    """The clean-up stops, and tells its summary where it runs."""
    return note("Stopped. I tell you what was deleted where it was running.")


def no_cleaning() -> Message:
    """There is no clean-up to stop (any more)."""
    return note("No clean-up is running: there is nothing to stop.")
