"""Who is at the database: what only dead processes can have held is free again at once."""

import asyncio
import fcntl
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import ColumnElement, Executable, bindparam, delete, func, null, select, text, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.database import Database, Shelf
from bot.store.records import NoticeState
from bot.store.tables import UtcTime, accounts, cleanings, notices, sights

_log = structlog.get_logger(__name__)

# Any number will do, as long as all processes take the same, and none that stands for something else.
_PRESENT = 0x0EC07A8B

# How a lock of one number is shown: https://www.postgresql.org/docs/current/view-pg-locks.html
_HOLDERS = text(
    "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database"
    " WHERE datname = current_database() AND locktype = 'advisory'"
    " AND classid = 0 AND objid = :number AND objsubid = 1 AND granted"
).bindparams(number=_PRESENT)

_now: ColumnElement[datetime] = bindparam("now", type_=UtcTime)
_soon: ColumnElement[datetime] = bindparam("soon", type_=UtcTime)

# What may have reached Slack just now is looked for once that shows it; never later than it was to be.
_FREE_SENDING = (
    update(notices)
    .where(notices.c.state == NoticeState.SENDING.value, notices.c.due_at > _soon)
    .values(due_at=_soon)
)
_TELL_WILLS = (
    update(notices)
    .where(notices.c.state == NoticeState.WILL.value)
    .values(state=NoticeState.STALE.value, due_at=_now)
)
_LOOK_FOR = (
    update(notices)
    .where(notices.c.state == NoticeState.UNCERTAIN.value, notices.c.due_at > _soon)
    .values(due_at=_soon)
)
_SEND = (
    update(notices)
    .where(notices.c.state.in_((NoticeState.PENDING.value, NoticeState.STALE.value)), notices.c.due_at > _now)
    .values(due_at=_now)
)
_LOOK = update(accounts).where(accounts.c.due_at > _now).values(due_at=_now, leased_until=null())
_LOOK_OUT = update(sights).where(sights.c.due_at > _now).values(due_at=_now)


class Presence(Shelf):
    """Processes that are at the database hold a lock that dies with them, however they end.

    A claim says until when it holds, not whose it is.  That is enough: who finds nobody else at the
    database knows that whoever claimed something is dead.  Where others are at it, the leases decide.
    """

    _lock: "_FileLock | _SessionLock | None" = None

    async def attend(self, now: datetime, look_again: timedelta) -> bool:
        """Be at the database until the store is closed; tells whether nobody else is.

        Then all that is claimed is freed: messages that may have been sent are looked for after
        `look_again`, and what else was under way is due at once.  To be called before anything is claimed.
        """
        file = self._database.file
        self._lock = lock = _FileLock(file) if file else _SessionLock(self._database)
        if is_alone := await lock.try_alone():
            async with self._database.write() as connection:
                await connection.execute(_FREE_SENDING, {"soon": now + look_again})
                await connection.execute(_TELL_WILLS, {"now": now})
                await connection.execute(delete(cleanings))
            await self.bring_forward(now, look_again)
        await lock.share()
        return is_alone

    async def bring_forward(self, now: datetime, look_again: timedelta) -> None:
        """Have everything done now that waits for its turn or a second try: `now` may be an earlier one.

        What was planned for an hour of the day stays so, and what somebody is at is left to them.
        """
        async with self._database.write() as connection:
            await connection.execute(_LOOK_FOR, {"soon": now + look_again})
            await connection.execute(_SEND, {"now": now})
            await connection.execute(_LOOK, {"now": now})
            await connection.execute(_LOOK_OUT, {"now": now})

    async def stay(self) -> int:
        """Take the lock anew where the connection that held it was lost; how many are at the database."""
        return 1 if self._lock is None else await self._lock.renew()

    async def close(self) -> None:
        """Leave, and close every connection."""
        if self._lock is not None:
            await self._lock.release()
        await self._database.close()


class _FileLock:
    """SQLite's: on a file beside the database, whose own locks closing it a second time would drop."""

    def __init__(self, database: str) -> None:
        self._file = Path(f"{database}.lock").open("ab")  # noqa: SIM115  # held while the process lives

    async def try_alone(self) -> bool:
        with suppress(BlockingIOError):
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        return False

    async def share(self) -> None:
        # Whoever is alone is so for a moment only.
        await asyncio.to_thread(fcntl.flock, self._file, fcntl.LOCK_SH)

    async def renew(self) -> int:
        """Nothing can take it away, and whoever else comes to a file is not there for long."""
        return 1

    async def release(self) -> None:
        self._file.close()


class _SessionLock:
    """PostgreSQL's: an advisory lock of one connection, which ends with it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._session: AsyncConnection | None = None
        self._is_alone = False

    async def try_alone(self) -> bool:
        self._is_alone = bool(await self._ask(select(func.pg_try_advisory_lock(_PRESENT))))
        return self._is_alone

    async def share(self) -> None:
        await self._ask(select(func.pg_advisory_lock_shared(_PRESENT)))
        if self._is_alone:
            await self._ask(select(func.pg_advisory_unlock(_PRESENT)))

    async def renew(self) -> int:
        """Count the processes that hold the lock; this one does, if need be anew."""
        if self._session is not None:
            try:
                return await self._count()
            except (SQLAlchemyError, OSError) as error:
                _log.warning("the connection that showed our presence was lost", why=type(error).__name__)
                await self.release()
        try:
            await self._ask(select(func.pg_advisory_lock_shared(_PRESENT)))
        except (SQLAlchemyError, OSError):
            # A connection without the lock would pass for one that has it.
            await self.release()
            raise
        return await self._count()

    async def _count(self) -> int:
        return int(await self._ask(_HOLDERS))

    async def release(self) -> None:
        if self._session is not None:
            # Closed as it is: of one that is lost nothing can be rolled back.
            await self._session.invalidate()
            await self._session.close()
            self._session = None

    async def _ask(self, what: Executable) -> Any:
        if self._session is None:
            self._session = await self._database.session()
        return (await self._session.execute(what)).scalar_one()
