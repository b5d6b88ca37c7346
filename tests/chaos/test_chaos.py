"""A few of the crashes that `make chaos` makes by the hundred."""

import secrets
from pathlib import Path

import pytest

from tests.chaos.run import run
from tests.conftest import empty


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
async def test_a_bot_that_is_killed_over_and_over_loses_nothing_and_tells_nothing_twice(
    database: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path / 'bot.sqlite3'}"
    if database == "postgresql":
        url = request.getfixturevalue("postgres")
        await empty(url)

    result = await run(database, url, tmp_path, seed=secrets.randbelow(10**6), kills=15, transitions=90)

    assert result.complaints == [], result.line()
