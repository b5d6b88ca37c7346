"""What works and what does not, for one person: every check on its own, all at once, each within a bound."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from bot.ecotaxa import EcoTaxa
from bot.errors import (
    BotError,
    EcoTaxaError,
    NotLinked,
    PlaceGone,
    TokenRejected,
    TokenUnreadable,
    WorkspaceGone,
)
from bot.language import decimal, mark, number, say, say_n
from bot.links import Link, Person
from bot.messages import age, doctor, when
from bot.messages.doctor import Finding, Health
from bot.slack import Slack
from bot.store import Store
from bot.text import code, prose
from bot.work import Work

_log = structlog.get_logger(__name__)

PATIENCE = 8.0
"""Seconds for all checks together; what has not answered by then is told so, and let to its own end."""
SLOW_SECONDS = 3.0
"""An EcoTaxa that takes longer is told as slow."""
RENEW = timedelta(days=3)
"""How long before a token's end one is advised to renew it."""
OVERDUE = timedelta(minutes=2)
"""A look that is due for so long is not coming."""

SCOPES = {
    "commands": mark("`/ecotaxa` itself"),
    "chat:write": mark("every message of mine"),
    "im:write": mark("opening the direct message in which I tell you news"),
    "im:history": mark("not telling you twice after a crash, and words typed to me directly"),
    "app_mentions:read": mark("being asked in a channel by my name"),
    "chat:write.public": mark("telling an export's end in the channel where it was started"),
    "files:write": mark("exports' files, and long lists of errors"),
    "links:read": mark("links to jobs that people paste"),
    "links:write": mark("short cards for such links"),
    "channels:read": mark("telling your jobs in a channel"),
    "groups:read": mark("telling your jobs in a private channel"),
    "users:read": mark("speaking your language"),
}
"""What the bot must be granted in Slack, and what for; the manifest asks for these."""

_TELL_OPERATOR = mark("Tell whoever runs this bot.")


@dataclass(frozen=True, slots=True)
class Doctor:
    """The checks for one person, made with their own token.

    `link` gives their link; it raises NotLinked, TokenUnreadable or TokenRejected.
    """

    person: Person
    link: Callable[[], Awaitable[Link]]
    store: Store
    ecotaxa: EcoTaxa
    slack: Slack
    work: Work
    clock: Callable[[], datetime]
    patience: float = PATIENCE

    async def examine(self) -> dict[str, Finding]:
        """What every check found, by what it is about (marked); one that fails hides no other."""
        checks: dict[str, Callable[[], Awaitable[Finding]]] = {
            mark("Your EcoTaxa sign-in"): self._sign_in,
            mark("EcoTaxa"): self._reach,
            mark("EcoTaxa's filters"): self._filters,
            mark("My permissions in Slack"): self._scopes,
            mark("A test message"): self._test_message,
            mark("My looks at your jobs"): self._looks,
            mark("The last news"): self._news,
        }
        tasks = {
            about: self.work.start(_guarded(about, check), name="check") for about, check in checks.items()
        }
        # Nothing is cancelled: a request to EcoTaxa that is loses its place in the pool.
        await asyncio.wait(tasks.values(), timeout=self.patience)
        said = say("no answer within {seconds} s.", seconds=f"{self.patience:g}")
        late = Finding(Health.BAD, said, say("Try again in a few minutes."))
        return {about: task.result() if task.done() else late for about, task in tasks.items()}

    async def _sign_in(self) -> Finding:
        try:
            link = await self.link()
            await self.ecotaxa.me(link.token)
        except NotLinked:
            return Finding(Health.OPEN, say("not linked yet."), say("Link your account."), needs_link=True)
        except (TokenRejected, TokenUnreadable) as error:
            return Finding(Health.BAD, error.hint, needs_link=True)
        now, token = self.clock(), link.token
        good_until = when(token.expires_at, say("good until "))
        said = say(
            "you are {person}, signed in {age}, {good_until}.",
            person=prose(link.name, 80) or code(link.email, 80),
            age=age(token.issued_at, now),
            good_until=good_until,
        )
        if token.expires_at - now <= RENEW:
            return Finding(Health.POOR, said, say("Renew it with `/ecotaxa link`."))
        return Finding(Health.GOOD, said)

    async def _reach(self) -> Finding:
        began = time.perf_counter()
        await self.ecotaxa.ping()
        seconds = time.perf_counter() - began
        duration, version = _duration(seconds), prose(await self._version(), 40)
        said = (
            say("answered in {duration}, version {version}.", duration=duration, version=version)
            if version
            else say("answered in {duration}.", duration=duration)
        )
        if seconds > SLOW_SECONDS:
            return Finding(Health.POOR, said, say("It is slow right now: lists and searches take longer."))
        return Finding(Health.GOOD, said)

    async def _version(self) -> str:
        try:
            return await self.ecotaxa.version()
        except EcoTaxaError as error:
            _log.info("no version", why=str(error))
            return ""

    async def _filters(self) -> Finding:
        if not await self._is_linked():
            return Finding(Health.OPEN, say("only a linked account can tell."))
        link = await self.link()
        if await self.ecotaxa.honours_filters(link.token):
            return Finding(Health.GOOD, say("it lists jobs by their state."))
        advice = say("It works all the same, only slower. A newer EcoTaxa mends it.")
        return Finding(Health.POOR, say("it ignores them, so I fetch whole lists."), advice)

    async def _scopes(self) -> Finding:
        granted = await self.slack.scopes()
        missing = [
            say("• `{scope}` for {purpose}", scope=scope, purpose=say(purpose))
            for scope, purpose in SCOPES.items()
            if scope not in granted
        ]
        if not missing:
            return Finding(Health.GOOD, say("all {count} are granted.", count=number(len(SCOPES))))
        advice = say(
            "Ask whoever runs this bot to add them under *OAuth & Permissions* and to install the app anew."
        )
        said = "\n".join((say("these are missing:"), *missing))
        return Finding(Health.BAD, said, advice.replace("&", "&amp;"))

    async def _test_message(self) -> Finding:
        try:
            await self.slack.post(self.person, doctor.test_message())
        except PlaceGone:
            advice = say("Look for *EcoTaxa* under Apps and open a conversation with it.")
            return Finding(Health.BAD, say("Slack lets me send you none."), advice)
        except WorkspaceGone:
            return Finding(Health.BAD, say("Slack does not let me send any."), say(_TELL_OPERATOR))
        return Finding(Health.GOOD, say("sent just now, by direct message."))

    async def _looks(self) -> Finding:
        now, watch = self.clock(), await self.store.find_timetable(self.person)
        if watch is None or not await self._is_linked():
            return Finding(Health.OPEN, say("I look once your account is linked."))
        if watch.failures:
            next_look = when(watch.due_at, say("I look again at "))
            said = say_n(
                "{n} look in a row went wrong; {next_look}.",
                "{n} looks in a row went wrong; {next_look}.",
                watch.failures,
                next_look=next_look,
            )
            return Finding(Health.POOR, said, say("EcoTaxa is not well. I go on by myself."))
        if max(watch.due_at, watch.leased_until or watch.due_at) + OVERDUE < now:
            overdue = when(watch.due_at, say("the next is overdue since "))
            return Finding(Health.BAD, f"{overdue}.", say(_TELL_OPERATOR))
        if watch.whole_at is None:
            return Finding(Health.GOOD, say("the first one is about to come."))
        last = when(watch.whole_at, say("the last whole one was "))
        return Finding(Health.GOOD, f"{last}.")

    async def _news(self) -> Finding:
        told = await self.store.last_sent(self.person)
        if told is None:
            return Finding(Health.GOOD, say("none so far."))
        ago = age(told, self.clock())
        return Finding(Health.GOOD, say("I told you some {ago}, {when}.", ago=ago, when=when(told)))

    async def _is_linked(self) -> bool:
        try:
            await self.link()
        except (NotLinked, TokenRejected, TokenUnreadable):
            return False
        return True


async def _guarded(about: str, check: Callable[[], Awaitable[Finding]]) -> Finding:
    try:
        return await check()
    except BotError as error:
        _log.info("a check failed", check=about, why=str(error))
        return Finding(Health.BAD, error.hint)
    except Exception as error:  # noqa: BLE001  # a check that breaks is a finding, and hides no other
        _log.error("a check broke", check=about, exc_info=error)
        return Finding(Health.BAD, say("I could not check this."), say(_TELL_OPERATOR))


def _duration(seconds: float) -> str:
    if seconds < 1:
        return say("{milliseconds} ms", milliseconds=f"{seconds * 1000:.0f}")
    return say("{seconds} s", seconds=decimal(seconds, 1))
