"""Real databases for the store's tests, SQLite and PostgreSQL; a clean slate for the command line's."""

import logging
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import structlog
from slack_sdk.oauth.installation_store import Installation
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from bot.links import Link, Person, Token, Workspace
from bot.store import Store
from bot.store.database import database_url as normalised
from bot.vault import Vault
from tests.conftest import empty
from tests.processes import OURS

Linked = Callable[..., Awaitable[Link]]
Query = Callable[..., Awaitable[list[Any]]]


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[AsyncConnection]:
    """A transaction at the database itself, past any store."""
    engine = create_async_engine(normalised(url))
    async with engine.begin() as connection:
        yield connection
    await engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
async def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """The address of an empty database, as a user would write it."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/bot.sqlite3"
        return
    address: str = request.getfixturevalue("postgres")
    await empty(address)
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


@pytest.fixture
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting of the machine's, and no `.env` of the folder's."""
    for name in [name for name in os.environ if OURS.match(name)]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def logging_as_before() -> Iterator[None]:
    """The command line sets the logging up; the other tests want it as it was."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def installation(where: Workspace, **more: Any) -> Installation:
    """What Slack tells of the bot's installation in a workspace or, without a team, in an organisation."""
    values = {
        "app_id": "A1",
        "enterprise_id": where.enterprise_id,
        "team_id": where.team_id or None,
        "bot_token": f"xoxb-{where.key}",
        "bot_id": "B1",
        "bot_user_id": "UBOT",
        "bot_scopes": "commands,chat:write",
        "user_id": "UINSTALLER",
        "is_enterprise_install": not where.team_id,
        "token_type": "bot",
    }
    return Installation(**values | more)
