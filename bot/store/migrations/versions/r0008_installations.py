"""In which workspaces the bot is installed, with its tokens there, sealed."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

_ROW_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_TIME = sa.DateTime(timezone=True)
_NEWEST = ("enterprise_id", "team_id", "installed_at")


def upgrade() -> None:
    """Add the tables of slack_sdk's installation store."""
    op.create_table(
        "slack_bots",
        sa.Column("id", _ROW_NUMBER, autoincrement=True, nullable=False),
        sa.Column("client_id", sa.Text, nullable=False),
        sa.Column("app_id", sa.Text, nullable=False),
        sa.Column("enterprise_id", sa.Text),
        sa.Column("enterprise_name", sa.Text),
        sa.Column("team_id", sa.Text),
        sa.Column("team_name", sa.Text),
        sa.Column("bot_token", sa.Text),
        sa.Column("bot_id", sa.Text),
        sa.Column("bot_user_id", sa.Text),
        sa.Column("bot_scopes", sa.Text),
        sa.Column("bot_refresh_token", sa.Text),
        sa.Column("bot_token_expires_at", _TIME),
        sa.Column("is_enterprise_install", sa.Boolean, nullable=False),
        sa.Column("installed_at", _TIME, nullable=False),
        sa.Column("leased_until", _TIME),
        sa.PrimaryKeyConstraint("id", name="pk_slack_bots"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "slack_installations",
        sa.Column("id", _ROW_NUMBER, autoincrement=True, nullable=False),
        sa.Column("client_id", sa.Text, nullable=False),
        sa.Column("app_id", sa.Text, nullable=False),
        sa.Column("enterprise_id", sa.Text),
        sa.Column("enterprise_name", sa.Text),
        sa.Column("enterprise_url", sa.Text),
        sa.Column("team_id", sa.Text),
        sa.Column("team_name", sa.Text),
        sa.Column("bot_token", sa.Text),
        sa.Column("bot_id", sa.Text),
        sa.Column("bot_user_id", sa.Text),
        sa.Column("bot_scopes", sa.Text),
        sa.Column("bot_refresh_token", sa.Text),
        sa.Column("bot_token_expires_at", _TIME),
        sa.Column("user_id", sa.Text, nullable=False),
        sa.Column("user_token", sa.Text),
        sa.Column("user_scopes", sa.Text),
        sa.Column("user_refresh_token", sa.Text),
        sa.Column("user_token_expires_at", _TIME),
        sa.Column("incoming_webhook_url", sa.Text),
        sa.Column("incoming_webhook_channel", sa.Text),
        sa.Column("incoming_webhook_channel_id", sa.Text),
        sa.Column("incoming_webhook_configuration_url", sa.Text),
        sa.Column("is_enterprise_install", sa.Boolean, nullable=False),
        sa.Column("token_type", sa.Text),
        sa.Column("installed_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_slack_installations"),
        sqlite_autoincrement=True,
    )
    for table in ("slack_bots", "slack_installations"):
        op.create_index(f"ix_{table}_{'_'.join(_NEWEST)}", table, _NEWEST)
