"""Accounts, links, notices, picks, remembered users."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the first tables."""
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "accounts",
        sa.Column("ecotaxa_user_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("due_at", moment, nullable=False),
        sa.Column("leased_until", moment),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("whole_at", moment),
        sa.PrimaryKeyConstraint("ecotaxa_user_id", name="pk_accounts"),
    )
    op.create_index("ix_accounts_due_at", "accounts", ["due_at"])
    op.create_table(
        "links",
        sa.Column("person_key", sa.Text, nullable=False),
        sa.Column("ecotaxa_user_id", sa.BigInteger, nullable=False),
        sa.Column("sealed", sa.Text, nullable=False),
        sa.Column("issued_at", moment, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("email", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("linked_at", moment, nullable=False),
        sa.Column("snapshot", sa.Text),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("person_key", name="pk_links"),
        sa.ForeignKeyConstraint(
            ["ecotaxa_user_id"], ["accounts.ecotaxa_user_id"], name="fk_links_ecotaxa_user_id"
        ),
    )
    op.create_index("ix_links_ecotaxa_user_id", "links", ["ecotaxa_user_id"])
    op.create_table(
        "notices",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("person_key", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("job_id", sa.BigInteger),
        sa.Column("payload", sa.JSON, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("due_at", moment),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("must_reconcile", sa.Boolean, nullable=False),
        sa.Column("first_tried_at", moment),
        sa.Column("sent_at", moment),
        sa.Column("channel", sa.Text),
        sa.Column("ts", sa.Text),
        sa.Column("reason", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_notices"),
        sa.UniqueConstraint("key", name="uq_notices_key"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_notices_due_at", "notices", ["due_at"])
    op.create_index("ix_notices_created_at", "notices", ["created_at"])
    op.create_index("ix_notices_person_key_due_at", "notices", ["person_key", "due_at"])
    op.create_index("ix_notices_person_key_job_id", "notices", ["person_key", "job_id"])
    op.create_table(
        "picks",
        sa.Column("person_key", sa.Text, nullable=False),
        sa.Column("job_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("picked_id", sa.BigInteger, nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("saved_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("person_key", "job_id", "kind", "name", name="pk_picks"),
        sa.ForeignKeyConstraint(
            ["person_key"], ["links.person_key"], ondelete="CASCADE", name="fk_picks_person_key"
        ),
    )
    op.create_index("ix_picks_saved_at", "picks", ["saved_at"])
    op.create_table(
        "remembered_users",
        sa.Column("person_key", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("picked_id", sa.BigInteger, nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("saved_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("person_key", "name", name="pk_remembered_users"),
        sa.ForeignKeyConstraint(
            ["person_key"], ["links.person_key"], ondelete="CASCADE", name="fk_remembered_users_person_key"
        ),
    )
