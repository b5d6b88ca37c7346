"""What is claimed first where tens of thousands of messages are owed at once."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Add the index, on PostgreSQL."""
    if op.get_bind().dialect.name == "postgresql":
        has_more_to_come = sa.text("due_at IS NOT NULL")
        op.create_index(
            "ix_notices_urgency_due_at", "notices", ["urgency", "due_at"], postgresql_where=has_more_to_come
        )
