"""A start loads what it needs, and nothing else."""

from pathlib import Path

from tests.processes import started

UNNEEDED = ("alembic", "mako", "bot.sandbox", "sqlalchemy.dialects.postgresql", "asyncpg")


async def test_what_a_start_does_not_need_is_not_loaded(settings: dict[str, str], tmp_path: Path) -> None:
    first, _ = await started(settings, tmp_path)

    again, _ = await started(settings, tmp_path)

    assert "alembic" in first, "the database was made"
    assert [name for name in again if name.startswith(UNNEEDED)] == []
