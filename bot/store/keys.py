"""Keys: which stored tokens they open, and sealing all anew with the first of them."""

from collections.abc import AsyncIterator, Callable, Collection, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Table, bindparam, inspect, select, update

from bot.errors import TokenUnreadable
from bot.links import LinkState, Person, Workspace
from bot.store import schema
from bot.store.database import Shelf
from bot.store.installations import SEALED, owner_of
from bot.store.records import Resealed
from bot.store.tables import links, slack_bots, slack_installations

BATCH = 100
"""Tokens sealed anew in one transaction: the bot at work on the same database waits no longer than that."""

_STORED = (
    select(links.c.person_key, links.c.sealed)
    .where(links.c.person_key > bindparam("after"), links.c.state.in_(bindparam("states", expanding=True)))
    .order_by(links.c.person_key)
    .limit(BATCH)
)
# Whoever linked anew meanwhile keeps the new token.  The version stays: the token is the same, so what was
# opened and seen of this link still holds, and a look under way may be recorded.
_RESEAL = (
    update(links)
    .where(links.c.person_key == bindparam("person"), links.c.sealed == bindparam("before"))
    .values(sealed=bindparam("anew"))
)


class Keys(Shelf):
    """The keys, and the tokens that are sealed with them."""

    async def count_unreadable(self) -> tuple[int, int]:
        """How many tokens of active links no key opens, and how many such links there are.

        Raises DatabaseUnusable when the database cannot be reached, or a newer release was at work here.
        """
        unreadable = stored = 0
        if await self._asked(schema.refuse_newer) is None:
            return unreadable, stored
        async for rows in self._stored([LinkState.ACTIVE]):
            for row in rows:
                stored += 1
                try:
                    self._vault.open(Person.of_key(row.person_key), row.sealed)
                except TokenUnreadable:
                    unreadable += 1
        return unreadable, stored

    async def reseal_tokens(self) -> Resealed:
        """Seal every stored token with the first of the keys, also while bots are at work here.

        Any number may do so at once, or begin again after one that was cut off.  Afterwards no other key
        is needed, unless a bot that was started without the first one goes on sealing.  Raises
        DatabaseUnusable when the database cannot be reached, has no tables, or a newer release was at
        work here.
        """
        await self._asked(schema.known_revision)
        resealed = of_workspaces = 0
        while True:
            again = await self._reseal_installations()
            of_workspaces += again
            current, unreadable = 0, len(await self.unreadable_workspaces())
            async for rows in self._stored(list(LinkState)):
                changes = []
                for row in rows:
                    try:
                        anew = self._anew(row)
                    except TokenUnreadable:
                        unreadable += 1
                        continue
                    if anew is None:
                        current += 1
                    else:
                        changes.append({"person": row.person_key, "before": row.sealed, "anew": anew})
                if changes:
                    resealed += await self._replace(changes)
                    again += 1
            # Another round: what somebody changed meanwhile was left alone, and may be sealed as before.
            if not again:
                return Resealed(resealed + of_workspaces, max(0, current - resealed), unreadable)

    async def unreadable_workspaces(self) -> list[str]:
        """The workspaces, or organisations, of whose tokens no key opens some: the bot can do nothing there.

        Raises as `count_unreadable`.
        """
        if await self._asked(schema.refuse_newer) is None:
            return []
        lost = set()
        for _, row in await self._installed():
            owner = owner_of(row)
            try:
                self._open_all(owner, row)
            except TokenUnreadable:
                lost.add(owner.team_id or owner.key)
        return sorted(lost)

    async def _installed(self) -> list[tuple[Table, dict[str, Any]]]:
        """All installations, of which there are few; none in a database that knows no such thing yet."""
        found = []
        async with self._database.read() as connection:
            for table in (slack_bots, slack_installations):
                if await connection.run_sync(_has, table.name):
                    rows = (await connection.execute(select(table))).mappings()
                    found += [(table, dict(row)) for row in rows]
        return found

    def _open_all(self, owner: Workspace, row: dict[str, Any]) -> dict[str, str]:
        return {c: self._vault.open(owner, row[c]) for c in SEALED if row.get(c)}

    async def _reseal_installations(self) -> int:
        """Seal the tokens of installations anew: how many that were."""
        resealed = 0
        for table, row in await self._installed():
            owner = owner_of(row)
            try:
                opened = self._open_all(owner, row)
            except TokenUnreadable:
                continue
            old = {column for column in opened if not self._vault.is_current(row[column])}
            if not old:
                continue
            is_same = [table.c[column] == row[column] for column in old]
            anew = {column: self._vault.seal(owner, opened[column]) for column in old}
            change = update(table).where(table.c.id == row["id"], *is_same).values(anew)
            async with self._database.write() as connection:
                resealed += (await connection.execute(change)).rowcount
        return resealed

    async def _asked(self, question: Callable[[Connection], str | None]) -> str | None:
        async with self._database.first_contact(), self._database.read() as connection:
            return await connection.run_sync(question)

    async def _stored(self, states: Collection[LinkState]) -> AsyncIterator[Sequence[Row[*tuple[Any, ...]]]]:
        after, meant = "", [state.value for state in states]
        while True:
            async with self._database.read() as connection:
                rows = (await connection.execute(_STORED, {"after": after, "states": meant})).all()
            if not rows:
                return
            yield rows
            after = rows[-1].person_key

    def _anew(self, row: Row[*tuple[Any, ...]]) -> str | None:
        """The token under the first key; None when that has sealed it already.  Raises TokenUnreadable."""
        person = Person.of_key(row.person_key)
        secret = self._vault.open(person, row.sealed)
        return None if self._vault.is_current(row.sealed) else self._vault.seal(person, secret)

    async def _replace(self, changes: Sequence[dict[str, str]]) -> int:
        async with self._database.write() as connection:
            return sum([(await connection.execute(_RESEAL, change)).rowcount for change in changes])


def _has(connection: Connection, table: str) -> bool:
    return inspect(connection).has_table(table)
