"""The schema: brought up to date at start, and refused when a newer release has changed it."""

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from bot.errors import DatabaseUnusable
from bot.store.database import reason


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Bring the database up to date, or to an earlier `revision`, within the caller's transaction.

    Raises DatabaseUnusable when it is at a revision that this release does not know, or when a step fails:
    the transaction is to be rolled back then, which both databases do with tables as they do with rows.
    """
    refuse_newer(connection)
    config = _config()
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, revision)
    except Exception as error:
        # Whatever a step raises, the start is to say so in one line.
        raise DatabaseUnusable(
            detail=f"the database could not be brought up to date, and stays as it was: {reason(error)}"
        ) from error


def refuse_newer(connection: Connection, what: str = "the database") -> str | None:
    """The revision of the database, which `what` calls; None when it has none of our tables.

    Raises DatabaseUnusable when this release does not know it.
    """
    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    revision = MigrationContext.configure(connection).get_current_revision()
    if revision is None or revision in known:
        return revision
    raise DatabaseUnusable(
        detail=f"{what} was made by a newer ecotaxa-bot (revision {revision}): use "
        f"that release, or another database"
    )


def known_revision(connection: Connection, what: str = "the database") -> str:
    """The revision of the database, which `what` calls.

    Raises DatabaseUnusable when this release does not know it, or when it has none of our tables.
    """
    revision = refuse_newer(connection, what)
    if revision is None:
        raise DatabaseUnusable(detail=f"{what} holds nothing of ecotaxa-bot's")
    return revision


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "bot.store:migrations")
    return config
