"""A few of the crashes that `make chaos` makes by the hundred."""

import secrets
from pathlib import Path

import pytest

from tests.chaos.run import run
from tests.conftest import empty

TRIES = 3
"""So few kills do not always meet what they are meant to meet; a run that proves nothing is repeated."""


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
async def test_a_bot_that_is_killed_over_and_over_loses_nothing_and_tells_nothing_twice(
    database: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    for attempt in range(TRIES):
        folder = tmp_path / str(attempt)
        folder.mkdir()
        url = f"sqlite:///{folder / 'bot.sqlite3'}"
        if database == "postgresql":
            url = request.getfixturevalue("postgres")
            await empty(url)
        result = await run(database, url, folder, seed=secrets.randbelow(10**6), kills=15, transitions=90)
        if not any(complaint.endswith("proves nothing") for complaint in result.complaints):
            break

    assert result.complaints == [], result.line()
