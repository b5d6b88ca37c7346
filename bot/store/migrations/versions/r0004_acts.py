"""Acts that were begun, which survive the process that began them."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the table, which the release before does not miss."""
    op.create_table(
        "acts",
        sa.Column("act", sa.Text, nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("act", name="pk_acts"),
    )
    op.create_index("ix_acts_begun_at", "acts", ["begun_at"])
