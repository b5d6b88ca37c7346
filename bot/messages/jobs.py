"""The list of jobs and one job's details; no I/O."""

from dataclasses import replace
from datetime import datetime

from slackblocks import ActionsBlock, Block, Option, PlainText, StaticSelectMenu

from bot.commands import NAME, Word
from bot.filters import Filter, Kind, Status
from bot.ids import Action
from bot.jobs import Job, JobState
from bot.language import mark, number, say, say_n
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
from bot.messages.watches import watch_button
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
    mark("All jobs"): ALL,
    mark("Needs me"): Filter(frozenset({Status.FAILED, Status.ASKING})),
    mark("Running"): Filter(frozenset({Status.RUNNING, Status.WAITING})),
    mark("Finished"): Filter(frozenset({Status.FINISHED})),
    mark("Exports"): Filter(kinds=frozenset({Kind.EXPORTS})),
    mark("Imports"): Filter(kinds=frozenset({Kind.IMPORTS})),
}
"""What the field below a list offers; every other filter is typed."""


def job_list(listing: Listing, *, now: datetime, web_url: str, live: bool = True) -> Message:
    """One page of a list of jobs; `live` says that it moves by itself."""
    wanted, shown = listing.wanted, listing.jobs
    heading = _heading(listing) if shown else _none(listing)
    place = place_dump(listing.page, wanted)
    blocks: list[Block] = []
    if not shown or not wanted.is_plain:
        blocks.append(section(f"*{heading}*" if shown else heading))
    for job in shown:
        told = joined(matter(job).rstrip(".。"), _by(job, listing), age(job.created_at, now))
        offered = answer_button(job, place) or details_button(job)
        blocks.append(section(headline(job, web_url, listing.titles), told, button=offered))
    blocks.append(_controls(listing))
    moves = say("moves by itself for a while") if live else ""
    amount = _amount(listing) if shown and wanted.is_plain else ""
    older = say("older ones as I last saw them, *Refresh* asks for all") if listing.remembered else ""
    blocks.append(context(joined(when(now, say("As of {when}")), amount, moves, older)))
    rest = say("Press *Older* for the rest.") if _has(listing, listing.page + 1) else ""
    return message([heading, *(_row_alone(job, listing, now) for job in shown), rest], blocks)


def _heading(listing: Listing) -> str:
    amount = _amount(listing)
    if listing.wanted.everyone:
        return say("Everybody's {jobs}:", jobs=amount)
    return say("Your {jobs}:", jobs=amount)


def _amount(listing: Listing) -> str:
    """How many of what: `3 failed exports in project 42`, `jobs 9 to 16 of 20`."""
    total, start = listing.total, listing.page * PAGE
    what = listing.wanted.nouns(total)
    if total <= PAGE:
        return _within(say_n("{n} {jobs}", "{n} {jobs}", total, jobs=what), listing)
    amount = say(
        "{jobs} {first} to {last} of {total}",
        jobs=what, first=number(start + 1), last=number(start + len(listing.jobs)), total=number(total),
    )  # fmt: skip
    return _within(amount, listing)


def _within(jobs: str, listing: Listing) -> str:
    """These words for jobs, with the project that they are of."""
    project = listing.wanted.project_id
    if not project:
        return jobs
    return say("{jobs} in {project}", jobs=jobs, project=titled(project, listing.titles, alone=True))


def _none(listing: Listing) -> str:
    """That there is nothing to show, and what to do."""
    wanted, every = listing.wanted, Filter(everyone=listing.wanted.everyone)
    if wanted.is_plain:
        return no_jobs()
    jobs = _within(wanted.nouns(), listing)
    none = (
        say("Nobody has any {jobs}.", jobs=jobs) if wanted.everyone else say("You have no {jobs}.", jobs=jobs)
    )
    if wanted == every:
        return none
    words = f"{NAME} {Word.JOBS} {every.dump()}".rstrip()
    return " ".join((none, say("Type `{words}` to see all.", words=words)))


def no_jobs() -> str:
    """What somebody reads who has no jobs at all."""
    return say("You have no jobs in EcoTaxa. Start an import or an export there, and it shows up here.")


def _has(listing: Listing, page: int) -> bool:
    return 0 <= page == held(page, listing.total)


def _controls(listing: Listing) -> ActionsBlock:
    """What changes the list: which jobs, *Refresh*, the pages beside this one; and *Watch together*."""
    page, wanted = listing.page, listing.wanted
    turns = [
        button(label, Action.JOBS_PAGE.of(way), value=place_dump(to, wanted))
        for label, way, to in ((say("Newer"), "newer", page - 1), (say("Older"), "older", page + 1))
        if _has(listing, to)
    ]
    refresh = button(say("Refresh"), Action.JOBS_REFRESH, value=place_dump(page, wanted))
    is_many = not wanted.everyone and sum(job.state.is_open for job in listing.jobs) > 1
    return ActionsBlock([_choices(wanted), refresh, *turns, *([watch_button()] if is_many else [])])


def _choices(wanted: Filter) -> StaticSelectMenu:
    """The filters to choose from, each for the project and the people that the list is about."""
    offered = {
        label: replace(wanted, states=choice.states, kinds=choice.kinds) for label, choice in _CHOICES.items()
    }
    options = {it: Option(PlainText(say(label)), place_dump(0, it)) for label, it in offered.items()}
    return StaticSelectMenu(
        action_id=Action.JOBS_FILTER,
        options=list(options.values()),
        initial_option=options.get(wanted),
        placeholder=say("Show…"),
    )


def _row_alone(job: Job, listing: Listing, now: datetime) -> str:
    told = matter(job, limit=80, bar=False).rstrip(".。")
    return joined(headline(job, titles=listing.titles), told, _by(job, listing), age(job.created_at, now))


def _by(job: Job, listing: Listing) -> str:
    """Whose job it is, on a list of everybody's."""
    if not listing.wanted.everyone or job.owner_id is None:
        return ""
    name = prose(listing.owners.get(job.owner_id, ""), _OWNER)
    return say("by {person}", person=name or say("user {id}", id=job.owner_id))


def job_details(
    job: Job, *, now: datetime, web_url: str, titles: Titles = NO_TITLES, owner: str = ""
) -> Message:
    """Everything a person wants to know of one job; `owner` is whose it is, where it is not their own."""
    more = _names(job)
    failed = failure_lines(job, _KINDS) if job.state is JobState.ERROR else []
    says = failed or [matter(job, limit=300)]
    says_alone = failed or [matter(job, limit=300, bar=False)]
    whose = prose(owner, _OWNER)
    facts = [(say("Owner"), whose)] if whose else []
    times = ((say("Created"), job.created_at), (say("Last change"), job.updated_at))
    facts += [(name, joined(when(at), age(at, now))) for name, at in times if at]
    kept = kept_words(job)

    blocks: list[Block] = [section(headline(job, web_url, titles), *says)]
    blocks += [fields(*facts)] if facts else []
    blocks += [section(*more)] if more else []
    blocks += [context(kept)] if kept else []
    refresh = button(say("Refresh"), Action.JOB_REFRESH.of(job.id), value=job.id)
    offered = (
        answer_button(job),
        file_button(job),
        errors_button(job),
        restart_button(job),
        kill_button(job),
    )
    rest = (delete_button(job), log_button(job), refresh, open_button(job, web_url))
    blocks.append(actions(*filter(None, (*offered, *rest))))
    by = say("by {person}", person=whose) if whose else ""
    first = joined(headline(job, titles=titles), by)
    return message([first, *says_alone, *more, _ages(job, now), kept], blocks)


def _ages(job: Job, now: datetime) -> str:
    created = say("Created {ago}", ago=age(job.created_at, now)) if job.created_at else ""
    changed = say("Last change {ago}", ago=age(job.updated_at, now)) if job.updated_at else ""
    return joined(created, changed)


def _names(job: Job) -> list[str]:
    """The first names that are asked for."""
    if not job.question:
        return []
    users, taxa = job.question.users[:_NAMES], job.question.taxa
    taxa = taxa[: _NAMES - len(users)]
    named = [say("• user {name}", name=code(name, 80)) for name in users]
    named += [say("• taxon {name}", name=code(name, 80)) for name in taxa]
    rest = len(job.question) - len(named)
    return [*named, say_n("… and {n} more", "… and {n} more", rest)] if rest else named
