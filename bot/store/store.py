"""The store as one: opened, brought up to date, checked, cleaned, closed."""

from datetime import datetime, timedelta

from sqlalchemy import delete, text

from bot.store import schema
from bot.store.accounts import Accounts
from bot.store.answers import Answers
from bot.store.audit import Audit
from bot.store.cleanings import Cleanings
from bot.store.database import Database
from bot.store.handovers import Handovers
from bot.store.links import Links
from bot.store.outbox import Outbox
from bot.store.posted import Posted
from bot.store.profiles import Profiles
from bot.store.reports import Reports
from bot.store.runs import Runs
from bot.store.sights import Sights
from bot.store.snapshots import Snapshots
from bot.store.subscriptions import Subscriptions
from bot.store.tables import audit, followers, handovers, notices, picks, reports, runs, watches
from bot.store.watches import Watches
from bot.vault import Vault


class Store(
    Links,
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
    Sights,
):
    """All that the bot remembers, in SQLite or PostgreSQL; any number of processes may share one."""

    @classmethod
    def open(cls, url: str, vault: Vault) -> "Store":
        """A store at an address like `sqlite:///file` or `postgresql://…`; nothing is connected yet.

        Raises DatabaseUnusable when the address is not one.
        """
        return cls(Database(url), vault)

    async def close(self) -> None:
        """Close every connection."""
        await self._database.close()

    async def migrate(self) -> None:
        """Create the tables, or bring them up to date; safe from several processes at once.

        Raises DatabaseUnusable when it cannot be reached or written, or a newer release was at work here.
        """
        # Replicas start together: the first migrates, the others find it done.
        async with self._database.first_contact(), self._database.write_alone() as connection:
            await connection.run_sync(schema.upgrade)

    async def check(self) -> None:
        """Try whether the database can be written to and is not a newer release's; leaves nothing behind.

        Raises DatabaseUnusable with one line that says why not.
        """
        async with self._database.first_contact(), self._database.trial() as connection:
            await connection.execute(text("CREATE TABLE ecotaxa_bot_check (id INTEGER)"))
            await connection.run_sync(schema.refuse_newer)

    async def clean(self, now: datetime, keep: timedelta) -> int:
        """Delete what is older than `keep`: what was told and chosen for jobs, and how they went."""
        before = now - keep
        stale = (
            picks.c.saved_at, audit.c.at, reports.c.asked_at, handovers.c.asked_at, runs.c.moved_at,
            followers.c.since, watches.c.since,
        )  # fmt: skip
        async with self._database.write() as connection:
            told = await connection.execute(
                delete(notices).where(notices.c.created_at < before, notices.c.due_at.is_(None))
            )
            gone = [await connection.execute(delete(at.table).where(at < before)) for at in stale]
        return told.rowcount + sum(result.rowcount for result in gone)
