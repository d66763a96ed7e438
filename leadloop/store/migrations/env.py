"""Alembic's entry: runs the revisions on the connection that leadloop.store.migrate hands in."""

from alembic import context

from leadloop.store.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
