"""The database locked, full, or cut off in the middle of a delivery, while the main story goes on."""

import asyncio
import resource
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import NullPool, make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

from bot.errors import DatabaseUnusable
from bot.links import Link, Person, Token
from bot.sandbox.demo import environment
from bot.sandbox.driver import Actor, SandboxDriver, wait_for
from bot.sandbox.server import Sandbox
from bot.sandbox.slack.people import BOT_USER
from bot.store import Ring, Store, bell, database
from bot.store.database import database_url
from bot.vault import Vault
from bot.watcher import Pace
from tests.faults import proxy
from tests.faults.cases import POSTGRESQL_LOCKED, SQLITE, Case
from tests.faults.stage import staged, to_postgresql
from tests.faults.test_faults import another_database, settled, told, well_again
from tests.processes import running_bot, sandbox
from tests.stories.conftest import SPEED, comes_to, link, looked
from tests.watching import watching

KEEP_THIS = "/ecotaxa notify here"
"""A command whose sense is that something is kept."""


@asynccontextmanager
async def locked(file: Path) -> AsyncIterator[None]:
    """Hold SQLite's write lock, as a backup or somebody's shell may."""
    other = sqlite3.connect(file, isolation_level=None, timeout=20, check_same_thread=False)
    # In a thread: the bot, on this loop, may be in the middle of a write that must end first.
    await asyncio.to_thread(other.execute, "BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.close()


async def refused(elena: Actor, driver: SandboxDriver, case: Case) -> int:
    """While the database takes nothing: what is said, and the job that ends meanwhile."""
    job_id = await driver.ecotaxa.start("export")
    await comes_to(driver, job_id, "F")
    await elena.say("/ecotaxa jobs")
    shown = await elena.wait_for_message(f"#{job_id}", "C0GENERAL", timeout=10)
    await elena.say(KEEP_THIS)
    await elena.wait_for_message(case.sees, "C0GENERAL", after=shown, timeout=case.within)
    return job_id


async def kept(elena: Actor, driver: SandboxDriver, case: Case, job_id: int) -> None:
    """Once it takes what is to be kept."""
    await elena.wait_for_message(f"#{job_id}", elena.im, timeout=case.again)
    await elena.say(KEEP_THIS)
    await elena.wait_for_message("I tell in", "C0GENERAL", timeout=case.again)
    await looked(driver, 2)
    pings = [it for it in await elena.messages(elena.im) if f"#{job_id}" in it.text]
    assert len(pings) == 1


async def test_sqlite_is_locked(tmp_path: Path) -> None:
    case = SQLITE["locked"]
    async with staged(tmp_path, 0) as stage:
        elena, driver = stage.elena, stage.driver
        await link(elena)
        await looked(driver)
        await elena.say(f"/invite <@{BOT_USER}>")
        async with locked(tmp_path / "0" / "demo.sqlite3"):
            job_id = await refused(elena, driver, case)
        await kept(elena, driver, case, job_id)


async def test_sqlite_has_no_room(tmp_path: Path) -> None:
    case = SQLITE["full"]
    async with sandbox(tmp_path, SPEED) as url, SandboxDriver(url) as driver:
        elena = driver.person("elena")
        quick = {"POLL_ACTIVE_SECONDS": "0.3", "POLL_IDLE_SECONDS": "0.4", "LOG_LEVEL": "INFO"}
        async with running_bot(environment(url, tmp_path) | quick, tmp_path) as bot:
            await link(elena)
            await looked(driver)
            await elena.say(f"/invite <@{BOT_USER}>")
            failed = await driver.ecotaxa.start("bad-import")
            await elena.wait_for_message(f"#{failed}", elena.im)
            await all_noted(tmp_path / "demo.sqlite3")
            # What grows already beyond this grows no more; the log, which is another file, has not got there.
            _, most = resource.prlimit(bot.process.pid, resource.RLIMIT_FSIZE)
            resource.prlimit(bot.process.pid, resource.RLIMIT_FSIZE, (ROOM, most))
            job_id = await refused(elena, driver, case)
            before = next(iter((await elena.messages("C0GENERAL"))[::-1]))
            await elena.say(f"/ecotaxa restart {failed}")
            await elena.wait_for_message(case.sees, "C0GENERAL", after=before)
            # What cannot be noted, so that it is done once and can be answered for, is not begun.
            assert (await driver.ecotaxa.job(failed))["state"] == "E"
            resource.prlimit(bot.process.pid, resource.RLIMIT_FSIZE, (most, most))
            await kept(elena, driver, case, job_id)
            bot.process.terminate()
            assert await bot.ended(20) == 0
    assert "Traceback" not in bot.output
    assert 0 < sum("the database cannot be used" in line and '"error"' in line for line in bot.lines) < 3


async def all_noted(file: Path) -> None:
    """Wait until the bot has noted of all it sent that it did.

    Where it cannot any more, what is told next waits for minutes: until that is looked up in Slack.
    """

    async def noted() -> bool | None:
        with closing(sqlite3.connect(file, timeout=20)) as kept:
            (sending,) = kept.execute("SELECT count(*) FROM notices WHERE state = 'sending'").fetchone()
        return sending == 0 or None

    await wait_for(noted, "all that was sent to be noted")


ROOM = 64 * 1024
"""Bytes that a file may have on a full disk, here: fewer than the database has by then."""


async def test_postgresql_goes_while_a_message_is_sent(tmp_path: Path, postgres: str) -> None:
    async with another_database(postgres, "faults_sending") as address, staged(tmp_path, 0, address) as stage:
        elena, driver = stage.elena, stage.driver
        await link(elena)
        await looked(driver)
        stage.proxies["Slack"].ail(proxy.LATE)
        job_id = await driver.ecotaxa.start("export")
        await elena.wait_for_message(f"#{job_id}", elena.im)
        # It is in Slack; that it is cannot be noted.
        stage.proxies["PostgreSQL"].ail(proxy.REFUSED)
        await elena.say("/ecotaxa whoami")
        await elena.wait_for_message("my own records", "C0GENERAL")
        stage.proxies["PostgreSQL"].mend()
        stage.proxies["Slack"].mend()
        stage.clock.forward(minutes=3)  # the lease of what was being sent
        await settled(stage)
        assert await told(stage, job_id) == 1


@asynccontextmanager
async def table_locked(address: str, table: str) -> AsyncIterator[None]:
    """Hold a lock that nothing gets past, as somebody's shell may."""
    engine = create_async_engine(database_url(address), poolclass=NullPool)
    async with engine.begin() as connection:
        await connection.execute(text(f"LOCK TABLE {table}"))
        yield


async def test_postgresql_has_a_table_locked(tmp_path: Path, postgres: str) -> None:
    case = POSTGRESQL_LOCKED
    async with another_database(postgres, "faults_locked") as address, staged(tmp_path, 0, address) as stage:
        elena, driver = stage.elena, stage.driver
        await link(elena)
        await looked(driver)
        async with table_locked(address, "links"):
            job_id = await driver.ecotaxa.start("export")
            await comes_to(driver, job_id, "F")
            await elena.say("/ecotaxa jobs")
            await elena.wait_for_message(case.sees, "C0GENERAL", timeout=case.within)
        await well_again(stage, case, job_id)


async def test_a_bell_whose_connection_is_dead_far_away_is_heard_again(
    tmp_path: Path, postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module, limit in ((bell, "_QUIET_SECONDS"), (bell, "_AGAIN_SECONDS"), (database, "_ANSWER_SECONDS")):
        monkeypatch.setattr(module, limit, 0.5)
    async with proxy.Proxy(to_postgresql(postgres)) as between:
        behind = make_url(postgres).set(host="127.0.0.1", port=between.port, query={"ssl": "disable"})
        store = Store.open(behind.render_as_string(hide_password=False), Vault([Vault.new_key()]))
        rung: set[Ring] = set()

        async def hear(what: Ring) -> None:
            rung.add(what)

        async def all_are() -> bool | None:
            return rung == set(Ring) or None

        async def is_tried() -> bool | None:
            return between.hits > 0 or None

        # Whoever listens anew answers all there may be to do.
        listening = asyncio.create_task(store.listen(hear))
        await wait_for(all_are, "the bell to be heard")
        rung.clear()
        between.ail(proxy.SILENT)
        await wait_for(is_tried, "it to be tried")
        between.mend()
        await wait_for(all_are, "the bell to be heard again")
        listening.cancel()
        with suppress(asyncio.CancelledError):
            await listening
        await store.close()


async def test_a_look_that_could_not_be_noted_is_noted_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "_LOCKED_SECONDS", 0.1)
    file, now, stand_in = tmp_path / "bot.sqlite3", datetime.now(UTC), Sandbox()
    store = Store.open(f"sqlite:///{file}", Vault([Vault.new_key()]))
    await stand_in.start()
    await store.migrate()
    pace = Pace(timedelta(seconds=1), timedelta(seconds=1))
    async with (
        watching(store, f"{stand_in.url}/ecotaxa/api", pace) as (watcher, work),
        SandboxDriver(stand_in.url) as driver,
    ):
        token = Token.read(await driver.ecotaxa.token("elena"))
        await store.save_link(Link(Person(None, "T1", "U1"), token, "Elena", "elena@lab.example"), now)
        await watcher.tick(now)
        await work.rest(10)
        async with locked(file):
            with pytest.raises(DatabaseUnusable):
                await watcher.tick(now)

        await watcher.tick(now + timedelta(seconds=2))
        await work.rest(10)

        entries = (await driver.ecotaxa.traffic())["entries"]
        assert sum(entry["path"].endswith("/jobs/") for entry in entries) == 2
    await store.close()
    await stand_in.stop()
