"""One door to SQLite and PostgreSQL: addresses, connections, transactions."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, cast

from cachetools import LRUCache
from sqlalchemy import URL, AdaptedConnection, Connection, Table, event, func, make_url, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.store.records import WatchedLink
from bot.vault import Vault

_DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "sqlite+aiosqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
    "postgresql+asyncpg": "postgresql+asyncpg",
}

# Any number will do, as long as all processes take the same.
_ALONE = 0x0EC07A8A


class DatabaseUnusable(Exception):
    """The database cannot be used as it is; the text is one line, ready to print, without secrets."""


def database_url(text: str) -> URL:
    """The address that SQLAlchemy wants, from one as people and hosting services write it.

    `sslmode` is libpq's name for what asyncpg calls `ssl`.  Raises DatabaseUnusable when it is neither
    SQLite's nor PostgreSQL's.
    """
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise DatabaseUnusable("DATABASE_URL is not a database address") from None
    if url.drivername not in _DRIVERS:
        raise DatabaseUnusable(f"DATABASE_URL must name SQLite or PostgreSQL, not {url.drivername}")
    url = url.set(drivername=_DRIVERS[url.drivername])
    if "sslmode" in url.query and url.get_backend_name() == "postgresql":
        url = url.update_query_dict({"ssl": url.query["sslmode"]}).difference_update_query(["sslmode"])
    return url


class Database:
    """Connections for reading and transactions for writing.

    A unit of work holds one connection and never asks for a second: SQLite has just the one.
    """

    def __init__(self, url: str) -> None:
        address = database_url(url)
        self.is_sqlite = address.get_backend_name() == "sqlite"
        self._engine = _sqlite(address) if self.is_sqlite else _postgresql(address)
        # What is read stands on one statement, so no transaction is needed around it.
        self._reading = self._engine.execution_options(
            **({"reading": True} if self.is_sqlite else {"isolation_level": "AUTOCOMMIT"})
        )

    def read(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """A connection for single statements that only read."""
        return self._reading.connect()

    async def session(self) -> AsyncConnection:
        """A connection to keep, for what lasts as long as it does; PostgreSQL has enough of them."""
        return await self._reading.connect()

    @property
    def file(self) -> str | None:
        """Where SQLite keeps its data; None for PostgreSQL."""
        return self._engine.url.database if self.is_sqlite else None

    def write(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """A transaction, committed at the end of the block and rolled back by an exception.

        SQLite's holds the write lock from the start: one that read first and asked for the lock later
        could not have it if another had written in between.
        """
        return self._engine.begin()

    @asynccontextmanager
    async def write_alone(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that waits for every other of this kind, in all processes.

        For changes that lock rows of several tables in no fixed order, which would deadlock.
        """
        async with self.write() as connection:
            if not self.is_sqlite:
                await connection.execute(select(func.pg_advisory_xact_lock(_ALONE)))
            yield connection

    @asynccontextmanager
    async def trial(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that leaves nothing behind, for a `first_contact`."""
        async with self._engine.connect() as connection, connection.begin() as transaction:
            yield connection
            await transaction.rollback()

    @asynccontextmanager
    async def first_contact(self) -> AsyncIterator[None]:
        """A block in which whatever the database refuses becomes a DatabaseUnusable, in one line."""
        try:
            if self.is_sqlite:
                # aiosqlite that cannot open a file leaves a thread behind, which may fail aloud later.
                await asyncio.to_thread(self._open_file)
            yield
        except (SQLAlchemyError, sqlite3.Error, OSError) as error:
            raise DatabaseUnusable(_one_line(error)) from error

    def _open_file(self) -> None:
        where, options = self._engine.dialect.create_connect_args(self._engine.url)
        sqlite3.connect(where[0], uri=options.get("uri", False)).close()

    def insert(self, table: Table) -> postgresql.Insert | sqlite.Insert:
        """An INSERT that can be told what to do on a conflict: each dialect has its own."""
        return sqlite.insert(table) if self.is_sqlite else postgresql.insert(table)

    async def close(self) -> None:
        """Close every connection."""
        await self._engine.dispose()


class Shelf:
    """What each part of the store stands on."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault
        # By person: what was read last, good while its version is the row's.  Opening a token and reading
        # a snapshot cost more than the rest of a claim together, and seldom change.
        self._watched: LRUCache[str, WatchedLink] = LRUCache(maxsize=1000)


def _postgresql(address: URL) -> AsyncEngine:
    return create_async_engine(address, connect_args={"timeout": 10, "command_timeout": 30})


def _sqlite(address: URL) -> AsyncEngine:
    # One connection: SQLite has one writer at a time anyway, and waiting for a turn in the pool is
    # fair and immediate, where its own busy handler polls.  `timeout` is for other processes.
    engine = create_async_engine(
        address, pool_size=1, max_overflow=0, connect_args={"isolation_level": None, "timeout": 10}
    )
    event.listen(engine.sync_engine, "connect", _prepare)
    event.listen(engine.sync_engine, "begin", _begin)
    return engine


def _prepare(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    if connection.get_execution_options().get("reading"):
        return
    driver = cast(AdaptedConnection, connection.connection.dbapi_connection)
    # By way of a cursor this would be three turns of the driver's thread instead of one.
    driver.run_async(lambda sqlite: sqlite.execute("BEGIN IMMEDIATE"))


def _one_line(error: BaseException) -> str:
    cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
    told = " ".join(str(cause).split()) or type(cause).__name__
    return f"the database cannot be used: {told[:200]}"
