"""What a look owes the people it was made for: facts from the store, decisions of the rules."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from bot.captions import Captions
from bot.jobs import Event, Job, JobState
from bot.links import Person, Token
from bot.rules.audience import Audience
from bot.rules.kinds import PINGS, Told
from bot.rules.runs import Run, Usual, follow, usual
from bot.rules.triggers import Change, News, news_of, overtaken
from bot.rules.watches import Watch
from bot.store import Changes, NewNotice, Store, WatchedLink
from bot.transitions import Moved, Transition


@dataclass(frozen=True, slots=True)
class Look:
    """What one look found out for one link: what moved, what of it is news, and which jobs are no more."""

    watched: WatchedLink
    transitions: Sequence[Transition]
    moved: Sequence[Moved]
    gone: Collection[int]
    now: datetime

    @property
    def person(self) -> Person:
        """Whom it was made for."""
        return self.watched.link.person

    def all_moved(self) -> list[Moved]:
        """What moved, with questions that stood there at the first look."""
        known = {it.job.id for it in self.moved}
        return [*self.moved, *(Moved(it.job, None) for it in self.transitions if it.job.id not in known)]


class NewsDesk:
    """Puts together what people are owed, to be recorded with the look itself."""

    def __init__(self, store: Store, sizes: Captions) -> None:
        self._store = store
        self._sizes = sizes

    async def owed(self, look: Look) -> tuple[list[NewNotice], Changes]:
        """The messages that a look gives rise to, and what it changes of those owed before."""
        moved, person = look.all_moved(), look.person
        if not moved and not look.gone:
            return [], Changes()
        token, ids = look.watched.link.token, [it.job.id for it in moved]
        before = await self._store.find_runs(token.ecotaxa_user_id, ids)
        is_first = look.watched.snapshot is None
        seen = [follow(before.get(it.job.id), it.job, look.now, is_first=is_first) for it in moved]
        runs = {run.job_id: run for run in await self._sized(token, seen)}
        watches = await self._store.find_watches(person)
        after = [(watch, watch.after(moved, look.gone)) for watch in watches]
        audience = await self._audience(person, ids, [now for _, now in after], look.now)
        events = {it.job.id: it.event for it in look.transitions}
        notices: list[NewNotice] = []
        for it in moved:
            run = runs[it.job.id]
            change = Change(
                it.job, it.was, events.get(it.job.id), run, await self._usual(run), look.now,
                audience.choices, str(look.watched.version),
            )  # fmt: skip
            for news in news_of(change):
                places = audience.places_of(news.kind, it.job)
                notices += [_notice(person, news, change, place) for place in places]
        followers = await self._store.followers_of(person, list(events)) if events else {}
        notices += _for_followers(person, look.transitions, followers, look.watched.version)
        changed = [now for was, now in after if now is not was]
        notices += [_watch_done(person, watch) for watch in changed if watch.is_over]
        gone = dict.fromkeys(look.gone, overtaken(None))
        return notices, Changes(
            cards={it.job.id: card_payload(it.job, runs[it.job.id]) for it in moved},
            texts={watch_key(person, it.id): watch_payload(it) for it in changed},
            urgent=[it.job.id for it in moved if not it.job.state.is_active],
            overtaken={it.job.id: overtaken(it.job.state) for it in moved} | gone,
            account=token.ecotaxa_user_id,
            runs=list(runs.values()),
            watches=changed,
        )

    async def _audience(
        self, person: Person, ids: Sequence[int], watches: Iterable[Watch], now: datetime
    ) -> Audience:
        return Audience(
            choices=await self._store.find_preferences(person),
            places=await self._store.places_of(person),
            reports=await self._store.find_reports(person, ids),
            mutes=await self._store.mutes_of(person, now),
            watched={job_id: watch.place for watch in watches for job_id in watch.jobs},
        )

    async def _sized(self, token: Token, runs: Sequence[Run]) -> list[Run]:
        """The runs, those that were just seen to begin with the size of their project, where it is known."""
        new = {run.job_id: run.project_id for run in runs if _begins(run) and run.project_id is not None}
        sizes = await self._sizes.find(token, {*new.values()}) if new else {}
        told = {job_id: int(sizes[project]) for job_id, project in new.items() if project in sizes}
        return [replace(run, size=told.get(run.job_id, run.size)) for run in runs]

    async def _usual(self, run: Run) -> Usual:
        """What is usual for such jobs; nothing for one that does not wait or run."""
        if not run.state.is_active:
            return Usual()
        return usual(await self._store.past_runs(run.type), run.project_id, run.size)


def _begins(run: Run) -> bool:
    """Whether a look sees it run for the first time; since when others run, nobody knows."""
    return run.state is JobState.RUNNING and run.started_at is not None


def _notice(person: Person, news: News, change: Change, place: str) -> NewNotice:
    key = "/".join(filter(None, (person.key, news.once, place)))
    return NewNotice(
        key, person, news.kind, change.job.id, _payload(news, change), place=place, later=news.due_at
    )


def _payload(news: News, change: Change) -> Mapping[str, Any]:
    match news.kind:
        case Told.CARD:
            return card_payload(change.job, change.run)
        case Told.SLOW:
            took = change.usual.took
            return {"job": change.job.brief(), "usual": took.total_seconds() if took else 0}
        case Told.WAITS_LONG | Told.UNANSWERED:
            return {"job": change.job.brief(), "since": change.now.isoformat()}
        case _:
            return {"job": change.job.brief()}


def card_payload(job: Job, run: Run) -> Mapping[str, Any]:
    """What a job's card is made of."""
    return {
        "job": job.brief(),
        "attempt": run.attempt,
        "started": run.started_at.isoformat() if run.started_at else None,
        "size": run.size,
    }


def watch_key(person: Person, watch_id: str) -> str:
    """The key of the card that shows a watch."""
    return f"{person.key}/watch/{watch_id}"


def watch_payload(watch: Watch) -> Mapping[str, Any]:
    """What the card of a watch is made of."""
    return {"id": watch.id, "project_id": watch.project_id, "jobs": dict(watch.jobs)}


def _watch_done(person: Person, watch: Watch) -> NewNotice:
    key = f"{watch_key(person, watch.id)}/done"
    return NewNotice(key, person, Told.WATCH_DONE, None, watch_payload(watch), place=watch.place)


def _for_followers(
    person: Person,
    transitions: Iterable[Transition],
    followers: Mapping[int, Sequence[Person]],
    version: int,
) -> list[NewNotice]:
    """The same for others who want to know; of a question only its owner hears."""
    return [
        NewNotice(
            f"{follower.key}/{Told.FOLLOWED}/{person.key}/{version}/{it.job.id}",
            follower,
            Told.FOLLOWED,
            it.job.id,
            {"job": it.job.brief(), "event": it.event.value, "owner": person.user_id},
        )
        for it in transitions
        if it.event in PINGS and it.event is not Event.ASKED
        for follower in followers.get(it.job.id, ())
    ]
