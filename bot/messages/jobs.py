"""The list of jobs and one job's details; no I/O."""

from collections.abc import Iterable
from datetime import datetime

from slackblocks import Block, SectionBlock

from bot.failures import first_errors
from bot.ids import Action
from bot.jobs import Job, JobState
from bot.messages.blocks import Message, actions, button, context, fields, message, section
from bot.messages.buttons import answer_button, details_button, open_button
from bot.messages.words import age, count, headline, joined, kept_words, matter, project_words, when
from bot.text import code, prose

PAGE = 8
"""Jobs on one page of the list: few enough for a phone, and for the text that a message may hold."""

# A tuple is searched by identity first: faster than hashing an enum, and lists can be long.
_OPEN = (JobState.RUNNING, JobState.PENDING, JobState.ASKING)
_NAMES = 10
_ERRORS = 5


def job_list(
    jobs: Iterable[Job],
    *,
    now: datetime,
    web_url: str,
    page: int = 0,
    live: bool = True,
) -> Message:
    """One page of a person's jobs: those that still go on first, then the newest.

    `page` counts from 0 and is held to the pages there are; `live` says that the list moves by itself.
    """
    ordered = _ordered(jobs)
    last = max(0, (len(ordered) - 1) // PAGE)
    page = max(0, min(page, last))
    shown = ordered[page * PAGE : (page + 1) * PAGE]
    total = count(len(ordered), "job") if ordered else ""
    if last:
        total = f"jobs {page * PAGE + 1:,} to {page * PAGE + len(shown):,} of {len(ordered):,}"
    none = (
        ""
        if shown
        else "You have no jobs in EcoTaxa. Start an import or an export there, and it shows up here."
    )

    blocks: list[Block] = [_row(job, now, web_url, page) for job in shown]
    blocks += [section(none)] if none else []
    turns = [
        button(label, Action.JOBS_PAGE.of(label.lower()), value=to)
        for label, to in (("Newer", page - 1), ("Older", page + 1))
        if 0 <= to <= last
    ]
    blocks.append(actions(button("Refresh", Action.JOBS_REFRESH, value=page), *turns))
    blocks.append(context(joined(when(now, "As of "), total, "moves by itself for a while" if live else "")))
    heading = none or f"Your {total}:"
    return message([heading, *(_row_alone(job, now) for job in shown)], blocks)


def _ordered(jobs: Iterable[Job]) -> list[Job]:
    """Each job once: those that still go on first, then the newest, which has the highest number."""
    by_id = {job.id: job for job in jobs}
    newest = [by_id[job_id] for job_id in sorted(by_id, reverse=True)]
    return sorted(newest, key=lambda job: job.state not in _OPEN)


def _row(job: Job, now: datetime, web_url: str, page: int) -> SectionBlock:
    return section(
        headline(job, web_url),
        joined(matter(job), age(job.created_at, now)),
        button=answer_button(job, page) or details_button(job),
    )


def _row_alone(job: Job, now: datetime) -> str:
    return joined(headline(job), matter(job, limit=80, bar=False), age(job.created_at, now))


def job_details(job: Job, *, now: datetime, web_url: str) -> Message:
    """Everything a person wants to know of one job."""
    more = _more(job)
    says = "" if more and job.state is JobState.ERROR else matter(job, limit=300)
    says_alone = says and matter(job, limit=300, bar=False)
    project = project_words(job, web_url, noun="")
    times = (("Created", job.created_at), ("Last change", job.updated_at))
    facts = [("Project", project)] if project else []
    facts += [(name, joined(when(at), age(at, now))) for name, at in times if at]
    kept = kept_words(job)

    blocks: list[Block] = [section(headline(job, web_url), says)]
    blocks += [fields(*facts)] if facts else []
    blocks += [section(*more)] if more else []
    blocks += [context(kept)] if kept else []
    answer = answer_button(job)
    refresh = button("Refresh", Action.JOB_REFRESH.of(job.id), value=job.id)
    blocks.append(actions(*([answer] if answer else []), refresh, open_button(job, web_url)))
    ages = joined(*(f"{name} {age(at, now)}" for name, at in times if at))
    return message([headline(job), says_alone, *more, ages, kept], blocks)


def _more(job: Job) -> list[str]:
    """The names that are asked for, or the errors where there is more than one."""
    if job.question:
        named = [("user", name) for name in job.question.users] + [
            ("taxon", name) for name in job.question.taxa
        ]
        return _bullets([f"{kind} {code(name, 80)}" for kind, name in named[:_NAMES]], len(named) - _NAMES)
    lines, rest = first_errors(job, _ERRORS)
    if len(lines) < 2 or job.was_killed:
        return []
    return _bullets([prose(line, 300) for line in lines], rest)


def _bullets(lines: list[str], rest: int) -> list[str]:
    return [*(f"• {line}" for line in lines), *([f"… and {rest:,} more"] if rest > 0 else [])]
