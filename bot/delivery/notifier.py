"""The outbox: what is owed is claimed, sent once, and its receipt recorded."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from bot import messages
from bot.captions import Captions
from bot.errors import (
    MessageGone,
    MessageRefused,
    PlaceGone,
    SlackBusy,
    SlackError,
    TokenUnreadable,
    UnknownRefusal,
    WorkspaceGone,
)
from bot.jobs import Job
from bot.messages import Message
from bot.names import NO_TITLES, Titles
from bot.slack import Sent, Slack
from bot.store import SAID, TOKEN_REJECTED, Notice, Store
from bot.work import Work

_log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=120)
"""Longer than any one delivery can take; a row whose lease is over was left by a crash."""
AT_ONCE = 20
"""People told at the same time; one person's messages go one after the other, in order."""
LOOK_AGAIN = timedelta(seconds=5)
"""How long Slack gets to finish a post whose answer was lost, before its history is asked."""
WORKSPACE_PAUSE = timedelta(minutes=10)
TRIES = 20
"""How often a message that cannot be made or sent, for a reason nobody knows, is tried."""


class Notifier:
    """Delivers owed messages: each in Slack once, also when Slack's answer or the process is lost."""

    def __init__(
        self,
        store: Store,
        slack: Slack,
        work: Work,
        *,
        titles: Captions,
        web_url: str,
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._slack = slack
        self._work = work
        self._titles = titles
        self._web_url = web_url
        self._clock = clock
        self._claiming = asyncio.Lock()
        self._under_way = 0
        self._again = False

    async def tick(self) -> None:
        """Begin to deliver what is due; a call while one is at it makes it look once more.

        Each delivery goes its own way, so that one that hangs holds up nobody but its own person.
        """
        self._again = True
        if self._claiming.locked():
            return
        async with self._claiming:
            while self._again and self._under_way < AT_ONCE and not self._work.stopping.is_set():
                self._again = False
                free = AT_ONCE - self._under_way
                for notice in await self._store.claim_notices(self._clock(), LEASE, free):
                    self._under_way += 1
                    self._work.start(self._deliver_and_go_on(notice), name="deliver")

    async def _deliver_and_go_on(self, notice: Notice) -> None:
        try:
            await self._deliver(notice)
        finally:
            self._under_way -= 1
        await self.tick()

    async def _deliver(self, notice: Notice) -> None:
        try:
            sent = await self._send(notice)
        except SlackError as error:
            await self._postpone(notice, error)
        except Exception as error:  # noqa: BLE001  # one odd message must not hold up all that come after
            _log.error("a message cannot be told", notice=notice.key, exc_info=error)
            if notice.attempts < TRIES:
                await self._store.mark_uncertain(notice, self._clock() + LOOK_AGAIN * notice.attempts)
            else:
                await self._store.mark_dropped(notice, type(error).__name__)
        else:
            await self._store.mark_sent(notice, sent.channel, sent.ts, self._clock())

    async def _send(self, notice: Notice) -> Sent:
        """Post where it is owed: in a channel, or by direct message; also that where the channel is gone."""
        place = notice.payload.get("place")
        if place is not None:
            try:
                return await self._send_to(notice, str(place))
            except (PlaceGone, MessageRefused, WorkspaceGone) as error:
                _log.info("told by direct message instead", notice=notice.key, why=str(error))
        return await self._send_to(notice, None)

    async def _send_to(self, notice: Notice, place: str | None) -> Sent:
        if notice.must_reconcile and (found := await self._find(notice, place)) is not None:
            return found
        if place is not None:
            message = render(notice, self._web_url, in_channel=True)
            thread_ts = notice.payload.get("thread_ts")
            return await self._slack.post_in(place, message, thread_ts=thread_ts, key=notice.key)
        message = render(notice, self._web_url, await self._titles_of(notice))
        return await self._slack.post(notice.person, message, key=notice.key)

    async def _titles_of(self, notice: Notice) -> Titles:
        """What the projects of the job are called, as far as that is known in a moment."""
        if "job" not in notice.payload:
            return NO_TITLES
        try:
            link = await self._store.find_link(notice.person)
        except TokenUnreadable:
            return NO_TITLES
        if link is None:
            return NO_TITLES
        projects = messages.shown_projects(Job.parse(notice.payload["job"]))
        return await self._titles.find(link.token, projects)

    async def _find(self, notice: Notice, place: str | None) -> Sent | None:
        since = notice.first_tried_at or self._clock()
        try:
            if place is not None:
                thread_ts = notice.payload.get("thread_ts")
                return await self._slack.find_in(place, notice.key, since, thread_ts=thread_ts)
            return await self._slack.find(notice.person, notice.key, since)
        except (MessageRefused, PlaceGone, WorkspaceGone) as error:
            # Without a history scope nobody can know; a question told twice is better than one never told.
            _log.error("cannot look up what was sent", why=str(error))
            return None

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
            case SlackBusy(retry_after=seconds):
                await self._wait(notice, now + timedelta(seconds=max(seconds, 0.1)))
            case WorkspaceGone():
                await self._wait(notice, now + WORKSPACE_PAUSE)
            case _:
                await self._store.mark_uncertain(notice, now + LOOK_AGAIN * min(notice.attempts, 12))

    async def _wait(self, notice: Notice, until: datetime) -> None:
        mark = self._store.mark_uncertain if notice.must_reconcile else self._store.mark_delayed
        await mark(notice, until)


def render(notice: Notice, web_url: str, titles: Titles = NO_TITLES, *, in_channel: bool = False) -> Message:
    """The message that a notice stands for; one in a channel says only what others may read."""
    if notice.kind == TOKEN_REJECTED:
        is_unreadable = notice.payload.get("unreadable")
        return messages.link_again(TokenUnreadable(), "") if is_unreadable else messages.token_rejected()
    if notice.kind == SAID:
        return Message(notice.payload["text"], notice.payload["blocks"])
    job = Job.parse(notice.payload["job"])
    if in_channel:
        return messages.report(notice.kind, job, web_url, notice.person.user_id)
    return messages.notice(notice.kind, job, web_url, titles)
