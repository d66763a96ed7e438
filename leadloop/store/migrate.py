"""Brings the ledger's tables to the newest revision, by one process at a time."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

_LOCK = 7_316_532  # any number that nothing else on the server uses for an advisory lock


def upgrade(engine: Engine) -> None:
    """Run the revisions that are missing; does nothing on a ledger that is up to date."""
    if is_newest(engine):
        return
    config = _config()
    with engine.connect().execution_options(writing=True) as connection, connection.begin():
        _one_at_a_time(connection)
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def is_newest(engine: Engine) -> bool:
    """Whether nothing is missing."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() == head


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    return config


def _one_at_a_time(connection: Connection) -> None:
    """SQLite's BEGIN IMMEDIATE already is a lock; PostgreSQL needs one."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
