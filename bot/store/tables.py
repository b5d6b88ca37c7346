"""The database's tables, the same for SQLite and PostgreSQL."""

import re
from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class UtcTime(TypeDecorator[datetime]):
    """A moment: aware UTC on our side whatever the database gives back.

    SQLite keeps dates as text without a zone, so only UTC may ever be written for them to compare.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Turn an aware moment into UTC; a naive one is a mistake (ValueError)."""
        if value is None or value.tzinfo is UTC:
            return value
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Read what the database kept as aware UTC."""
        return value if value is None else value.replace(tzinfo=UTC)


class LibraryTime(UtcTime):
    """A moment that slack_sdk tells, in UTC without saying so."""

    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Say that it is UTC."""
        return super().process_bind_param(value and value.replace(tzinfo=UTC), dialect)


class Words(TypeDecorator[str]):
    """Foreign words: zero bytes and lone halves of characters, which databases do not take, are marked.

    https://www.postgresql.org/docs/current/datatype-character.html
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, _dialect: Dialect) -> str | None:
        """Spell the words as a database takes them."""
        return value and _UNKEEPABLE.sub("\N{REPLACEMENT CHARACTER}", value)


_UNKEEPABLE = re.compile("[\\x00\ud800-\udfff]")

# SQLite numbers rows by itself only in a column that is spelt INTEGER.
_RowNumber = BigInteger().with_variant(Integer, "sqlite")

accounts = Table(
    "accounts",
    metadata,
    Column("ecotaxa_user_id", BigInteger, primary_key=True, autoincrement=False),
    Column("due_at", UtcTime, nullable=False, index=True),
    Column("leased_until", UtcTime),
    Column("failures", Integer, nullable=False),
    Column("size", Integer, nullable=False),
    Column("whole_at", UtcTime),
)

links = Table(
    "links",
    metadata,
    Column("person_key", Text, primary_key=True),
    Column("ecotaxa_user_id", ForeignKey(accounts.c.ecotaxa_user_id), nullable=False, index=True),
    Column("sealed", Text, nullable=False),
    Column("issued_at", UtcTime, nullable=False, index=True),
    Column("name", Words, nullable=False),
    Column("email", Words, nullable=False),
    Column("state", Text, nullable=False),
    Column("linked_at", UtcTime, nullable=False),
    Column("snapshot", Text),
    Column("version", BigInteger, nullable=False),
)

# `due_at` is when there is something to do next; it is empty once nothing is left, which is what keeps
# the indexes that every claim uses as small as the backlog.  `place` is a channel, or empty for the direct
# message.  `revision` counts the changes of `payload`: what was sent of an older one is to be edited.
notices = Table(
    "notices",
    metadata,
    Column("id", _RowNumber, primary_key=True, autoincrement=True),
    Column("key", Text, nullable=False, unique=True),
    Column("person_key", Text, nullable=False),
    Column("place", Text, nullable=False, server_default=""),
    Column("kind", Text, nullable=False),
    Column("job_id", BigInteger),
    Column("payload", JSON, nullable=False),
    Column("revision", Integer, nullable=False, server_default="0"),
    Column("urgency", Integer, nullable=False, server_default="0"),
    Column("state", Text, nullable=False),
    Column("due_at", UtcTime, index=True),
    Column("created_at", UtcTime, nullable=False, index=True),
    Column("attempts", Integer, nullable=False),
    Column("must_reconcile", Boolean, nullable=False),
    Column("first_tried_at", UtcTime),
    Column("sent_at", UtcTime),
    Column("channel", Text),
    Column("ts", Text),
    Column("thread_ts", Text),
    Column("reason", Text),
    Index(None, "person_key", "due_at"),
    Index(None, "person_key", "job_id"),
    Index(None, "person_key", "sent_at"),
    # Claims go by it where much is due at once.  SQLite would go through it at every tick instead of to
    # what is due by now, and has no other process whose claims it holds up.  That it leaves out what is
    # done with, its migration says: said here, all of PostgreSQL's dialect would be loaded for SQLite too.
    Index(None, "urgency", "due_at").ddl_if("postgresql"),
    sqlite_autoincrement=True,
)

picks = Table(
    "picks",
    metadata,
    Column("person_key", ForeignKey(links.c.person_key, ondelete="CASCADE"), primary_key=True),
    Column("job_id", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("picked_id", BigInteger, nullable=False),
    Column("label", Words, nullable=False),
    Column("saved_at", UtcTime, nullable=False, index=True),
)

remembered_users = Table(
    "remembered_users",
    metadata,
    Column("person_key", ForeignKey(links.c.person_key, ondelete="CASCADE"), primary_key=True),
    Column("name", Words, primary_key=True),
    Column("picked_id", BigInteger, nullable=False),
    Column("label", Words, nullable=False),
    Column("saved_at", UtcTime, nullable=False),
)

# Who did what to which job, when, and what came of it; `detail` is ours, without foreign text.
audit = Table(
    "audit",
    metadata,
    Column("id", _RowNumber, primary_key=True, autoincrement=True),
    Column("at", UtcTime, nullable=False, index=True),
    Column("person_key", Text, nullable=False),
    Column("act", Text, nullable=False),
    Column("job_id", BigInteger),
    Column("detail", Words, nullable=False),
    Column("outcome", Text, nullable=False, server_default=""),
    Column("other_key", Text),
    Index(None, "job_id"),
    Index(None, "person_key"),
    sqlite_autoincrement=True,
)

# Where a person wants to hear of a job, if not by direct message.
reports = Table(
    "reports",
    metadata,
    Column("person_key", ForeignKey(links.c.person_key, ondelete="CASCADE"), primary_key=True),
    Column("job_id", BigInteger, primary_key=True, autoincrement=False),
    Column("channel", Text, nullable=False),
    Column("asked_at", UtcTime, nullable=False, index=True),
)

# A name of a question that its owner handed to a colleague, and what that colleague picked.
handovers = Table(
    "handovers",
    metadata,
    Column("id", Text, primary_key=True),
    Column("person_key", ForeignKey(links.c.person_key, ondelete="CASCADE"), nullable=False),
    Column("job_id", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("name", Words, nullable=False),
    Column("colleague_key", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("ts", Text, nullable=False),
    Column("asked_at", UtcTime, nullable=False, index=True),
    Column("picked_id", BigInteger),
    Column("label", Words),
    Column("picked_at", UtcTime),
    Index(None, "person_key", "job_id"),
)

# What Slack told of a person, and what they chose; also of people without a link.
people = Table(
    "people",
    metadata,
    Column("person_key", Text, primary_key=True),
    Column("locale", Words, nullable=False),
    Column("zone", Words, nullable=False),
    Column("asked_at", UtcTime, nullable=False, index=True),
    Column("preferences", Text),
)

# A clean-up under way: `run` names it, `seen_at` is its last sign of life.
cleanings = Table(
    "cleanings",
    metadata,
    Column("person_key", ForeignKey(links.c.person_key, ondelete="CASCADE"), primary_key=True),
    Column("run", Text, nullable=False),
    Column("seen_at", UtcTime, nullable=False),
    Column("is_to_stop", Boolean, nullable=False),
)

# What is known of how a job went, whoever watched: `attempt` counts its starts, `size` is how many objects
# its project had.
runs = Table(
    "runs",
    metadata,
    Column("ecotaxa_user_id", BigInteger, primary_key=True, autoincrement=False),
    Column("job_id", BigInteger, primary_key=True, autoincrement=False),
    Column("type", Words, nullable=False),
    Column("project_id", BigInteger),
    Column("size", BigInteger),
    Column("attempt", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("was_stopped", Boolean, nullable=False),
    Column("pending_at", UtcTime),
    Column("started_at", UtcTime),
    Column("ended_at", UtcTime),
    Column("moved_at", UtcTime, nullable=False, index=True),
    Index(None, "type", "ended_at"),
)

# Where a person's jobs are told beside the direct message: all, or those of one project.
subscriptions = Table(
    "subscriptions",
    metadata,
    Column("id", _RowNumber, primary_key=True, autoincrement=True),
    Column("person_key", ForeignKey(links.c.person_key, ondelete="CASCADE"), nullable=False),
    Column("channel", Text, nullable=False, index=True),
    Column("project_id", BigInteger, nullable=False, server_default="0"),
    Column("since", UtcTime, nullable=False),
    UniqueConstraint("person_key", "channel", "project_id"),
    sqlite_autoincrement=True,
)

# What a person wants to hear nothing of: `job:12`, `project:42` for good, `all` until then.
mutes = Table(
    "mutes",
    metadata,
    Column("person_key", ForeignKey(links.c.person_key, ondelete="CASCADE"), primary_key=True),
    Column("what", Text, primary_key=True),
    Column("until", UtcTime, index=True),
    Column("since", UtcTime, nullable=False, index=True),
)

# Who else wants to know when a job of somebody's ends.
followers = Table(
    "followers",
    metadata,
    Column("person_key", ForeignKey(links.c.person_key, ondelete="CASCADE"), primary_key=True),
    Column("job_id", BigInteger, primary_key=True, autoincrement=False),
    Column("follower_key", Text, primary_key=True),
    Column("since", UtcTime, nullable=False, index=True),
)

# Jobs that a person watches as one: those of a project, or those in `jobs`, each with its state.
watches = Table(
    "watches",
    metadata,
    Column("id", Text, primary_key=True),
    Column("person_key", ForeignKey(links.c.person_key, ondelete="CASCADE"), nullable=False, index=True),
    Column("place", Text, nullable=False),
    Column("project_id", BigInteger),
    Column("jobs", JSON, nullable=False),
    Column("since", UtcTime, nullable=False, index=True),
)

# What people did and Slack was told that it had arrived: it may come again, and to another process.
acts = Table(
    "acts",
    metadata,
    Column("key", Text, primary_key=True),
    Column("acted_at", UtcTime, nullable=False, index=True),
)

# What an administrator's token saw of everybody's jobs: one row.  `due_at` is when the next turn may be
# taken, `good_until` is empty while there is no sight.
sights = Table(
    "sights",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("due_at", UtcTime, nullable=False),
    Column("good_until", UtcTime),
    Column("seen", Text),
)

# In which workspaces the bot is installed, as slack_sdk's AsyncSQLAlchemyInstallationStore keeps it; what
# opens something is sealed, and so takes more room than there.  `leased_until` is our own: who renews a token
# that ends soon, and until when the others leave that to them.
slack_bots = Table(
    "slack_bots",
    metadata,
    Column("id", _RowNumber, primary_key=True, autoincrement=True),
    Column("client_id", Text, nullable=False),
    Column("app_id", Text, nullable=False),
    Column("enterprise_id", Text),
    Column("enterprise_name", Words),
    Column("team_id", Text),
    Column("team_name", Words),
    Column("bot_token", Text),
    Column("bot_id", Text),
    Column("bot_user_id", Text),
    Column("bot_scopes", Text),
    Column("bot_refresh_token", Text),
    Column("bot_token_expires_at", LibraryTime),
    Column("is_enterprise_install", Boolean, nullable=False),
    Column("installed_at", LibraryTime, nullable=False),
    Column("leased_until", UtcTime),
    Index(None, "enterprise_id", "team_id", "installed_at"),
    sqlite_autoincrement=True,
)

slack_installations = Table(
    "slack_installations",
    metadata,
    Column("id", _RowNumber, primary_key=True, autoincrement=True),
    Column("client_id", Text, nullable=False),
    Column("app_id", Text, nullable=False),
    Column("enterprise_id", Text),
    Column("enterprise_name", Words),
    Column("enterprise_url", Text),
    Column("team_id", Text),
    Column("team_name", Words),
    Column("bot_token", Text),
    Column("bot_id", Text),
    Column("bot_user_id", Text),
    Column("bot_scopes", Text),
    Column("bot_refresh_token", Text),
    Column("bot_token_expires_at", LibraryTime),
    Column("user_id", Text, nullable=False),
    Column("user_token", Text),
    Column("user_scopes", Text),
    Column("user_refresh_token", Text),
    Column("user_token_expires_at", LibraryTime),
    Column("incoming_webhook_url", Text),
    Column("incoming_webhook_channel", Words),
    Column("incoming_webhook_channel_id", Text),
    Column("incoming_webhook_configuration_url", Text),
    Column("is_enterprise_install", Boolean, nullable=False),
    Column("token_type", Text),
    Column("installed_at", LibraryTime, nullable=False),
    Index(None, "enterprise_id", "team_id", "installed_at"),
    sqlite_autoincrement=True,
)
