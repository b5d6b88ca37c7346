"""What Slack tells of people, and what they want to be told."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "people",
        sa.Column("person_key", sa.Text, nullable=False),
        sa.Column("locale", sa.Text, nullable=False),
        sa.Column("zone", sa.Text, nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("preferences", sa.Text),
        sa.Column("channel", sa.Text),
        sa.PrimaryKeyConstraint("person_key", name="pk_people"),
    )
