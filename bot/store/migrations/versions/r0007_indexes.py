"""What the hourly clean-up looks for among what grows with the people."""

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add the indexes."""
    op.create_index("ix_links_issued_at", "links", ["issued_at"])
    op.create_index("ix_people_asked_at", "people", ["asked_at"])
    op.create_index("ix_mutes_until", "mutes", ["until"])
