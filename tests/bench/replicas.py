"""20,000 owed messages on one PostgreSQL, and 1, 2 or 4 processes that send them; one of two is killed.

Slack takes any number of posts here, and a fifth of a second to answer each: that is what a process
waits for, until the cores of the machine are busy, which Slack and the database share with it.
"""

import asyncio
import contextlib
import os
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, insert, select, update

from bot.delivery.notifier import LEASE, LOOK_AGAIN
from bot.links import Link, Token
from bot.messages import note
from bot.metrics import Metrics
from bot.sandbox import crowd
from bot.sandbox.demo import environment, stop_bot
from bot.sandbox.driver import SandboxDriver, wait_for
from bot.store import NewNotice, NoticeState
from bot.store.database import Database
from bot.store.outbox import owe
from bot.store.tables import accounts, notices, people
from tests.bench import cast
from tests.bench.figures import Figure
from tests.postgres import serving
from tests.simulation.player import person_of

OWED = int(os.environ.get("BENCH_OWED", "20000"))
PEOPLE = crowd.names(OWED)
ANSWER_MS = 200
COUNTS = (1, 2, 4)
TIMES_BAR, LATE_BAR = 1 / 1.6, LEASE.total_seconds() + 60
FOUR_BAR = 1.0
"""Four share two cores with Slack and the database: they are to be no slower than one."""
LONG_AFTER = timedelta(days=365)
PATIENCE = 900


@dataclass(frozen=True)
class Round:
    """What became of what was owed."""

    a_second: float
    """Messages, while all processes were at it: the first and the last twentieth are left out."""
    lost: int
    twice: int
    after_the_kill: float = 0.0
    """Seconds from when a process was killed until all was sent."""


async def measure() -> list[Figure]:
    """One round for each number of processes, then one in which one of two dies."""
    with tempfile.TemporaryDirectory(prefix="ecotaxa-bot-bench-") as folder, serving() as address:
        async with cast.sandboxes(1, OWED) as (url,), SandboxDriver(url) as driver:
            await driver.slack.break_(answer_delay_ms=ANSWER_MS)
            settings = environment(url, Path(folder)) | {"DATABASE_URL": address}
            database = Database(address, Metrics())
            async with cast.store_of(settings) as store:
                # As long as somebody is there nobody takes what is claimed for a dead one's.
                await store.attend(datetime.now(UTC), LOOK_AGAIN)
                now = datetime.now(UTC)
                for number, name in enumerate(PEOPLE, start=1):
                    token = Token(f"ey.{number}", number, now)
                    await store.save_link(Link(person_of(name), token, name, f"{name}@lab.example"), now)
                await _settle(database)
                rounds = {count: await _round(driver, database, settings, count) for count in COUNTS}
                killed = await _round(driver, database, settings, 2, kills=True)
            await database.close()
    return _figures(rounds, killed)


async def _settle(database: Database) -> None:
    """Let nobody be looked at, and everybody's language be known: neither is measured."""
    known = [
        {"person_key": person_of(name).key, "locale": "en-US", "zone": "UTC", "asked_at": datetime.now(UTC)}
        for name in PEOPLE
    ]
    async with database.write() as connection:
        await connection.execute(update(accounts).values(due_at=datetime.now(UTC) + LONG_AFTER))
        await connection.execute(insert(people), known)


async def _round(
    driver: SandboxDriver, database: Database, settings: Mapping[str, str], count: int, *, kills: bool = False
) -> Round:
    began, now = time.time(), datetime.now(UTC)
    said = [NewNotice.said(f"round {now}", person_of(name), note("Here you are.")) for name in PEOPLE]
    async with contextlib.AsyncExitStack() as stack:
        processes = [await stack.enter_async_context(_replica(settings)) for _ in range(count)]
        await _ready(driver, began, count)
        async with database.write() as connection:
            await owe(database, connection, said, now)
        killed_at = 0.0
        if kills:
            await _left(database, OWED // 2)
            processes[0].send_signal(signal.SIGKILL)
            killed_at = time.time()
        await _left(database, 0)
        ended = time.time()
    return await _told(driver, began, ended - killed_at if kills else 0.0)


@contextlib.asynccontextmanager
async def _replica(settings: Mapping[str, str]) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bench.replica", cwd=cast.ROOT, env={**os.environ, **settings}
    )
    try:
        yield process
    finally:
        await stop_bot(process)


async def _ready(driver: SandboxDriver, since: float, count: int) -> None:
    """Wait until so many have connected, and told each other by their ticks that they are there."""

    async def all_there() -> bool | None:
        opened = await driver.slack.calls("apps.connections.open")
        return sum(call["at"] >= since for call in opened) >= count or None

    await wait_for(all_there, f"{count} processes to connect", timeout=60)
    await asyncio.sleep(3)


async def _left(database: Database, few: int) -> None:
    """Wait until so few are still owed."""
    owed = (
        select(func.count())
        .select_from(notices)
        .where(
            notices.c.due_at < datetime.now(UTC) + LONG_AFTER / 2, notices.c.state != NoticeState.LATER.value
        )
    )
    async with asyncio.timeout(PATIENCE):
        while True:
            async with database.read() as connection:
                if (await connection.execute(owed)).scalar_one() <= few:
                    return
            await asyncio.sleep(1)


async def _told(driver: SandboxDriver, since: float, after_the_kill: float) -> Round:
    posts = [it for it in await driver.slack.calls("chat.postMessage") if it["at"] >= since]
    places = Counter(it["channel"] for it in posts if it["status"] == 200)
    times = sorted(it["at"] for it in posts)
    edge = len(times) // 20
    middle = times[edge:-edge]
    return Round(
        (len(middle) - 1) / (middle[-1] - middle[0]),
        OWED - len(places),
        sum(places.values()) - len(places),
        after_the_kill,
    )


def _figures(rounds: Mapping[int, Round], killed: Round) -> list[Figure]:
    everything: Sequence[Round] = [*rounds.values(), killed]
    rates = {f"of_{count}_a_second": round(it.a_second, 1) for count, it in rounds.items()}
    more = rates | {"owed": OWED, "answer_ms": ANSWER_MS, "cores": os.cpu_count()}
    return [
        Figure("replicas_lost", sum(it.lost for it in everything), "messages", 0, more),
        Figure("replicas_twice", sum(it.twice for it in everything), "messages", 0, more),
        Figure("replicas_two", rounds[1].a_second / rounds[2].a_second, "of one's time", TIMES_BAR, more),
        Figure("replicas_four", rounds[1].a_second / rounds[4].a_second, "of one's time", FOUR_BAR, more),
        Figure(
            "replicas_killed", killed.after_the_kill, "s until all was sent", LATE_BAR, {"owed": OWED // 2}
        ),
    ]
