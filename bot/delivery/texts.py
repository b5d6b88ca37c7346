"""The message that a notice stands for, in the language of whoever it is for."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from bot import messages
from bot.captions import Captions
from bot.delivery.tallies import span, tally
from bot.errors import MessageRefused, PlaceGone, TokenUnreadable, WorkspaceGone
from bot.jobs import Event, Job, JobState
from bot.links import Link, Person
from bot.messages import Message, files
from bot.messages.jobcards import job_card
from bot.messages.pings import Ping, pings
from bot.messages.places import followed
from bot.messages.reminders import (
    file_expires,
    reachable,
    sign_in_expires,
    slow,
    unanswered,
    unreachable,
    waits_long,
)
from bot.messages.summaries import summary
from bot.messages.watches import Cells, watch_card, watch_done, watch_stopped
from bot.names import NO_TITLES, Titles
from bot.people import People
from bot.rules.kinds import PINGS, Told
from bot.rules.preferences import Summary, zone_of
from bot.rules.runs import usual
from bot.rules.triggers import FILE_KEPT
from bot.rules.watches import STOPPED
from bot.slack import LOOK_BACK
from bot.store import SAID, TOKEN_REJECTED, Notice, Store
from bot.text import prose
from bot.uploads import Uploads


class NothingToTell(Exception):
    """What was owed has come to nothing: a week without jobs."""


class Texts:
    """Words what is owed, as it is now."""

    def __init__(
        self,
        store: Store,
        *,
        titles: Captions,
        people: People,
        uploads: Uploads,
        web_url: str,
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._uploads = uploads
        self._titles = titles
        self._people = people
        self._web_url = web_url
        self._clock = clock

    async def of(self, told: Sequence[Notice]) -> Message:
        """The one message for some notices to the same place: several pings, or one of anything."""
        first = told[0]
        if first.kind in PINGS:
            return await self._pings(told)
        if first.kind == SAID:
            return Message(first.payload["text"], first.payload["blocks"])
        if first.kind == TOKEN_REJECTED:
            is_unreadable = first.payload.get("unreadable")
            return messages.link_again(TokenUnreadable(), "") if is_unreadable else messages.token_rejected()
        if first.kind == Told.CARD:
            return await self.card(first)
        if first.kind == Told.FILE_BROKE_OFF:
            return await self._file(first)
        return await (self._about_job(first) if "job" in first.payload else self._about_more(first))

    async def _about_more(self, notice: Notice) -> Message:
        payload = notice.payload
        match Told(notice.kind):
            case Told.WATCH | Told.WATCH_DONE:
                project_id = payload["project_id"]
                titles = await self._titles_of(notice, [project_id] if project_id else [])
                return watch_shown(payload, self._web_url, titles)
            case Told.UNREACHABLE if "until" in payload:
                return reachable(_moment(notice, "since"), _moment(notice, "until"))
            case Told.UNREACHABLE:
                return unreachable(_moment(notice, "since"))
            case Told.SUMMARY:
                return await self._summary(notice)
            case Told.SIGN_IN_EXPIRES:
                return sign_in_expires(_moment(notice, "until"))
            case kind:
                raise ValueError(f"nobody words {kind}")

    async def card(self, notice: Notice, job: Job | None = None) -> Message:
        """The card of a job: as its last change left it, or as `job` is now."""
        shown = job or job_of(notice)
        if notice.place:
            return job_card(
                shown, self._web_url, attempt=notice.payload["attempt"], whose=await self._whose(notice)
            )
        return job_card(
            shown,
            self._web_url,
            await self._titles_of(notice, messages.shown_projects(shown)),
            attempt=notice.payload["attempt"],
            left=await self._left(notice, shown),
            is_told=await self._is_told_apart(notice, shown),
        )

    async def _is_told_apart(self, notice: Notice, job: Job) -> bool:
        """Whether a message of its own tells how the job ended, or what it asks."""
        event = Event.of(job)
        if event is None:
            return False
        choices = await self._store.find_preferences(notice.person)
        return not choices.in_thread and choices.tells(event)

    async def _pings(self, told: Sequence[Notice]) -> Message:
        place = told[0].place
        whose = await self._whose(told[0]) if place else ""
        news = [Ping(Event(it.kind), job_of(it), whose) for it in told]
        titles = NO_TITLES
        if not place:
            projects = {project for it in news for project in messages.shown_projects(it.job)}
            titles = await self._titles_of(told[0], projects)
        return pings(news, self._web_url, titles, late=any(it.reason == HELD for it in told))

    async def _about_job(self, notice: Notice) -> Message:
        job, payload, url = job_of(notice), notice.payload, self._web_url
        titles = await self._titles_of(notice, messages.shown_projects(job))
        match Told(notice.kind):
            case Told.SLOW:
                return slow(job, timedelta(seconds=payload["usual"]), url, titles)
            case Told.WAITS_LONG:
                return waits_long(job, self._clock() - _moment(notice, "since"), url, titles)
            case Told.UNANSWERED:
                return unanswered(job, url, titles)
            case Told.FILE_EXPIRES:
                return file_expires(job, (job.created_at or self._clock()) + FILE_KEPT, url, titles)
            case Told.FOLLOWED:
                return followed(Event(payload["event"]), job, f"<@{payload['owner']}>", url)
            case kind:
                raise ValueError(f"nobody words {kind}")

    async def _file(self, notice: Notice) -> Message:
        """What became of a file when the process died that brought it; raises SlackError."""
        job, payload = job_of(notice), notice.payload
        thread_ts, file_id = payload["thread_ts"], payload["file_id"]
        if file_id is None:
            return files.interrupted(job, thread_ts)
        since = (notice.created_at - LOOK_BACK).timestamp()
        try:
            uploads = self._uploads.of(notice.person.workspace)
            is_there = await uploads.is_there(file_id, payload["channel"], since, thread_ts=thread_ts)
        except (PlaceGone, WorkspaceGone, MessageRefused):
            return files.may_be_here(job, thread_ts)
        if is_there:
            return files.arrived(job, payload["filename"], payload["length"])
        return files.interrupted(job, thread_ts)

    async def _summary(self, notice: Notice) -> Message:
        every, link = Summary(notice.payload["every"]), await self._link_of(notice.person)
        if link is None:
            raise NothingToTell
        until = _moment(notice, "until")
        runs = await self._store.runs_since(link.token.ecotaxa_user_id, until - span(every))
        profile = await self._people.of(notice.person)
        sums = tally(runs, until - span(every), until, zone_of(profile.zone))
        if sums is None:
            raise NothingToTell
        return summary(sums, daily=every is Summary.DAILY)

    async def _left(self, notice: Notice, job: Job) -> timedelta | None:
        """How long the job goes on, from past jobs of its kind and size and from its own progress."""
        started = notice.payload["started"]
        if job.state is not JobState.RUNNING or started is None:
            return None
        project, size = next(iter(job.project_ids), None), notice.payload.get("size")
        known = usual(await self._store.past_runs(job.type), project, size)
        return known.left(datetime.fromisoformat(started), job.progress_pct, self._clock())

    async def _titles_of(self, notice: Notice, projects: Collection[int]) -> Titles:
        """What these projects are called, as far as that is known in a moment; nothing in a channel."""
        link = None if notice.place or not projects else await self._link_of(notice.person)
        return await self._titles.find(link.token, projects) if link else NO_TITLES

    async def _whose(self, notice: Notice) -> str:
        """Whose job a channel reads of: a mention where that is how they are told, else their name.

        Who is told by direct message too, or sees a card change, is not to be pinged a second time.
        """
        person = notice.person
        mention = f"<@{person.user_id}>"
        is_subscribed = any(it.channel == notice.place for it in await self._store.places_of(person))
        choices = await self._store.find_preferences(person)
        if not is_subscribed or (notice.kind in PINGS and not choices.direct):
            return mention
        link = await self._link_of(person)
        name = prose(link.name, NAME) if link else ""
        return f"*{name}*" if name else mention

    async def _link_of(self, person: Person) -> Link | None:
        try:
            return await self._store.find_link(person)
        except TokenUnreadable:
            return None


NAME = 60
"""Code points of a person's name."""
HELD = "held"
"""The reason of what quiet hours, or a mute, held back."""


def job_of(notice: Notice) -> Job:
    """The job that a notice is about, as it was then."""
    return Job.parse(notice.payload["job"])


def watch_shown(payload: Mapping[str, Any], web_url: str, titles: Titles = NO_TITLES) -> Message:
    """A watch as it stands: while it goes on, once all jobs of it are done, or `stopped` before that."""
    cells = cells_of(payload)
    if not cells.open:
        return watch_done(cells, web_url, titles)
    return (watch_stopped if payload.get("stopped") else watch_card)(cells, web_url, titles)


def cells_of(payload: Mapping[str, Any]) -> Cells:
    """What a watch's card shows."""
    letters = {int(job_id): letter for job_id, letter in payload["jobs"].items()}
    states = {it: JobState.ERROR if letter == STOPPED else JobState(letter) for it, letter in letters.items()}
    stopped = frozenset(it for it, letter in letters.items() if letter == STOPPED)
    return Cells(dict(sorted(states.items())), stopped, payload["project_id"])


def _moment(notice: Notice, name: str) -> datetime:
    return datetime.fromisoformat(notice.payload[name])
