"""The bell: whoever makes work wakes every process at a PostgreSQL, which need not wait for its next tick.

It is rung within the transaction that makes the work, and PostgreSQL passes it on when that commits: who
hears it finds the work there, and nobody is woken for what was rolled back.
https://www.postgresql.org/docs/current/sql-notify.html
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from enum import StrEnum
from typing import Any

import structlog
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.database import Shelf

_log = structlog.get_logger(__name__)

_CHANNEL = "ecotaxa_bot"
_AGAIN_SECONDS = 5.0
"""Between two tries to connect."""
_QUIET_SECONDS = 30.0
"""After so long without a ring the connection is tried: one that was cut far away tells nothing."""


class Ring(StrEnum):
    """What there is to do, for whoever comes first."""

    DELIVER = "deliver"
    LOOK = "look"


async def ring(connection: AsyncConnection, what: Ring) -> None:
    """Wake all processes once the caller's transaction is committed; SQLite has but the one, which knows."""
    if connection.dialect.name == "postgresql":
        await connection.execute(select(func.pg_notify(_CHANNEL, what.value)))


class Bell(Shelf):
    """Hears what is rung, on a connection of its own; whoever cannot hear it still ticks."""

    async def listen(self, answer: Callable[[Ring], Awaitable[object]]) -> None:
        """Answer the bell until cancelled, one ring after the other; at once for SQLite, where nobody rings.

        What is rung several times while an answer is under way is answered once more.  After a time in
        which it could not be heard, all there may be to do is answered.
        """
        if self._database.is_sqlite:
            return
        from asyncpg import InterfaceError, PostgresError  # noqa: PLC0415  # with SQLite it is not even loaded

        while True:
            try:
                await self._hear(answer)
            except (SQLAlchemyError, PostgresError, InterfaceError, OSError, TimeoutError) as error:
                _log.debug("the bell is not heard", why=type(error).__name__)
            await asyncio.sleep(_AGAIN_SECONDS)

    async def _hear(self, answer: Callable[[Ring], Awaitable[object]]) -> None:
        """Answer until the connection is lost: then what it was lost by is raised."""
        rung, stirs, is_cut = set(Ring), asyncio.Event(), False

        def heard(_connection: object, _pid: int, _channel: str, what: str) -> None:
            # A later release may ring for something that this one does not know.
            with suppress(ValueError):
                rung.add(Ring(what))
                stirs.set()

        def cut(_connection: object) -> None:
            nonlocal is_cut
            is_cut = True
            stirs.set()

        session = await self._database.session()
        try:
            driver: Any = (await session.get_raw_connection()).driver_connection
            driver.add_termination_listener(cut)
            await driver.add_listener(_CHANNEL, heard)
            while not is_cut:
                stirs.clear()
                while rung:
                    await answer(rung.pop())
                try:
                    async with asyncio.timeout(_QUIET_SECONDS):
                        await stirs.wait()
                except TimeoutError:
                    await driver.execute("SELECT 1")
            raise ConnectionResetError
        finally:
            # Closed as it is: what was done on it was the driver's own, and nothing is left to roll back.
            await session.invalidate()
            await session.close()
