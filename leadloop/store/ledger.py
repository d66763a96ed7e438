"""Opens the ledger: one engine behind one URL, migrated to the newest tables, with reads that see one instant."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, OperationalError

from leadloop.errors import StoreError
from leadloop.store import migrate

BUSY_MILLISECONDS = 30_000


class Ledger:
    """The open ledger; `reading` and `writing` hand out connections, each one transaction."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @classmethod
    def open(cls, url: str) -> "Ledger":
        """Open the ledger at `url` and bring its tables to the newest revision.

        Raises: StoreError when the URL can't be read, its driver is not installed or the server does not answer.
        """
        engine = _engine(url)
        try:
            migrate.upgrade(engine)
        except OperationalError as error:
            raise StoreError(
                f"The ledger at {engine.url!r} can't be opened: {error.orig}; check LEADLOOP_DATABASE_URL"
            ) from None
        return cls(engine)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that sees one state of the ledger, whatever is written meanwhile."""
        with self.engine.connect() as connection:
            if self.engine.dialect.name == "postgresql":
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that is committed whole at the end, or not at all."""
        with self.engine.connect().execution_options(writing=True) as connection, connection.begin():
            yield connection

    def close(self) -> None:
        """Give the connections back."""
        self.engine.dispose()


def _engine(url: str) -> Engine:
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() == "sqlite" and parsed.database:
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(parsed, pool_pre_ping=parsed.get_backend_name() != "sqlite")
    except (ArgumentError, NoSuchModuleError) as error:
        raise StoreError(
            f"LEADLOOP_DATABASE_URL can't be used: {error}; write sqlite:///… or postgresql+psycopg://…"
        ) from None
    except ModuleNotFoundError as error:
        raise StoreError(f"The database driver {error.name} is not installed; install leadloop[postgres]") from None
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _configure_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _configure_sqlite(connection: DBAPIConnection, _record: object) -> None:
    connection.isolation_level = None  # type: ignore[attr-defined] # sqlite3's own BEGIN comes too late for a reader's snapshot
    for pragma in ("journal_mode=WAL", "synchronous=FULL", f"busy_timeout={BUSY_MILLISECONDS}"):
        connection.cursor().execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    """A writer takes the lock at once: a reader that becomes a writer could only fail, not wait."""
    writing = connection.get_execution_options().get("writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
