"""Packed histories: beside its rows, all that the scorer needs of a lead in one row, so that scoring reads one.

A packed row is a copy: kept in the transaction of the rows it is made of, or absent, never behind them. Its bytes:
the length of a JSON header (int64), the header padded to a multiple of 8, then four arrays of int64, one after the
other: each event's kind (an index into the header's kinds), occurred_at, recorded_at, superseded_at; all little-endian.
Events are sorted by occurred_at, kind, recorded_at, superseded_at. A version of the lead is [created_at, recorded_at,
position, account, attributes]; they are sorted by when they were known, then by their hash. `given` is what
`leadloop.store.given` tells of it, null where it gave nothing.
"""

import json
import struct
import sys
from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, delete

from leadloop.store import given
from leadloop.store.bulk import add_rows, matching
from leadloop.store.given import Given
from leadloop.store.tables import histories

FORMAT = 2
"""Rows of another format are as good as absent."""
NEVER = 2**63 - 1
"""When what still stands was superseded."""
ALWAYS = -(2**63)
"""When undated rows were recorded."""

Version = list[Any]
Fields = Row[*tuple[Any, ...]]
_Did = tuple[int, str, int, int]
"""A version of an event: occurred_at, type, recorded_at, superseded_at."""


class Unpacked(NamedTuple):
    """A packed history, its arrays of events still in the bytes from `events_at` on."""

    versions: list[Version]
    kinds: list[str]
    given: Given | None
    events_at: int


def read(connection: Connection, lead_ids: Iterable[str]) -> dict[str, bytes]:
    """The packed history of each of the leads that is known: its packed row, or packed now from its rows."""
    asked = list(dict.fromkeys(lead_ids))
    found = kept(connection, asked)
    return found | from_rows(connection, [lead_id for lead_id in asked if lead_id not in found])


def kept(connection: Connection, lead_ids: Sequence[str]) -> dict[str, bytes]:
    """The packed rows that are there."""
    query = f"SELECT lead_id, packed FROM histories WHERE format = {FORMAT} AND lead_id :keys"  # noqa: S608 -- ours
    return {row[0]: row[1] for row in matching(connection, query, lead_ids)}


def from_rows(connection: Connection, lead_ids: Sequence[str]) -> dict[str, bytes]:
    """Pack the leads from their rows; those that only events or nobody knows of are left out."""
    if not lead_ids:
        return {}
    versions = _versions(connection, lead_ids)
    did, gave = _events(connection, lead_ids), given.read(connection, lead_ids)
    return {lead_id: _pack(rows, did[lead_id], gave.get(lead_id)) for lead_id, rows in versions.items()}


def unpack(packed: bytes, read_json: Callable[[bytes], Any] = json.loads) -> Unpacked:
    """What a packed history holds. `read_json`: for who has a faster one."""
    length = _LENGTH(packed)[0]
    header = read_json(packed[8 : 8 + length])
    gave = header["given"]
    return Unpacked(header["versions"], header["kinds"], Given(*gave) if gave else None, _padded(8 + length))


def head(packed: bytes) -> bytes:
    """The header of a packed history, unread: all but its events."""
    return packed[: 8 + _LENGTH(packed)[0]]


_LENGTH = struct.Struct("<q").unpack_from


def store(connection: Connection, lead_ids: Sequence[str]) -> list[str]:
    """Make the packed rows of the leads anew from their rows; returns those that have any."""
    forget(connection, lead_ids)
    fresh = from_rows(connection, lead_ids)
    add_rows(connection, histories, [(lead_id, FORMAT, packed) for lead_id, packed in fresh.items()])
    return list(fresh)


def forget(connection: Connection, lead_ids: Sequence[str] | None) -> None:
    """Leave the leads (None: all) without packed rows; their rows are read until they are packed again."""
    if lead_ids is None:
        connection.execute(delete(histories))
    else:
        matching(connection, "DELETE FROM histories WHERE lead_id :keys", lead_ids)


def _versions(connection: Connection, lead_ids: Sequence[str]) -> dict[str, list[Fields]]:
    query = (
        "SELECT lead_id, version, created_at, recorded_at, position, account, attributes FROM leads WHERE lead_id :keys"
    )
    found: dict[str, list[Fields]] = defaultdict(list)
    for row in matching(connection, query, lead_ids):
        found[row[0]].append(row)
    for rows in found.values():
        rows.sort(key=lambda row: (ALWAYS if row.recorded_at is None else row.recorded_at, row.version))
    return found


def _events(connection: Connection, lead_ids: Sequence[str]) -> dict[str, list[_Did]]:
    """What each lead did, sorted; also of events that a correction gave to another lead."""
    query = (
        "SELECT event_key, recorded_at, version, lead_id, type, occurred_at FROM events"
        " WHERE event_key IN (SELECT event_key FROM events WHERE lead_id :keys)"
    )
    cursor: Any = matching(connection, query, lead_ids).cursor  # as it is: SQLAlchemy would make an object of each row
    rows = sorted(cursor.fetchall())
    found: dict[str, list[_Did]] = defaultdict(list)
    for row, after in zip(rows, [*rows[1:], (None,)], strict=False):
        key, recorded_at, _, lead_id, kind, occurred_at = row
        superseded_at = after[1] if after[0] == key else NEVER
        found[lead_id].append((occurred_at, kind, recorded_at, superseded_at))
    for one in found.values():
        one.sort()
    return found


def _pack(versions: Sequence[Fields], did: Sequence[_Did], gave: Given | None) -> bytes:
    kinds = sorted({one[1] for one in did})
    code = {kind: number for number, kind in enumerate(kinds)}
    numbers = array("q", [code[one[1]] for one in did])
    for column in ([one[0] for one in did], [one[2] for one in did], [one[3] for one in did]):
        numbers.extend(column)
    if sys.byteorder == "big":
        numbers.byteswap()
    told = ",".join(map(_version, versions))
    header = f'{{"kinds":{_json(kinds)},"given":{_json(gave)},"versions":[{told}]}}'.encode()
    return struct.pack("<q", len(header)) + header.ljust(_padded(8 + len(header)) - 8) + numbers.tobytes()


def _version(row: Fields) -> str:
    """Attributes are canonical JSON already."""
    values = [_json(value) for value in (row.created_at, row.recorded_at, row.position, row.account)]
    return f"[{','.join(values)},{row.attributes}]"


def _json(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _padded(size: int) -> int:
    """The next multiple of 8, where an array of int64 is aligned."""
    return -(-size // 8) * 8
