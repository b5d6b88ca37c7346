"""What is said about a job's file on its way into Slack; no I/O."""

from slackblocks import Button

from bot.ids import Action
from bot.jobs import Job, JobState
from bot.messages.blocks import Message, actions, button, message, section
from bot.messages.buttons import details_button, open_button
from bot.messages.words import count, headline, joined, progress_bar, project_words, state_words, type_words
from bot.text import code, sentences

_NAME = 120
_UNITS = ("kB", "MB", "GB")


def size_words(size: int) -> str:
    """A number of bytes as people say it, in steps of a thousand: `12.3 MB`."""
    if size < 1_000:
        return count(size, "byte")
    step = next((n for n in (1, 2) if size < 999.5 * 1_000**n), 3)
    shown = size / 1_000**step
    return f"{shown:.1f} {_UNITS[step - 1]}" if shown < 99.95 else f"{shown:,.0f} {_UNITS[step - 1]}"


def where_to(job: Job, thread_ts: str | None = None) -> Message:
    """Asked in a channel, where the answer would be seen by everybody: here, or to the person alone?"""
    name = code(job.out_file or "", _NAME)
    asked = f"Where do you want {name} of {_job(job)}?"
    return message(
        [asked, "Here everybody in this conversation can open it."],
        [
            section(asked, "Here everybody in this conversation can open it."),
            actions(
                button("Send it to me", Action.FILE_SEND.of(job.id), value=job.id, style="primary"),
                button(
                    "Share here, with everybody", Action.FILE_SHARE.of(job.id), value=_value(job, thread_ts)
                ),
            ),
        ],
    )


def comes_to_you(job: Job) -> Message:
    """In the place of the question: it goes to the direct conversation."""
    return _said(f"The file of {_job(job)} comes to you, in our direct conversation.")


def waits(job: Job, is_own: bool) -> Message:
    """It waits for another file, of the same person or of others."""
    why = (
        "another file of yours is on its way, this one is next."
        if is_own
        else "several files are on their way, this one is next."
    )
    return _said(f"⏳ The file of {_job(job)} waits: {why}", _cancel_button(job))


def on_its_way(job: Job, filename: str, sent: int, length: int) -> Message:
    """How much of it has gone by; `length` 0 while EcoTaxa has not told it."""
    if not length:
        return _said(f"⏳ Fetching the file of {_job(job)}.", _cancel_button(job))
    pct = sent * 100 // length
    how_far = f"{size_words(sent)} of {size_words(length)}"
    named = f"Bringing {code(filename, _NAME)} of {_job(job)}"
    return message(
        [joined(f"▶️ {named}", f"{pct} %", how_far)],
        [section(f"▶️ {named}", joined(progress_bar(pct), how_far)), actions(_cancel_button(job))],
    )


def arrived(job: Job, filename: str, length: int) -> Message:
    """In the place of the progress, once the file is there."""
    return _said(f"✅ {code(filename, _NAME)} of {_job(job)} is here, {size_words(length)}.")


def comment(
    job: Job,
    filename: str,
    length: int,
    digest: str,
    *,
    members: int | None = None,
    sender: str | None = None,
) -> str:
    """The words above the file (mrkdwn): `digest` is its SHA-256, `members` how many files in it were proved.

    `sender` is the Slack user who shares it with others.
    """
    who = f"<@{sender}> shares " if sender else ""
    made = "" if job.rowcount is None else count(job.rowcount, "row")
    proved = "" if members is None else f"{count(members, 'file')} inside, checked"
    facts = joined(
        f"{who}{code(filename, _NAME)}", size_words(length), made, proved, f"{_job(job)}", project_words(job)
    )
    return f"{facts}\nSHA-256 {code(digest)}"


def under_way(job: Job) -> Message:
    """A second press: nothing new was begun."""
    return _said(f"The file of {_job(job)} is already on its way.", _cancel_button(job))


def is_here(job: Job, *, is_elsewhere: bool = False) -> Message:
    """A press after it came: nothing was begun; `is_elsewhere` when it came to the direct conversation."""
    where = "to our direct conversation" if is_elsewhere else "here"
    said = f"I brought {code(job.out_file or '', _NAME)} of {_job(job)} {where} already."
    return _said(said, _again_button(job, "Bring it again"))


def may_be_here(job: Job, thread_ts: str | None = None, *, is_elsewhere: bool = False) -> Message:
    """Slack's last answer got lost: it is not repeated; `is_elsewhere` as in `is_here`."""
    where = "in our direct conversation" if is_elsewhere else "here"
    said = (
        f"Slack did not say whether the file of {_job(job)} arrived, and I don't see it. "
        f"Look for it {where} before you ask again."
    )
    return _said(said, _again_button(job, "Bring it again", thread_ts))


def cancelled(job: Job, thread_ts: str | None = None) -> Message:
    """The person stopped it."""
    said = f"⏹️ Stopped: the file of {_job(job)} was not posted."
    return _said(said, _again_button(job, "Try again", thread_ts))


def not_stopped(job_id: int) -> Message:
    """*Cancel* came when nothing is under way, or too late."""
    said = f"Too late to stop: the file of job #{job_id} is not on its way any more, or arrives just now."
    return message([said], [section(said)])


def interrupted(job: Job, thread_ts: str | None = None) -> Message:
    """The bot is being stopped while the file was under way."""
    said = f"I was restarted before the file of {_job(job)} had arrived, so it was not posted."
    return _said(said, _again_button(job, "Try again", thread_ts))


def too_large(job: Job, filename: str, length: int, limit: int, web_url: str) -> Message:
    """It is larger than what may be brought: the page has it."""
    said = (
        f"{code(filename, _NAME)} of {_job(job)} has {size_words(length)}, more than the "
        f"{size_words(limit)} that I bring into Slack. Get it from its page in EcoTaxa."
    )
    return message([said], [section(said), actions(open_button(job, web_url))])


def not_brought(job: Job, why: str, web_url: str, thread_ts: str | None = None) -> Message:
    """It did not work; `why` is a sentence of ours."""
    said = f"❌ I could not bring the file of {_job(job)}. {sentences(why, 300)}"
    again = _again_button(job, "Try again", thread_ts)
    return message([said], [section(said), actions(again, open_button(job, web_url))])


def not_allowed_here(job: Job, thread_ts: str | None = None) -> Message:
    """The bot is not in the conversation where the file was to be shared."""
    said = (
        f"I may not post the file of {_job(job)} here: invite me with `/invite @EcoTaxa`, or take it alone."
    )
    to_me = button("Send it to me", Action.FILE_SEND.of(job.id), value=job.id, style="primary")
    return message([said], [section(said), actions(to_me, _again_button(job, "Try again", thread_ts))])


def no_file(job: Job, web_url: str) -> Message:
    """The job has no file, or none yet."""
    if job.state is JobState.FINISHED:
        why = "Only exports have one."
    elif "Export" in job.type:
        why = f"It has one once it is finished. Now: {state_words(job)}."
    else:
        why = f"Only finished exports have one. Now: {state_words(job)}."
    said = f"{_job(job)} has no file. {why}"
    return message(
        [said, headline(job)], [section(said), actions(details_button(job), open_button(job, web_url))]
    )


def _job(job: Job) -> str:
    return f"{type_words(job)} #{job.id}"


def _said(said: str, *buttons: Button) -> Message:
    return message([said], [section(said), *([actions(*buttons)] if buttons else [])])


def _cancel_button(job: Job) -> Button:
    label = f"Cancel the file of {_job(job)}"[:75]
    return button("Cancel", Action.FILE_CANCEL.of(job.id), value=job.id, label=label)


def _again_button(job: Job, text: str, thread_ts: str | None = None) -> Button:
    return button(text, Action.FILE_AGAIN.of(job.id), value=_value(job, thread_ts))


def _value(job: Job, thread_ts: str | None) -> str:
    """What a button sends back: the job, and the thread that the file was asked for in."""
    return f"{job.id} {thread_ts}" if thread_ts else str(job.id)
