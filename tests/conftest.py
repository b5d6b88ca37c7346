"""A PostgreSQL server of this test run's own, for whoever needs one."""

from collections.abc import Iterator

import coverage
import pytest
from hypothesis import settings
from sqlalchemy import NullPool, text
from sqlalchemy.ext.asyncio import create_async_engine

from bot.store.database import database_url as normalised
from tests.postgres import serving

# A machine that is busy with other tests is slow now and then, which says nothing about the code.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")


def pytest_sessionfinish() -> None:
    """Write down what was covered: a worker that takes ten seconds to end is killed, with all it knows."""
    if (measured := coverage.Coverage.current()) is not None:
        measured.save()


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a PostgreSQL server; it and its data are gone after the run."""
    with serving() as address:
        yield address


async def empty(address: str) -> None:
    """Make a PostgreSQL database as good as new, at half the cost of a new one."""
    engine = create_async_engine(normalised(address), poolclass=NullPool)
    async with engine.begin() as connection:
        await connection.execute(text("DROP SCHEMA public CASCADE"))
        await connection.execute(text("CREATE SCHEMA public"))
