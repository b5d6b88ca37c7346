"""Messages that change where they stand: other states first, mere progress with what room is left."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from cachetools import LRUCache

from bot import traces
from bot.delivery.texts import Texts
from bot.errors import DatabaseUnusable, MessageGone, MessageRefused, PlaceGone, SlackBusy, SlackError
from bot.jobs import Job
from bot.language import speaking
from bot.links import Person
from bot.people import People
from bot.slack import Sent, Slack
from bot.store import Notice, Store
from bot.work import Work

_log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=60)
AGAIN = timedelta(seconds=10)
METHOD = "chat.update"
KEPT_FREE = 8
"""Edits of the workspace's minute that are left for what people press."""
FOR_CHANGES = 20
"""Edits that mere progress leaves for changes of state."""
AT_ONCE = 8
GAP_SECONDS = 8.0
"""From one edit of a card to the next that shows mere progress."""


@dataclass(frozen=True, slots=True)
class _Shown:
    """What a card showed last of its job's progress, and when (seconds)."""

    pct: int | None
    at: float


class Editor:
    """Edits within Slack's rate, which the whole workspace shares: each message as it is by then."""

    def __init__(
        self,
        store: Store,
        slack: Slack,
        work: Work,
        texts: Texts,
        people: People,
        *,
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._slack = slack
        self._work = work
        self._texts = texts
        self._people = people
        self._clock = clock
        self._moving: dict[str, tuple[Person, Sequence[Job]]] = {}
        self._shown: LRUCache[int, _Shown] = LRUCache(2_000)
        self._editing = asyncio.Lock()

    def progress(self, person: Person, running: Sequence[Job]) -> None:
        """A look saw these jobs of a person's wait or run: their cards may show it."""
        if running:
            self._moving[person.key] = person, running
        else:
            self._moving.pop(person.key, None)

    async def tick(self) -> None:
        """Edit what is due, as far as Slack's rate allows."""
        if self._editing.locked():
            return
        async with self._editing:
            if room := self._slack.rates.room(METHOD, leaving=KEPT_FREE):
                due = await self._store.claim_stale(self._clock(), LEASE, min(room, AT_ONCE))
                await asyncio.gather(*(self._bring_up_to_date(it) for it in due))
            if not self._work.stopping.is_set():
                await self._show_progress(self._slack.rates.room(METHOD, leaving=KEPT_FREE + FOR_CHANGES))

    async def _bring_up_to_date(self, notice: Notice) -> None:
        with traces.begun("edit"):
            await self._edit_and_mark(notice)

    async def _edit_and_mark(self, notice: Notice) -> None:
        try:
            await self._edit(notice)
        except SlackBusy as busy:
            await self._store.edit_later(notice, self._clock() + timedelta(seconds=max(busy.retry_after, 1)))
        except (MessageGone, PlaceGone, MessageRefused) as error:
            _log.info("a message cannot be changed any more", notice=notice.key, why=str(error))
            await self._store.mark_gone(notice, str(error))
        except SlackError as error:
            # An edit may be made twice: it comes to the same.
            _log.info("a message is changed later", notice=notice.key, why=str(error))
            await self._store.edit_later(notice, self._clock() + AGAIN)
        except DatabaseUnusable:
            raise  # its lease brings it back
        except Exception as error:  # noqa: BLE001  # one odd message must not hold up all others
            _log.error("a message cannot be changed", notice=notice.key, exc_info=error)
            await self._store.mark_gone(notice, type(error).__name__)
        else:
            self._shown.pop(notice.id, None)
            await self._store.mark_edited(notice, self._clock())

    async def _edit(self, notice: Notice, job: Job | None = None) -> None:
        with speaking(await self._people.language(notice.person)):
            message = await (self._texts.card(notice, job) if job else self._texts.of([notice]))
        slack = self._slack.of(notice.person.workspace)
        await slack.update(Sent(str(notice.channel), str(notice.ts)), message)

    async def _show_progress(self, room: int) -> None:
        """Show how far jobs are, the cards first that showed it the longest time ago."""
        if not room or not self._moving:
            return
        moving, self._moving = self._moving, {}
        jobs = {(key, job.id): job for key, (_, some) in moving.items() for job in some}
        cards = await self._store.find_cards(
            [person for person, _ in moving.values()], {it for _, it in jobs}
        )
        now = self._clock().timestamp()
        due = []
        for card in cards:
            job = jobs.get((card.person.key, card.job_id or 0))
            was = self._shown.get(card.id)
            if job is None or (was and (abs(now - was.at) < GAP_SECONDS or was.pct == job.progress_pct)):
                continue
            due.append((was.at if was else 0.0, card, job))
        due.sort(key=lambda it: it[0])
        for _, card, job in due[: min(room, AT_ONCE)]:
            self._shown[card.id] = _Shown(job.progress_pct, now)
            try:
                await self._edit(card, job)
            except SlackError as error:
                _log.info("a card shows no progress", notice=card.key, why=str(error))
