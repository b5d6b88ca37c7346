"""The bot with all its services, and a case at a time let in by its front door; time runs quickly here."""

import asyncio
import base64
import contextlib
import itertools
import logging
import selectors
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import httpx
from slack_bolt.adapter.socket_mode.async_internals import run_async_bolt_app
from slack_bolt.async_app import AsyncApp
from slack_sdk.socket_mode.request import SocketModeRequest

import handlers
from bot import logs
from bot.app import Bot
from bot.ecotaxa import EcoTaxa
from bot.links import Link, LinkState, Person, Token
from bot.messages import Message
from bot.metrics import Metrics
from bot.rates import Rates
from bot.settings import Settings
from bot.slack import Slack
from bot.store import Handover, NewNotice, Store
from bot.vault import Vault
from bot.webapi import WebApi
from tests.bot.slack_limits import WEB
from tests.fuzz import standins
from tests.fuzz.payloads import COLLEAGUE, HANDED, LINKED, REJECTED, TEAM, UNREADABLE, Payload
from tests.fuzz.verdict import (
    CASE,
    Broken,
    Case,
    Listener,
    check_acknowledgement,
    check_figures,
    is_ours,
)
from tests.fuzz.words import SECRET
from tests.scraping import Page

BOT_TOKEN = f"xoxb-{SECRET}"
FASTER = 40
"""How much faster than real time goes: what waits half a second for Slack waits some 12 ms."""
LONGEST = 600.0
"""Seconds of that time in which everything that a case began comes to its end."""
LASTING = frozenset({"open list"})
"""What goes on for minutes when all is well."""
STANDSTILL = 1.0
"""Real seconds of a machine that does other things: Bolt waits three of them for an acknowledgement."""
TURNS = 8
"""After so many cases it is looked whether people are still linked."""
START = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


class _Hasty(selectors.DefaultSelector):
    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        return super().select(timeout and timeout / FASTER)


class _HastyLoop(asyncio.SelectorEventLoop):
    def time(self) -> float:
        return time.monotonic() * FASTER


class Stage:
    """One bot, linked people, and whatever comes to them."""

    def __init__(self, bot: Bot, app: AsyncApp, store: Store) -> None:
        self.bot = bot
        self.now = START
        self._app = app
        self._store = store
        self._turns = itertools.count()

    @classmethod
    @contextlib.asynccontextmanager
    async def built(cls, folder: Path) -> AsyncIterator["Stage"]:
        """The stage, from its database up, until the block ends."""
        settings = _settings(folder)
        vault = Vault([key.get_secret_value() for key in settings.token_keys])
        store = Store.open(settings.database_url, vault)
        await store.migrate()
        stranger = Store.open(settings.database_url, Vault([Vault.new_key()]))
        await stranger.save_link(_link(UNREADABLE, 9), START)
        await stranger.close()
        session, stage = standins.SlackSession(), None

        def now() -> datetime:
            return stage.now if stage else START

        client = WebApi(BOT_TOKEN, settings.slack_api_url + "/", session=session)  # type: ignore[arg-type]  # not aiohttp's
        slack = Slack(client, Rates(lambda: now().timestamp()), Metrics())
        bot = Bot(settings, store, EcoTaxa(settings.ecotaxa_api_url), slack, now)
        app = AsyncApp(
            client=client, request_verification_enabled=False, logger=logging.getLogger("slack_bolt")
        )
        handlers.register(app, bot.services)
        stage = cls(bot, app, store)
        listener = Listener(logging.getLogger().handlers[0].formatter)
        logging.getLogger().handlers[:] = [listener]
        with patch.object(httpx.AsyncHTTPTransport, "handle_async_request", standins.ecotaxa):
            yield stage
        await bot.services.work.drain(LONGEST)
        await bot.services.ecotaxa.aclose()
        await store.close()

    async def let_in(self, case: Case, payload: Payload) -> None:
        """Bring what Slack sends, by the door of Socket Mode, and wait for all that comes of it."""
        await self._ready()
        body = payload.anew()

        async def dispatched() -> None:
            request, began = SocketModeRequest("any", "e1", body), time.monotonic()
            answer = await run_async_bolt_app(self._app, request)
            stood_still = time.monotonic() - began > STANDSTILL
            if answer.status != 200 and case.is_slacks and not stood_still:
                raise Broken(f"not acknowledged: {answer.status} {answer.body}")
            if case.is_slacks:
                check_acknowledgement(answer.body, body)

        await self._follow(case, dispatched)

    async def look(self, case: Case, minutes: int) -> None:
        """Let time pass, look at everybody's jobs, and tell what is owed by then."""
        await self._ready()
        self.now += timedelta(minutes=minutes)
        work = self.bot.services
        for tick in (lambda: self.bot.watcher.tick(self.now), self.bot.notifier.tick, self.bot.editor.tick,
                     work.homes.tick):  # fmt: skip
            await self._follow(case, tick)
        await self._follow(case, self._judge_figures)

    async def _judge_figures(self) -> None:
        check_figures(Page((await self.bot.figures()).decode()))

    async def _follow(self, case: Case, begin: Callable[[], Awaitable[None]]) -> None:
        before = asyncio.all_tasks()
        token = CASE.set(case)
        try:
            await begin()
        except Exception as failure:  # noqa: BLE001  # judged with the rest
            if case.is_slacks or is_ours(failure):
                case.failures.append(failure)
        finally:
            CASE.reset(token)
        left = await _settled(before)
        if left:
            case.failures.append(Broken(f"still under way: {sorted(left)}"))

    async def _ready(self) -> None:
        """Now and then, link again whose link went, and hand over again what was answered."""
        if next(self._turns) % TURNS:
            return
        store, person = self._store, _person(LINKED)
        with contextlib.suppress(Exception):
            link = await store.find_link(person)
            if (
                link
                and link.state is LinkState.ACTIVE
                and link.token.expires_at > self.now + timedelta(days=9)
            ):
                return
        for user, number in ((LINKED, 7), (COLLEAGUE, 8)):
            await store.save_link(_link(user, number, self.now), self.now)
        old = _link(REJECTED, 10, self.now)
        await store.save_link(old, self.now)
        await store.reject_link(old.person, old.token.secret, self.now)
        for at, (kind, handed) in enumerate(HANDED.items(), 1):
            await store.drop_handover(handed)
            place = "D0TOM", f"1700000000.00010{at}"
            await store.save_handover(
                Handover(handed, person, 1234, kind, f"a {kind}", _person(COLLEAGUE), *place, self.now)
            )
        said = Message(
            "hello", [{"type": "section", "text": {"type": "mrkdwn", "text": "hello", "verbatim": True}}]
        )
        await store.owe(NewNotice.said(f"again {self.now}", person, said), self.now)


async def _settled(before: set[asyncio.Task[object]]) -> set[str]:
    """Wait for what was begun since; the names of what does not come to its end."""
    until = asyncio.get_running_loop().time() + LONGEST
    while True:
        tasks = {it for it in asyncio.all_tasks() - before if it.get_name() not in LASTING}
        tasks.discard(asyncio.current_task())
        left = until - asyncio.get_running_loop().time()
        if not tasks or left <= 0:
            return {it.get_name() for it in tasks}
        await asyncio.wait(tasks, timeout=left)


def _settings(folder: Path) -> Settings:
    fields: dict[str, Any] = {
        "slack_bot_token": BOT_TOKEN, "slack_app_token": f"xapp-{SECRET}",
        "slack_api_url": "https://slack.example/api", "ecotaxa_api_url": "https://ecotaxa.example/api",
        "ecotaxa_web_url": WEB, "database_url": f"sqlite:///{folder / 'fuzz.sqlite3'}",
        "token_keys": Vault.new_key(), "poll_active_seconds": 600, "poll_idle_seconds": 600,
    }  # fmt: skip
    return Settings(_env_file=None, **fields)  # type: ignore[call-arg]  # pydantic's own argument


def _person(user: str) -> Person:
    return Person(None, TEAM, user)


def _link(user: str, number: int, now: datetime = START) -> Link:
    issued = now - timedelta(days=1)
    payload, stamp = (
        base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
        for raw in (f'{{"user_id": {number}}}'.encode(), int(issued.timestamp()).to_bytes(4))
    )
    return Link(_person(user), Token.read(f"{payload}.{stamp}.{SECRET}"), "Ada <!here>", "ada@lab.example")


@contextlib.contextmanager
def hasty() -> Iterator[asyncio.Runner]:
    """A loop whose time goes quickly, with the bot's log told to whoever judges it."""
    logs.configure("INFO")
    with asyncio.Runner(loop_factory=lambda: _HastyLoop(_Hasty())) as runner:
        yield runner
