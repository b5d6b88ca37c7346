"""The schema: brought up to date at start, and refused when a newer release has changed it."""

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from bot.errors import DatabaseUnusable


def upgrade(connection: Connection) -> None:
    """Bring the database up to date, within the caller's transaction.

    Raises DatabaseUnusable when it is at a revision that this release does not know.
    """
    refuse_newer(connection)
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def refuse_newer(connection: Connection) -> None:
    """Raise DatabaseUnusable when the database is at a revision that this release does not know."""
    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    for revision in MigrationContext.configure(connection).get_current_heads():
        if revision not in known:
            raise DatabaseUnusable(
                detail=f"the database was made by a newer ecotaxa-bot (revision {revision}): use that "
                "release, or another database"
            )


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "bot.store:migrations")
    return config
