"""What people did, for deliveries that come to another process."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "acts",
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("acted_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_acts"),
    )
    op.create_index("ix_acts_acted_at", "acts", ["acted_at"])
