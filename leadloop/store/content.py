"""Canonical content: what makes two rows the same row, whichever file, order or database they came through."""

import json
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Table, Text, any_, cast, func, select
from sqlalchemy.dialects import postgresql

from leadloop.store.bulk import add_rows
from leadloop.store.rows import Value

_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def canonical(values: Mapping[str, Value]) -> str:
    """JSON with sorted keys and no spaces, so that equal content is equal text.

    >>> canonical({"b": 1, "a": "é"})
    '{"a":"é","b":1}'
    """
    return _ENCODER.encode(values) if values else "{}"  # most events have none, and they come by the million


def key(*parts: object) -> str:
    """A 128-bit key of a row's content, as 32 hex digits."""
    return blake2b(_joined(parts), digest_size=16).hexdigest()


def version(*parts: object) -> int:
    """A signed 64-bit hash of a row's content: repetitions have the same, corrections another."""
    return int.from_bytes(blake2b(_joined(parts), digest_size=8).digest(), "big", signed=True)


def _joined(parts: Sequence[object]) -> bytes:
    return "\x1f".join(["\x00" if part is None else str(part) for part in parts]).encode()


def among(connection: Connection, column: Column[str], keys: Sequence[str]) -> ColumnElement[bool]:
    """The column is one of the keys: one parameter however many they are, since databases limit parameters."""
    if connection.dialect.name == "postgresql":
        return column == any_(cast(list(keys), postgresql.ARRAY(Text)))
    return column.in_(select(func.json_each(json.dumps(list(keys))).table_valued("value").c.value))


def add_once(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> int:
    """Insert the rows whose key is not there yet; returns how many were new."""
    names = list(table.columns.keys())
    return add_rows(connection, table, [tuple(row.get(name) for name in names) for row in rows])
