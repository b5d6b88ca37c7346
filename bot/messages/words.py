"""How jobs are spoken of: the words that every message shares; no I/O.

All that is returned may stand in mrkdwn as it is: foreign words in it are already made safe.
"""

import re
from datetime import datetime, timedelta

from bot.failures import readable, why
from bot.jobs import Job, JobState, Question
from bot.language import listed, mark, number, say, say_n
from bot.names import NO_TITLES, Titles
from bot.text import code, prose

_TYPES = {
    "FileImport": mark("Import"),
    "SimpleImport": mark("Simple import"),
    "GeneralExport": mark("General export"),
    "SummaryExport": mark("Summary export"),
    "BackupExport": mark("Backup export"),
    "DarwinCoreExport": mark("Darwin Core export"),
    "GenExport": mark("Export"),
    "Subset": mark("Subset"),
    "Prediction": mark("Prediction"),
    "NightlyMaintenance": mark("Nightly maintenance"),
}
_STATES = {
    JobState.PENDING: mark("⏳ Waiting"),
    JobState.RUNNING: mark("▶️ Running"),
    JobState.ASKING: mark("❓ Asks"),
    JobState.ERROR: mark("❌ Failed"),
    JobState.FINISHED: mark("✅ Finished"),
    JobState.UNKNOWN: mark("❔ Unknown"),
}
_STOPPED = mark("⏹️ Stopped")

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_HIGHEST_ID = 2_147_483_647
_SHOWN_PROJECTS = 3
_TITLE = 40
_COUNTLESS = 10**15

_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400
_WHEN = "{when}"


def type_words(job: Job) -> str:
    """What the job does, in plain words: `General export`."""
    known = _TYPES.get(job.type)
    if known:
        return say(known)
    # Only letters and digits are kept of a type that nobody knows, so that it is safe anywhere.
    words = re.sub(r"[\W_]+", " ", _HUMP.sub(" ", job.type[:60])).split()
    lowered = [word if word.isupper() else word.lower() for word in words]
    text = " ".join(lowered)
    return text[:1].upper() + text[1:] or say("Job")


def state_words(job: Job) -> str:
    """The job's state by sign and word: `✅ Finished`; somebody's *stop* is no failure."""
    return say(_STOPPED if job.was_killed else _STATES[job.state])


def progress_bar(pct: int | None, width: int = 10) -> str:
    """A bar with its number beside it, `▓▓▓▓▓░░░░░ 45 %`; empty while nothing is known."""
    if pct is None:
        return ""
    full = pct * width // 100
    return f"{'▓' * full}{'░' * (width - full)} {pct} %"


def count(amount: int, noun: str, plural: str = "") -> str:
    """A number with its noun: `1 row`, `12,345 rows`."""
    shown = number(amount) if abs(amount) < _COUNTLESS else "countless"
    return f"{shown} {noun if amount == 1 else plural or noun + 's'}"


def age(then: datetime | None, now: datetime) -> str:
    """How long ago that was, roughly: `just now`, `3 min ago`, `2 h ago`, `4 days ago`."""
    if then is None:
        return ""
    seconds = int((now - then).total_seconds())
    if seconds < _MINUTE:
        return say("just now")
    if seconds < _HOUR:
        return say("{minutes} min ago", minutes=seconds // _MINUTE)
    if seconds < _DAY:
        return say("{hours} h ago", hours=seconds // _HOUR)
    return say_n("{n} day ago", "{n} days ago", seconds // _DAY)


def when(at: datetime | None, words: str = "") -> str:
    """A moment that each reader sees in their own time zone; empty for None.

    It stands in the place of `{when}` in `words`, or else behind them.  The words belong inside: Slack
    spells *Today* with a capital only where the date begins the text.
    https://docs.slack.dev/messaging/formatting-message-text#date-formatting
    """
    if at is None:
        return ""
    words = words if _WHEN in words else words + _WHEN
    fallback = words.replace(_WHEN, f"{at:%Y-%m-%d %H:%M} UTC")
    shown = words.replace(_WHEN, "{date_short_pretty} {time}")
    seconds = int(at.timestamp())
    # Slack shows no date before 1970; none that EcoTaxa means is.
    return f"<!date^{seconds}^{shown}|{fallback}>" if seconds > 0 else fallback


def kept_words(job: Job) -> str:
    """Until when a finished job's file can be fetched: the nightly clean-up takes 7 days after creation."""
    if job.state is not JobState.FINISHED or not job.out_file or job.created_at is None:
        return ""
    return when(job.created_at + timedelta(days=7), say("EcoTaxa keeps the file until {when}"))


def shown_projects(job: Job) -> list[int]:
    """The projects of the job that its words name: the first few that can be."""
    return [project for project in job.project_ids if 0 < project <= _HIGHEST_ID][:_SHOWN_PROJECTS]


def project_words(job: Job, web_url: str | None = None, *, titles: Titles = NO_TITLES) -> str:
    """The projects it works on, `project 42 (Tara Pacific)`; empty when it names none.

    They are linked where `web_url` is given, and have their title where it is known.
    """
    ids = [project for project in job.project_ids if 0 < project <= _HIGHEST_ID]
    if not ids:
        return ""
    if len(ids) == 1:
        return titled(ids[0], titles, web_url, alone=True)
    names = listed(titled(project, titles, web_url) for project in ids[:_SHOWN_PROJECTS])
    more = len(ids) - _SHOWN_PROJECTS
    if more > 0:
        return say_n("projects {names} and {n} more", "projects {names} and {n} more", more, names=names)
    return say("projects {names}", names=names)


def titled(project_id: int, titles: Titles, web_url: str | None = None, *, alone: bool = False) -> str:
    """A project's number, with its title where that is known, linked where `web_url` is given.

    Where it stands `alone`, the words say that it is a project.
    """
    words = say("project {id}", id=project_id) if alone else str(project_id)
    linked = f"<{web_url.rstrip('/')}/prj/{project_id}|{words}>" if web_url else words
    title = prose(titles.get(project_id, ""), _TITLE)
    return f"{linked} ({title})" if title else linked


def job_url(job: Job, web_url: str) -> str:
    """The job's page in EcoTaxa."""
    return job_page(job.id, web_url)


def job_page(job_id: int, web_url: str) -> str:
    """The page of the job with that number."""
    return f"{web_url.rstrip('/')}/gui/job/show/{job_id}"


def question_words(question: Question) -> str:
    """How much is asked: `1 user and 2 taxa`; empty when it asks nothing that is known."""
    users = say_n("{n} user", "{n} users", len(question.users)) if question.users else ""
    taxa = say_n("{n} taxon", "{n} taxa", len(question.taxa)) if question.taxa else ""
    return say("{users} and {taxa}", users=users, taxa=taxa) if users and taxa else users or taxa


def asks(job: Job) -> str:
    """What an asking job could not match; empty when it asks nothing that is known."""
    asked = question_words(job.question) if job.question else ""
    return say("could not match {names}", names=asked) if asked else ""


def name_list(question: Question, limit: int) -> str:
    """The first names that are asked for, and how many more there are."""
    names = [*question.users, *question.taxa]
    more = len(names) - limit
    shown = listed(code(name, 60) for name in names[:limit])
    return say_n("{names} and {n} more", "{names} and {n} more", more, names=shown) if more > 0 else shown


def made_words(job: Job) -> str:
    """How much a job read or wrote: `8 rows`; empty when it does not tell."""
    amount, is_images = job.rowcount, job.type == "SimpleImport"
    if amount is None:
        return ""
    # A number longer than any real one would fill the message.
    if abs(amount) >= _COUNTLESS:
        return say("countless images") if is_images else say("countless rows")
    if is_images:
        return say_n("{n} image", "{n} images", amount)
    return say_n("{n} row", "{n} rows", amount)


def result_words(job: Job) -> str:
    """What a finished job made: ``8 rows in `export.zip` ``; empty when it tells nothing."""
    rows = made_words(job)
    file = code(job.out_file, 120) if job.out_file else ""
    return say("{rows} in {file}", rows=rows, file=file) if rows and file else rows or file


def matter(job: Job, *, limit: int = 150, bar: bool = True) -> str:
    """What matters about a job in its state, in one line of mrkdwn; may be empty.

    Foreign words have at most `limit` code points; without `bar` progress is only its number.
    """
    match job.state:
        case JobState.RUNNING:
            pct = job.progress_pct
            progress = progress_bar(pct) if bar else "" if pct is None else f"{pct} %"
            return joined(progress, prose(readable(job.progress_msg), limit))
        case JobState.ASKING:
            return asks(job) or say("asks something that only EcoTaxa's own page can show")
        case JobState.ERROR:
            return prose(why(job), limit)
        case JobState.FINISHED:
            return result_words(job)
        case _:
            return prose(readable(job.progress_msg), limit)


def headline(job: Job, web_url: str | None = None, titles: Titles = NO_TITLES) -> str:
    """State, kind, number and project of a job; bold and linked where `web_url` is given."""
    state = f"*{state_words(job)}*" if web_url else state_words(job)
    return joined(state, type_words(job), f"#{job.id}", project_words(job, web_url, titles=titles))


def joined(*parts: str) -> str:
    """The parts that say something, with dots between them."""
    return " · ".join(filter(None, parts))
