"""The composition root: every part is built here once, started, and stopped in order."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from aiohttp import web
from apscheduler.schedulers.asyncio import AsyncIOScheduler

import handlers
from bot.answering import Answering
from bot.bolt import Bolt
from bot.captions import Captions
from bot.cleaning import Cleaning
from bot.delivery.channels import Channels
from bot.delivery.editor import Editor
from bot.delivery.notifier import LOOK_AGAIN, Notifier
from bot.delivery.sequels import Sequels
from bot.delivery.texts import Texts
from bot.ear import Ear
from bot.ecotaxa import EcoTaxa
from bot.errors import WorkspaceGone
from bot.gate import LIMITS, Gate
from bot.health import Entry, Look, telling
from bot.home import Homes, Views
from bot.installing import Installing, connected
from bot.limits import Limits
from bot.links import Token
from bot.lister import Lister
from bot.live import LiveLists
from bot.lookout import Lookout
from bot.lookup import Lookup
from bot.manifest import EVENTS_PATH
from bot.metrics import Metrics
from bot.operations import Operations
from bot.people import People
from bot.relay import Relay
from bot.services import Services
from bot.settings import WHERE, Settings, SettingsError
from bot.slack import Slack
from bot.store import Ring, Store, if_possible
from bot.suggestions import Suggestions
from bot.tickets import Tickets
from bot.timekeeping import mind
from bot.tls import trusting
from bot.uploads import Uploads
from bot.vault import Vault
from bot.watcher import Pace, Watcher
from bot.work import Work

_log = structlog.get_logger(__name__)

DRAIN_SECONDS = 3.0
LAST_SECONDS = 0.4
"""For what is under way at a stop, and for what is cut off then: less than 5 s in all."""
DATABASE_SECONDS = 2.0
"""A database that takes longer to answer nothing much does not answer."""
TICK_SECONDS = 1.0
"""How often is looked for what is due: nobody waits longer than that, whether or not the bell is heard."""
PRESENT_SECONDS = 10.0
"""How often it makes sure that others see it at the database, and looks how many those are."""


def utc_now() -> datetime:
    """The clock that production runs by."""
    return datetime.now(UTC)


class Bot:
    """The running bot: Slack's requests come in, ticks look and tell."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        ecotaxa: EcoTaxa,
        slack: Slack,
        clock: Callable[[], datetime] = utc_now,
        *,
        metrics: Metrics | None = None,
        installing: Installing | None = None,
    ) -> None:
        self._installing = installing
        self._settings = settings
        self._metrics = metrics = metrics or Metrics()
        self._work = work = Work()
        self._store = store
        self._slack = slack
        self._clock = clock
        people = People(slack, store, work, clock=clock)
        lookup = Lookup(ecotaxa, work=work)
        titles, owners = Captions.of_projects(ecotaxa, work), Captions.of_people(ecotaxa, work)
        lister = Lister(ecotaxa, store, titles=titles, owners=owners)
        operations = Operations(ecotaxa, store, work, clock=clock)
        self.services = Services(
            store=store,
            ecotaxa=ecotaxa,
            slack=slack,
            workspaces=installing.workspaces if installing else None,
            uploads=Uploads(slack),
            relay=Relay(
                ecotaxa,
                slack,
                store,
                work,
                clock=clock,
                web_url=settings.ecotaxa_web_url,
                max_bytes=settings.file_relay_max_bytes,
            ),
            lookup=lookup,
            suggestions=Suggestions(ecotaxa, lookup, store),
            answering=Answering(ecotaxa, lookup, store, work),
            operations=operations,
            cleaning=Cleaning(ecotaxa, operations, store, work, clock=clock),
            people=people,
            channels=Channels(store, people, clock=clock),
            sequels=Sequels(store, people, clock=clock),
            work=work,
            titles=titles,
            owners=owners,
            lister=lister,
            live=LiveLists(
                ecotaxa,
                lister,
                store,
                work,
                clock=clock,
                web_url=settings.ecotaxa_web_url,
                every_seconds=max(1.0, settings.poll_active_seconds),
            ),
            homes=Homes(
                slack,
                store,
                work,
                Views(ecotaxa, store, titles, clock=clock, web_url=settings.ecotaxa_web_url),
                clock=clock,
                progress_seconds=2 * settings.poll_active_seconds,
            ),
            limits=Limits(lambda: clock().timestamp()),
            metrics=metrics,
            tickets=Tickets.of(settings, clock),
            clock=clock,
            web_url=settings.ecotaxa_web_url,
        )
        texts = Texts(
            store,
            titles=titles,
            people=people,
            uploads=self.services.uploads,
            web_url=settings.ecotaxa_web_url,
            clock=clock,
        )
        self.notifier = Notifier(store, slack, work, texts, people, clock=clock, metrics=metrics)
        self.editor = Editor(store, slack, work, texts, people, clock=clock)
        pace = Pace(
            timedelta(seconds=settings.poll_active_seconds), timedelta(seconds=settings.poll_idle_seconds)
        )
        self._lookout = self._lookout_over(ecotaxa, pace)
        self.watcher = Watcher(
            store,
            ecotaxa,
            replace(pace, rest=self._lookout.rest) if self._lookout else pace,
            work=work,
            on_news=self._deliver,
            on_progress=self.editor.progress,
            metrics=metrics,
        )
        self._scheduler = AsyncIOScheduler(timezone=UTC)
        self._ear: Ear | None = None
        self._minding: asyncio.Task[None] | None = None
        self._answering: asyncio.Task[None] | None = None
        self._stop_listening: Callable[[], Awaitable[object]] | None = None

    def _lookout_over(self, ecotaxa: EcoTaxa, pace: Pace) -> Lookout | None:
        """Somebody who sees everybody's jobs at once, where there is an administrator's token for it."""
        secret = self._settings.ecotaxa_admin_token
        if secret is None:
            return None
        token, show = Token.read(secret.get_secret_value()), self.editor.progress
        every, alone = pace.active, pace.idle
        return Lookout(
            self._store, ecotaxa, token, every=every, alone=alone, on_progress=show, metrics=self._metrics
        )

    def _deliver(self) -> None:
        self._work.start(self.notifier.tick(), name="deliver")

    async def _tick(self, tick: Callable[[], Coroutine[Any, Any, object]], name: str) -> None:
        # In a task of our own: APScheduler cancels its tasks at shutdown, and complains that they were.
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.wait({self._work.start(tick(), name=name)})

    async def start(self) -> None:
        """Start listening to Slack, then the ticks."""
        await self._listen()
        look_seconds = max(0.2, min(TICK_SECONDS, self._settings.poll_active_seconds / 8))
        ticks: list[tuple[str, Callable[[], Coroutine[Any, Any, object]], float]] = [
            ("look", self._look, look_seconds),
            ("deliver", self.notifier.tick, TICK_SECONDS),
            ("edit", self.editor.tick, TICK_SECONDS),
            ("homes", self.services.homes.tick, TICK_SECONDS),
            ("stay", self._stay, PRESENT_SECONDS),
            ("clean", self._clean, 3600.0),
        ]
        if self._ear is not None:
            ticks.append(("hear", self._ear.tick, TICK_SECONDS))
        if (lookout := self._lookout) is not None:
            seconds = self._settings.poll_active_seconds
            ticks.append(("look out", lambda: lookout.tick(self._clock()), seconds))
        for name, tick, seconds in ticks:
            self._scheduler.add_job(
                self._tick, "interval", (tick, name), seconds=seconds,
                max_instances=1, coalesce=True, misfire_grace_time=None,
            )  # fmt: skip
        self._scheduler.start()
        minding = mind(self._clock, self._work, self._metrics, put_back=self._go_on)
        self._minding = asyncio.create_task(minding, name="mind the clock")
        self._answering = asyncio.create_task(self._answer_the_bell(), name="answer the bell")

    async def _answer_the_bell(self) -> None:
        """Do at once what another process made due, or a person."""
        ticks = {Ring.DELIVER: self.notifier.tick, Ring.LOOK: self._look}
        await self._store.listen(lambda what: self._tick(ticks[what], what.value))

    async def _look(self) -> None:
        await self.watcher.tick(self._clock())

    async def _stay(self) -> None:
        """Be seen to be there, and take no more of Slack's rates than what is left by the others who are."""
        self._slack.rates.among = await self._store.stay()

    async def _go_on(self) -> None:
        """Go on where the machine's clock was put back: what is due later would wait for as long as that."""
        for job in self._scheduler.get_jobs():
            job.modify(next_run_time=self._clock())
        with if_possible("that the clock was put back"):
            await self._store.bring_forward(self._clock(), LOOK_AGAIN)

    async def _clean(self) -> None:
        keep, keep_audit = self._settings.keep_days, self._settings.keep_audit_days
        await self._store.clean(self._clock(), timedelta(days=keep), timedelta(days=keep_audit))

    async def _listen(self) -> None:
        settings, installing = self._settings, self._installing
        authorize = installing.workspaces if installing else None
        app = Bolt(self._slack.client, self._metrics, authorize)
        handlers.register(app, self.services)
        if settings.slack_mode == "socket" and (token := settings.slack_app_token) is not None:
            tls = self._slack.client.ssl
            secret, url = token.get_secret_value(), settings.slack_api_url
            door = Slack.connect(token=secret, api_url=url, tls=tls, metrics=self._metrics)
            ear = Ear(app, door, self._work, clock=self._clock)
            await _accepted("SLACK_APP_TOKEN", ear.open())
            if installing is not None:
                await installing.serve(settings.http_port)
            self._ear, self._stop_listening = ear, ear.close
            _log.info("listening", mode="socket")
            return
        signing = settings.slack_signing_secret
        gate = Gate(signing.get_secret_value() if signing else "", app, self._clock)
        served = gate.web_app(EVENTS_PATH)
        handlers.add_pages(served, self.services)
        if installing is not None:
            installing.add_to(served)
        runner = web.AppRunner(served, **LIMITS)
        await runner.setup()
        await web.TCPSite(runner, port=settings.http_port).start()
        self._stop_listening = runner.cleanup
        _log.info("listening", mode="http", port=settings.http_port)

    @property
    def looks(self) -> dict[str, Look]:
        """What the bot stands on, by name, and how it is: for whoever asks whether it is ready.

        An EcoTaxa that does not answer is told and takes the bot out of no service: who asks it something
        is then told so, and by nobody if it is not there.
        """
        return {"database": self._database, "slack": self._hearing, "ecotaxa": self._looking}

    async def _database(self) -> Entry:
        if await self._store.answers(DATABASE_SECONDS):
            return {"ok": True}
        return {"ok": False, "why": "it does not answer"}

    async def _hearing(self) -> Entry:
        if self._stop_listening is None:
            return {"ok": False, "why": "the bot does not listen yet"}
        if self._work.stopping.is_set():
            return {"ok": False, "why": "the bot is about to end"}
        if self._ear is not None and (trouble := self._ear.trouble()):
            return {"ok": False, "why": trouble}
        return {"ok": True}

    async def _looking(self) -> Entry:
        good_at = self.watcher.good_at
        return {"last_good_look": good_at and good_at.isoformat(timespec="seconds")}

    async def figures(self) -> bytes:
        """The bot's metrics, as Prometheus reads them."""
        return self._metrics.page(await self._store.standing(self._clock(), DATABASE_SECONDS))

    async def stop(self) -> None:
        """Stop the timers, let what is under way come to its end, and hang up.

        A socket is kept until the last acknowledgement went through it; what Slack sends meanwhile is
        left unacknowledged, and delivered again elsewhere or later.  Over HTTP nothing is delivered
        again, so that the door is closed first.
        """
        self._scheduler.pause()
        if self._answering is not None:
            self._answering.cancel()
        is_socket = self._settings.slack_mode == "socket"
        if not is_socket:
            await self._hang_up()
        if await self._work.drain(DRAIN_SECONDS):
            # Who still waits for EcoTaxa is told that it does not answer, while Slack can be told.
            await self.services.ecotaxa.aclose(grace=0)
            await self._work.drain(LAST_SECONDS)
        await self.watcher.settle(self._clock())
        self._scheduler.shutdown(wait=False)
        if is_socket:
            await self._hang_up()
        # What hangs in Slack is given up: whether it arrived, the next start finds out.
        await self._slack.close()
        left = await self._work.drain(LAST_SECONDS)
        _log.info("stopped", left_under_way=left)

    async def _hang_up(self) -> None:
        if self._stop_listening is None:
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.5):
                await self._stop_listening()


@contextlib.asynccontextmanager
async def running(settings: Settings, clock: Callable[[], datetime] = utc_now) -> AsyncIterator[Bot]:
    """The bot, from its database up, until the block ends; `clock` is the time it goes by."""
    vault = Vault([key.get_secret_value() for key in settings.token_keys])
    async with contextlib.AsyncExitStack() as stack:
        metrics = Metrics()
        store = Store.open(settings.database_url, vault, metrics)
        stack.push_async_callback(store.close)
        tls = trusting(settings.ca_file)
        zone = ZoneInfo(settings.ecotaxa_timezone)
        ecotaxa = EcoTaxa(settings.ecotaxa_api_url, zone=zone, tls=tls, metrics=metrics)
        stack.push_async_callback(ecotaxa.aclose, grace=0.2)
        slack, installing = connected(settings, store, tls, clock, metrics)
        stack.push_async_callback(slack.close)
        if installing is not None:
            stack.push_async_callback(installing.close)
        bot = Bot(settings, store, ecotaxa, slack, clock, metrics=metrics, installing=installing)
        if (port := settings.health_port) is not None:
            # Before all that may take its time: whoever waits for it to be ready sees that it lives.
            health = telling(bot.looks, bot.figures, settings.health_host, port)
            await stack.enter_async_context(health)
        await store.migrate()
        if await store.attend(clock(), LOOK_AGAIN):
            _log.info("nobody else is at the database")
        slack.rates.among = await store.stay()
        if installing is None:
            await _accepted("SLACK_BOT_TOKEN", slack.call("auth.test"))
        await bot.start()
        try:
            yield bot
        finally:
            await bot.stop()


async def _accepted(name: str, asked: Awaitable[object]) -> None:
    """Let Slack look at a token; raises SettingsError when it refuses it."""
    try:
        await asked
    except WorkspaceGone as error:
        raise SettingsError(f"{name} is not accepted ({error}): {WHERE[name]}") from None
