"""A release may start while bots of the one before are at work: expand, then contract."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from alembic.operations import Operations, ops
from sqlalchemy import Column, Text, and_, insert, select, text, update

from bot.errors import DatabaseUnusable
from bot.sandbox.driver import wait_for
from bot.store import Store, database, schema
from bot.vault import Vault
from tests.bot.conftest import Query, connected
from tests.bot.released import rows
from tests.bot.test_store_migrations import REVISIONS, _tables, held, make

CONTRACTS = {
    "0004": "moves what came of an act out of `detail`, which nobody read again before; and forgets how jobs"
    " of accounts went that nobody has",
}
"""Revisions that do more than add, and why a bot of the release before misses nothing.

What such a step takes away must have been out of use since a release before it, which is to be named here.
"""

NOTHING_FOR_SQLITE = {"0009"}
"""Steps that only PostgreSQL needs."""


def contracts(step: ops.MigrateOperation) -> bool:
    """Whether a bot of the release before may fail once this is done."""
    match step:
        case ops.CreateTableOp():
            return False
        case ops.CreateIndexOp():
            return bool(step.unique)
        case ops.AddColumnOp():
            return not (step.column.nullable or step.column.server_default)
    return True


@contextmanager
def walked(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[ops.MigrateOperation]]:
    """The operations of the migrations that are run in the block."""
    steps: list[ops.MigrateOperation] = []
    invoke = Operations.invoke

    def note(operations: Operations, step: ops.MigrateOperation) -> Any:
        steps.append(step)
        return invoke(operations, step)

    with monkeypatch.context() as patch:
        patch.setattr(Operations, "invoke", note)
        yield steps


async def test_every_step_only_adds_what_the_release_before_does_not_miss(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    contracting = set()
    # A new database is made by the first step, with nobody at work.
    async with connected(database_url) as connection:
        await connection.run_sync(schema.upgrade, REVISIONS[0])
        for revision in REVISIONS[1:]:
            with walked(monkeypatch) as steps:
                await connection.run_sync(schema.upgrade, revision)
            assert steps or (revision in NOTHING_FOR_SQLITE and "sqlite" in database_url), revision
            if any(map(contracts, steps)):
                contracting.add(revision)

    assert contracting == set(CONTRACTS)


@pytest.mark.parametrize(
    "step",
    [
        ops.DropTableOp("picks"),
        ops.DropColumnOp("links", "name"),
        ops.RenameTableOp("links", "ties"),
        ops.AlterColumnOp("links", "snapshot", modify_nullable=False),
        ops.AddColumnOp("links", Column("colour", Text, nullable=False)),
        ops.CreateIndexOp("uq_links_email", "links", ["email"], unique=True),
        ops.CreateUniqueConstraintOp("uq_links_email", "links", ["email"]),
        ops.CreateCheckConstraintOp("ck_links_email", "links", "email <> ''"),
        ops.CreateForeignKeyOp("fk_runs", "runs", "accounts", ["ecotaxa_user_id"], ["ecotaxa_user_id"]),
        ops.ExecuteSQLOp("DELETE FROM links"),
    ],
    ids=lambda step: type(step).__name__,
)
def test_a_step_that_takes_away_or_demands_more_would_be_noticed(step: ops.MigrateOperation) -> None:
    assert contracts(step)


@pytest.mark.parametrize("revision", REVISIONS)
async def test_what_a_bot_of_an_earlier_release_writes_and_reads_it_still_can(
    database_url: str, revision: str, vault: Vault
) -> None:
    written = rows(revision, vault)

    async with connected(database_url) as connection:
        await connection.run_sync(schema.upgrade)
        for name, table in (await connection.run_sync(_tables)).items():
            for row in written.get(name, ()):
                await connection.execute(insert(table).values(row))
                is_it = and_(*(table.c[it.name] == row[it.name] for it in table.primary_key))
                changed = await connection.execute(update(table).where(is_it).values(row))
                found = await connection.execute(select(*(table.c[it] for it in row)).where(is_it))

                assert changed.rowcount == 1, name
                assert len(found.all()) == 1, name


on_postgresql = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@on_postgresql
async def test_a_bot_that_starts_gives_way_to_one_that_is_at_work(
    database_url: str, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "_LOCKED_SECONDS", 0.2)
    await make(database_url, "0006", vault)
    before = await held(database_url)
    newer = Store.open(database_url, vault)

    async with connected(database_url) as older:
        await older.execute(text("UPDATE links SET name = name"))
        with pytest.raises(DatabaseUnusable, match=r"stays as it was: .*lock timeout"):
            await newer.migrate()
        await older.execute(text("UPDATE links SET name = 'as it goes on'"))

    after = await held(database_url)
    assert after["alembic_version"] == before["alembic_version"]
    assert {row["name"] for row in after["links"]} == {"as it goes on"}
    await newer.migrate()
    assert (await held(database_url))["alembic_version"] == [{"version_num": REVISIONS[-1]}]
    await newer.close()


@on_postgresql
async def test_a_bot_that_starts_waits_for_another_that_migrates_as_long_as_that_takes(
    store: Store, other_store: Store, query: Query, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "_LOCKED_SECONDS", 0.1)

    async def waits() -> bool | None:
        longer = "query LIKE '%pg_advisory_xact_lock%' AND wait_event_type = 'Lock'"
        longer += " AND clock_timestamp() - query_start > interval '0.3 s'"
        return await query(f"SELECT 1 FROM pg_stat_activity WHERE {longer}") != [] or None

    async with store._database.upgrading():
        starting = asyncio.create_task(other_store.migrate())
        await wait_for(waits, "the other to wait for longer than it would for a table")
    await starting
