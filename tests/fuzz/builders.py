"""Every message and modal that the bot makes, of whatever EcoTaxa told: each by the name of what makes it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, TypeVar

from hypothesis import strategies as st

from bot import forms, joblog
from bot.acts import AuditEntry, CameTo, Did
from bot.cleanup import End, Kept, Plan, Progress
from bot.commands import Scope
from bot.deeds import Act, Deed, Effect
from bot.errors import BotError, EcoTaxaError, TokenRejected, TokenUnreadable, Unavailable
from bot.exports import Draft, Kind, Place
from bot.filters import Filter
from bot.forms import Form
from bot.jobs import Became, Event, Job, Outcome
from bot.links import Link, Person, Token
from bot.listing import Listing
from bot.messages import (
    accounts,
    audit,
    cards,
    cleaning,
    doctor,
    exports,
    failures,
    files,
    forgetting,
    handovers,
    home,
    jobcards,
    jobs,
    logs,
    menus,
    mutes,
    notices,
    operations,
    outcomes,
    places,
    reminders,
    summaries,
    watches,
)
from bot.messages.doctor import Finding, Health
from bot.messages.home import Digest
from bot.messages.notify_modal import notify_modal, settings_offered
from bot.messages.pings import Ping, pings, retold
from bot.messages.summaries import Day, Tally
from bot.messages.watches import Cells
from bot.names import Project, Titles
from bot.rules.preferences import Preferences
from bot.store import Pick
from bot.suggestions import names_of
from bot.text import prose
from tests.bot.slack_limits import WEB
from tests.fuzz.answers import job_documents
from tests.fuzz.stage import START
from tests.fuzz.words import below, words

_T = TypeVar("_T")
_documents = job_documents()
_people = ("U0ADA", "U0TOM")
_sizes = st.sampled_from([0, 1, 999, 10**6, 10**12])
_spans = st.sampled_from([timedelta(seconds=-5), timedelta(0), timedelta(seconds=59), timedelta(hours=5),
                          timedelta(days=400)])  # fmt: skip


@dataclass
class Matter:
    """What there is to tell of: drawn when it is asked for, and then the same."""

    draw: Callable[[st.SearchStrategy[Any]], Any]
    job: Job

    def one_of(self, *values: _T) -> _T:
        """Any of these."""
        number: int = self.draw(below(len(values)))
        return values[number]

    @property
    def yes(self) -> bool:
        """Yes or no."""
        return self.one_of(True, False)

    @property
    def words(self) -> str:
        """Foreign words, as they came."""
        return str(self.draw(words))

    @property
    def prose(self) -> str:
        """Foreign words made safe for mrkdwn."""
        return prose(self.words, 300) or "it"

    @property
    def moment(self) -> datetime:
        """A moment about now."""
        return START - self.span

    @property
    def span(self) -> timedelta:
        """A length of time."""
        found: timedelta = self.draw(_spans)
        return found

    @property
    def size(self) -> int:
        """So many bytes, jobs or names."""
        return int(self.draw(_sizes))

    @property
    def number(self) -> int:
        """A job's or a project's number."""
        return self.one_of(1, 42, 2**31 - 1)

    @cached_property
    def other(self) -> Job:
        """Another job, or the same one later."""
        return Job.parse(self.draw(_documents))

    @cached_property
    def jobs(self) -> list[Job]:
        """Several jobs."""
        return [self.job, self.other] * self.one_of(1, 1, 20) + [
            Job(n, self.job.state, self.other.raw) for n in range(1, self.one_of(2, 30, 130))
        ]

    @cached_property
    def titles(self) -> Titles:
        """What projects are called."""
        return dict.fromkeys((1, 7, 42, *self.job.project_ids), self.words)

    @property
    def listing(self) -> Listing:
        """A page of a list."""
        wanted = Filter.load(self.one_of("", "failed asking", "exports project 42", "all"))
        return Listing.of(self.jobs, self.one_of(0, 1, 99), wanted)

    @property
    def link(self) -> Link:
        """Somebody's link, whatever they are called."""
        token = Token("a.b.c", 7, START - timedelta(days=self.one_of(0, 20, 31, 40)))
        return Link(Person(None, "T0LAB", "U0ADA"), token, self.words, self.words)

    @property
    def error(self) -> BotError:
        """Something that went wrong."""
        return self.one_of(Unavailable(), TokenRejected(), TokenUnreadable(), EcoTaxaError(self.words))

    @property
    def acts(self) -> list[AuditEntry]:
        """What somebody did, also in words of another release."""
        person = Person(None, "T0LAB", "U0ADA")
        did, came_to = self.one_of(*Did, "juggle"), self.one_of(*CameTo, "odd")
        return [AuditEntry(START, person, did, it.id, came_to, "", None) for it in self.jobs[: audit.MOST]]

    @property
    def cells(self) -> Cells:
        """What a watch shows."""
        states = {job.id: job.state for job in self.jobs}
        return Cells(states, frozenset({self.job.id}), self.one_of(None, 42))

    @property
    def pings(self) -> list[Ping]:
        """News of several jobs."""
        return [Ping(self.one_of(*Event), job, self.one_of("", "<@U0ADA>")) for job in self.jobs[:40]]

    @property
    def draft(self) -> Draft:
        """An export in the making."""
        place = Place.of(self.one_of("", "C0GEN", "G0OLD"), self.words)
        return Draft(self.one_of(*Kind), place=place, told_here=place.is_public).of(self.number, self.words)

    @property
    def outcome(self) -> Outcome:
        """What became of an answer."""
        unknown = tuple(self.words for _ in range(self.one_of(0, 4)))
        return Outcome(self.one_of(*Became), self.one_of(None, self.job), self.one_of(0, 3), unknown)

    @property
    def progress(self) -> Progress:
        """How far a clean-up is."""
        kept = {self.one_of(*Kept): tuple(range(1, self.one_of(2, 400)))}
        deleted = self.one_of(0, 7)
        return Progress(deleted + sum(map(len, kept.values())), deleted, kept)

    @property
    def tally(self) -> Tally:
        """A person's week."""
        days = [
            Day((START - timedelta(days=n)).date(), n, self.one_of(0, 9), self.one_of(0, 2), self.span)
            for n in range(self.one_of(0, 7, 9))
        ]
        return Tally(
            START - timedelta(days=7),
            START,
            finished=self.one_of(0, 3),
            failed=self.one_of(0, 3),
            stopped=self.one_of(0, 3),
            asking=self.one_of(0, 3),
            running=self.one_of(0, 3),
            by_day=days,
            median_wait=self.span,
            longest_wait=self.span,
            median_run=self.span,
        )

    @property
    def deed(self) -> Deed:
        """What was done to a job."""
        return Deed(self.one_of(*Act), self.one_of(*Effect), self.job, self.one_of(None, self.other))


def _answer(it: Matter) -> dict[str, Any]:
    names = names_of(it.job.question) if it.job.question else []
    picks = {forms.row_of(name): Pick(7, it.words) for name in names[:2]}
    form = Form(it.job.id, it.job.mark, it.one_of(None, 42)).turned_to(it.one_of(0, forms.pages(names) - 1))
    asked = {forms.row_of(name): it.words for name in names[:3]}
    return forms.answer_modal(form, it.job, picks, {}, note=it.one_of("", "Meanwhile"), asked=asked)


BUILDERS: Mapping[str, Callable[[Matter], Any]] = {
    "accounts.linked": lambda it: accounts.linked(it.link, START),
    "accounts.who_am_i": lambda it: accounts.who_am_i(it.link, START, WEB),
    "accounts.not_linked": lambda it: accounts.not_linked(it.words),
    "accounts.link_offered": lambda _: accounts.link_offered(),
    "accounts.link_page": lambda it: accounts.link_page(f"https://bot.example/link/{'x' * 2_000}"),
    "accounts.linked_on_page": lambda it: accounts.linked_on_page(it.link, START),
    "accounts.link_undone": lambda _: accounts.link_undone(),
    "accounts.link_is_gone": lambda _: accounts.link_is_gone(),
    "accounts.link_hint": lambda _: accounts.link_hint(),
    "accounts.token_rejected": lambda _: accounts.token_rejected(),
    "accounts.link_again": lambda it: accounts.link_again(it.error, it.words),
    "accounts.unlink_question": lambda it: accounts.unlink_question(it.one_of(None, it.link)),
    "accounts.unlinked": lambda _: accounts.unlinked(),
    "accounts.kept": lambda _: accounts.kept(),
    "accounts.help_text": lambda _: accounts.help_text(),
    "accounts.sorry": lambda it: accounts.sorry(it.error, it.one_of(None, "abc123")),
    "audit.own_acts": lambda it: audit.own_acts(it.acts),
    "cards.link_card": lambda it: {"type": "card", "blocks": cards.link_card(it.job, START, WEB)},
    "cards.no_job_named": lambda _: cards.no_job_named(),
    "cards.asking": lambda _: cards.asking(),
    "cards.as_modal": lambda it: cards.as_modal(jobs.job_details(it.job, now=START, web_url=WEB)),
    "cleaning.nothing_to_clean": lambda it: cleaning.nothing_to_clean(it.one_of(*Scope)),
    "cleaning.clean_question": lambda it: cleaning.clean_question(it.jobs, Plan.of(it.jobs)),
    "cleaning.clean_progress": lambda it: cleaning.clean_progress(it.progress),
    "cleaning.clean_summary": lambda it: cleaning.clean_summary(it.progress, it.one_of(*End)),
    "cleaning.still_cleaning": lambda _: cleaning.still_cleaning(),
    "cleaning.cleaning_stops": lambda _: cleaning.cleaning_stops(),
    "cleaning.no_cleaning": lambda _: cleaning.no_cleaning(),
    "doctor.diagnosis": lambda it: doctor.diagnosis(
        {name: Finding(it.one_of(*Health), it.prose, it.one_of("", "Wait."), it.yes) for name in "ABC"}
    ),
    "doctor.test_message": lambda _: doctor.test_message(),
    "exports.export_modal": lambda it: exports.export_modal(it.draft, note=it.one_of("", "No such project.")),
    "exports.project_options": lambda it: exports.project_options(
        [Project(n, it.words) for n in range(1, it.one_of(1, 3, 6))], complete=it.yes
    ),
    "exports.started": lambda it: exports.started(it.draft, it.number),
    "exports.choose_export": lambda it: exports.choose_export(it.one_of(None, 42)),
    "exports.report": lambda it: exports.report(it.one_of(*Event), it.job, WEB, "<@U0ADA>"),
    "failures.explained": lambda it: failures.explained(it.job, WEB, is_sent=it.yes),
    "failures.all_errors": lambda it: failures.all_errors(it.job, it.size),
    "files.where_to": lambda it: files.where_to(it.job, it.one_of(None, "1700000000.000100")),
    "files.comes_to_you": lambda it: files.comes_to_you(it.job),
    "files.waits": lambda it: files.waits(it.job, it.yes),
    "files.on_its_way": lambda it: files.on_its_way(it.job, it.words, it.size, 10**12),
    "files.arrived": lambda it: files.arrived(it.job, it.words, it.size),
    "files.comment": lambda it: files.comment(
        it.job, it.words, it.size, "0" * 64, members=it.one_of(None, 3), sender=it.one_of(None, *_people)
    ),
    "files.under_way": lambda it: files.under_way(it.job),
    "files.is_here": lambda it: files.is_here(it.job, is_elsewhere=it.yes),
    "files.may_be_here": lambda it: files.may_be_here(it.job, is_elsewhere=it.yes),
    "files.cancelled": lambda it: files.cancelled(it.job),
    "files.not_stopped": lambda it: files.not_stopped(it.number),
    "files.interrupted": lambda it: files.interrupted(it.job),
    "files.too_large": lambda it: files.too_large(it.job, it.words, it.size, it.size, WEB),
    "files.not_brought": lambda it: files.not_brought(it.job, it.error.hint, WEB),
    "files.not_allowed_here": lambda it: files.not_allowed_here(it.job),
    "files.no_file": lambda it: files.no_file(it.job, WEB),
    "forms.answer_modal": _answer,
    "forgetting.forget_question": lambda _: forgetting.forget_question(),
    "forgetting.forgotten": lambda _: forgetting.forgotten(),
    "handovers.ask_colleague": lambda it: handovers.ask_colleague(
        "0123", it.one_of("user", "taxon"), it.words, owner_id="U0ADA", about="import #1", is_linked=it.yes
    ),
    "handovers.asked_before": lambda it: handovers.asked_before("user", it.words, it.one_of(None, it.words)),
    "handovers.colleague_picked": lambda it: handovers.colleague_picked(
        it.number, "U0TOM", it.one_of("user", "taxon"), it.words, it.one_of(None, it.words)
    ),
    "handovers.colleague_wrote": lambda it: handovers.colleague_wrote(it.number, "U0TOM", it.words, it.words),
    "home.home": lambda it: home.home(
        it.link, it.error if it.yes else Digest.of(it.jobs), START, WEB, it.titles
    ),
    "home.home_of_unlinked": lambda _: home.home_of_unlinked(WEB),
    "home.home_of_broken": lambda it: home.home_of_broken(it.error, WEB),
    "jobcards.job_card": lambda it: jobcards.job_card(
        it.job, WEB, it.titles, attempt=it.one_of(1, 2, 99), left=it.one_of(None, it.span),
        whose=it.one_of("", "<@U0ADA>"), is_told=it.yes,
    ),
    "jobs.job_list": lambda it: jobs.job_list(it.listing, now=START, web_url=WEB, live=it.yes),
    "jobs.no_jobs": lambda _: jobs.no_jobs(),
    "jobs.job_details": lambda it: jobs.job_details(
        it.job, now=START, web_url=WEB, titles=it.titles, owner=it.one_of("", it.words)
    ),
    "logs.job_log": lambda it: logs.job_log(it.job, joblog.entries(it.words), WEB, is_sent=it.yes),
    "logs.whole_log": lambda it: logs.whole_log(it.job, is_cut=it.yes),
    "menus.adding": lambda it: menus.adding(files.under_way(it.job), menus.mute_menu(it.job)),
    "mutes.muted": lambda it: mutes.muted(
        it.one_of("job:1234", "project:42", "all"), it.one_of(None, it.moment)
    ),
    "mutes.unmuted": lambda _: mutes.unmuted(),
    "notices.notice": lambda it: notices.notice(it.one_of(*Event), it.job, WEB, it.titles),
    "notices.finished": lambda it: notices.finished(it.job, WEB, it.titles),
    "notices.failed": lambda it: notices.failed(it.job, WEB, it.titles),
    "notices.killed": lambda it: notices.killed(it.job, WEB, it.titles),
    "notices.asked": lambda it: notices.asked(it.job, WEB, it.titles),
    "notices.answered": lambda it: notices.answered(it.job, it.prose, WEB),
    "notices.already_answered": lambda it: notices.already_answered(it.job, WEB),
    "notify_modal.notify_modal": lambda it: notify_modal(Preferences(), it.words, []),
    "notify_modal.settings_offered": lambda _: settings_offered(),
    "operations.ask_kill": lambda it: operations.ask_kill(it.job, WEB),
    "operations.ask_delete": lambda it: operations.ask_delete(it.job, WEB),
    "operations.deed_done": lambda it: operations.deed_done(it.deed, WEB),
    "operations.gone": lambda it: operations.gone(it.number),
    "operations.deed_words": lambda it: operations.deed_words(it.deed),
    "outcomes.sent_words": lambda it: outcomes.sent_words(it.outcome),
    "outcomes.outcome_words": lambda it: outcomes.outcome_words(it.outcome),
    "outcomes.not_asking": lambda it: outcomes.not_asking(it.job),
    "outcomes.deleted": lambda it: outcomes.deleted(it.number),
    "pings.pings": lambda it: pings(it.pings, WEB, it.titles, late=it.yes),
    "pings.retold": lambda it: retold(it.pings, it.job, it.one_of("", it.prose), WEB, it.titles, late=it.yes),
    "places.told_here": lambda it: places.told_here("C0GEN", it.one_of(None, 42)),
    "places.not_told_here": lambda _: places.not_told_here("C0GEN"),
    "places.invite_first": lambda _: places.invite_first("C0GEN"),
    "places.only_in_channels": lambda _: places.only_in_channels(),
    "places.following": lambda it: places.following(it.number, it.one_of("", *_people)),
    "places.is_own": lambda it: places.is_own(it.number),
    "places.not_own": lambda it: places.not_own(it.number),
    "places.is_over": lambda it: places.is_over(it.number),
    "places.not_told": lambda it: places.not_told(it.number),
    "places.no_person": lambda _: places.no_person("U0TOM"),
    "places.followed": lambda it: places.followed(it.one_of(*Event), it.job, "<@U0ADA>", WEB),
    "reminders.slow": lambda it: reminders.slow(it.job, it.span, WEB, it.titles),
    "reminders.waits_long": lambda it: reminders.waits_long(it.job, it.span, WEB, it.titles),
    "reminders.unanswered": lambda it: reminders.unanswered(it.job, WEB, it.titles),
    "reminders.file_expires": lambda it: reminders.file_expires(it.job, it.moment, WEB, it.titles),
    "reminders.sign_in_expires": lambda it: reminders.sign_in_expires(it.moment),
    "reminders.unreachable": lambda it: reminders.unreachable(it.moment),
    "reminders.reachable": lambda it: reminders.reachable(it.moment, it.moment),
    "reminders.place_lost": lambda it: reminders.place_lost("C0GEN", it.one_of(None, 42)),
    "summaries.summary": lambda it: summaries.summary(it.tally, daily=it.yes),
    "watches.watch_card": lambda it: watches.watch_card(it.cells, WEB, it.titles),
    "watches.watch_done": lambda it: watches.watch_done(it.cells, WEB, it.titles),
    "watches.watch_stopped": lambda it: watches.watch_stopped(it.cells, WEB, it.titles),
    "watches.watch_nothing": lambda it: watches.watch_nothing(it.one_of(None, 42)),
    "watches.watch_none_of": lambda it: watches.watch_none_of([job.id for job in it.jobs]),
    "watches.watch_begun": lambda it: watches.watch_begun(
        it.one_of("", "C0GEN"), [job.id for job in it.jobs]
    ),
    "watches.watch_offered": lambda _: watches.watch_offered(),
    "watches.watch_of_other": lambda _: watches.watch_of_other("U0TOM"),
    "watches.not_watched": lambda _: watches.not_watched(),
    "watches.watch_chooser": lambda it: watches.watch_chooser(it.jobs, it.titles),
}  # fmt: skip
"""What makes each message, modal, home, row of options or sentence, with what it may be given."""
