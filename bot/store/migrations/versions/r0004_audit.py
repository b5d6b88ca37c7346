"""What came of each act, and who else had a part in it; no runs of accounts that nobody has."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_audit = sa.table(
    "audit", *(sa.column(name) for name in ("id", "person_key", "act", "detail", "outcome", "other_key"))
)
_WITH_OUTCOME = ("restart", "kill", "delete")


def upgrade() -> None:
    """Add columns that the release before does not miss, and take what they hold out of the details."""
    op.add_column("audit", sa.Column("outcome", sa.Text, nullable=False, server_default=""))
    op.add_column("audit", sa.Column("other_key", sa.Text))
    op.create_index("ix_audit_person_key", "audit", ["person_key"])
    had_outcome = _audit.c.act.in_(_WITH_OUTCOME)
    op.execute(_audit.update().where(had_outcome).values(outcome=_audit.c.detail, detail=""))
    # The others were written down once they were done.
    op.execute(_audit.update().where(~had_outcome).values(outcome="done"))
    _take_out_names()
    op.execute("DELETE FROM runs WHERE ecotaxa_user_id NOT IN (SELECT ecotaxa_user_id FROM accounts)")


def _take_out_names() -> None:
    """What an import asked for, and what was picked, may be people's names: they are kept no longer."""
    connection = op.get_bind()
    asked = sa.select(_audit).where(_audit.c.act == "ask colleague")
    for row in connection.execute(asked).all():
        colleague = row.detail.rpartition(" to ")[2]
        other_key = f"{row.person_key.rpartition('/')[0]}/{colleague}"
        connection.execute(_audit.update().where(_audit.c.id == row.id).values(other_key=other_key))
    between = _audit.c.act.in_(("ask colleague", "pick for colleague", "pass for colleague"))
    op.execute(_audit.update().where(between).values(detail=""))
