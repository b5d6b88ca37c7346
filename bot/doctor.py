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
from bot.links import Link, Person
from bot.messages import age, doctor, when
from bot.messages.doctor import Finding, Health
from bot.messages.words import count
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
    "commands": "`/ecotaxa` itself",
    "chat:write": "every message of mine",
    "im:write": "opening the direct message in which I tell you news",
    "im:history": "not telling you twice after a crash, and words typed to me directly",
    "app_mentions:read": "being asked in a channel by my name",
    "chat:write.public": "telling an export's end in the channel where it was started",
    "files:write": "exports' files, and long lists of errors",
    "links:read": "links to jobs that people paste",
    "links:write": "short cards for such links",
    "channels:read": "telling your jobs in a channel",
    "groups:read": "telling your jobs in a private channel",
    "users:read": "speaking your language",
}
"""What the bot must be granted in Slack, and what for; the manifest asks for these."""

_OPERATOR = "whoever runs this bot"


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
        """What every check found, by what it is about; one that fails says so and hides no other."""
        checks: dict[str, Callable[[], Awaitable[Finding]]] = {
            "Your EcoTaxa sign-in": self._sign_in,
            "EcoTaxa": self._reach,
            "EcoTaxa's filters": self._filters,
            "My permissions in Slack": self._scopes,
            "A test message": self._test_message,
            "My looks at your jobs": self._looks,
            "The last news": self._news,
        }
        tasks = {
            about: self.work.start(_guarded(about, check), name="check") for about, check in checks.items()
        }
        # Nothing is cancelled: a request to EcoTaxa that is loses its place in the pool.
        await asyncio.wait(tasks.values(), timeout=self.patience)
        said = f"no answer within {self.patience:g} s."
        late = Finding(Health.BAD, said, "Try again in a few minutes.")
        return {about: task.result() if task.done() else late for about, task in tasks.items()}

    async def _sign_in(self) -> Finding:
        try:
            link = await self.link()
            await self.ecotaxa.me(link.token)
        except NotLinked:
            return Finding(Health.OPEN, "not linked yet.", "Link your account.", needs_link=True)
        except (TokenRejected, TokenUnreadable) as error:
            return Finding(Health.BAD, error.hint, needs_link=True)
        now, token = self.clock(), link.token
        said = (
            f"you are {prose(link.name, 80) or code(link.email, 80)}, signed in {age(token.issued_at, now)}, "
            f"{when(token.expires_at, 'good until ')}."
        )
        if token.expires_at - now <= RENEW:
            return Finding(Health.POOR, said, "Renew it with `/ecotaxa link`.")
        return Finding(Health.GOOD, said)

    async def _reach(self) -> Finding:
        began = time.perf_counter()
        await self.ecotaxa.ping()
        seconds = time.perf_counter() - began
        version = await self._version()
        said = f"answered in {_duration(seconds)}{f', version {prose(version, 40)}' if version else ''}."
        if seconds > SLOW_SECONDS:
            return Finding(Health.POOR, said, "It is slow right now: lists and searches take longer.")
        return Finding(Health.GOOD, said)

    async def _version(self) -> str:
        try:
            return await self.ecotaxa.version()
        except EcoTaxaError as error:
            _log.info("no version", why=str(error))
            return ""

    async def _filters(self) -> Finding:
        if not await self._is_linked():
            return Finding(Health.OPEN, "only a linked account can tell.")
        link = await self.link()
        if await self.ecotaxa.honours_filters(link.token):
            return Finding(Health.GOOD, "it lists jobs by their state.")
        advice = "It works all the same, only slower. A newer EcoTaxa mends it."
        return Finding(Health.POOR, "it ignores them, so I fetch whole lists.", advice)

    async def _scopes(self) -> Finding:
        granted = await self.slack.scopes()
        missing = [f"• `{scope}` for {why}" for scope, why in SCOPES.items() if scope not in granted]
        if not missing:
            return Finding(Health.GOOD, f"all {len(SCOPES)} are granted.")
        advice = f"Ask {_OPERATOR} to add them under *OAuth & Permissions* and to install the app anew."
        said = "these are missing:\n" + "\n".join(missing)
        return Finding(Health.BAD, said, advice.replace("&", "&amp;"))

    async def _test_message(self) -> Finding:
        try:
            await self.slack.post(self.person, doctor.test_message())
        except PlaceGone:
            advice = "Look for *EcoTaxa* under Apps and open a conversation with it."
            return Finding(Health.BAD, "Slack lets me send you none.", advice)
        except WorkspaceGone:
            return Finding(Health.BAD, "Slack does not let me send any.", f"Tell {_OPERATOR}.")
        return Finding(Health.GOOD, "sent just now, by direct message.")

    async def _looks(self) -> Finding:
        now, watch = self.clock(), await self.store.find_timetable(self.person)
        if watch is None or not await self._is_linked():
            return Finding(Health.OPEN, "I look once your account is linked.")
        if watch.failures:
            failed = count(watch.failures, "look")
            said = f"{failed} in a row went wrong; I look again {when(watch.due_at, 'at ')}."
            return Finding(Health.POOR, said, "EcoTaxa is not well. I go on by myself.")
        if max(watch.due_at, watch.leased_until or watch.due_at) + OVERDUE < now:
            said = f"the next is overdue {when(watch.due_at, 'since ')}."
            return Finding(Health.BAD, said, f"Tell {_OPERATOR}.")
        if watch.whole_at is None:
            return Finding(Health.GOOD, "the first one is about to come.")
        return Finding(Health.GOOD, f"the last whole one {when(watch.whole_at, 'was ')}.")

    async def _news(self) -> Finding:
        told = await self.store.last_sent(self.person)
        said = f"I told you some {age(told, self.clock())}, {when(told)}." if told else "none so far."
        return Finding(Health.GOOD, said)

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
        return Finding(Health.BAD, "I could not check this.", f"Tell {_OPERATOR}.")


def _duration(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"
