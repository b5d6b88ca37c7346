"""The store as one: opened, brought up to date, checked, cleaned, closed."""

import asyncio
from datetime import datetime, timedelta

from sqlalchemy import delete, literal, null, select, text, update
from sqlalchemy.exc import SQLAlchemyError

from bot.errors import DatabaseUnusable
from bot.links import TOKEN_LIFE
from bot.metrics import Metrics
from bot.store import schema
from bot.store.accounts import Accounts
from bot.store.acts import Acts
from bot.store.answers import Answers
from bot.store.audit import Audit
from bot.store.backups import Backups
from bot.store.bell import Bell
from bot.store.cleanings import Cleanings
from bot.store.database import Database
from bot.store.forgetting import Forgetting
from bot.store.handovers import Handovers
from bot.store.installations import Installing
from bot.store.keys import Keys
from bot.store.links import Links
from bot.store.outbox import Outbox
from bot.store.posted import Posted
from bot.store.presence import Presence
from bot.store.profiles import Profiles
from bot.store.reports import Reports
from bot.store.runs import Runs
from bot.store.sights import Sights
from bot.store.snapshots import Snapshots
from bot.store.standings import Standings
from bot.store.subscriptions import Subscriptions
from bot.store.tables import (
    acts,
    audit,
    cleanings,
    followers,
    handovers,
    links,
    mutes,
    notices,
    people,
    picks,
    reports,
    runs,
    watches,
)
from bot.store.watches import Watches
from bot.vault import Vault


class Store(
    Links,
    Keys,
    Backups,
    Accounts,
    Snapshots,
    Outbox,
    Posted,
    Answers,
    Audit,
    Handovers,
    Reports,
    Cleanings,
    Runs,
    Subscriptions,
    Watches,
    Profiles,
    Forgetting,
    Presence,
    Bell,
    Acts,
    Sights,
    Standings,
    Installing,
):
    """All that the bot remembers, in SQLite or PostgreSQL; any number of processes may share one."""

    @classmethod
    def open(cls, url: str, vault: Vault, metrics: Metrics | None = None) -> "Store":
        """A store at an address like `sqlite:///file` or `postgresql://…`; nothing is connected yet.

        Raises DatabaseUnusable when the address is not one.
        """
        return cls(Database(url, metrics or Metrics()), vault)

    async def migrate(self) -> None:
        """Create the tables, or bring them up to date; safe from several processes at once.

        Raises DatabaseUnusable when it cannot be reached or written, or a newer release was at work here.
        """
        # Replicas start together: the first migrates, the others find it done.
        async with self._database.first_contact(), self._database.upgrading() as connection:
            await connection.run_sync(schema.upgrade)

    async def check(self) -> None:
        """Try whether the database can be written to and is not a newer release's; leaves nothing behind.

        Raises DatabaseUnusable with one line that says why not.
        """
        async with self._database.first_contact(), self._database.trial() as connection:
            await connection.execute(text("CREATE TABLE ecotaxa_bot_check (id INTEGER)"))
            await connection.run_sync(schema.refuse_newer)

    async def answers(self, within: float) -> bool:
        """Whether the database, with its tables, answers within so many seconds."""
        try:
            async with asyncio.timeout(within), self._database.read() as connection:
                await connection.execute(select(literal(1)).select_from(audit).limit(1))
        except (DatabaseUnusable, SQLAlchemyError, TimeoutError):
            return False
        return True

    async def clean(self, now: datetime, keep: timedelta, keep_audit: timedelta) -> int:
        """Delete what is older than `keep`, and acts older than `keep_audit`; how many rows that were.

        What still is to be told stays, and so does what people chose for good.  A person without a link
        goes whose profile was not used for that long; so does what was last seen through a link whose token
        ended so long ago: EcoTaxa keeps none of those jobs, and whoever links anew begins as at first.
        """
        before = now - keep
        stale = (
            picks.c.saved_at, reports.c.asked_at, handovers.c.asked_at, runs.c.moved_at,
            followers.c.since, watches.c.since, cleanings.c.seen_at, mutes.c.until,
            acts.c.acted_at,
        )  # fmt: skip
        is_linked = select(links.c.person_key).where(links.c.person_key == people.c.person_key).exists()
        is_long_over = (links.c.issued_at < before - TOKEN_LIFE) & links.c.snapshot.is_not(None)
        unseen = {"snapshot": null(), "version": links.c.version + 1}
        statements = [
            delete(notices).where(notices.c.created_at < before, notices.c.due_at.is_(None)),
            *(delete(at.table).where(at < before) for at in stale),
            delete(people).where(people.c.asked_at < before, ~is_linked),
            delete(audit).where(audit.c.at < now - keep_audit),
            update(links).where(is_long_over).values(unseen),
        ]
        async with self._database.write() as connection:
            return sum([(await connection.execute(statement)).rowcount for statement in statements])
