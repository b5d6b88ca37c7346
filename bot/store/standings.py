"""How things stand, in figures: what is owed and late, and how many people are linked."""

import asyncio
from datetime import datetime

from sqlalchemy import bindparam, func, select
from sqlalchemy.exc import SQLAlchemyError

from bot.errors import DatabaseUnusable
from bot.links import LinkState
from bot.metrics import Standing
from bot.store.database import Shelf
from bot.store.records import NoticeState
from bot.store.tables import UtcTime, links, notices

# What is under way is due again at the end of its lease; edits and wills tell nothing new.
_LATE = select(func.count(), func.min(notices.c.due_at)).where(
    notices.c.due_at <= bindparam("now", type_=UtcTime),
    notices.c.state.not_in((NoticeState.STALE.value, NoticeState.WILL.value)),
)
_LINKS = select(links.c.state, func.count()).group_by(links.c.state)


class Standings(Shelf):
    """The figures that all replicas share."""

    async def standing(self, now: datetime, within: float) -> Standing | None:
        """How things stand; None where the database does not tell within so many seconds.

        These are two small queries, of which one goes by the index of what is due.
        """
        try:
            async with asyncio.timeout(within), self._database.read() as connection:
                due, oldest = (await connection.execute(_LATE, {"now": now})).one()
                by_state = {str(state): int(count) for state, count in await connection.execute(_LINKS)}
        except (DatabaseUnusable, SQLAlchemyError, TimeoutError):
            return None
        age = (now - oldest).total_seconds() if oldest else 0.0
        return Standing(due, age, {state.value: by_state.get(state, 0) for state in LinkState})
