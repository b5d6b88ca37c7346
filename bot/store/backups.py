"""Backups: the whole database as one SQLite file, whichever database it came from or goes to."""

import asyncio
import os
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import (
    URL,
    BigInteger,
    Connection,
    DateTime,
    Integer,
    MetaData,
    Table,
    event,
    func,
    insert,
    select,
    text,
)
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from bot.errors import DatabaseUnusable
from bot.store import schema
from bot.store.database import Shelf, reason
from bot.store.records import Copied
from bot.store.tables import UtcTime, metadata

BATCH = 500
"""Rows read and written at once."""


class Backups(Shelf):
    """Writing the whole database into a file while bots are at work, and reading such a file."""

    async def back_up(self, file: Path) -> Copied:
        """Write all that is kept, as it is at one moment, into a new file that only its owner may read.

        It has the tables of the database's own revision, also where this release would have others.
        Raises DatabaseUnusable when the file is there already or cannot be written, and when the database
        cannot be reached, is empty, or a newer release was at work here.
        """
        with _new(file) as beside:
            if self._database.is_sqlite:
                async with self._database.first_contact(), self._database.read() as connection:
                    await connection.run_sync(schema.known_revision)
                    # Not a copy page by page: what was deleted is not to live on in the file.
                    await connection.execute(text("VACUUM INTO :file"), {"file": str(beside)})
                async with _opened(beside) as written:
                    return await _told(written)
            async with (
                self._database.first_contact(),
                self._database.frozen() as source,
                _opened(beside) as written,
            ):
                revision = await source.run_sync(schema.known_revision)
                await written.run_sync(schema.upgrade, revision)
                await _copy(source, written, await written.run_sync(_tables))
                return await _told(written)

    async def restore(self, file: Path) -> Copied:
        """Fill this database, which must be empty, with what a backup holds; all or nothing.

        A backup of an older release is brought up to date on the way, in a copy.  Raises DatabaseUnusable
        when the file is no backup or a newer release's, and when the database cannot be reached or
        holds something.
        """
        with TemporaryDirectory(prefix="ecotaxa-bot-") as folder:
            copy = Path(folder) / "backup.sqlite3"
            await asyncio.to_thread(_take, file, copy)
            async with _opened(copy) as source:
                await source.run_sync(schema.known_revision, str(file))
                await source.run_sync(schema.upgrade)
                tables = await source.run_sync(_tables)
                async with self._database.first_contact(), self._database.write_alone() as target:
                    await target.run_sync(_refuse_full)
                    await target.run_sync(schema.upgrade)
                    await _copy(source, target, tables)
                    return await _told(target)


@contextmanager
def _new(file: Path) -> Iterator[Path]:
    """A file beside `file`, which it becomes at the end of the block; after an exception it is gone."""
    beside = file.absolute().with_name(f"{file.name}.partial")
    try:
        _refuse_existing(file)
        # It holds people's tokens, even if sealed: nobody else may read it at any time.
        os.close(os.open(beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        raise DatabaseUnusable(
            detail=f"{beside} is there already: another backup writes it, or one that was cut off has left it"
        ) from None
    except OSError as error:
        raise DatabaseUnusable(detail=f"{beside} cannot be written: {error.strerror}") from None
    try:
        yield beside
        with beside.open("rb") as written:
            os.fsync(written.fileno())
        _refuse_existing(file)
        beside.rename(file)
    finally:
        beside.unlink(missing_ok=True)


def _refuse_existing(file: Path) -> None:
    if os.path.lexists(file):
        raise DatabaseUnusable(
            detail=f"{file} is there already, and is not overwritten: give a name that is free"
        )


def _take(file: Path, copy: Path) -> None:
    """Copy an SQLite file, with what a bot may have written beside it, and leave it as it is."""
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            connection.execute("VACUUM INTO ?", (str(copy),))
    except sqlite3.Error as error:
        raise DatabaseUnusable(detail=f"{file} cannot be read as a backup: {reason(error)}") from None


@asynccontextmanager
async def _opened(file: Path) -> AsyncIterator[AsyncConnection]:
    """A transaction on an SQLite file that nobody else has."""
    engine = create_async_engine(URL.create("sqlite+aiosqlite", database=str(file)))
    try:
        async with engine.begin() as connection:
            yield connection
    finally:
        await engine.dispose()


def _tables(connection: Connection) -> list[Table]:
    """Our tables as they are there, each after those that it refers to."""
    there = MetaData()

    @event.listens_for(there, "column_reflect")
    def mean(_inspector: object, _table: object, column: Any) -> None:
        # What SQLite spells alike, PostgreSQL does not.
        if isinstance(column["type"], DateTime):
            column["type"] = UtcTime()
        elif isinstance(column["type"], Integer):
            column["type"] = BigInteger()

    there.reflect(connection)
    return [table for table in there.sorted_tables if table.name != "alembic_version"]


def _refuse_full(connection: Connection) -> None:
    if schema.refuse_newer(connection) is None:
        return
    there = _tables(connection)
    full = [
        it.name
        for it in there
        if it.name in metadata.tables and connection.execute(select(it).limit(1)).first()
    ]
    if full:
        raise DatabaseUnusable(
            detail=f"the database is not empty (it has {', '.join(full)}): restore into "
            f"a new one, before a bot runs"
        )


async def _copy(source: AsyncConnection, target: AsyncConnection, tables: list[Table]) -> None:
    for table in tables:
        rows = await source.stream(select(table).execution_options(yield_per=BATCH))
        async for some in rows.mappings().partitions(BATCH):
            await target.execute(insert(table), [dict(row) for row in some])
        # Numbers of rows that were deleted are not given again.
        await _count_on(target, table, await _counted(source, table))


async def _counted(connection: AsyncConnection, table: Table) -> int | None:
    """The last number that the database gave to a row of the table; None where it gave none."""
    if connection.dialect.name == "sqlite":
        asked = text("SELECT seq FROM sqlite_sequence WHERE name = :table")
        return (await connection.execute(asked, {"table": table.name})).scalar_one_or_none()
    key = next(iter(table.primary_key)).name
    asked = text("SELECT pg_sequence_last_value(CAST(pg_get_serial_sequence(:table, :key) AS regclass))")
    last: int | None = (await connection.execute(asked, {"table": table.name, "key": key})).scalar_one()
    return last


async def _count_on(connection: AsyncConnection, table: Table, last: int | None) -> None:
    if last is None:
        return
    if connection.dialect.name == "sqlite":
        for change in (
            "DELETE FROM sqlite_sequence WHERE name = :table",
            "INSERT INTO sqlite_sequence (name, seq) VALUES (:table, :last)",
        ):
            await connection.execute(text(change), {"table": table.name, "last": last})
        return
    key = next(iter(table.primary_key)).name
    change = "SELECT setval(pg_get_serial_sequence(:table, :key), :last)"
    await connection.execute(text(change), {"table": table.name, "key": key, "last": last})


async def _told(connection: AsyncConnection) -> Copied:
    counts = {
        table.name: (await connection.execute(select(func.count()).select_from(table))).scalar_one()
        for table in await connection.run_sync(_tables)
        if table.name in metadata.tables
    }
    return Copied(sum(counts.values()), counts["links"], await connection.run_sync(schema.known_revision))
