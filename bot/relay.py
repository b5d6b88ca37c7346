"""Files on their way from EcoTaxa to Slack: streamed through, proved as they pass, seen only when whole."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, auto

import structlog
from cachetools import TTLCache

from bot.acts import CameTo, Did
from bot.archives import BrokenArchive, Proof
from bot.ecotaxa import EcoTaxa
from bot.errors import (
    BotError,
    DeliveryUnknown,
    MessageRefused,
    NotLinked,
    PlaceGone,
    SlackBusy,
    SlackError,
    TokenRejected,
    TokenUnreadable,
    WorkspaceGone,
)
from bot.jobs import Job
from bot.language import mark, say
from bot.links import Link, Person
from bot.live import Screen
from bot.messages import Message, files, link_again
from bot.passage import BROKEN, Passage
from bot.rules.kinds import Told
from bot.slack import LOOK_BACK, Slack
from bot.store import WILL_AFTER, WILL_EVERY, NewNotice, Store, if_possible
from bot.uploads import Uploaded, Uploads
from bot.work import Work

_log = structlog.get_logger(__name__)

MOST_AT_ONCE = 3
TRIES = 3
"""How often a file is sent anew, from its first byte on, when the connection to Slack breaks."""

_LOOK_SECONDS = 1.0
_PROGRESS_SECONDS = 3.0
_LONGEST_WAIT = 60.0
_SEARCH_PAUSES = (1.0, 2.0, 4.0)

_EMPTY = mark("The file is empty, and Slack takes no empty files.")
_REFUSED = mark("Slack did not take the file.")
_UNLINKED = mark("Your EcoTaxa account was unlinked or changed meanwhile.")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a file goes: a conversation or a thread in it, and whether others than the person see it."""

    channel: str
    thread_ts: str | None = None
    is_shared: bool = False


class Standing(Enum):
    """How it stands with a file for a place."""

    BEGUN = auto()
    UNDER_WAY = auto()
    ARRIVED = auto()
    MAYBE_ARRIVED = auto()


Key = tuple[str, int, str | None, str]
OpenScreen = Callable[[Message], Awaitable[Screen]]


@dataclass(eq=False)
class _Errand:
    """One file for one place, `length` bytes long; `run` tells this time from every other."""

    link: Link
    job: Job
    place: Place
    open_screen: OpenScreen
    turn: asyncio.Event = field(default_factory=asyncio.Event)
    filename: str = ""
    length: int = 0
    passage: Passage | None = None
    is_arriving: bool = False
    is_stopped: bool = False
    is_cancelled: bool = False
    carrying: asyncio.Task[Message] | None = None
    screen: Screen | None = None
    run: str = field(default_factory=lambda: secrets.token_hex(8))
    file_id: str | None = None

    @property
    def sent(self) -> int:
        """How many bytes have gone to Slack, of this try."""
        return self.passage.sent if self.passage else 0

    @property
    def key(self) -> Key:
        return self.link.person.key, self.job.id, self.job.out_file, self.place.channel

    def will(self, later: datetime) -> NewNotice:
        """What is to be told of it from `later` on, should nobody be left to bring it to its end."""
        payload = {
            "job": self.job.brief(), "channel": self.place.channel, "thread_ts": self.place.thread_ts,
            "file_id": self.file_id, "filename": self.filename, "length": self.length,
        }  # fmt: skip
        person = self.link.person
        key = f"{person.key}/{Told.FILE_BROKE_OFF}/{self.run}"
        return NewNotice(key, person, Told.FILE_BROKE_OFF, None, payload, later=later)

    def stop(self) -> bool:
        """Stop it, unless it is too late: once Slack was told to show it, that cannot be taken back."""
        if not self.is_stopped and not self.is_arriving and self.carrying is not None:
            # The request to EcoTaxa that is under way comes to its own end (see `bot.ecotaxa.wire`).
            self.is_stopped = self.carrying.cancel()
        return self.is_stopped


class Relay:
    """Brings files: one at a time for each person, three in all, the others wait their turn."""

    def __init__(
        self,
        ecotaxa: EcoTaxa,
        slack: Slack,
        store: Store,
        work: Work,
        *,
        clock: Callable[[], datetime],
        web_url: str,
        max_bytes: int,
    ) -> None:
        self._ecotaxa = ecotaxa
        self._uploads = Uploads(slack)
        self._store = store
        self._work = work
        self._clock = clock
        self._web_url = web_url
        self._max_bytes = max_bytes
        self._errands: dict[Key, _Errand] = {}
        self._arrived: TTLCache[Key, Standing] = TTLCache(10_000, ttl=7 * 86_400)

    def bring(self, link: Link, job: Job, place: Place, open_screen: OpenScreen) -> Standing:
        """Begin to bring a job's file to a place; BEGUN, unless it is on its way there or was brought.

        `open_screen` shows a first message and gives the screen on which the rest is told.
        """
        errand = _Errand(link, job, place, open_screen)
        if errand.key in self._errands:
            return Standing.UNDER_WAY
        if (standing := self._arrived.get(errand.key)) is not None:
            return standing
        self._errands[errand.key] = errand
        self._give_turns()
        self._work.start(self._run(errand), name="file")
        return Standing.BEGUN

    def cancel(self, person: Person, job_id: int) -> bool:
        """Stop bringing a job's file to a person; tells whether there was still something to stop."""
        stopped = False
        for errand in self._errands.values():
            if (errand.link.person, errand.job.id) == (person, job_id) and errand.stop():
                errand.is_cancelled = stopped = True
        return stopped

    def forget(self, person: Person, job_id: int | None = None) -> None:
        """A job's file, or all, may be brought once more to where it was brought already."""
        for key in [key for key in self._arrived if key[0] == person.key and job_id in (None, key[1])]:
            del self._arrived[key]

    def _give_turns(self) -> None:
        moving = [errand for errand in self._errands.values() if errand.turn.is_set()]
        busy, free = {errand.link.person for errand in moving}, MOST_AT_ONCE - len(moving)
        for errand in self._errands.values():
            if errand.turn.is_set() or errand.link.person in busy or free == 0:
                continue
            errand.turn.set()
            busy.add(errand.link.person)
            free -= 1

    async def _run(self, errand: _Errand) -> None:
        errand.carrying = carrying = asyncio.create_task(self._carry(errand), name="carry a file")
        stopping = asyncio.create_task(self._work.stopping.wait())
        try:
            with suppress(SlackError):
                errand.screen = await errand.open_screen(self._progress(errand))
            await self._leave_will(errand)
            await self._follow(errand, carrying, stopping)
            end = await self._end(errand, carrying)
        finally:
            stopping.cancel()
            del self._errands[errand.key]
            self._give_turns()
        await self._tell(errand, end)
        await self._store.take_back_will(errand.will(self._clock()).key)

    async def _leave_will(self, errand: _Errand) -> None:
        """Let those who come after tell the person that it broke off, should this process die."""
        message = errand.screen.message if errand.screen else None
        now = self._clock()
        await self._store.leave_will(errand.will(now + WILL_AFTER), message, now)

    async def _follow(
        self, errand: _Errand, carrying: asyncio.Task[Message], stopping: asyncio.Task[bool]
    ) -> None:
        """Show how far it is, until it is there or has failed; a shutdown stops it."""
        clock = asyncio.get_running_loop().time
        shown, shown_at = (errand.turn.is_set(), 0), clock()
        left_at = clock()
        while not carrying.done():
            first = asyncio.FIRST_COMPLETED
            await asyncio.wait((carrying, stopping), timeout=_LOOK_SECONDS, return_when=first)
            if stopping.done():
                errand.stop()
                await asyncio.wait((carrying,))
            if clock() - left_at >= WILL_EVERY.total_seconds():
                left_at = clock()
                await self._leave_will(errand)
            screen, now = errand.screen, (errand.turn.is_set(), errand.sent)
            if screen is None or screen.left < 2 or carrying.done() or now == shown:
                continue
            if clock() - shown_at < max(_PROGRESS_SECONDS, screen.gap):
                continue
            shown, shown_at = now, clock()
            try:
                await screen.show(self._progress(errand))
            except SlackBusy as busy:
                shown_at += busy.retry_after
            except SlackError as error:
                _log.info("a file's progress cannot be shown", why=str(error))
                errand.screen = None

    def _progress(self, errand: _Errand) -> Message:
        if errand.turn.is_set():
            return files.on_its_way(errand.job, errand.filename, errand.sent, errand.length)
        person = errand.link.person
        others = (other for other in self._errands.values() if other is not errand and other.turn.is_set())
        return files.waits(errand.job, is_own=any(other.link.person == person for other in others))

    async def _end(self, errand: _Errand, carrying: asyncio.Task[Message]) -> Message:
        """What to say in the end."""
        try:
            return await carrying
        except asyncio.CancelledError:
            said = files.cancelled if errand.is_cancelled else files.interrupted
            return said(errand.job, errand.place.thread_ts)
        except (BotError, BrokenArchive) as error:
            _log.info("a file was not brought", job_id=errand.job.id, why=str(error))
            return self._refusal(errand, error)
        except Exception as error:  # noqa: BLE001  # nobody else would tell the person
            _log.error("a file was not brought", job_id=errand.job.id, exc_info=error)
            return self._failed(errand, BotError().hint)

    def _refusal(self, errand: _Errand, error: BotError | BrokenArchive) -> Message:
        match error:
            case TokenRejected():
                return link_again(error, f"file {errand.job.id}")
            case PlaceGone() | WorkspaceGone() if errand.place.is_shared:
                return files.not_allowed_here(errand.job, errand.place.thread_ts)
            case SlackError():
                return self._failed(errand, say(_REFUSED))
            case BrokenArchive():
                return self._failed(errand, say(BROKEN))
            case _:
                return self._failed(errand, error.hint)

    def _failed(self, errand: _Errand, why: str) -> Message:
        return files.not_brought(errand.job, why, self._web_url, errand.place.thread_ts)

    async def _tell(self, errand: _Errand, end: Message) -> None:
        """Show the end where the progress stood; where that is gone, owe it as a direct message."""
        screen = errand.screen
        while screen is not None and screen.left:
            try:
                await screen.show(end)
                return
            except SlackBusy as busy:
                if not await self._work.pause(min(busy.retry_after, _LONGEST_WAIT)):
                    break
            except SlackError as error:
                _log.info("a file's end cannot be shown in place", why=str(error))
                break
        if self._arrived.get(errand.key) is not Standing.ARRIVED:
            person, job_id = errand.link.person, errand.job.id
            said = NewNotice.said(f"file/{errand.run}", person, end, job_id=job_id)
            await self._store.owe(said, self._clock())

    async def _carry(self, errand: _Errand) -> Message:
        """Bring the file, and say what became of it."""
        await errand.turn.wait()
        for tries_left in reversed(range(TRIES)):
            errand.link = await self._link_now(errand.link)
            try:
                return await self._carry_once(errand)
            except SlackBusy as busy:
                # Nobody sees what was sent so far, and a new upload has nothing to do with it.
                _log.info("a file is sent anew", job_id=errand.job.id, why=str(busy))
                if not tries_left or not await self._work.pause(min(busy.retry_after, _LONGEST_WAIT)):
                    raise
        raise AssertionError("unreachable")

    async def _link_now(self, link: Link) -> Link:
        """The person's link, for what was asked some time ago; raises NotLinked when it is another's."""
        try:
            now = await self._store.find_link(link.person)
        except TokenUnreadable:
            now = None
        if now is None or now.token.ecotaxa_user_id != link.token.ecotaxa_user_id:
            raise NotLinked(say(_UNLINKED))
        return now

    async def _carry_once(self, errand: _Errand) -> Message:
        job = errand.job
        async with self._ecotaxa.get_job_file(errand.link.token, job.id) as file:
            errand.filename, errand.length, errand.passage = file.filename, file.length, None
            if file.length > self._max_bytes:
                return files.too_large(job, file.filename, file.length, self._max_bytes, self._web_url)
            if not file.length:
                return self._failed(errand, say(_EMPTY))
            with closing(Passage(file)) as passage:
                errand.passage = passage
                uploads = self._uploads.of(errand.link.person.workspace)
                uploaded = await uploads.put(file.filename, file.length, aiter(passage))
                proof = await passage.proved()
        await self._link_now(errand.link)
        return await self._complete(errand, uploaded, proof)

    async def _complete(self, errand: _Errand, uploaded: Uploaded, proof: Proof) -> Message:
        """Let the file be seen: from here on there is no way back, and no second try blindly."""
        job, place = errand.job, errand.place
        errand.is_arriving, errand.file_id = True, uploaded.file_id
        await self._leave_will(errand)
        comment = files.comment(
            job, errand.filename, errand.length, proof.digest, members=proof.members,
            sender=errand.link.person.user_id if place.is_shared else None,
        )  # fmt: skip
        act, detail = (Did.SHARE, f"to {place.channel}") if place.is_shared else (Did.FILE, "")
        async with self._store.acting(
            errand.link, act, self._clock(), job_id=job.id, detail=detail
        ) as acting:
            try:
                await self._complete_patiently(errand, uploaded, comment)
            except DeliveryUnknown as error:
                _log.warning("a file may have arrived", job_id=job.id, why=str(error))
                if not await self._is_there(errand, uploaded):
                    acting.outcome = CameTo.UNKNOWN
                    self._arrived[errand.key] = Standing.MAYBE_ARRIVED
                    return files.may_be_here(job, place.thread_ts)
        self._arrived[errand.key] = Standing.ARRIVED
        with if_possible("a file that was brought"):
            await self._store.overtake(errand.link.person, job.id, {Told.FILE_EXPIRES}, self._clock())
        return files.arrived(job, errand.filename, errand.length)

    async def _complete_patiently(self, errand: _Errand, uploaded: Uploaded, comment: str) -> None:
        place, uploads = errand.place, self._uploads.of(errand.link.person.workspace)
        for tries_left in reversed(range(TRIES)):
            try:
                await uploads.complete(uploaded, place.channel, thread_ts=place.thread_ts, comment=comment)
                return
            except SlackBusy as busy:
                # Not taken, and said so: that may be asked again.
                if not tries_left or not await self._work.pause(min(busy.retry_after, _LONGEST_WAIT)):
                    raise MessageRefused(detail="Slack stayed busy") from None

    async def _is_there(self, errand: _Errand, uploaded: Uploaded) -> bool:
        """Look a few times: Slack may show a file a moment after it was completed."""
        place, uploads = errand.place, self._uploads.of(errand.link.person.workspace)
        since = (self._clock() - LOOK_BACK).timestamp()
        for seconds in _SEARCH_PAUSES:
            try:
                if await uploads.is_there(uploaded.file_id, place.channel, since, thread_ts=place.thread_ts):
                    return True
            except SlackError as error:
                _log.info("a file cannot be looked for", why=str(error))
                return False
            if not await self._work.pause(seconds):
                return False
        return False
