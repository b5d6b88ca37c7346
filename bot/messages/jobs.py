"""The list of jobs and one job's details; no I/O."""

from dataclasses import replace
from datetime import datetime

from slackblocks import ActionsBlock, Block, Option, PlainText, StaticSelectMenu

from bot.commands import NAME, Word
from bot.filters import Filter, Kind, Status
from bot.ids import Action
from bot.jobs import Job, JobState
from bot.listing import ALL, PAGE, Listing, held, place_dump
from bot.messages.blocks import Message, actions, button, context, fields, message, section
from bot.messages.buttons import (
    answer_button,
    delete_button,
    details_button,
    errors_button,
    file_button,
    kill_button,
    log_button,
    open_button,
    restart_button,
)
from bot.messages.failures import failure_lines
from bot.messages.words import (
    age,
    headline,
    joined,
    kept_words,
    matter,
    titled,
    when,
)
from bot.names import NO_TITLES, Titles
from bot.text import code, prose

_NAMES = 10
_KINDS = 5
_OWNER = 60

_CHOICES = {
    "All jobs": ALL,
    "Needs me": Filter(frozenset({Status.FAILED, Status.ASKING})),
    "Running": Filter(frozenset({Status.RUNNING, Status.WAITING})),
    "Finished": Filter(frozenset({Status.FINISHED})),
    "Exports": Filter(kinds=frozenset({Kind.EXPORTS})),
    "Imports": Filter(kinds=frozenset({Kind.IMPORTS})),
}
"""What the field below a list offers; every other filter is typed."""


def job_list(listing: Listing, *, now: datetime, web_url: str, live: bool = True) -> Message:
    """One page of a list of jobs; `live` says that it moves by itself."""
    wanted, shown = listing.wanted, listing.jobs
    whose = "Everybody's" if wanted.everyone else "Your"
    heading = f"{whose} {_amount(listing)}:" if shown else _none(listing)
    place = place_dump(listing.page, wanted)
    blocks: list[Block] = []
    if not shown or not wanted.is_plain:
        blocks.append(section(f"*{heading}*" if shown else heading))
    for job in shown:
        told = joined(matter(job).rstrip("."), _by(job, listing), age(job.created_at, now))
        offered = answer_button(job, place) or details_button(job)
        blocks.append(section(headline(job, web_url, listing.titles), told, button=offered))
    blocks.append(_controls(listing))
    moves = "moves by itself for a while" if live else ""
    amount = _amount(listing) if shown and wanted.is_plain else ""
    older = "older ones as I last saw them, *Refresh* asks for all" if listing.remembered else ""
    blocks.append(context(joined(when(now, "As of "), amount, moves, older)))
    rest = "Press *Older* for the rest." if _has(listing, listing.page + 1) else ""
    return message([heading, *(_row_alone(job, listing, now) for job in shown), rest], blocks)


def _amount(listing: Listing) -> str:
    """How many of what: `3 failed exports in project 42`, `jobs 9 to 16 of 20`."""
    total, start = listing.total, listing.page * PAGE
    what = listing.wanted.nouns(total)
    amount = f"{total:,} {what}"
    if total > PAGE:
        amount = f"{what} {start + 1:,} to {start + len(listing.jobs):,} of {total:,}"
    return f"{amount}{_within(listing)}"


def _within(listing: Listing) -> str:
    project = listing.wanted.project_id
    return f" in {titled(project, listing.titles, noun='project')}" if project else ""


def _none(listing: Listing) -> str:
    """That there is nothing to show, and what to do."""
    wanted, every = listing.wanted, Filter(everyone=listing.wanted.everyone)
    if wanted.is_plain:
        return "You have no jobs in EcoTaxa. Start an import or an export there, and it shows up here."
    whose = "Nobody has any" if wanted.everyone else "You have no"
    words = f"{NAME} {Word.JOBS} {every.dump()}".rstrip()
    rest = "" if wanted == every else f" Type `{words}` to see all."
    return f"{whose} {wanted.nouns()}{_within(listing)}.{rest}"


def _has(listing: Listing, page: int) -> bool:
    return 0 <= page == held(page, listing.total)


def _controls(listing: Listing) -> ActionsBlock:
    """What changes the list: which jobs, *Refresh*, and the pages beside this one."""
    page, wanted = listing.page, listing.wanted
    turns = [
        button(label, Action.JOBS_PAGE.of(label.lower()), value=place_dump(to, wanted))
        for label, to in (("Newer", page - 1), ("Older", page + 1))
        if _has(listing, to)
    ]
    refresh = button("Refresh", Action.JOBS_REFRESH, value=place_dump(page, wanted))
    return ActionsBlock([_choices(wanted), refresh, *turns])


def _choices(wanted: Filter) -> StaticSelectMenu:
    """The filters to choose from, each for the project and the people that the list is about."""
    offered = {
        label: replace(wanted, states=choice.states, kinds=choice.kinds) for label, choice in _CHOICES.items()
    }
    options = {it: Option(PlainText(label), place_dump(0, it)) for label, it in offered.items()}
    return StaticSelectMenu(
        action_id=Action.JOBS_FILTER,
        options=list(options.values()),
        initial_option=options.get(wanted),
        placeholder="Show…",
    )


def _row_alone(job: Job, listing: Listing, now: datetime) -> str:
    told = matter(job, limit=80, bar=False).rstrip(".")
    return joined(headline(job, titles=listing.titles), told, _by(job, listing), age(job.created_at, now))


def _by(job: Job, listing: Listing) -> str:
    """Whose job it is, on a list of everybody's."""
    if not listing.wanted.everyone or job.owner_id is None:
        return ""
    return f"by {prose(listing.owners.get(job.owner_id, ''), _OWNER) or f'user {job.owner_id}'}"


def job_details(
    job: Job, *, now: datetime, web_url: str, titles: Titles = NO_TITLES, owner: str = ""
) -> Message:
    """Everything a person wants to know of one job; `owner` is whose it is, where it is not their own."""
    more = _names(job)
    failed = failure_lines(job, _KINDS) if job.state is JobState.ERROR else []
    says = failed or [matter(job, limit=300)]
    says_alone = failed or [matter(job, limit=300, bar=False)]
    whose = prose(owner, _OWNER)
    times = (("Created", job.created_at), ("Last change", job.updated_at))
    facts = [("Owner", whose)] if whose else []
    facts += [(name, joined(when(at), age(at, now))) for name, at in times if at]
    kept = kept_words(job)

    blocks: list[Block] = [section(headline(job, web_url, titles), *says)]
    blocks += [fields(*facts)] if facts else []
    blocks += [section(*more)] if more else []
    blocks += [context(kept)] if kept else []
    refresh = button("Refresh", Action.JOB_REFRESH.of(job.id), value=job.id)
    offered = (
        answer_button(job),
        file_button(job),
        errors_button(job),
        restart_button(job),
        kill_button(job),
    )
    rest = (delete_button(job), log_button(job), refresh, open_button(job, web_url))
    blocks.append(actions(*filter(None, (*offered, *rest))))
    ages = joined(*(f"{name} {age(at, now)}" for name, at in times if at))
    by = f"by {whose}" if whose else ""
    return message([joined(headline(job, titles=titles), by), *says_alone, *more, ages, kept], blocks)


def _names(job: Job) -> list[str]:
    """The first names that are asked for."""
    if not job.question:
        return []
    named = [("user", name) for name in job.question.users] + [("taxon", name) for name in job.question.taxa]
    rest = len(named) - _NAMES
    more = [f"… and {rest:,} more"] if rest > 0 else []
    return [*(f"• {kind} {code(name, 80)}" for kind, name in named[:_NAMES]), *more]
