"""What Alembic runs to migrate: within the transaction that it is handed, see `bot.store.schema`."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
with context.begin_transaction():
    context.run_migrations()
