"""The whole database in a file and back: SQLite and PostgreSQL, from one to the other, with a bot at work."""

import asyncio
import sqlite3
import stat
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import JSON, BigInteger, Boolean, Column, Integer, Text, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from bot.errors import DatabaseUnusable
from bot.links import Link, Person
from bot.messages import note
from bot.store import Copied, NewNotice, Store
from bot.store.backups import BATCH
from bot.store.database import database_url as normalised
from bot.store.tables import LibraryTime, UtcTime, Words, metadata
from bot.vault import Vault
from tests.bot.conftest import connected

Linked = Callable[..., Awaitable[Link]]
Query = Callable[..., Awaitable[list[Any]]]

MOMENT = datetime(2026, 3, 1, 12, 0, 0, 123456, UTC)


KINDS: dict[type, Callable[[int], object]] = {
    UtcTime: lambda number: MOMENT + timedelta(microseconds=number),
    LibraryTime: lambda number: MOMENT + timedelta(microseconds=number),
    Boolean: lambda number: number % 2 == 0,
    BigInteger: lambda number: 2**41 + number,
    Integer: lambda number: number,
    Words: lambda number: f"« Amélie 浮游 '{number}'\n\t\\ 🦐",
    Text: lambda number: f"« Amélie 浮游 '{number}'\n\t\\ 🦐",
    JSON: lambda number: {"deep": [None, 1.5, "é\u0000", {"number": number}]},
}
"""What columns of each type hold here, such as a careless copy would change."""


def value(column: Column[Any], number: int) -> object:
    """What the column holds in that row."""
    if column.name in ("person_key", "follower_key", "colleague_key"):
        return f"-/T1/U{number:04}"
    if column.name == "ecotaxa_user_id":
        return 2**40 + number
    if column.nullable and number % 3 == 2:
        return None
    return KINDS[type(column.type)](number)


def rows(many: int) -> dict[str, list[dict[str, object]]]:
    """So many rows of every table there is."""
    return {
        table.name: [
            {column.name: value(column, number) for column in table.columns} for number in range(1, many + 1)
        ]
        for table in metadata.sorted_tables
    }


async def fill(url: str, many: int) -> None:
    async with connected(url) as connection:
        for name, some in rows(many).items():
            await connection.execute(insert(metadata.tables[name]), some)


async def held(url: str) -> dict[str, list[Any]]:
    """All that is in a database, by table."""
    async with connected(url) as connection:
        return {
            table.name: [
                dict(row._mapping)
                for row in await connection.execute(select(table).order_by(*table.primary_key))
            ]
            for table in metadata.sorted_tables
        }


def named(folder: Path) -> list[str]:
    """The backups in a folder, whole or not."""
    return [path.name for path in folder.glob("backup*")]


@pytest.fixture
async def another_url(
    request: pytest.FixtureRequest, database_url: str, tmp_path: Path
) -> AsyncIterator[str]:
    """The address of another, empty database; PostgreSQL's is beside the first on the same server."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/another.sqlite3"
        return
    postgres: str = request.getfixturevalue("postgres")
    async with _server(postgres) as server:
        await server.exec_driver_sql("DROP DATABASE IF EXISTS another")
        await server.exec_driver_sql("CREATE DATABASE another")
    yield postgres.replace("/postgres?", "/another?")
    async with _server(postgres) as server:
        await server.exec_driver_sql("DROP DATABASE another WITH (FORCE)")


@asynccontextmanager
async def _server(url: str) -> AsyncIterator[AsyncConnection]:
    engine = create_async_engine(normalised(url), isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        yield connection
    await engine.dispose()


@pytest.fixture
async def another(another_url: str, vault: Vault) -> AsyncIterator[Store]:
    """A store on that other database, whose tables nobody has made yet."""
    another = Store.open(another_url, vault)
    yield another
    await another.close()


both = pytest.mark.parametrize("another_url", ["sqlite", "postgresql"], indirect=True)
on_sqlite = pytest.mark.parametrize("another_url", ["sqlite"], indirect=True)


@both
async def test_every_row_of_every_table_goes_there_and_back(
    store: Store, another: Store, database_url: str, another_url: str, tmp_path: Path
) -> None:
    many = BATCH + 3
    await fill(database_url, many)
    kept = await held(database_url)
    assert {name: len(some) for name, some in kept.items()} == dict.fromkeys(metadata.tables, many)
    file = tmp_path / "backup.sqlite3"

    told = await store.back_up(file)

    assert (told.links, told.rows) == (many, many * len(metadata.tables))
    assert await another.restore(file) == told
    assert await held(another_url) == kept
    assert await held(database_url) == kept


@both
async def test_numbers_go_on_where_they_were(
    store: Store, another: Store, linked: Linked, query: Query, another_url: str, tmp_path: Path, ada: Person,
    now: datetime,
) -> None:  # fmt: skip
    await linked(ada)
    for number in range(3):
        await store.owe(NewNotice.said(str(number), ada, note("Hello")), now)
    await query("DELETE FROM notices WHERE id > 1")
    await store.back_up(tmp_path / "backup.sqlite3")
    await another.restore(tmp_path / "backup.sqlite3")

    await another.owe(NewNotice.said("next", ada, note("Hello")), now)

    async with connected(another_url) as connection:
        numbers = (await connection.exec_driver_sql("SELECT id FROM notices ORDER BY id")).scalars().all()
    assert list(numbers) == [1, 5], "the first is of the link itself"


async def test_a_backup_is_a_database_of_the_same_revision_that_only_its_owner_reads(
    store: Store, linked: Linked, query: Query, tmp_path: Path, ada: Person
) -> None:
    await linked(ada, secret="very.secret.token")
    file = tmp_path / "backup.sqlite3"

    told = await store.back_up(file)

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert named(tmp_path) == ["backup.sqlite3"]
    assert b"very.secret.token" not in file.read_bytes()
    with closing(sqlite3.connect(file)) as backup:
        revision = backup.execute("SELECT version_num FROM alembic_version").fetchall()
        assert backup.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert revision == [tuple(row) for row in await query("SELECT version_num FROM alembic_version")]
    assert told == Copied(await _rows(query), 1, revision[0][0])


async def _rows(query: Query) -> int:
    return sum([(await query(f"SELECT count(*) FROM {name}"))[0][0] for name in metadata.tables])


async def test_what_was_deleted_is_not_in_it(
    store: Store, linked: Linked, query: Query, tmp_path: Path, ada: Person
) -> None:
    await linked(ada)
    ((sealed,),) = await query("SELECT sealed FROM links")
    await store.forget_link(ada)

    await store.back_up(tmp_path / "backup.sqlite3")

    assert sealed.encode() not in (tmp_path / "backup.sqlite3").read_bytes()


async def test_a_bot_at_work_goes_on_and_the_copy_is_of_one_moment(
    store: Store, other_store: Store, linked: Linked, tmp_path: Path, now: datetime
) -> None:
    """Each link comes with its account, its reminder: whoever copied them apart would have one without."""
    written = 0
    stop, begun = asyncio.Event(), asyncio.Event()

    async def write() -> None:
        nonlocal written
        while not stop.is_set():
            await linked(Person(None, "T1", f"U{written:04}"), written)
            written += 1
            if written == 20:
                begun.set()

    writing = asyncio.create_task(write())
    await begun.wait()
    links = []
    for number in range(3):
        before = written
        file = tmp_path / f"{number}.sqlite3"
        links.append((await other_store.back_up(file)).links)
        assert before <= links[-1] <= written + 1
        with closing(sqlite3.connect(file)) as backup:
            people = backup.execute("SELECT person_key FROM links ORDER BY 1").fetchall()
            assert backup.execute("SELECT DISTINCT person_key FROM notices ORDER BY 1").fetchall() == people
            assert backup.execute("SELECT count(*) FROM accounts").fetchall() == [(len(people),)]
    stop.set()
    await writing

    assert links[-1] > 20, "it wrote meanwhile"


async def test_no_file_is_overwritten(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "backup.sqlite3"
    file.write_text("precious")

    with pytest.raises(DatabaseUnusable, match=r"backup\.sqlite3 is there already, and is not overwritten"):
        await store.back_up(file)

    assert file.read_text() == "precious"
    assert named(tmp_path) == ["backup.sqlite3"]


async def test_two_backups_to_one_name_do_not_mix(store: Store, other_store: Store, tmp_path: Path) -> None:
    file = tmp_path / "backup.sqlite3"

    done = await asyncio.gather(store.back_up(file), other_store.back_up(file), return_exceptions=True)

    assert [type(each) for each in done] == [Copied, DatabaseUnusable]
    assert "another backup writes it" in str(done[1])
    assert named(tmp_path) == ["backup.sqlite3"]


async def test_a_file_that_cannot_be_written_is_one_line(store: Store, tmp_path: Path) -> None:
    with pytest.raises(
        DatabaseUnusable, match=r"missing/backup\.sqlite3\.partial cannot be written: No such file"
    ):
        await store.back_up(tmp_path / "missing" / "backup.sqlite3")


async def test_an_empty_database_is_not_backed_up(database_url: str, vault: Vault, tmp_path: Path) -> None:
    store = Store.open(database_url, vault)

    with pytest.raises(DatabaseUnusable, match=r"^the database holds nothing of ecotaxa-bot's$"):
        await store.back_up(tmp_path / "backup.sqlite3")

    await store.close()
    assert named(tmp_path) == []


async def test_a_newer_releases_database_is_not_backed_up(store: Store, query: Query, tmp_path: Path) -> None:
    await query("UPDATE alembic_version SET version_num = 'from_the_future'")

    with pytest.raises(DatabaseUnusable, match=r"^the database was made by a newer ecotaxa-bot"):
        await store.back_up(tmp_path / "backup.sqlite3")

    assert named(tmp_path) == []


async def test_nothing_is_restored_over_what_is_there(
    store: Store, linked: Linked, database_url: str, tmp_path: Path, ada: Person, bob: Person
) -> None:
    await linked(ada)
    await store.back_up(tmp_path / "backup.sqlite3")
    await linked(bob)
    kept = await held(database_url)

    with pytest.raises(DatabaseUnusable, match=r"the database is not empty \(it has accounts, .*links"):
        await store.restore(tmp_path / "backup.sqlite3")

    assert await held(database_url) == kept


async def test_a_database_whose_tables_are_made_already_is_filled(
    store: Store, linked: Linked, database_url: str, tmp_path: Path, ada: Person
) -> None:
    await linked(ada)
    await store.back_up(tmp_path / "backup.sqlite3")
    kept = await held(database_url)
    await store.forget_link(ada)

    await store.restore(tmp_path / "backup.sqlite3")

    assert await held(database_url) == kept
    assert await store.find_link(ada) is not None


@on_sqlite
async def test_what_is_no_backup_is_refused_in_one_line(another: Store, tmp_path: Path) -> None:
    text, empty_file, other = (tmp_path / name for name in ("text", "empty", "other.sqlite3"))
    text.write_text("not a database " * 100)
    empty_file.touch()
    with closing(sqlite3.connect(other)) as made:
        made.execute("CREATE TABLE shopping (thing TEXT)")

    for file, why in (
        (text, "cannot be read as a backup: file is not a database"),
        (tmp_path / "missing", "cannot be read as a backup: unable to open database file"),
        (empty_file, "holds nothing of ecotaxa-bot's"),
        (other, "holds nothing of ecotaxa-bot's"),
    ):
        with pytest.raises(DatabaseUnusable) as refused:
            await another.restore(file)
        assert str(refused.value) == f"{file} {why}"


@on_sqlite
async def test_a_newer_releases_backup_is_refused(
    store: Store, another: Store, another_url: str, tmp_path: Path
) -> None:
    file = tmp_path / "backup.sqlite3"
    await store.back_up(file)
    with closing(sqlite3.connect(file)) as backup, backup:
        backup.execute("UPDATE alembic_version SET version_num = 'from_the_future'")

    with pytest.raises(
        DatabaseUnusable, match=r"backup\.sqlite3 was made by a newer ecotaxa-bot \(revision from"
    ):
        await another.restore(file)

    async with connected(another_url) as connection:
        assert (await connection.exec_driver_sql("SELECT name FROM sqlite_master")).all() == []


@on_sqlite
async def test_nothing_is_restored_into_a_newer_releases_database(
    store: Store, query: Query, another: Store, tmp_path: Path
) -> None:
    await another.migrate()
    await another.back_up(tmp_path / "backup.sqlite3")
    await query("UPDATE alembic_version SET version_num = 'from_the_future'")

    with pytest.raises(DatabaseUnusable, match=r"^the database was made by a newer ecotaxa-bot"):
        await store.restore(tmp_path / "backup.sqlite3")


@both
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_restore_that_fails_leaves_nothing(
    store: Store, another: Store, another_url: str, database_url: str, tmp_path: Path
) -> None:
    file = tmp_path / "backup.sqlite3"
    await fill(database_url, 2)
    await store.back_up(file)
    with closing(sqlite3.connect(file)) as backup, backup:
        backup.execute("DELETE FROM accounts")

    with pytest.raises(DatabaseUnusable, match=r"^the database cannot be used: "):
        await another.restore(file)

    await another.migrate()
    assert not any((await held(another_url)).values())


@on_sqlite
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_database_of_a_bot_that_runs_is_read_whole_and_left_as_it_is(
    store: Store, another: Store, linked: Linked, database_url: str, tmp_path: Path, ada: Person
) -> None:
    """What it wrote last lies in a file beside."""
    await linked(ada)
    file = tmp_path / "bot.sqlite3"
    before = file.read_bytes()

    await another.restore(file)

    assert await another.find_link(ada) is not None
    assert file.read_bytes() == before
