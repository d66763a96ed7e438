"""How far an import of a file came: kept in the transaction of its rows, so that it can go on where it stopped."""

from collections.abc import Iterable
from hashlib import file_digest
from pathlib import Path

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from leadloop.clock import now, to_micros
from leadloop.store.content import among, key
from leadloop.store.tables import import_progress


def name_of(file: Path, context: str) -> str:
    """The file by its content and by what else decides about its rows: its name (the table) and `context`."""
    with file.open("rb") as content:
        return key(file_digest(content, "blake2b").hexdigest(), file.name, context)


def rows_done(connection: Connection, file: str) -> int:
    """How many good rows of the file an import that was cut short has stored; 0: there was none."""
    query = select(import_progress.c.rows_done).where(import_progress.c.file == file)
    return connection.execute(query).scalar() or 0


def keep(connection: Connection, file: str, rows: int) -> None:
    """So many good rows of the file are in the ledger once this transaction is."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    values = {"rows_done": rows, "updated_at": to_micros(now())}
    statement = insert(import_progress).values(file=file, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["file"], set_=values))


def forget(connection: Connection, files: Iterable[str]) -> None:
    """The import is complete: the next one of the same files looks at every row again."""
    connection.execute(delete(import_progress).where(among(connection, import_progress.c.file, list(files))))
