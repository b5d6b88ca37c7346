import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, column, table, text
from sqlalchemy.ext.asyncio import create_async_engine

from bot.errors import DatabaseUnusable
from bot.links import Link, Person
from bot.store import Store, schema
from bot.store.database import database_url as normalised
from bot.store.tables import metadata
from bot.vault import Vault

Linked = Callable[..., Awaitable[Link]]
Query = Callable[..., Awaitable[list[Any]]]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("sqlite:///bot.sqlite3", "sqlite+aiosqlite:///bot.sqlite3"),
        ("sqlite:////var/lib/bot.sqlite3", "sqlite+aiosqlite:////var/lib/bot.sqlite3"),
        ("sqlite+aiosqlite:///x", "sqlite+aiosqlite:///x"),
        ("postgres://u:p@h/d", "postgresql+asyncpg://u:p@h/d"),
        ("postgresql://u:p%40@h:5433/d", "postgresql+asyncpg://u:p%40@h:5433/d"),
        ("postgresql+asyncpg://h/d", "postgresql+asyncpg://h/d"),
        ("postgresql://h/d?sslmode=require", "postgresql+asyncpg://h/d?ssl=require"),
    ],
)
def test_an_address_is_taken_as_people_write_it(written: str, meant: str) -> None:
    assert normalised(written).render_as_string(hide_password=False) == meant


@pytest.mark.parametrize("written", ["", "bot.sqlite3", "mysql://u:hidden@h/d", "postgresql+psycopg://h/d"])
def test_another_address_is_refused_in_one_line_without_its_password(written: str) -> None:
    with pytest.raises(DatabaseUnusable, match="DATABASE_URL") as refused:
        normalised(written)

    assert "\n" not in str(refused.value)
    assert "hidden" not in str(refused.value)


async def test_migrations_from_nothing_make_the_tables_that_the_code_means(
    store: Store, database_url: str
) -> None:
    def differences(connection: Connection) -> list[Any]:
        found = compare_metadata(MigrationContext.configure(connection), metadata)
        return [it for it in found if not _is_for_another_database(connection, it)]

    engine = create_async_engine(normalised(database_url))
    async with engine.connect() as connection:
        found = await connection.run_sync(differences)
    await engine.dispose()

    assert found == []


def _is_for_another_database(connection: Connection, difference: Any) -> bool:
    # Alembic does not ask `ddl_if` of an index whether SQLite should have it.
    is_index = difference[0] == "add_index" and difference[1].name == "ix_notices_urgency_due_at"
    return is_index and connection.dialect.name == "sqlite"


async def test_migrating_again_changes_nothing(
    store: Store, linked: Linked, ada: Person, now: datetime
) -> None:
    await linked(ada)

    await store.migrate()

    assert await store.count_due(now) == 1


async def test_processes_that_start_together_migrate_once(
    database_url: str, vault: Vault, now: datetime
) -> None:
    stores = [Store.open(database_url, vault) for _ in range(4)]

    await asyncio.gather(*(store.migrate() for store in stores))

    assert [await store.count_due(now) for store in stores] == [0, 0, 0, 0]
    for store in stores:
        await store.close()


async def test_a_database_of_a_newer_release_is_refused(store: Store, query: Query) -> None:
    await store.check()
    await query("UPDATE alembic_version SET version_num = 'from_the_future'")

    for refusing in (store.migrate, store.check):
        with pytest.raises(DatabaseUnusable, match=r"newer ecotaxa-bot \(revision from_the_future\)"):
            await refusing()


async def test_a_check_leaves_nothing_behind(database_url: str, vault: Vault) -> None:
    store = Store.open(database_url, vault)

    await store.check()
    await store.check()
    await store.close()

    engine = create_async_engine(normalised(database_url))
    async with engine.connect() as connection:
        tables = await connection.run_sync(lambda sync: sync.dialect.get_table_names(sync))
    await engine.dispose()
    assert tables == []


@pytest.mark.parametrize(
    "address",
    [
        "sqlite:///{folder}/missing/bot.sqlite3",
        "sqlite:///{folder}",
        "postgresql://u:hidden@127.0.0.1:9/d",
        "postgresql://u:hidden@/d?host={folder}",
    ],
)
async def test_a_database_that_cannot_be_used_says_why_in_one_line(
    address: str, tmp_path: Path, vault: Vault
) -> None:
    store = Store.open(address.format(folder=tmp_path), vault)

    for refused in (store.check, store.migrate):
        with pytest.raises(DatabaseUnusable, match=r"^the database cannot be used: [^\n]+$") as why:
            await refused()
        assert "hidden" not in str(why.value)

    await store.close()


async def test_a_check_tells_a_database_that_is_read_only(tmp_path: Path, vault: Vault) -> None:
    store = Store.open(f"sqlite:///file:{tmp_path}/bot.sqlite3?mode=ro&uri=true", vault)
    (tmp_path / "bot.sqlite3").touch()

    with pytest.raises(DatabaseUnusable, match="readonly"):
        await store.check()

    await store.close()


async def test_a_database_that_the_server_does_not_have_is_named(postgres: str, vault: Vault) -> None:
    store = Store.open(postgres.replace("/postgres?", "/nowhere?"), vault)

    with pytest.raises(DatabaseUnusable, match='database "nowhere" does not exist'):
        await store.check()

    await store.close()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_a_server_that_was_restarted_is_found_again(
    store: Store, linked: Linked, query: Query, ada: Person, now: datetime
) -> None:
    await linked(ada)
    await query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
        " AND datname = current_database()"
    )

    for _ in range(2):
        try:
            due = await store.count_due(now)
        except DatabaseUnusable:
            continue

    assert due == 1


async def test_the_audit_of_the_release_before_is_kept_with_its_outcomes_and_without_names(
    database_url: str, vault: Vault, now: datetime
) -> None:
    engine = create_async_engine(normalised(database_url))
    async with engine.begin() as connection:
        await connection.run_sync(schema.upgrade, "0003")
        for act, detail in (
            ("kill", "refused"), ("export", "general project 2"), ("ask colleague", "a. name to to UBOB"),
            ("pick for colleague", "a. name: Ann Name"),
        ):  # fmt: skip
            values = {"at": now.replace(tzinfo=None), "person_key": "-/T1/UADA", "act": act, "detail": detail}
            await connection.execute(table("audit", *map(column, values)).insert().values(**values))
        run = (
            "INSERT INTO runs (ecotaxa_user_id, job_id, type, attempt, state, was_stopped, moved_at) VALUES "
        )
        await connection.execute(text(f"{run}(7, 5, 'Subset', 1, 'F', false, '2026-03-01 12:00:00')"))
    store = Store.open(database_url, vault)

    await store.migrate()

    acts = [(it.act, it.outcome, it.detail, it.other and it.other.key) for it in await store.acts_since(None)]
    assert acts == [
        ("kill", "refused", "", None),
        ("export", "done", "general project 2", None),
        ("ask colleague", "done", "", "-/T1/UBOB"),
        ("pick for colleague", "done", "", None),
    ]
    assert await store.find_runs(7, [5]) == {}, "nobody has that account any more"
    await store.close()
    await engine.dispose()
