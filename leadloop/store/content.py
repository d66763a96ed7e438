"""Canonical content: what makes two rows the same row, whichever file, order or database they came through."""

import json
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

from leadloop.store.rows import Value


def canonical(values: Mapping[str, Value]) -> str:
    """JSON with sorted keys and no spaces, so that equal content is equal text.

    >>> canonical({"b": 1, "a": "é"})
    '{"a":"é","b":1}'
    """
    return json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def key(*parts: object) -> str:
    """A 128-bit key of a row's content, as 32 hex digits."""
    return blake2b(_joined(parts), digest_size=16).hexdigest()


def version(*parts: object) -> int:
    """A signed 64-bit hash of a row's content: repetitions have the same, corrections another."""
    return int.from_bytes(blake2b(_joined(parts), digest_size=8).digest(), "big", signed=True)


def _joined(parts: Sequence[object]) -> bytes:
    return "\x1f".join("\x00" if part is None else str(part) for part in parts).encode()


def add_once(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> int:
    """Insert the rows whose key is not there yet; returns how many were new."""
    if not rows:
        return 0
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    return connection.execute(insert(table).on_conflict_do_nothing(), list(rows)).rowcount
