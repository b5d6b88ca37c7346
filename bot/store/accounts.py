"""Accounts: when each is looked at next, and whose turn it is to look."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, bindparam, case, func, null, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import TokenUnreadable
from bot.links import LinkState, Person
from bot.store.bell import Ring, ring
from bot.store.database import Shelf
from bot.store.links import LINK_COLUMNS, read_link
from bot.store.records import Account, Settled, Timetable, WatchedLink
from bot.store.tables import UtcTime, accounts, links
from bot.transitions import Snapshot

_now: ColumnElement[datetime] = bindparam("now", type_=UtcTime)
_until: ColumnElement[datetime] = bindparam("until", type_=UtcTime)
_due: ColumnElement[datetime] = bindparam("due", type_=UtcTime)

_IS_DUE = and_(
    accounts.c.due_at <= _now,
    or_(accounts.c.leased_until.is_(None), accounts.c.leased_until <= _now),
    select(links.c.person_key)
    .where(links.c.ecotaxa_user_id == accounts.c.ecotaxa_user_id, links.c.state == LinkState.ACTIVE.value)
    .exists(),
)
_next = (
    select(accounts.c.ecotaxa_user_id)
    .where(_IS_DUE)
    .order_by(accounts.c.due_at)
    .limit(bindparam("at_most"))
    .with_for_update(skip_locked=True)
    .cte("next")
)
# `due_at` is put to the lease's end: once it is earlier than that, somebody woke the account.
_CLAIM = (
    update(accounts)
    .where(accounts.c.ecotaxa_user_id.in_(select(_next.c.ecotaxa_user_id)))
    .values(due_at=_until, leased_until=_until)
    .returning(
        accounts.c.ecotaxa_user_id,
        accounts.c.failures,
        accounts.c.size,
        accounts.c.whole_at,
        accounts.c.leased_until,
    )
)
_STANDING = select(links.c.ecotaxa_user_id, links.c.person_key, links.c.version).where(
    links.c.ecotaxa_user_id.in_(bindparam("claimed", expanding=True)),
    links.c.state == LinkState.ACTIVE.value,
)
_WATCHED = select(*LINK_COLUMNS, links.c.snapshot).where(
    links.c.person_key.in_(bindparam("people", expanding=True)),
    links.c.state == LinkState.ACTIVE.value,
)
# Whoever lost the claim says nothing any more: the account is another's, or was forgotten and linked again.
_SETTLE = (
    update(accounts)
    .where(
        accounts.c.ecotaxa_user_id == bindparam("account"),
        accounts.c.leased_until == bindparam("lease", type_=UtcTime),
    )
    .values(
        due_at=case(
            (and_(accounts.c.due_at < accounts.c.leased_until, accounts.c.due_at < _due), accounts.c.due_at),
            else_=_due,
        ),
        leased_until=null(),
        failures=bindparam("went_wrong"),
        size=bindparam("jobs"),
        whole_at=bindparam("whole", type_=UtcTime),
    )
)
_WAKE = (
    update(accounts)
    .where(accounts.c.ecotaxa_user_id == bindparam("account"), accounts.c.due_at > _now)
    .values(due_at=_now)
)
_LAST_LOOK = (
    select(accounts.c.whole_at, accounts.c.due_at, accounts.c.leased_until, accounts.c.failures)
    .join(links, links.c.ecotaxa_user_id == accounts.c.ecotaxa_user_id)
    .where(links.c.person_key == bindparam("person"))
)
_COUNT = select(func.count()).select_from(accounts).where(_IS_DUE)


class Accounts(Shelf):
    """The timetable of all linked accounts, shared by every process on the database."""

    async def claim_accounts(self, now: datetime, lease: timedelta, limit: int) -> list[Account]:
        """Take at most `limit` accounts that are due; nobody else gets them while the lease lasts.

        Only accounts with an active link are ever due.  A link whose token cannot be opened is left out.
        """
        async with self._database.write() as connection:
            claimed = (
                await connection.execute(_CLAIM, {"now": now, "until": now + lease, "at_most": limit})
            ).all()
            found = await self._links_of(connection, [row.ecotaxa_user_id for row in claimed])
        return [
            Account(
                account_id,
                failures,
                size,
                whole_at,
                leased_until,
                tuple(it for it in found[account_id] if isinstance(it, WatchedLink)),
                tuple(it for it in found[account_id] if isinstance(it, Person)),
            )
            for account_id, failures, size, whole_at, leased_until in claimed
        ]

    async def _links_of(
        self, connection: AsyncConnection, account_ids: Sequence[int]
    ) -> dict[int, list[WatchedLink | Person]]:
        found: dict[int, list[WatchedLink | Person]] = defaultdict(list)
        if not account_ids:
            return found
        changed = []
        for account_id, key, version in await connection.execute(_STANDING, {"claimed": account_ids}):
            watched = self._watched.get(key)
            if watched is not None and watched.version == version:
                found[account_id].append(watched)
            else:
                changed.append(key)
        # A snapshot of thousands of jobs is a lot to read where nothing of it has changed.
        for row in await connection.execute(_WATCHED, {"people": changed}) if changed else ():
            try:
                link = read_link(row, self._vault)
            except TokenUnreadable:
                found[row.ecotaxa_user_id].append(Person.of_key(row.person_key))
                continue
            snapshot = None if row.snapshot is None else Snapshot.load(row.snapshot)
            watched = self._watched[row.person_key] = WatchedLink(link, snapshot, row.version)
            found[row.ecotaxa_user_id].append(watched)
        return found

    async def settle_accounts(self, looks: Sequence[Settled]) -> None:
        """Give accounts back, each with the time of its next look; one woken meanwhile keeps the earlier.

        One whose claim was lost to another process stays theirs.
        """
        if not looks:
            return
        async with self._database.write() as connection:
            await connection.execute(
                _SETTLE,
                [
                    {
                        "account": look.ecotaxa_user_id,
                        "due": look.due_at,
                        "went_wrong": look.failures,
                        "jobs": look.size,
                        "whole": look.whole_at,
                        "lease": look.leased_until,
                    }
                    for look in looks
                ],
            )

    async def wake_account(self, ecotaxa_user_id: int, now: datetime) -> None:
        """Have an account looked at now, or as soon as the look under way is done."""
        async with self._database.write() as connection:
            await connection.execute(_WAKE, {"account": ecotaxa_user_id, "now": now})
            await ring(connection, Ring.LOOK)

    async def find_timetable(self, person: Person) -> Timetable | None:
        """How the looking at a person's account goes; None without a link."""
        async with self._database.read() as connection:
            row = (await connection.execute(_LAST_LOOK, {"person": person.key})).one_or_none()
        return None if row is None else Timetable(row.whole_at, row.due_at, row.leased_until, row.failures)

    async def count_due(self, now: datetime) -> int:
        """How many accounts wait for a look that nobody has begun."""
        async with self._database.read() as connection:
            return (await connection.execute(_COUNT, {"now": now})).scalar_one()
