"""One door to SQLite and PostgreSQL: addresses, connections, transactions."""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any, cast

import structlog
from cachetools import TTLCache
from sqlalchemy import (
    URL,
    AdaptedConnection,
    Connection,
    NullPool,
    Table,
    event,
    func,
    make_url,
    select,
    text,
)
from sqlalchemy.exc import (
    ArgumentError,
    DataError,
    DBAPIError,
    IntegrityError,
    NotSupportedError,
    ProgrammingError,
    SQLAlchemyError,
)
from sqlalchemy.exc import TimeoutError as NoTurn
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.errors import DatabaseUnusable
from bot.metrics import Metrics
from bot.store.records import WatchedLink
from bot.store.slowness import tell_slow
from bot.vault import Vault

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite

_log = structlog.get_logger(__name__)

_DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "sqlite+aiosqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
    "postgresql+asyncpg": "postgresql+asyncpg",
}

# Any number will do, as long as all processes take the same.
_ALONE = 0x0EC07A8A


_LOCKED_SECONDS = 5
"""How long a statement waits for another process to let a lock go."""
_TURN_SECONDS = 10
"""How long it waits for a connection."""
_CONNECTIONS = 5
"""Of PostgreSQL's, those that a process keeps open; as many more while there is that much to do."""
_STATEMENT_SECONDS = 8
"""How long PostgreSQL works on a statement."""
_ANSWER_SECONDS = 10
"""How long a connection, or an answer, may take: more than the statement, which ends better by itself."""
_ABANDONED_SECONDS = 60
"""After so long PostgreSQL ends a transaction of which it hears no more, and gives its locks back."""
_UPGRADE_SECONDS = 600
"""How long a step of a migration may take, or another process's migration."""
_SAID_SECONDS = 60.0
"""From one line in the log to the next while the database cannot be used."""

_REMEMBERED = 100_000
"""Jobs in the snapshots that are kept in memory, some tens of megabytes; a link counts as ten."""

_OURS = (IntegrityError, ProgrammingError, DataError, NotSupportedError)
"""What is wrong with what was asked, and not with the database."""


def database_url(text: str) -> URL:
    """The address that SQLAlchemy wants, from one as people and hosting services write it.

    `sslmode` is libpq's name for what asyncpg calls `ssl`.  Raises DatabaseUnusable when it is neither
    SQLite's nor PostgreSQL's.
    """
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise DatabaseUnusable(detail="DATABASE_URL is not a database address") from None
    if url.drivername not in _DRIVERS:
        raise DatabaseUnusable(detail=f"DATABASE_URL must name SQLite or PostgreSQL, not {url.drivername}")
    url = url.set(drivername=_DRIVERS[url.drivername])
    if "sslmode" in url.query and url.get_backend_name() == "postgresql":
        url = url.update_query_dict({"ssl": url.query["sslmode"]}).difference_update_query(["sslmode"])
    return url


class Database:
    """Connections for reading and transactions for writing.

    A unit of work holds one connection and never asks for a second: of those that write, SQLite has just
    the one.  What cannot be done because the database is gone, locked or full raises DatabaseUnusable,
    within half a minute; the next unit of work tries anew.
    """

    def __init__(self, url: str, metrics: Metrics) -> None:
        address = database_url(url)
        self._metrics = metrics
        self.is_sqlite = address.get_backend_name() == "sqlite"
        if self.is_sqlite:
            self._engine, self._reading = _sqlite_writer(address), _sqlite_reader(address)
        else:
            self._engine = _postgresql(
                address, pool_size=_CONNECTIONS, max_overflow=_CONNECTIONS, pool_timeout=_TURN_SECONDS
            )
            self._kept = _postgresql(address, poolclass=NullPool, isolation_level="AUTOCOMMIT")
            # What is read stands on one statement, so no transaction is needed around it.
            self._reading = self._engine.execution_options(isolation_level="AUTOCOMMIT")
        self._said_at = float("-inf")

    def read(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """A connection for single statements that only read."""
        return self._used(self._reading.connect())

    async def session(self) -> AsyncConnection:
        """A connection to PostgreSQL to keep, for what lasts as long as it does: none of the pool's."""
        return await self._kept.connect()

    @property
    def file(self) -> str | None:
        """Where SQLite keeps its data; None for PostgreSQL."""
        return self._engine.url.database if self.is_sqlite else None

    def write(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """A transaction, committed at the end of the block and rolled back by an exception.

        SQLite's holds the write lock from the start: one that read first and asked for the lock later
        could not have it if another had written in between.
        """
        return self._used(self._engine.begin())

    @asynccontextmanager
    async def _used(
        self, opening: AbstractAsyncContextManager[AsyncConnection]
    ) -> AsyncIterator[AsyncConnection]:
        try:
            async with opening as connection:
                yield connection
        except _OURS:
            raise
        except (DBAPIError, NoTurn, sqlite3.Error, OSError, TimeoutError) as error:
            raise self._said(error) from error

    def _said(self, error: Exception) -> DatabaseUnusable:
        """Say it once a minute: whoever needs the database meets it, several times a second."""
        self._metrics.database_failed(error)
        unusable, now = _unusable(error), time.monotonic()
        if now - self._said_at >= _SAID_SECONDS:
            self._said_at = now
            _log.error(str(unusable))
        return unusable

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
    async def upgrading(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that changes the schema once no other does, for a `first_contact`.

        For the locks on tables it waits no longer than others do: bots that are at work queue up behind it.
        """
        if self.is_sqlite:
            async with self._engine.begin() as connection:
                yield connection
            return
        engine = _postgresql(self._engine.url, answer_seconds=_UPGRADE_SECONDS, poolclass=NullPool)
        async with engine.begin() as connection:
            await connection.execute(text(f"SET LOCAL statement_timeout = '{_UPGRADE_SECONDS}s'"))
            await connection.execute(text("SET LOCAL lock_timeout = 0"))
            await connection.execute(select(func.pg_advisory_xact_lock(_ALONE)))
            await connection.execute(text(f"SET LOCAL lock_timeout = '{_LOCKED_SECONDS}s'"))
            yield connection

    @asynccontextmanager
    async def trial(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that leaves nothing behind, for a `first_contact`."""
        async with self._engine.connect() as connection, connection.begin() as transaction:
            yield connection
            await transaction.rollback()

    @asynccontextmanager
    async def frozen(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that only reads, and sees PostgreSQL as it was when it began."""
        engine = self._engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        async with engine.begin() as connection:
            yield connection

    @asynccontextmanager
    async def first_contact(self) -> AsyncIterator[None]:
        """A block in which whatever the database refuses becomes a DatabaseUnusable, in one line."""
        try:
            if self.is_sqlite:
                # aiosqlite that cannot open a file leaves a thread behind, which may fail aloud later.
                await asyncio.to_thread(self._open_file)
            yield
        except (SQLAlchemyError, sqlite3.Error, OSError) as error:
            raise _unusable(error) from error

    def _open_file(self) -> None:
        where, options = self._engine.dialect.create_connect_args(self._engine.url)
        sqlite3.connect(where[0], uri=options.get("uri", False)).close()

    def insert(self, table: Table) -> "postgresql.Insert | sqlite.Insert":
        """An INSERT that can be told what to do on a conflict: each dialect has its own."""
        # The other one stays unloaded.
        if self.is_sqlite:
            from sqlalchemy.dialects import sqlite  # noqa: PLC0415  # as above

            return sqlite.insert(table)
        from sqlalchemy.dialects import postgresql  # noqa: PLC0415  # as above

        return postgresql.insert(table)

    async def close(self) -> None:
        """Close every connection."""
        await self._engine.dispose()
        await self._reading.dispose()


def _weight(watched: WatchedLink) -> int:
    return 10 + (len(watched.snapshot.jobs) if watched.snapshot else 0)


@contextmanager
def if_possible(what: str) -> Iterator[None]:
    """A block that records something about what is done already, and that can be done without."""
    try:
        yield
    except DatabaseUnusable as error:
        _log.warning("not recorded", what=what, why=str(error))


class Shelf:
    """What each part of the store stands on."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault
        # By person: what was read last, good while its version is the row's.  Opening a token and reading
        # a snapshot cost more than the rest of a claim together, and seldom change.  Not for ever: another
        # process may have forgotten the person.
        self._watched: TTLCache[str, WatchedLink] = TTLCache(_REMEMBERED, ttl=3600, getsizeof=_weight)


def _postgresql(address: URL, *, answer_seconds: float = _ANSWER_SECONDS, **options: Any) -> AsyncEngine:
    # The server goes by its own limits also where it hears no more of us, and holds on to nothing.
    session = {
        "application_name": "ecotaxa-bot",
        "statement_timeout": f"{_STATEMENT_SECONDS}s",
        "lock_timeout": f"{_LOCKED_SECONDS}s",
        # A plan for whatever values does not know how few rows are wanted, and sorts all there are.
        "plan_cache_mode": "force_custom_plan",
        "idle_in_transaction_session_timeout": f"{_ABANDONED_SECONDS}s",
    }
    limits = {"timeout": _ANSWER_SECONDS, "command_timeout": answer_seconds, "server_settings": session}
    # An error would tell names and sealed tokens.
    engine = create_async_engine(address, connect_args=limits, hide_parameters=True, **options)
    tell_slow(engine)
    return engine


def _sqlite_writer(address: URL) -> AsyncEngine:
    # One connection: SQLite has one writer at a time anyway, and waiting for a turn in the pool is
    # fair and immediate, where its own busy handler polls.  `timeout` is for other processes.
    engine = create_async_engine(
        address,
        pool_size=1,
        max_overflow=0,
        pool_timeout=_TURN_SECONDS,
        connect_args={"isolation_level": None, "timeout": _LOCKED_SECONDS},
        # An error would tell names and sealed tokens.
        hide_parameters=True,
    )
    event.listen(engine.sync_engine, "connect", _prepare)
    event.listen(engine.sync_engine, "begin", _begin)
    tell_slow(engine)
    return engine


def _sqlite_reader(address: URL) -> AsyncEngine:
    """What is read waits for nobody who writes, or waits to: it sees what was committed last."""
    engine = create_async_engine(
        address, pool_size=1, max_overflow=0, pool_timeout=_TURN_SECONDS, hide_parameters=True,
        connect_args={"isolation_level": None, "timeout": _LOCKED_SECONDS},
    )  # fmt: skip
    tell_slow(engine)
    return engine


def _prepare(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    driver = cast(AdaptedConnection, connection.connection.dbapi_connection)
    # By way of a cursor this would be three turns of the driver's thread instead of one.
    driver.run_async(lambda sqlite: sqlite.execute("BEGIN IMMEDIATE"))


def _unusable(error: Exception) -> DatabaseUnusable:
    return DatabaseUnusable(detail=f"the database cannot be used: {reason(error)}")


def reason(error: BaseException) -> str:
    """Why a database refused, in one line, without the statement."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
    return (" ".join(str(cause).split()) or type(cause).__name__)[:200]
