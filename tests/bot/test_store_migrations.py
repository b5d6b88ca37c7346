"""Databases of every release become one of this release, with all that was in them; or stay as they were."""

import shutil
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, Table, insert, select

import bot
from bot.sandbox.demo import environment
from bot.store import Store, schema
from bot.transitions import Snapshot
from bot.vault import Vault
from tests.bot.conftest import connected
from tests.bot.released import ADA, AT, BOB, SNAPSHOT, WRITTEN, rows
from tests.processes import running

PACKAGES = Path(bot.__file__).parents[1]
MIGRATIONS = PACKAGES / "bot" / "store" / "migrations"
REVISIONS = sorted(path.name[1:5] for path in MIGRATIONS.glob("versions/r[0-9]*.py"))


def _tables(connection: Connection) -> Mapping[str, Table]:
    there = MetaData()
    there.reflect(connection)
    return {table.name: table for table in there.sorted_tables}


def _plain(value: object) -> object:
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) else value


async def held(url: str) -> dict[str, list[dict[str, Any]]]:
    """All that is in the tables that are there, whatever they are."""
    async with connected(url) as connection:
        return {
            name: [
                {column: _plain(value) for column, value in row._mapping.items()}
                for row in await connection.execute(select(table).order_by(*table.primary_key))
            ]
            for name, table in (await connection.run_sync(_tables)).items()
        }


async def make(url: str, revision: str, vault: Vault) -> None:
    """Make a database as that release left it."""
    async with connected(url) as connection:
        await connection.run_sync(schema.upgrade, revision)
        tables = await connection.run_sync(_tables)
        written = rows(revision, vault)
        for name, table in tables.items():
            if name != "alembic_version":
                await connection.execute(insert(table), written[name])


async def assert_nothing_is_lost(url: str, before: Mapping[str, list[dict[str, Any]]], vault: Vault) -> None:
    after = await held(url)
    assert after["alembic_version"] == [{"version_num": REVISIONS[-1]}]
    for name in before.keys() - {"alembic_version"}:
        if name == "audit":
            # What was done is written down in other columns since.
            assert after[name] == [{**row, "at": row["at"]} for row in WRITTEN["0004"]["audit"]]
            continue
        kept = [{column: row[column] for column in before[name][0]} for row in after[name]]
        assert kept == before[name], name
    store = Store.open(url, vault)
    link = await store.find_link(ADA)
    assert link is not None
    assert link.token.secret == "secret of ada"
    assert await store.find_link(BOB) is not None
    (account,) = await store.claim_accounts(AT + timedelta(days=1), timedelta(minutes=1), 10)
    assert [watched.snapshot for watched in account.links] == [Snapshot.load(SNAPSHOT)]
    await store.close()


def test_there_are_rows_of_every_revision() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    steps = ScriptDirectory.from_config(config).walk_revisions()

    assert sorted(step.revision for step in steps) == REVISIONS == sorted(WRITTEN)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("revision", REVISIONS)
async def test_the_rows_of_a_revision_fill_every_column_that_it_had(
    database_url: str, revision: str, vault: Vault
) -> None:
    await make(database_url, revision, vault)

    before = await held(database_url)

    filled = {
        name: {column for row in some for column, value in row.items() if value is not None}
        for name, some in before.items()
    }
    async with connected(database_url) as connection:
        tables = await connection.run_sync(_tables)
    assert filled == {name: set(table.columns.keys()) for name, table in tables.items()}


@pytest.mark.parametrize("revision", REVISIONS)
async def test_nothing_is_lost_on_the_way_from_any_release(
    database_url: str, revision: str, vault: Vault, tmp_path: Path
) -> None:
    await make(database_url, revision, vault)
    before = await held(database_url)
    store = Store.open(database_url, vault)

    told = await store.back_up(tmp_path / "backup.sqlite3")
    await store.migrate()
    await store.close()

    await assert_nothing_is_lost(database_url, before, vault)
    # A backup of that release comes to the same.
    assert (told.revision, told.links) == (revision, 2)
    another = Store.open(f"sqlite:///{tmp_path}/another.sqlite3", vault)
    await another.restore(tmp_path / "backup.sqlite3")
    await another.close()
    await assert_nothing_is_lost(f"sqlite:///{tmp_path}/another.sqlite3", before, vault)


NEXT = '''"""A step of a later release, which fails when much of it is done."""

import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = "{last}"


def upgrade() -> None:
    op.create_table("later", sa.Column("id", sa.Integer, primary_key=True))
    op.add_column("links", sa.Column("colour", sa.Text))
    op.execute("UPDATE links SET name = 'changed'")
    op.execute("DELETE FROM notices")
    op.drop_table("picks")
    {fails}
'''


@pytest.mark.parametrize(
    ("database_url", "fails", "why"),
    [
        ("sqlite", "op.execute('INSERT INTO nowhere VALUES (1)')", "no such table: nowhere"),
        # An error of PostgreSQL's own would end the transaction whatever we do.
        ("postgresql", "raise ValueError('of what was not\\nforeseen')", ": of what was not foreseen"),
    ],
    indirect=["database_url"],
)
async def test_a_step_that_fails_leaves_everything_and_ends_the_start_with_one_line(
    database_url: str, vault: Vault, tmp_path: Path, fails: str, why: str
) -> None:
    await make(database_url, REVISIONS[-1], vault)
    before = await held(database_url)
    # That release is this one with one step more, so what starts there is all as it would be.
    for package in ("bot", "handlers"):
        ignored = shutil.ignore_patterns("__pycache__", "sandbox")
        shutil.copytree(PACKAGES / package, tmp_path / "release" / package, ignore=ignored)
    versions = tmp_path / "release" / MIGRATIONS.relative_to(PACKAGES) / "versions"
    (versions / "r9999_later.py").write_text(NEXT.format(last=REVISIONS[-1], fails=fails))
    settings = environment("http://127.0.0.1:9", tmp_path) | {"DATABASE_URL": database_url}

    async with running("bot", "run", folder=tmp_path / "release", settings=settings) as later:
        assert await later.ended(60) == 1

    (line,) = later.lines
    assert line.startswith("the database could not be brought up to date, and stays as it was: ")
    assert why in line
    assert await held(database_url) == before
    await assert_nothing_is_lost(database_url, before, vault)
