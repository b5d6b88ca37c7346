"""Audit, places to report to, names handed to colleagues, clean-ups under way."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the tables."""
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "audit",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("at", moment, nullable=False),
        sa.Column("person_key", sa.Text, nullable=False),
        sa.Column("act", sa.Text, nullable=False),
        sa.Column("job_id", sa.BigInteger),
        sa.Column("detail", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_audit_at", "audit", ["at"])
    op.create_index("ix_audit_job_id", "audit", ["job_id"])
    op.create_table(
        "reports",
        sa.Column("person_key", sa.Text, nullable=False),
        sa.Column("job_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("asked_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("person_key", "job_id", name="pk_reports"),
        sa.ForeignKeyConstraint(
            ["person_key"], ["links.person_key"], ondelete="CASCADE", name="fk_reports_person_key"
        ),
    )
    op.create_index("ix_reports_asked_at", "reports", ["asked_at"])
    op.create_table(
        "handovers",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("person_key", sa.Text, nullable=False),
        sa.Column("job_id", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("colleague_key", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("ts", sa.Text, nullable=False),
        sa.Column("asked_at", moment, nullable=False),
        sa.Column("picked_id", sa.BigInteger),
        sa.Column("label", sa.Text),
        sa.Column("picked_at", moment),
        sa.PrimaryKeyConstraint("id", name="pk_handovers"),
        sa.ForeignKeyConstraint(
            ["person_key"], ["links.person_key"], ondelete="CASCADE", name="fk_handovers_person_key"
        ),
    )
    op.create_index("ix_handovers_asked_at", "handovers", ["asked_at"])
    op.create_index("ix_handovers_person_key_job_id", "handovers", ["person_key", "job_id"])
    op.create_table(
        "cleanings",
        sa.Column("person_key", sa.Text, nullable=False),
        sa.Column("run", sa.Text, nullable=False),
        sa.Column("seen_at", moment, nullable=False),
        sa.Column("is_to_stop", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("person_key", name="pk_cleanings"),
        sa.ForeignKeyConstraint(
            ["person_key"], ["links.person_key"], ondelete="CASCADE", name="fk_cleanings_person_key"
        ),
    )
