"""The bot's database, read from outside: by nobody for longer than a moment, as after a crash."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from sqlalchemy import NullPool, text
from sqlalchemy.ext.asyncio import create_async_engine

from bot.links import Person
from bot.store.database import database_url as normalised
from tests.chaos.judge import Row

_NOTICES = (
    "SELECT id, key, kind, job_id, place, state, reason, person_key, payload, attempts"
    " FROM notices ORDER BY id"
)


@dataclass(frozen=True, slots=True)
class Page:
    """How the books stand: each job's state as it was last seen, and the keys of what may be in Slack."""

    seen: dict[int, str]
    tried: frozenset[str]


class Books:
    """A database that a bot works in."""

    def __init__(self, url: str) -> None:
        self._engine = create_async_engine(normalised(url), poolclass=NullPool)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._engine.dispose()

    async def page(self) -> Page:
        """How it stands now."""
        async with self._engine.connect() as connection:
            texts = await connection.execute(text("SELECT snapshot FROM links WHERE snapshot IS NOT NULL"))
            seen = {int(job): state for (it,) in texts for job, (state, *_) in json.loads(it)[1].items()}
            tried = await connection.execute(
                text("SELECT key FROM notices WHERE state IN ('sending', 'uncertain')")
            )
            return Page(seen, frozenset(key for (key,) in tried))

    async def looked(self) -> dict[str, bool]:
        """By person: whether their account was looked at."""
        rows = await self._ask("SELECT person_key, snapshot IS NOT NULL AS is_seen FROM links")
        return {it.person_key: bool(it.is_seen) for it in rows}

    async def rows(self) -> list[Row]:
        """All messages that were ever owed."""
        return [
            Row(it.id, it.key, it.kind, it.job_id, it.place or _direct(it.person_key), it.state, it.reason)
            for it in await self._ask(_NOTICES)
        ]

    async def _ask(self, sql: str) -> Sequence[Any]:
        async with self._engine.connect() as connection:
            return (await connection.execute(text(sql))).all()


def _direct(person_key: str) -> str:
    return f"D{Person.of_key(person_key).user_id.removeprefix('U')}"
