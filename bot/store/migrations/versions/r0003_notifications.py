"""Notifications: places and revisions of notices, runs of jobs, people and what they choose."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add columns that the release before does not miss, and the tables."""
    moment = sa.DateTime(timezone=True)
    for column in (
        sa.Column("place", sa.Text, nullable=False, server_default=""),
        sa.Column("revision", sa.Integer, nullable=False, server_default="0"),
        sa.Column("urgency", sa.Integer, nullable=False, server_default="0"),
        sa.Column("thread_ts", sa.Text),
    ):
        op.add_column("notices", column)
    op.create_index("ix_notices_person_key_sent_at", "notices", ["person_key", "sent_at"])
    op.create_table(
        "people",
        sa.Column("person_key", sa.Text, nullable=False),
        sa.Column("locale", sa.Text, nullable=False),
        sa.Column("zone", sa.Text, nullable=False),
        sa.Column("asked_at", moment, nullable=False),
        sa.Column("preferences", sa.Text),
        sa.PrimaryKeyConstraint("person_key", name="pk_people"),
    )
    op.create_table(
        "runs",
        sa.Column("ecotaxa_user_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("job_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("project_id", sa.BigInteger),
        sa.Column("size", sa.BigInteger),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("was_stopped", sa.Boolean, nullable=False),
        sa.Column("pending_at", moment),
        sa.Column("started_at", moment),
        sa.Column("ended_at", moment),
        sa.Column("moved_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("ecotaxa_user_id", "job_id", name="pk_runs"),
    )
    op.create_index("ix_runs_moved_at", "runs", ["moved_at"])
    op.create_index("ix_runs_type_ended_at", "runs", ["type", "ended_at"])
    op.create_table(
        "subscriptions",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("person_key", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("project_id", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("since", moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_subscriptions"),
        _of_link("subscriptions"),
        sa.UniqueConstraint(
            "person_key", "channel", "project_id", name="uq_subscriptions_person_key_channel_project_id"
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_subscriptions_channel", "subscriptions", ["channel"])
    op.create_table(
        "mutes",
        sa.Column("person_key", sa.Text, nullable=False),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("until", moment),
        sa.Column("since", moment, nullable=False),
        sa.PrimaryKeyConstraint("person_key", "what", name="pk_mutes"),
        _of_link("mutes"),
    )
    op.create_index("ix_mutes_since", "mutes", ["since"])
    op.create_table(
        "followers",
        sa.Column("person_key", sa.Text, nullable=False),
        sa.Column("job_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("follower_key", sa.Text, nullable=False),
        sa.Column("since", moment, nullable=False),
        sa.PrimaryKeyConstraint("person_key", "job_id", "follower_key", name="pk_followers"),
        _of_link("followers"),
    )
    op.create_index("ix_followers_since", "followers", ["since"])
    op.create_table(
        "watches",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("person_key", sa.Text, nullable=False),
        sa.Column("place", sa.Text, nullable=False),
        sa.Column("project_id", sa.BigInteger),
        sa.Column("jobs", sa.JSON, nullable=False),
        sa.Column("since", moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_watches"),
        _of_link("watches"),
    )
    op.create_index("ix_watches_person_key", "watches", ["person_key"])
    op.create_index("ix_watches_since", "watches", ["since"])


def _of_link(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["person_key"], ["links.person_key"], ondelete="CASCADE", name=f"fk_{table}_person_key"
    )
