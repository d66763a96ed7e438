"""Rows into a table by columns: what each database takes fastest, with the rows it already has left as they are."""

import json
from collections.abc import Collection, Sequence
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, CursorResult, Table

from leadloop.store import failpoint

BULK_ROWS = 500
"""From here on, PostgreSQL's COPY into a table of its own pays for itself."""
SQLITE_CACHE_KIB = 256 * 1024
"""Rows come in by random keys: with SQLite's own 2 MB, nearly every one of them reads a page and writes another."""

Row = tuple[Any, ...]
_SOME_KNOWN = "leadloop.some_known"


def add_rows(connection: Connection, table: Table, rows: Sequence[Row]) -> int:
    """Insert the rows, values in the order of the table's columns, whose key is new; returns how many were.

    They go in by key, so that two writers of the same rows wait for each other instead of deadlocking.
    """
    if not rows:
        return 0
    at = [list(table.columns).index(column) for column in table.primary_key]
    in_order = sorted(rows, key=itemgetter(*at))
    if connection.dialect.name == "postgresql" and len(rows) >= BULK_ROWS:
        new = _copied(connection, table, in_order)
    else:
        new = _inserted(connection, table, in_order)
    failpoint.hit("rows_in")
    return new


def matching(connection: Connection, query: str, keys: Collection[str]) -> CursorResult[*tuple[Any, ...]]:
    """Rows of a query in which `:keys` says that a column is one of the keys: round the compiler, for hot paths."""
    if connection.dialect.name == "postgresql":
        return connection.exec_driver_sql(query.replace(":keys", "= ANY(%s)"), (list(keys),))
    return connection.exec_driver_sql(
        query.replace(":keys", "IN (SELECT value FROM json_each(?))"), (json.dumps(list(keys)),)
    )


def _inserted(connection: Connection, table: Table, rows: list[Row]) -> int:
    if connection.dialect.name == "sqlite" and len(rows) >= BULK_ROWS:
        connection.exec_driver_sql(f"PRAGMA cache_size=-{SQLITE_CACHE_KIB}")
    mark = "%s" if connection.dialect.name == "postgresql" else "?"
    marks = ",".join([mark] * len(table.columns))
    statement = f"INSERT INTO {table.name} VALUES ({marks}) ON CONFLICT DO NOTHING"  # noqa: S608 -- our own names
    return connection.exec_driver_sql(statement, rows, execution_options={"preserve_rowcount": True}).rowcount


def _copied(connection: Connection, table: Table, rows: list[Row]) -> int:
    """COPY is twice as fast where all rows are new, and refuses where one isn't; what came last says what to try."""
    cursor: Any = connection.connection.cursor()
    with cursor:
        if not connection.info.get(_SOME_KNOWN) and _all_new(cursor, table, rows):
            return len(rows)
        new = _copied_apart(cursor, table, rows)
        connection.info[_SOME_KNOWN] = new < len(rows)
    return new


def _all_new(cursor: Any, table: Table, rows: list[Row]) -> bool:
    """Copy the rows straight in; False, and nothing is done, when one of them is known."""
    from psycopg.errors import UniqueViolation  # PostgreSQL's driver is an extra

    cursor.execute("SAVEPOINT straight")
    try:
        _copy(cursor, table.name, rows)
    except UniqueViolation:
        cursor.execute("ROLLBACK TO SAVEPOINT straight")
        return False
    cursor.execute("RELEASE SAVEPOINT straight")
    return True


def _copied_apart(cursor: Any, table: Table, rows: list[Row]) -> int:
    """Copy the rows into a table of the connection's own, and take what is new from there."""
    incoming = f"incoming_{table.name}"
    cursor.execute(
        "SET LOCAL client_min_messages = warning;"  # that the table exists is no news
        f"CREATE TEMPORARY TABLE IF NOT EXISTS {incoming} (LIKE {table.name}) ON COMMIT DELETE ROWS"
    )
    _copy(cursor, incoming, rows)
    cursor.execute(f"INSERT INTO {table.name} SELECT * FROM {incoming} ON CONFLICT DO NOTHING")  # noqa: S608 -- ours
    new: int = cursor.rowcount
    cursor.execute(f"TRUNCATE {incoming}")
    return new


def _copy(cursor: Any, name: str, rows: list[Row]) -> None:
    with cursor.copy(f"COPY {name} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
