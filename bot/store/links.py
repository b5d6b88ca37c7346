"""Links: who has which EcoTaxa account, with the token sealed."""

import secrets
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, bindparam, case, delete, null, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import TicketUsed, TokenUnreadable
from bot.links import Link, LinkState, Person, Token
from bot.rules.kinds import Told
from bot.store.acts import begin
from bot.store.bell import Ring, ring
from bot.store.database import Shelf
from bot.store.outbox import drop_unsent, owe
from bot.store.records import TOKEN_REJECTED, NewNotice
from bot.store.tables import UtcTime, accounts, links, notices, runs
from bot.vault import Vault

RENEWED_BEFORE = timedelta(days=3)
"""How long before its end people are reminded of renewing their sign-in."""

LINK_COLUMNS = (
    links.c.person_key,
    links.c.ecotaxa_user_id,
    links.c.sealed,
    links.c.issued_at,
    links.c.name,
    links.c.email,
    links.c.state,
    links.c.version,
)
_FIND = select(*LINK_COLUMNS).where(links.c.person_key == bindparam("person"))
_SAVED_THEN = select(links.c.person_key).where(
    links.c.person_key == bindparam("person"), links.c.linked_at == bindparam("then", type_=UtcTime)
)
_LOCK = _FIND.with_for_update()
_MARKS = select(links.c.person_key, links.c.version, links.c.state).where(
    links.c.person_key.in_(bindparam("people", expanding=True))
)
_REJECT = (
    update(links).where(links.c.person_key == bindparam("person")).values(state=LinkState.REJECTED.value)
)
_FORGET = delete(links).where(links.c.person_key == bindparam("person")).returning(links.c.ecotaxa_user_id)
_nobody_has_it = ~select(links.c.person_key).where(links.c.ecotaxa_user_id == bindparam("account")).exists()
_DROP_ACCOUNT = (
    delete(runs).where(runs.c.ecotaxa_user_id == bindparam("account"), _nobody_has_it),
    delete(accounts).where(accounts.c.ecotaxa_user_id == bindparam("account"), _nobody_has_it),
)


class Links(Shelf):
    """The links of all people."""

    async def find_link(self, person: Person) -> Link | None:
        """The person's link, or None.

        Raises TokenUnreadable when its token cannot be opened with any of the keys.
        """
        async with self._database.read() as connection:
            row = (await connection.execute(_FIND, {"person": person.key})).one_or_none()
        return None if row is None else read_link(row, self._vault)

    async def link_marks(self, people: Collection[str]) -> dict[str, str]:
        """A mark of each of these people's links (by `Person.key`), where there is one.

        It is another one after every change: a new link, a rejection, a look that saw something new.
        """
        async with self._database.read() as connection:
            rows = (await connection.execute(_MARKS, {"people": list(people)})).all()
        return {row.person_key: f"{row.version} {row.state}" for row in rows}

    async def save_link(
        self, link: Link, now: datetime, *, act: str = "", told: Sequence[NewNotice] = ()
    ) -> None:
        """Keep a good link, in place of the person's earlier one, and have its account looked at now.

        A new token for the same account keeps what was seen, so that what was missed is told; with
        another account that is forgotten, and what was still owed is dropped.  `told` is owed with it.

        What is named by an `act` is done once, by whatever process: raises TicketUsed the next time.
        """
        person, account = link.person, link.token.ecotaxa_user_id
        async with self._database.write_alone() as connection:
            if act and not await begin(self._database, connection, act, now):
                raise TicketUsed
            before = (await connection.execute(_FIND, {"person": person.key})).one_or_none()
            await self._wake_or_create(connection, account, now)
            await self._put(connection, link, now)
            for kind in (TOKEN_REJECTED, Told.SIGN_IN_EXPIRES):
                await drop_unsent(connection, person, "linked anew", kind=kind)
            if before is not None and before.ecotaxa_user_id != account:
                await drop_unsent(connection, person, "linked to another account")
                await drop_account(connection, before.ecotaxa_user_id)
            await owe(self._database, connection, [*told, *_renewal(link, now)], now)

    async def forget_link(self, person: Person) -> None:
        """Forget the person's token and all that hangs on it: what was seen, picked and still owed."""
        async with self._database.write_alone() as connection:
            await self._forget(connection, person)

    async def undo_link(self, person: Person, linked_at: datetime) -> bool:
        """Forget the person's link if it is the one that was saved then; tells whether it is."""
        async with self._database.write_alone() as connection:
            saved = {"person": person.key, "then": linked_at}
            is_it = (await connection.execute(_SAVED_THEN, saved)).one_or_none() is not None
            if is_it:
                await self._forget(connection, person)
        return is_it

    async def _forget(self, connection: AsyncConnection, person: Person) -> None:
        self._watched.pop(person.key, None)
        account = (await connection.execute(_FORGET, {"person": person.key})).scalar_one_or_none()
        await connection.execute(
            delete(notices).where(notices.c.person_key == person.key, notices.c.due_at.is_not(None))
        )
        if account is not None:
            await drop_account(connection, account)

    async def reject_link(self, person: Person, secret: str | None, now: datetime) -> bool:
        """Mark the link as of no more use and owe its person one notice of it.

        `secret` is the token that EcoTaxa rejected; None says that the token cannot be opened.  Does
        nothing, and tells False, unless the link is active and that is still so: a new token may have
        come while the old one was being tried.
        """
        async with self._database.write() as connection:
            row = (await connection.execute(_LOCK, {"person": person.key})).one_or_none()
            if row is None or row.state != LinkState.ACTIVE or not self._is_token(row, secret):
                return False
            await connection.execute(_REJECT, {"person": person.key})
            await drop_unsent(connection, person, "rejected", kind=Told.SIGN_IN_EXPIRES)
            # Every saved link has versions of its own, so each is told of once.
            notice = NewNotice(
                f"{person.key}/{TOKEN_REJECTED}/{row.version}",
                person,
                TOKEN_REJECTED,
                None,
                {"unreadable": secret is None},
            )
            await owe(self._database, connection, [notice], now)
        return True

    def _is_token(self, row: Row[*tuple[Any, ...]], secret: str | None) -> bool:
        try:
            return read_link(row, self._vault).token.secret == secret
        except TokenUnreadable:
            return secret is None

    async def _wake_or_create(self, connection: AsyncConnection, account: int, now: datetime) -> None:
        await connection.execute(
            self._database.insert(accounts)
            .values(ecotaxa_user_id=account, due_at=now, failures=0, size=0)
            .on_conflict_do_update(index_elements=[accounts.c.ecotaxa_user_id], set_={"due_at": now})
        )
        await ring(connection, Ring.LOOK)

    async def _put(self, connection: AsyncConnection, link: Link, now: datetime) -> None:
        account = link.token.ecotaxa_user_id
        values = {
            "ecotaxa_user_id": account,
            "sealed": self._vault.seal(link.person, link.token.secret),
            "issued_at": link.token.issued_at,
            "name": link.name,
            "email": link.email,
            "state": LinkState.ACTIVE.value,
            "linked_at": now,
            # Numbers that no earlier link had: a look begun before this moment must not be recorded.
            "version": secrets.randbits(48),
        }
        kept = case((links.c.ecotaxa_user_id == account, links.c.snapshot), else_=null())
        await connection.execute(
            self._database.insert(links)
            .values(person_key=link.person.key, **values)
            .on_conflict_do_update(index_elements=[links.c.person_key], set_={**values, "snapshot": kept})
        )


def _renewal(link: Link, now: datetime) -> list[NewNotice]:
    """The reminder that the sign-in is about to end; none for one that ends sooner than that."""
    until = link.token.expires_at
    due_at = until - RENEWED_BEFORE
    if due_at <= now:
        return []
    key = f"{link.person.key}/{Told.SIGN_IN_EXPIRES}/{until.isoformat()}"
    payload = {"until": until.isoformat()}
    return [NewNotice(key, link.person, Told.SIGN_IN_EXPIRES, None, payload, later=due_at)]


async def drop_account(connection: AsyncConnection, ecotaxa_user_id: int) -> None:
    """Forget an account and how its jobs went, unless somebody has it, within the caller's transaction."""
    for statement in _DROP_ACCOUNT:
        await connection.execute(statement, {"account": ecotaxa_user_id})


def read_link(row: Row[*tuple[Any, ...]], vault: Vault) -> Link:
    """The link that a row of LINK_COLUMNS holds; raises TokenUnreadable."""
    person = Person.of_key(row.person_key)
    token = Token(vault.open(person, row.sealed), row.ecotaxa_user_id, row.issued_at)
    return Link(person, token, row.name, row.email, LinkState(row.state))
