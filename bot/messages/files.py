"""What is said about a job's file on its way into Slack; no I/O."""

from slackblocks import Button

from bot.ids import Action
from bot.jobs import Job, JobState
from bot.language import decimal, mark, number, say, say_n
from bot.messages.blocks import Message, actions, button, message, section
from bot.messages.buttons import details_button, open_button
from bot.messages.words import headline, joined, progress_bar, project_words, state_words, type_words
from bot.text import code, sentences

_NAME = 120
_UNITS = (mark("{size} kB"), mark("{size} MB"), mark("{size} GB"))


def size_words(size: int) -> str:
    """A number of bytes as people say it, in steps of a thousand: `12.3 MB`."""
    if size < 1_000:
        return say_n("{n} byte", "{n} bytes", size)
    step = next((n for n in (1, 2) if size < 999.5 * 1_000**n), 3)
    shown = size / 1_000**step
    return say(_UNITS[step - 1], size=decimal(shown, 1) if shown < 99.95 else number(round(shown)))


def where_to(job: Job, thread_ts: str | None = None) -> Message:
    """Asked in a channel, where the answer would be seen by everybody: here, or to the person alone?"""
    name = code(job.out_file or "", _NAME)
    asked = say("Where do you want {file} of {job}?", file=name, job=_job(job))
    seen = say("Here everybody in this conversation can open it.")
    share = button(
        say("Share here, with everybody"), Action.FILE_SHARE.of(job.id), value=_value(job, thread_ts)
    )
    return message([asked, seen], [section(asked, seen), actions(_to_me_button(job), share)])


def comes_to_you(job: Job) -> Message:
    """In the place of the question: it goes to the direct conversation."""
    return _said(say("The file of {job} comes to you, in our direct conversation.", job=_job(job)))


def waits(job: Job, is_own: bool) -> Message:
    """It waits for another file, of the same person or of others."""
    said = (
        mark("⏳ The file of {job} waits: another file of yours is on its way, this one is next.")
        if is_own
        else mark("⏳ The file of {job} waits: several files are on their way, this one is next.")
    )
    return _said(say(said, job=_job(job)), _cancel_button(job))


def on_its_way(job: Job, filename: str, sent: int, length: int) -> Message:
    """How much of it has gone by; `length` 0 while EcoTaxa has not told it."""
    if not length:
        return _said(say("⏳ Fetching the file of {job}.", job=_job(job)), _cancel_button(job))
    pct = sent * 100 // length
    how_far = say("{sent} of {total}", sent=size_words(sent), total=size_words(length))
    named = say("▶️ Bringing {file} of {job}", file=code(filename, _NAME), job=_job(job))
    return message(
        [joined(named, say("{pct} %", pct=pct), how_far)],
        [section(named, joined(progress_bar(pct), how_far)), actions(_cancel_button(job))],
    )


def arrived(job: Job, filename: str, length: int) -> Message:
    """In the place of the progress, once the file is there."""
    return _said(
        say(
            "✅ {file} of {job} is here, {size}.",
            file=code(filename, _NAME),
            job=_job(job),
            size=size_words(length),
        )
    )


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
    file = code(filename, _NAME)
    shared = say("{person} shares {file}", person=f"<@{sender}>", file=file) if sender else file
    proved = ""
    if members is not None:
        proved = say_n("{n} file inside, checked", "{n} files inside, checked", members)
    facts = joined(shared, size_words(length), _rows(job), proved, _job(job), project_words(job))
    return f"{facts}\nSHA-256 {code(digest)}"


def under_way(job: Job) -> Message:
    """A second press: nothing new was begun."""
    return _said(say("The file of {job} is already on its way.", job=_job(job)), _cancel_button(job))


def is_here(job: Job, *, is_elsewhere: bool = False) -> Message:
    """A press after it came: nothing was begun; `is_elsewhere` when it came to the direct conversation."""
    said = (
        mark("I brought {file} of {job} to our direct conversation already.")
        if is_elsewhere
        else mark("I brought {file} of {job} here already.")
    )
    file = code(job.out_file or "", _NAME)
    return _said(say(said, file=file, job=_job(job)), _again_button(job, say("Bring it again")))


def may_be_here(job: Job, thread_ts: str | None = None, *, is_elsewhere: bool = False) -> Message:
    """Slack's last answer got lost: it is not repeated; `is_elsewhere` as in `is_here`."""
    said = say("Slack did not say whether the file of {job} arrived, and I don't see it.", job=_job(job))
    advice = (
        say("Look for it in our direct conversation before you ask again.")
        if is_elsewhere
        else say("Look for it here before you ask again.")
    )
    return _said(f"{said} {advice}", _again_button(job, say("Bring it again"), thread_ts))


def cancelled(job: Job, thread_ts: str | None = None) -> Message:
    """The person stopped it."""
    said = say("⏹️ Stopped: the file of {job} was not posted.", job=_job(job))
    return _said(said, _again_button(job, say("Try again"), thread_ts))


def not_stopped(job_id: int) -> Message:
    """*Cancel* came when nothing is under way, or too late."""
    return _said(
        say(
            "Too late to stop: the file of job #{id} is not on its way any more, or arrives just now.",
            id=job_id,
        )
    )


def interrupted(job: Job, thread_ts: str | None = None) -> Message:
    """The bot is being stopped while the file was under way."""
    said = say("I was restarted before the file of {job} had arrived, so it was not posted.", job=_job(job))
    return _said(said, _again_button(job, say("Try again"), thread_ts))


def too_large(job: Job, filename: str, length: int, limit: int, web_url: str) -> Message:
    """It is larger than what may be brought: the page has it."""
    said = say(
        "{file} of {job} has {size}, more than the {limit} that I bring into Slack. "
        "Get it from its page in EcoTaxa.",
        file=code(filename, _NAME),
        job=_job(job),
        size=size_words(length),
        limit=size_words(limit),
    )
    return message([said], [section(said), actions(open_button(job, web_url))])


def not_brought(job: Job, why: str, web_url: str, thread_ts: str | None = None) -> Message:
    """It did not work; `why` is a sentence of ours."""
    failed = say("❌ I could not bring the file of {job}.", job=_job(job))
    said = f"{failed} {sentences(why, 300)}"
    again = _again_button(job, say("Try again"), thread_ts)
    return message([said], [section(said), actions(again, open_button(job, web_url))])


def not_allowed_here(job: Job, thread_ts: str | None = None) -> Message:
    """The bot is not in the conversation where the file was to be shared."""
    said = say(
        "I may not post the file of {job} here: invite me with `/invite @EcoTaxa`, or take it alone.",
        job=_job(job),
    )
    return _said(said, _to_me_button(job), _again_button(job, say("Try again"), thread_ts))


def no_file(job: Job, web_url: str) -> Message:
    """The job has no file, or none yet."""
    if job.state is JobState.FINISHED:
        why = say("Only exports have one.")
    elif "Export" in job.type:
        why = say("It has one once it is finished. Now: {state}.", state=state_words(job))
    else:
        why = say("Only finished exports have one. Now: {state}.", state=state_words(job))
    none = say("{job} has no file.", job=_job(job))
    said = f"{none} {why}"
    return message(
        [said, headline(job)], [section(said), actions(details_button(job), open_button(job, web_url))]
    )


def _job(job: Job) -> str:
    return f"{type_words(job)} #{job.id}"


def _rows(job: Job) -> str:
    if job.rowcount is None:
        return ""
    # A number longer than any real one would fill the message.
    if abs(job.rowcount) >= 10**15:
        return say("countless rows")
    return say_n("{n} row", "{n} rows", job.rowcount)


def _said(said: str, *buttons: Button) -> Message:
    return message([said], [section(said), *([actions(*buttons)] if buttons else [])])


def _cancel_button(job: Job) -> Button:
    label = say("Cancel the file of {job}", job=_job(job))[:75]
    return button(say("Cancel"), Action.FILE_CANCEL.of(job.id), value=job.id, label=label)


def _to_me_button(job: Job) -> Button:
    return button(say("Send it to me"), Action.FILE_SEND.of(job.id), value=job.id, style="primary")


def _again_button(job: Job, text: str, thread_ts: str | None = None) -> Button:
    return button(text, Action.FILE_AGAIN.of(job.id), value=_value(job, thread_ts))


def _value(job: Job, thread_ts: str | None) -> str:
    """What a button sends back: the job, and the thread that the file was asked for in."""
    return f"{job.id} {thread_ts}" if thread_ts else str(job.id)
