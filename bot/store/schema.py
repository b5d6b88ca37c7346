"""The schema: brought up to date at start, and refused when a newer release has changed it."""

from importlib.resources import files

from sqlalchemy import Connection, inspect, text

from bot.errors import DatabaseUnusable
from bot.store.database import reason


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Bring the database up to date, or to an earlier `revision`, within the caller's transaction.

    Raises DatabaseUnusable when it is at a revision that this release does not know, or when a step fails:
    the transaction is to be rolled back then, which both databases do with tables as they do with rows.
    """
    if refuse_newer(connection) == max(_revisions()):
        return
    # It takes its time to load, and most starts have nothing to bring up to date.
    from alembic import command  # noqa: PLC0415  # as said
    from alembic.config import Config  # noqa: PLC0415  # as above

    config = Config()
    config.set_main_option("script_location", "bot.store:migrations")
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
    revision = _revision(connection)
    if revision is None or revision in _revisions():
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


def _revision(connection: Connection) -> str | None:
    """Where Alembic has noted that the database is."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()


def _revisions() -> set[str]:
    """The steps that this release knows; a step's file is named for it."""
    steps = files("bot.store.migrations.versions").iterdir()
    return {step.name[1:5] for step in steps if step.name.startswith("r")}
