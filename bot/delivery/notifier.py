"""The outbox: what is owed is claimed, sent once, and its receipt recorded."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from bot import traces
from bot.delivery.channels import Channels
from bot.delivery.sequels import Sequels
from bot.delivery.texts import HELD, NothingToTell, Texts, job_of
from bot.errors import (
    DatabaseUnusable,
    MessageGone,
    MessageRefused,
    PlaceGone,
    SlackBusy,
    SlackError,
    UnknownRefusal,
    WorkspaceGone,
)
from bot.language import language_of, speaking
from bot.messages import Message
from bot.metrics import Metrics
from bot.people import People
from bot.rules.audience import moment
from bot.rules.kinds import CAN_WAIT, PINGS, Told, urgency_of
from bot.rules.preferences import Preferences, zone_of
from bot.slack import Sent, Slack
from bot.store import OVERTAKEN, SAID, TOKEN_REJECTED, Notice, Store
from bot.work import Work

_log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=120)
"""Longer than any one delivery can take; a row whose lease is over was left by a crash."""
AT_ONCE = 20
"""Places told at the same time; the messages to one place go one after the other, in order."""
LOOK_AGAIN = timedelta(seconds=5)
"""How long Slack gets to finish a post whose answer was lost, before its history is asked."""
WORKSPACE_PAUSE = timedelta(minutes=10)
TRIES = 20
"""How often a message that cannot be made or sent, for a reason nobody knows, is tried."""
TOGETHER = timedelta(minutes=1)
"""News that come so soon after others to the same place are added to their message."""
ADDED_TO = 40
"""Jobs that one message names: it grows no longer."""
GUESSES = frozenset({Told.SLOW, Told.WAITS_LONG})
"""What is told because nothing else was seen to happen."""
IN_THE_DARK = timedelta(minutes=5)
"""How long a guess waits before it is asked again whether EcoTaxa answers."""
FOR_PINGS = 150
"""Posts of the workspace's minute that cards and summaries leave for what somebody waits for."""
KEPT_FREE = 10
"""Edits of the workspace's minute that are left for what people press, and for cards."""
MOST_TOGETHER = 100
"""News that go into one message, whose metadata names them all: Slack takes 8 kB of it."""


@dataclass(frozen=True, slots=True)
class _Receipt:
    """Where a message stands, and in which thread."""

    sent: Sent
    thread_ts: str | None = None


class Notifier:
    """Delivers owed messages: each in Slack once, also when Slack's answer or the process is lost."""

    def __init__(
        self,
        store: Store,
        slack: Slack,
        work: Work,
        texts: Texts,
        people: People,
        *,
        clock: Callable[[], datetime],
        metrics: Metrics,
    ) -> None:
        self._store = store
        self._metrics = metrics
        self._slack = slack
        self._work = work
        self._texts = texts
        self._people = people
        self._clock = clock
        self._sequels = Sequels(store, people, clock=clock)
        self._channels = Channels(store, people, clock=clock)
        self._claiming = asyncio.Lock()
        self._under_way: set[int] = set()
        self._again = False

    async def tick(self) -> None:
        """Begin to deliver what is due; a call while one is at it makes it look once more.

        Each delivery goes its own way, so that one that hangs holds up nobody but its own place.
        """
        self._again = True
        if self._claiming.locked():
            return
        async with self._claiming:
            while self._again and not self._work.stopping.is_set():
                self._again = False
                room = self._slack.rates.room("chat.postMessage")
                free = min(AT_ONCE, room) - len(self._under_way)
                if free <= 0:
                    return
                urgent = CAN_WAIT - 1 if _is_tight(self._slack) else CAN_WAIT
                for notice in await self._store.claim_notices(
                    self._clock(), LEASE, free, urgent, self._under_way
                ):
                    self._under_way.add(notice.id)
                    self._work.start(self._deliver_and_go_on(notice), name="deliver")

    async def _deliver_and_go_on(self, notice: Notice) -> None:
        try:
            with traces.begun("delivery"):
                await self._deliver(notice)
        finally:
            self._under_way.discard(notice.id)
        await self.tick()

    async def _deliver(self, first: Notice) -> None:
        together = [first]
        try:
            if first.kind in PINGS:
                together += await self._store.claim_company(first, self._clock(), LEASE, MOST_TOGETHER - 1)
            receipt = await self._tell(together)
        except NothingToTell:
            await self._store.mark_dropped(first, "nothing to tell")
            self._metrics.delivered("dropped")
            await self._sequels.after(first)
        except SlackError as error:
            for notice in together:
                await self._postpone(notice, error)
        except DatabaseUnusable:
            raise  # its lease brings it back, and Slack's history tells then whether it was sent
        except Exception as error:  # noqa: BLE001  # one odd message must not hold up all that come after
            for notice in together:
                await self._put_by(notice, error)
        else:
            if receipt is not None:
                await self._mark_sent(together, receipt)
                self._metrics.delivered("sent", len(together))

    async def _tell(self, together: list[Notice]) -> _Receipt | None:
        """Tell what may be told now, and leave no other in the list; None where nothing is to be marked."""
        first = together[0]
        choices = await self._store.find_preferences(first.person)
        if first.must_reconcile:
            await self._reconcile(together, choices)
            return None
        profile = await self._people.of(first.person)
        together[:] = await self._due_now(together, choices, profile.zone)
        if not together:
            return None
        with speaking(language_of(profile.locale)):
            return await self._send(together, choices)

    async def _mark_sent(self, told: Sequence[Notice], receipt: _Receipt) -> None:
        sent, now = receipt.sent, self._clock()
        await self._store.mark_all_sent(told, sent.channel, sent.ts, now, receipt.thread_ts)
        await self._sequels.after(told[0])

    async def _put_by(self, notice: Notice, error: Exception) -> None:
        """Try again what cannot be made for a reason that nobody knows, though not for ever."""
        _log.error("a message cannot be told", notice=notice.key, exc_info=error)
        if notice.attempts < TRIES:
            await self._store.mark_uncertain(notice, self._clock() + LOOK_AGAIN * notice.attempts)
            self._metrics.delivered("uncertain")
        else:
            await self._store.mark_dropped(notice, type(error).__name__)
            self._metrics.delivered("dead")

    async def _due_now(self, owed: Sequence[Notice], choices: Preferences, zone: str) -> list[Notice]:
        """Those that may be told now: others wait for the end of quiet hours, or are told no more."""
        now = self._clock()
        owed = await self._without_moot(owed)
        if not owed:
            return []
        first = owed[0]
        if seconds := self._wait_of(first):
            for notice in owed:
                await self._wait(notice, now + timedelta(seconds=seconds))
            return []
        if first.place or first.kind in (SAID, TOKEN_REJECTED):
            return list(owed)
        mutes = await self._store.mutes_of(first.person, now)
        due = []
        for notice in owed:
            job = job_of(notice) if "job" in notice.payload else None
            at = moment(notice.kind, job, choices, mutes, zone_of(zone), now)
            if notice.kind in GUESSES and await self._is_in_the_dark(notice):
                at = at and max(at, now + IN_THE_DARK)
            if at is None:
                await self._store.mark_dropped(notice, "not wanted")
                self._metrics.delivered("dropped")
            elif at > now:
                await self._store.mark_held(notice, at, HELD)
                self._metrics.delivered("held")
            else:
                due.append(notice)
        return due

    async def _without_moot(self, owed: Sequence[Notice]) -> list[Notice]:
        """Those that nothing has overtaken; the others are told no more."""
        for notice in owed:
            if notice.reason == OVERTAKEN:
                await self._store.mark_dropped(notice, OVERTAKEN)
                self._metrics.delivered("dropped")
        return [notice for notice in owed if notice.reason != OVERTAKEN]

    async def _is_in_the_dark(self, notice: Notice) -> bool:
        """Whether EcoTaxa does not answer, so that nobody knows how the job is."""
        looks = await self._store.find_timetable(notice.person)
        return looks is not None and looks.failures > 0

    async def _send(self, told: Sequence[Notice], choices: Preferences) -> _Receipt:
        """Post where it is owed; by direct message where a channel is gone."""
        first = told[0]
        if first.place:
            try:
                return await self._send_to(told, choices)
            except (PlaceGone, MessageRefused, WorkspaceGone) as error:
                is_lost = isinstance(error, PlaceGone) and first.kind != SAID
                if is_lost and await self._channels.lost(first.place, first.person):
                    raise
                _log.info("told by direct message instead", notice=first.key, why=str(error))
        return await self._send_to([*map(_direct, told)], choices)

    async def _send_to(self, told: Sequence[Notice], choices: Preferences) -> _Receipt:
        first = told[0]
        thread_ts = await self._thread_of(told, choices)
        if thread_ts and await self._is_one_of_many(first):
            thread_ts = None
        host = None if thread_ts else await self._host_of(told)
        if host and (stands := await self._add(host, told)) is not None:
            return _Receipt(stands)
        message = await self._texts.of(told)
        return _Receipt(await self._post(first, message, thread_ts, [it.key for it in told]), thread_ts)

    async def _add(self, host: Sequence[Notice], told: Sequence[Notice]) -> Sent | None:
        """Add news to a message; None where that is gone, or others have just used up the room for edits."""
        stands, together = Sent(str(host[0].channel), str(host[0].ts)), [*host, *told]
        message = await self._texts.of(together)
        try:
            await self._slack_of(host[0]).update(stands, message, keys=[it.key for it in together])
        except (SlackBusy, MessageGone, MessageRefused):
            return None
        return stands

    async def _post(
        self, first: Notice, message: Message, thread_ts: str | None, keys: Sequence[str]
    ) -> Sent:
        slack = self._slack_of(first)
        if first.place:
            return await slack.post_in(first.place, message, thread_ts=thread_ts, keys=keys)
        return await slack.post(first.person, message, thread_ts=thread_ts, keys=keys)

    async def _thread_of(self, told: Sequence[Notice], choices: Preferences) -> str | None:
        """The thread to post into: that of the job's card, in channels and where people want it so."""
        first = told[0]
        if first.kind == SAID:
            return first.payload.get("thread_ts")
        is_alone = len(told) == 1 and first.kind in PINGS and first.job_id is not None
        if not is_alone or first.job_id is None or not (first.place or choices.in_thread):
            return None
        card = await self._store.find_card(first.person, first.place, first.job_id)
        return card.ts if card else None

    async def _is_one_of_many(self, ping: Notice) -> bool:
        """Whether other jobs were told just now, as urgently: they become one message, not a thread each."""
        if ping.kind not in PINGS or ping.job_id is None:
            return False
        now = self._clock()
        kinds = await self._store.told_of_others(ping.person, ping.place, ping.job_id, now - TOGETHER, now)
        return any(urgency_of(kind) <= urgency_of(ping.kind) for kind in kinds)

    async def _host_of(self, told: Sequence[Notice]) -> list[Notice] | None:
        """What the message tells to which these news are added: one that came just now, about as urgent.

        A change of a message pings nobody: what is more urgent is told in a message of its own.
        """
        first, now = told[0], self._clock()
        has_room = self._slack_of(first).rates.room("chat.update", leaving=KEPT_FREE)
        if first.kind not in PINGS or not has_room:
            return None
        last = await self._store.last_ping(first.person, first.place, now - TOGETHER, now)
        if last is None or last.channel is None or last.ts is None:
            return None
        host = await self._store.notices_of_message(first.person, last.channel, last.ts)
        began = min((it.sent_at for it in host if it.sent_at), default=now)
        urgency = min(urgency_of(it.kind) for it in host)
        is_new = any(it.job_id == here.job_id for it in told for here in host)
        fits = len(host) + len(told) <= ADDED_TO and now - began < TOGETHER and not is_new
        return host if fits and urgency <= min(urgency_of(it.kind) for it in told) else None

    async def _reconcile(self, left: Sequence[Notice], choices: Preferences) -> None:
        """Find out what became of tries of which nobody knows; what did not arrive is as if it were new."""
        found = await self._find(left, choices)
        for notice in left:
            if (receipt := found.get(notice.key)) is not None:
                # Which of its texts it shows nobody knows: where there was a newer one, it is edited.
                await self._mark_sent([replace(notice, revision=0)], receipt)
                self._metrics.delivered("found")
            else:
                await self._store.mark_delayed(notice, self._clock())
                self._metrics.delivered("not_found")

    async def _find(self, left: Sequence[Notice], choices: Preferences) -> dict[str, _Receipt]:
        """By key: where those of these messages stand that are in Slack; they belong to one place."""
        # What belongs into a thread may have been told together with others, outside of it.
        threads: dict[str | None, list[Notice]] = {None: [*left]}
        for notice in left:
            if thread_ts := await self._thread_of([notice], choices):
                threads.setdefault(thread_ts, []).append(notice)
        found: dict[str, _Receipt] = {}
        for thread_ts, some in threads.items():
            if sought := [it for it in some if it.key not in found]:
                stands = await self._find_in(sought, thread_ts)
                found |= {key: _Receipt(sent, thread_ts) for key, sent in stands.items()}
        return found

    async def _find_in(self, sought: Sequence[Notice], thread_ts: str | None) -> dict[str, Sent]:
        first, keys = sought[0], [it.key for it in sought]
        slack = self._slack_of(first)
        since = min(it.first_tried_at or self._clock() for it in sought)
        try:
            if first.place:
                return await slack.find_in(first.place, keys, since, thread_ts=thread_ts)
            return await slack.find(first.person, keys, since, thread_ts=thread_ts)
        except (MessageRefused, PlaceGone, WorkspaceGone) as error:
            # Without a history scope nobody can know; a question told twice is better than one never told.
            _log.error("cannot look up what was sent", why=str(error))
        # What could not be told in a channel was told by direct message.
        return await self._find_in([*map(_direct, sought)], None) if first.place else {}

    async def _postpone(self, notice: Notice, error: SlackError) -> None:
        now = self._clock()
        _log.warning(
            "not delivered", notice=notice.key, kind=notice.kind, why=str(error), attempts=notice.attempts
        )
        match error:
            case UnknownRefusal() if notice.attempts < TRIES:
                pause = LOOK_AGAIN * 2 ** (notice.attempts - 1)
                await self._wait(notice, now + min(pause, WORKSPACE_PAUSE))
            case PlaceGone() | MessageGone() | MessageRefused():
                await self._store.mark_dropped(notice, str(error))
                self._metrics.delivered("dead")
            case SlackBusy(retry_after=seconds):
                await self._wait(notice, now + timedelta(seconds=max(seconds, 0.1)))
            case WorkspaceGone():
                await self._wait(notice, now + WORKSPACE_PAUSE)
            case _:
                await self._store.mark_uncertain(notice, now + LOOK_AGAIN * min(notice.attempts, 12))
                self._metrics.delivered("uncertain")

    def _wait_of(self, notice: Notice) -> float:
        """Seconds until its place takes a message, and its workspace one that is no more urgent."""
        slack = self._slack_of(notice)
        has_to = urgency_of(notice.kind) >= CAN_WAIT and _is_tight(slack)
        return max(slack.wait(notice.person, notice.place), LOOK_AGAIN.total_seconds() if has_to else 0.0)

    def _slack_of(self, notice: Notice) -> Slack:
        return self._slack.of(notice.person.workspace)

    async def _wait(self, notice: Notice, until: datetime) -> None:
        mark = self._store.mark_uncertain if notice.must_reconcile else self._store.mark_delayed
        await mark(notice, until)
        self._metrics.delivered("postponed")


def _is_tight(slack: Slack) -> bool:
    """Whether what is left of the workspace's posts is for what somebody waits for."""
    return not slack.rates.room("chat.postMessage", leaving=FOR_PINGS)


def _direct(notice: Notice) -> Notice:
    return replace(notice, place="") if notice.place else notice
