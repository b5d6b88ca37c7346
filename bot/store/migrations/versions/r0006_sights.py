"""What an administrator's token saw of everybody's jobs."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "sights",
        sa.Column("id", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("good_until", sa.DateTime(timezone=True)),
        sa.Column("seen", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_sights"),
    )
