"""What the bot asks its database over and over finds its rows by an index, however many there are."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import BigInteger, Boolean, Column, Engine, Integer, Table, event, text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from bot import app
from bot.sandbox.driver import SandboxDriver
from bot.store import Store
from bot.store.database import database_url
from bot.store.tables import UtcTime, metadata
from bot.vault import Vault
from tests.conftest import empty
from tests.stories.conftest import Clock, Start, link, looked
from tests.stories.telling import carded, shows

ROWS = 20_000

SMALL = {
    "sights": "one row",
    "cleanings": "only clean-ups that are under way",
    "alembic_version": "one row",
}
"""Tables that do not grow, and why: these may be read from end to end."""

GROWING = {name for name in metadata.tables if name not in SMALL}

# By table and column, where one is not what `_made` makes of it; `{n}` is the row's number.
MADE = {
    ("accounts", "due_at"): "later",
    ("notices", "due_at"): "CASE WHEN {n} % 10 = 0 THEN {later} END",
    ("notices", "state"): "CASE WHEN {n} % 10 = 0 THEN 'later' ELSE 'sent' END",
    ("notices", "kind"): "CASE WHEN {n} % 2 = 0 THEN 'card' ELSE 'finished' END",
    ("mutes", "until"): "later",
    ("links", "state"): "'active'",
    ("links", "snapshot"): "'[0, {}]'",
    ("runs", "type"): "'GenExport'",
    ("runs", "state"): "'F'",
}

Statement = tuple[str, Any]


def _made(column: Column[Any], moments: dict[str, str]) -> str:
    """The SQL of a column of row `n`."""
    given = MADE.get((column.table.name, column.name))
    if given is not None:
        return moments.get(given) or given.replace("{later}", moments["later"]).replace("{n}", "n")
    match column.type:
        case UtcTime():
            return moments["lately"]
        case Boolean():
            return "false"
        case BigInteger() | Integer():
            return "n + 1000000"
    if column.name.endswith("person_key"):
        return "'-/T9/U' || n"
    return "'{}'" if column.name in ("payload", "jobs") else "'x' || n"


async def _fill(connection: AsyncConnection, table: Table, moments: dict[str, str]) -> None:
    numbers = f"WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {ROWS})"
    made = {
        f'"{column.name}"': _made(column, moments)
        for column in table.columns
        if column is not table.autoincrement_column
    }
    columns, values = ", ".join(made), ", ".join(made.values())
    await connection.exec_driver_sql(
        f"INSERT INTO {table.name} ({columns}) {numbers} SELECT {values} FROM numbers"
    )


@pytest.fixture(params=["sqlite", "postgresql"])
async def crowded(
    request: pytest.FixtureRequest, settings: dict[str, str], tmp_path: Path, clock: Clock
) -> AsyncIterator[str]:
    """The address of the story's database, in which there are many rows of everything."""
    url = f"sqlite:///{tmp_path}/crowded.sqlite3"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres")
        await empty(url)
    settings["DATABASE_URL"] = url
    store = Store.open(url, Vault([settings["TOKEN_KEYS"]]))
    await store.migrate()
    # The story's bot is not alone: it would have everybody looked at at once.
    await store.attend(clock(), timedelta(0))
    cast = "::timestamptz" if request.param == "postgresql" else ""
    zone = "+00" if request.param == "postgresql" else ""
    moments = {
        name: f"'{at:%Y-%m-%d %H:%M:%S.%f}{zone}'{cast}"
        for name, at in (("lately", clock()), ("later", clock() + timedelta(days=3000)))
    }
    engine = create_async_engine(database_url(url))
    async with engine.begin() as connection:
        for table in metadata.sorted_tables:
            if table.name in GROWING:
                await _fill(connection, table, moments)
    async with engine.begin() as connection:
        await connection.execute(text("ANALYZE"))
    await engine.dispose()
    yield url
    await store.close()


@contextmanager
def overheard() -> Iterator[dict[str, Any]]:
    """What the database is asked until the block ends: the values of each statement, by its text."""
    said: dict[str, Any] = {}

    def hear(_connection: object, _cursor: object, statement: str, values: Any, *rest: Any) -> None:
        is_many = rest[-1]
        said[statement] = values[0] if is_many else values

    event.listen(Engine, "before_cursor_execute", hear)
    try:
        yield said
    finally:
        event.remove(Engine, "before_cursor_execute", hear)


async def read_whole(url: str, said: dict[str, Any]) -> dict[str, set[str]]:
    """The tables that grow and would be read from end to end, by the statements that would."""
    engine = create_async_engine(database_url(url))
    found = {}
    async with engine.connect() as connection:
        driver: Any = (await connection.get_raw_connection()).driver_connection
        for statement, values in said.items():
            if statement.lstrip("( ").startswith(("SELECT", "WITH", "INSERT", "UPDATE", "DELETE")):
                scanned = (
                    _scanned_by_postgresql if "postgresql" in engine.url.drivername else _scanned_by_sqlite
                )
                if whole := {name for name in await scanned(driver, statement, values) if name in GROWING}:
                    found[statement] = whole
    await engine.dispose()
    return found


async def _scanned_by_postgresql(driver: Any, statement: str, values: Any) -> set[str]:
    plan = await driver.fetchval(f"EXPLAIN (FORMAT JSON) {statement}", *values)
    return set(_whole(plan[0]["Plan"]))


def _whole(node: dict[str, Any]) -> Iterator[str]:
    """Tables read from end to end: row by row, or along an index of which nothing is asked."""
    by_index = node["Node Type"] in ("Index Scan", "Index Only Scan")
    if node["Node Type"] == "Seq Scan" or (by_index and "Index Cond" not in node):
        yield node["Relation Name"]
    for below in node.get("Plans", ()):
        yield from _whole(below)


async def _scanned_by_sqlite(driver: Any, statement: str, values: Any) -> set[str]:
    rows = await driver.execute_fetchall(f"EXPLAIN QUERY PLAN {statement}", values)
    scans = [row[3].split()[1] for row in rows if row[3].startswith("SCAN ")]
    return {"notices" if name == "other" else name for name in scans}


async def test_whatever_a_tick_asks_is_found_by_an_index(
    crowded: str, settings: dict[str, str], start: Start, driver: SandboxDriver, clock: Clock
) -> None:
    settings["ECOTAXA_ADMIN_TOKEN"] = await driver.ecotaxa.token("ada")
    elena = driver.person("elena")
    async with start() as bot:
        await link(elena)
        await looked(driver)
        with overheard() as said:
            await _everything_happens(bot, elena, driver, clock)

    for word in ("UPDATE accounts", "UPDATE notices", "DELETE FROM acts", "INSERT INTO sights", "runs"):
        assert any(word in statement for statement in said), word
    assert await read_whole(crowded, said) == {}
    # What if there were no index?
    engine = create_async_engine(database_url(crowded))
    async with engine.begin() as connection:
        await connection.execute(text("DROP INDEX ix_accounts_due_at"))
    await engine.dispose()
    assert {"accounts"} in (await read_whole(crowded, said)).values()


async def _everything_happens(bot: app.Bot, elena: Any, driver: SandboxDriver, clock: Clock) -> None:
    """A job with its card, a question and its reminder, the hourly clean-up: all that ticks do."""
    job_id, card = await carded(elena, driver, clock)
    await driver.ecotaxa.set(job_id, progress_pct=64)
    clock.forward(seconds=30)
    await shows(elena, job_id, "64 %")
    await driver.ecotaxa.set(job_id, state="F", result={"rowcount": 12, "out_file": "export.zip"})
    await elena.wait_for_message("export.zip", elena.im, after=card)
    asking = await driver.ecotaxa.start("ask-taxa", names=["thing one"])
    question = await elena.wait_for_message(f"#{asking}", elena.im)
    clock.forward(days=1, minutes=1)
    await elena.wait_for_message(f"#{asking}", elena.im, after=question)
    await looked(driver)
    await bot.services.store.clean(clock(), timedelta(days=30), timedelta(days=365))
