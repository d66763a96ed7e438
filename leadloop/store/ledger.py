"""Opens the ledger: one engine behind one URL, migrated to the newest tables, with reads that see one instant."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import sleep

from alembic.util import CommandError
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, OperationalError

from leadloop.errors import StoreError
from leadloop.store import failpoint, migrate, touched

BUSY_MILLISECONDS = 30_000
WAL_TRIES, WAL_WAIT_SECONDS = 500, 0.01


class Ledger:
    """The open ledger; `reading` and `writing` hand out connections, each one transaction."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @classmethod
    def open(cls, url: str) -> "Ledger":
        """Open the ledger at `url` and bring its tables to the newest revision.

        Raises: StoreError when the URL can't be read, its driver is not installed, the server does not answer or what
        is there is no ledger that this version knows.
        """
        engine = _engine(url)
        try:
            migrate.upgrade(engine)
        except DBAPIError as error:
            engine.dispose()
            cause = f"{_cause(error)}; check LEADLOOP_DATABASE_URL"
            raise StoreError(f"{_named(engine)} can't be opened: {cause}") from None
        except CommandError as error:
            engine.dispose()
            raise StoreError(f"{_named(engine)} is of another version of leadloop: {error}; upgrade leadloop") from None
        return cls(engine)

    @classmethod
    def found(cls, url: str) -> "tuple[Ledger, bool] | None":
        """The ledger as it is, its tables left alone, and whether they are of today's revision; None: there is none.

        Raises: StoreError as `open` does.
        """
        engine = _engine(url, make=False)
        file = engine.url.database if engine.dialect.name == "sqlite" else None
        if file is not None and not Path(file).is_file():
            return None
        try:
            return cls(engine), migrate.is_newest(engine)
        except DBAPIError as error:
            engine.dispose()
            raise StoreError(f"{_named(engine)} can't be opened: {_cause(error)}") from None

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that sees one state of the ledger, whatever is written meanwhile.

        Raises: StoreError when the database stops answering.
        """
        with self._explained(), self.engine.connect() as connection:
            if self.engine.dialect.name == "postgresql":
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that is committed whole at the end, or not at all; packed histories follow their rows in it.

        Raises: StoreError when the database stops answering, or another writer does not finish.
        """
        with (
            self._explained(),
            self.engine.connect().execution_options(writing=True) as connection,
            connection.begin(),
        ):
            touched.begin(connection)
            yield connection
            touched.settle(connection)
            failpoint.hit("before_commit")
        failpoint.hit("after_commit")

    def close(self) -> None:
        """Give the connections back."""
        self.engine.dispose()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (OperationalError, self.engine.dialect.loaded_dbapi.OperationalError) as error:
            raise StoreError(f"{_named(self.engine)} does not answer: {_cause(error)}; try again") from error


def _named(engine: Engine) -> str:
    """The ledger without its password, wherever in the URL that was written."""
    return f"The ledger at {engine.url.set(query={})!r}"


def _cause(error: Exception) -> str:
    """What the driver said; COPY goes round SQLAlchemy, and its errors come as they are."""
    return " ".join(str(error.orig if isinstance(error, DBAPIError) else error).split())


def _engine(url: str, *, make: bool = True) -> Engine:
    try:
        parsed = make_url(url)
        _check_backend(parsed)
        engine = create_engine(parsed, pool_pre_ping=parsed.get_backend_name() != "sqlite", hide_parameters=True)
    except (ArgumentError, NoSuchModuleError, ValueError):  # their texts may quote a password
        raise StoreError(
            "LEADLOOP_DATABASE_URL can't be read; write sqlite:///folder/ledger.db"
            " or postgresql+psycopg://user:password@host/name"
        ) from None
    except ModuleNotFoundError as error:
        raise StoreError(
            f"The database driver {error.name} is not installed; install leadloop[postgres] and write"
            " postgresql+psycopg://…"
        ) from None
    if engine.dialect.name == "sqlite":
        if make:
            _make_folder(parsed)
        event.listen(engine, "connect", _configure_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _check_backend(url: URL) -> None:
    if url.get_backend_name() not in ("sqlite", "postgresql"):
        raise StoreError(f"LEADLOOP_DATABASE_URL names {url.get_backend_name()}; the ledger is SQLite or PostgreSQL")


def _make_folder(url: URL) -> None:
    folder = Path(url.database or ".").parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"The folder {folder} can't be made: {error.strerror}; choose another LEADLOOP_HOME") from None


def _configure_sqlite(connection: DBAPIConnection, _record: object) -> None:
    connection.isolation_level = None  # sqlite3's own BEGIN comes too late for a reader's snapshot
    connection.cursor().execute(f"PRAGMA busy_timeout={BUSY_MILLISECONDS}")
    _use_wal(connection)
    connection.cursor().execute("PRAGMA synchronous=FULL")


def _use_wal(connection: DBAPIConnection) -> None:
    """Only one of two who open a new file at once can switch it, and SQLite refuses the other instead of waiting."""
    for last in (*[False] * WAL_TRIES, True):
        try:
            connection.cursor().execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if last or "locked" not in str(error):
                raise
            sleep(WAL_WAIT_SECONDS)
        else:
            return


def _begin_sqlite(connection: Connection) -> None:
    """A writer takes the lock at once: a reader that becomes a writer could only fail, not wait."""
    writing = connection.get_execution_options().get("writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
