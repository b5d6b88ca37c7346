"""Two thousand jobs of any state, text and size: nothing that is shown of them breaks a rule of Slack's.

What is shown is found, not listed here: each public function of `bot.messages` is called with a value for
each of its parameters, by their names.  One with a parameter that has no value here fails the first test.
"""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from math import prod
from typing import Any, get_type_hints

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from slackblocks import Button

from bot import exports, forms, handovers, joblog, messages
from bot.acts import AuditEntry, CameTo, Did
from bot.cleanup import End, Kept, Plan, Progress
from bot.commands import Scope
from bot.deeds import Act, Deed, Effect
from bot.errors import BotError, TokenRejected
from bot.exports import Draft, Place
from bot.filters import Filter, Kind
from bot.forms import Form
from bot.jobs import Became, Event, Job, JobState, Outcome
from bot.links import Link, LinkState, Person, Token
from bot.listing import Listing
from bot.messages import Cells, Message, Ping, Tally, doctor, files
from bot.messages.audit import MOST
from bot.messages.doctor import Finding, Health
from bot.messages.home import Digest, home_of_broken, home_of_unlinked
from bot.messages.summaries import Day
from bot.modals import plain_modal
from bot.names import Project
from bot.rules.places import Place as Told
from bot.rules.preferences import Preferences, Quiet, Reminder, Summary
from bot.text import prose
from tests.bot.slack_limits import (
    WEB,
    any_job,
    check_home,
    check_message,
    check_modal,
    check_options,
    job_json,
    nasty_text,
)

JOBS = 2_000
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
OWNER = Link(Person(None, "T1", "U1"), Token("a.b.c", 7, NOW - timedelta(days=11)), "Ada", "a@example.org")
WANTED = [
    Filter.parse(words) for words in ("", "failed asking exports project 42", "everyone", "finished all")
]
ACTS = [AuditEntry(NOW, None, did, 2**31 - 1, come, "", None) for did in Did for come in CameTo][:MOST]
STATES = [*"PRAEFX", None]
"""One that nobody knows, and None for whatever comes."""
EITHER = [False, True]

Builder = Callable[..., Any]
Values = Mapping[str, Sequence[Any]]
"""What a parameter may be, by its name, or by `function.parameter` where that name means several things."""

BRICKS = {"amounts", "blocks", "buttons", "menus", "words"}
"""The modules that make parts of messages, and nothing that is shown alone."""
PARTS = (Button, Draft, Preferences, list[int])


@cache
def builders() -> Sequence[Builder]:
    """Everything in `bot.messages` that makes something to show."""
    names = [module.name for module in pkgutil.iter_modules(messages.__path__) if module.name not in BRICKS]
    modules = [importlib.import_module(f"{messages.__name__}.{name}") for name in names]
    return [
        made
        for module in modules
        for name, made in inspect.getmembers(module, inspect.isfunction)
        if made.__module__ == module.__name__ and not name.startswith("_")
        if get_type_hints(made)["return"] not in PARTS
    ]


def options_for(builder: Builder, values: Values) -> dict[str, Sequence[Any]] | None:
    """What each of its parameters may be; None where there is nothing for one of them."""
    found = {}
    for name, either in _parameters(builder).items():
        options = either or values.get(f"{builder.__name__}.{name}") or values.get(name)
        if options is None:
            return None
        found[name] = options
    return found


@cache
def _parameters(builder: Builder) -> dict[str, Sequence[Any]]:
    """The names of its parameters, with all that those can be which say yes or no."""
    types = get_type_hints(builder)
    return {name: EITHER if types[name] is bool else [] for name in inspect.signature(builder).parameters}


def show(values: Values, turn: int | None, *, fewer: Values | None = None) -> None:
    """Check all that can be shown of these values, as `shown` has it."""
    for _, made in shown(values, turn, fewer=fewer):
        check(made)


def shown(
    values: Values, turn: int | None = None, *, fewer: Values | None = None
) -> Iterator[tuple[str, Any]]:
    """All that can be shown of these values: the combination of that number, or all of them.

    Each with the name of what builds it; what `fewer` suffices for is left out.
    """
    for builder in builders():
        options = options_for(builder, values)
        if options is None or (fewer and options_for(builder, fewer) is not None):
            continue
        number = prod(map(len, options.values()))
        for chosen in range(number) if turn is None else [turn % number]:
            yield f"{builder.__module__}.{builder.__name__}", builder(**_combination(options, chosen))


def _combination(options: Mapping[str, Sequence[Any]], number: int) -> dict[str, Any]:
    given = {}
    for name, several in options.items():
        number, at = divmod(number, len(several))
        given[name] = several[at]
    return given


def check(shown: Any) -> None:
    """Raise AssertionError where Slack would refuse it, wherever it may stand."""
    match shown:
        case Message():
            check_message(shown)
            check_modal(messages.as_modal(shown))
        case str():
            if shown:
                check_message(messages.note(shown))
                check_modal(plain_modal("EcoTaxa", shown))
        case {"type": "home"}:
            check_home(shown)
        case {"type": "modal"}:
            check_modal(shown)
        case {**errors}:
            check("\n".join(map(str, errors.values())))
        case [str(), *_]:
            check("\n".join(shown))
        case [{"type": _}, *_]:
            check(Message("a card", shown))
        case [{"text": _, "value": _}, *_]:
            check_options(shown)
        case _:
            pytest.fail(f"nobody checks {shown!r}")


def of_one(job: Job, words: str, log: str = "") -> Values:
    """What can be shown of one job; `words` stand for its files' names, `log` for its log."""
    outcomes = [Outcome(became, job, 3, (words,)) for became in Became if became is not Became.DELETED]
    return {
        **of_none(words),
        "job": [job],
        "job_id": [job.id],
        "titles": [{}, dict.fromkeys(job.project_ids, words)],
        "about": [f"import #{job.id} into project 42"],
        "deed": [Deed(act, effect, job, after) for act in Act for effect in Effect for after in (job, None)],
        "outcome": [*outcomes, Outcome(Became.DELETED, None)],
        "summary": [messages.sent_words(outcomes[0])],
        "attempt": [1, 12_345],
        "left": [None, timedelta(days=400)],
        "job_card.whose": ["", "<@U0OWNER>"],
        "event": list(Event),
        "usual": [timedelta(minutes=90)],
        "waited": [timedelta(hours=2)],
        "file_expires.until": [NOW],
        "told": [[Ping(event, job, whose)] for event in Event for whose in ("", "<@U0OWNER>")],
        "entries": [joblog.entries(log), []],
        "notice.kind": list(Event),
        "report.kind": list(Event),
        "failure_lines.limit": [3],
    }


def of_none(words: str) -> Values:
    """What can be shown without a job; `words` stand for names, titles and reasons."""
    link = replace(OWNER, name=words, email=words)
    late = replace(link, token=replace(link.token, issued_at=NOW - timedelta(days=30)))
    place = Place.of("C1", words)
    health = {
        about: Finding(about, prose(words, 80) or "well.", "Try again.", about is Health.OPEN)
        for about in Health
    }
    return {
        "now": [NOW],
        "web_url": [WEB],
        "user_id": ["U0OWNER"],
        "whose": ["<@U0OWNER>"],
        "owner_id": ["U0OWNER"],
        "colleague_id": ["U0COLLEAGUE"],
        "sender": [None, "U0SENDER"],
        "owner": ["", words],
        "link": [link, late, replace(link, state=LinkState.REJECTED)],
        "unlink_question.link": [None, link],
        "error": [BotError(words), TokenRejected()],
        "acts": [[], ACTS, ACTS[:1]],
        "address": ["https://bot.lab.example/link/" + "x" * 2_900],
        "linked_at": [NOW],
        "seconds": [0.1, 86_400.0],
        "ref": [None, words],
        "command_text": ["", words],
        "findings": [health],
        "shown": [messages.no_job_named()],
        "kind": ["user", "taxon"],
        "handover_id": ["4f2a"],
        "name": [words],
        "pick": [None, words],
        "words": [words],
        "why": [words],
        "filename": [words],
        "thread_ts": [None, "1700000000.000100"],
        "sent": [0, 5],
        "length": [0, 10, 10**12],
        "size": [0, 1, 10**12],
        "limit": [10**9],
        "digest": ["0123456789abcdef" * 4],
        "members": [None, 3],
        "lines": [1, 7_000],
        "project_id": [None, 42],
        "found": [[], [Project(42, words)], [Project(n, words) for n in range(1, 200)]],
        "draft": [
            *(Draft(kind, place=place, told_here=True).of(42, words) for kind in exports.Kind),
            Draft(exports.Kind.SUMMARY),
        ],
        "note": ["", "Choose a project first."],
        "since": [NOW - timedelta(days=9), NOW],
        "muted.until": [None, NOW],
        "until": [NOW],
        "what": ["job:12", "project:42", "all"],
        "channel": ["C0LAB"],
        "following.user_id": ["", "U0OWNER"],
        "following.job_id": [12],
        "watch_begun.place": ["", "C0LAB"],
        "watch_begun.left_out": [(), (12,), tuple(range(1, 40))],
        "watch_none_of.job_ids": [(12,), tuple(range(1, 40))],
        "preferences": [Preferences(), _OTHERWISE],
        "zone": ["Europe/Paris", words],
        "places": [[], [Told(n, "C0LAB", n or None) for n in range(200)]],
        "tally": [Tally(NOW, NOW), _tally(1), _tally(400)],
    }


_OTHERWISE = Preferences(
    events=frozenset(),
    kinds=frozenset(Kind),
    least_minutes=1_440,
    direct=False,
    in_thread=True,
    cards=False,
    quiet=Quiet(time(22, 30), time(7, 0)),
    summary=Summary.WEEKLY,
    reminders=frozenset([Reminder.FILE]),
)


def _tally(days: int) -> Tally:
    wait = timedelta(minutes=days)
    by_day = [Day(date(2026, 1, 1) + timedelta(days=day), day, 10**9, day, wait * day) for day in range(days)]
    return Tally(NOW - timedelta(days=days), NOW, days, 1, 1, 1, 10**9, by_day, wait, wait * 3, wait)


def of_many(jobs: Sequence[Job], words: str) -> Values:
    """What can be shown of many jobs at once."""
    titles = {project: words for job in jobs for project in job.project_ids}
    owners = {job.owner_id: words for job in jobs if job.owner_id}
    lists = [
        replace(Listing.of(jobs, page, wanted), titles=titles, owners=owners, remembered=page > 0)
        for wanted in WANTED
        for page in range(3)
    ]
    ended = [job for job in jobs if job.state.has_ended]
    some = Progress(2 * len(jobs))
    states = {job.id: job.state for job in jobs}
    killed = frozenset(job.id for job in jobs if job.was_killed)
    news = [Ping(list(Event)[job.id % 4], job, "<@U0OWNER>" if job.id % 3 else "") for job in jobs]
    for number, job in enumerate(jobs):
        some = some.plus(job.id, [*Kept, None][number % (len(Kept) + 1)])
    return {
        "now": [NOW],
        "web_url": [WEB],
        "link": [replace(OWNER, name=words, email=words)],
        "titles": [{}, titles],
        "listing": [*lists, replace(lists[-3], owners={})],
        "jobs": [ended],
        "plan": [Plan.of(ended)],
        "home.jobs": [Digest.of(jobs), Digest.of(jobs, 5_000), Digest.of([]), BotError(words)],
        "scope": list(Scope),
        "progress": [Progress(len(jobs)), some],
        "end": list(End),
        "told": [news],
        "retold.job": [jobs[-1]],
        "retold.summary": ["You answered 3 names."],
        "watch_chooser.jobs": [[], jobs],
        "cells": [
            Cells({}),
            Cells(states, killed, 42),
            Cells({n: list(JobState)[n % 6] for n in range(1, 3_000)}, killed),
        ],
    }


def modals(job: Job) -> list[dict[str, Any]]:
    """The modals that ask about a job."""
    if not job.question:
        return []
    form = Form(job.id, job.mark)
    view = forms.answer_modal(form, job, {}, {})
    asked = handovers.ask_modal(form, view)
    return [view] if asked is None else [view, asked]


def jobs_in_each_state(job_type: str, words: str) -> list[Job]:
    """A job in each state that says `words` wherever it can, and a stopped one."""
    return [
        Job.parse(
            {
                "id": number,
                "state": state,
                "type": job_type,
                "owner_id": number,
                "progress_pct": 40,
                "progress_msg": message,
                "creation_date": "2026-11-23T11:00:00",
                "errors": [words, f"- line 3: {words}"] * 9,
                "question": {"missing_users": [words or "x"], "missing_taxa": ["egg", words or "y"]},
                "params": {"prj_id": 42},
                "result": {"rowcount": 12, "out_file": words, "wrns": [words] * 3},
            }
        )
        for number, (state, message) in enumerate([*((it, words) for it in "PRAEFX"), ("E", "Killed")], 1)
    ]


def test_everything_that_is_shown_is_tried_here() -> None:
    job = Job.parse({"id": 1})
    tables = of_one(job, "words"), of_many([job], "words")

    left_out = {
        f"{builder.__module__}.{builder.__name__}"
        for builder in builders()
        if all(options_for(builder, values) is None for values in tables)
    }

    assert left_out == set(), "give their parameters values, in of_one or of_many"
    assert {
        messages.job_log,
        messages.explained,
        messages.link_card,
        messages.job_list,
        messages.clean_summary,
        messages.colleague_wrote,
        files.waits,
        files.comment,
        doctor.diagnosis,
        home_of_broken,
        home_of_unlinked,
    } <= set(builders()), "they are really found"


_turns = st.integers(0, 10**6)
_log_lines = st.lists(
    st.tuples(
        st.sampled_from(["", "2026-11-23 11:25:37,191:API_operations.exports:INFO "])
        | st.datetimes().map(lambda at: f"{at:%Y-%m-%d %H:%M:%S},001:Job.run:ERROR "),
        nasty_text,
    ).map("".join),
    max_size=30,
).map("\n".join)


@pytest.mark.parametrize("state", STATES)
@settings(max_examples=JOBS // len(STATES) + 1, suppress_health_check=list(HealthCheck))
@given(raw=job_json, words=nasty_text, log=_log_lines, turn=_turns)
def test_whatever_a_job_is_like_its_messages_and_modals_keep_slacks_rules(
    state: str | None, raw: dict[str, Any], words: str, log: str, turn: int
) -> None:
    job = Job.parse(raw if state is None else raw | {"state": state})
    show(of_one(job, words, log), turn, fewer=of_none(words))
    for view in modals(job):
        check_modal(view)


@settings(max_examples=JOBS // 8, suppress_health_check=list(HealthCheck))
@given(st.lists(any_job, min_size=8, max_size=30), nasty_text, _turns)
def test_whatever_jobs_there_are_lists_and_home_keep_slacks_rules(
    jobs: list[Job], words: str, turn: int
) -> None:
    show(of_many(jobs, words), turn)
    show(of_none(words), turn)


@pytest.mark.parametrize(
    ("job_type", "words"),
    [("GeneralExport", "part<Annelida"), ("FileImport", "<!channel> `*_~ &" * 300), ("NewKindOfJob", "")],
)
def test_each_thing_that_is_said_keeps_slacks_rules_in_each_state(job_type: str, words: str) -> None:
    jobs = jobs_in_each_state(job_type, words)
    log = "\n".join(f"2026-11-23 11:25:37,191:Job.run:ERROR {words} {n}" for n in range(40))

    for job in jobs:
        show(of_one(job, words, log), None, fewer=of_none(words))
    show(of_many(jobs, words), None)
    show(of_none(words), None)
