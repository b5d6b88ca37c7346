"""Answers in the making: what was picked for a job's names, and the users that were picked before."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import and_, bindparam, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.links import Person
from bot.store.database import Database, Shelf
from bot.store.records import NameKind, Pick
from bot.store.tables import links, picks, remembered_users

_HAS_LINK = (
    select(links.c.person_key)
    .where(links.c.person_key == bindparam("person"))
    .with_for_update(read=True, key_share=True)
)
_of_job = and_(picks.c.person_key == bindparam("person"), picks.c.job_id == bindparam("job"))
_FIND = select(picks).where(_of_job)
_DROP = delete(picks).where(_of_job)
_DROP_ONE = delete(picks).where(
    _of_job, picks.c.kind == bindparam("of_kind"), picks.c.name == bindparam("for_name")
)
_FIND_REMEMBERED = select(remembered_users).where(
    remembered_users.c.person_key == bindparam("person"),
    remembered_users.c.name.in_(bindparam("names", expanding=True)),
)


class Answers(Shelf):
    """What people picked: kept until the answer is sent, or for later; only for people with a link."""

    async def find_picks(self, person: Person, job_id: int) -> dict[tuple[NameKind, str], Pick]:
        """What the person picked so far for a job's names, also when it asked more, or less, before."""
        async with self._database.read() as connection:
            rows = await connection.execute(_FIND, {"person": person.key, "job": job_id})
            return {(row.kind, row.name): Pick(row.picked_id, row.label) for row in rows}

    async def save_picks(
        self,
        person: Person,
        job_id: int,
        picked: Mapping[tuple[NameKind, str], Pick | None],
        now: datetime,
    ) -> None:
        """Add to what the person picked for a job; None takes a pick back."""
        async with self._database.write() as connection:
            if await has_link(connection, person):
                await keep_picks(self._database, connection, person, job_id, picked, now)

    async def drop_picks(self, person: Person, job_id: int) -> None:
        """Forget what the person picked for a job."""
        async with self._database.write() as connection:
            await connection.execute(_DROP, {"person": person.key, "job": job_id})

    async def remember_users(self, person: Person, users: Mapping[str, Pick], now: datetime) -> None:
        """Keep whom the person means by these names, for their next imports."""
        rows = [
            {
                "person_key": person.key,
                "name": name,
                "picked_id": pick.id,
                "label": pick.label,
                "saved_at": now,
            }
            for name, pick in users.items()
        ]
        insert = self._database.insert(remembered_users)
        upsert = insert.on_conflict_do_update(
            index_elements=list(remembered_users.primary_key),
            set_={name: insert.excluded[name] for name in ("picked_id", "label", "saved_at")},
        )
        async with self._database.write() as connection:
            if rows and await has_link(connection, person):
                await connection.execute(upsert, rows)

    async def find_remembered_users(self, person: Person, names: Collection[str]) -> dict[str, Pick]:
        """Whom the person meant by those of the names that they picked somebody for before."""
        parameters = {"person": person.key, "names": list(names)}
        async with self._database.read() as connection:
            rows = await connection.execute(_FIND_REMEMBERED, parameters)
            return {row.name: Pick(row.picked_id, row.label) for row in rows}


async def has_link(connection: AsyncConnection, person: Person) -> bool:
    """Whether the person has a link, which then stays until the end of the caller's transaction."""
    # Locked, so that a person who is being forgotten leaves nothing behind.
    return (await connection.execute(_HAS_LINK, {"person": person.key})).one_or_none() is not None


async def keep_picks(
    database: Database,
    connection: AsyncConnection,
    person: Person,
    job_id: int,
    picked: Mapping[tuple[NameKind, str], Pick | None],
    now: datetime,
) -> None:
    """Add to what the person picked for a job, within the transaction of a caller who looked at the link."""
    rows = [
        {
            "person_key": person.key,
            "job_id": job_id,
            "kind": kind,
            "name": name,
        }
        | {"picked_id": pick.id, "label": pick.label, "saved_at": now}
        for (kind, name), pick in picked.items()
        if pick is not None
    ]
    gone = [
        {"person": person.key, "job": job_id, "of_kind": kind, "for_name": name}
        for (kind, name), pick in picked.items()
        if pick is None
    ]
    insert = database.insert(picks)
    upsert = insert.on_conflict_do_update(
        index_elements=list(picks.primary_key),
        set_={name: insert.excluded[name] for name in ("picked_id", "label", "saved_at")},
    )
    if rows:
        await connection.execute(upsert, rows)
    if gone:
        await connection.execute(_DROP_ONE, gone)
