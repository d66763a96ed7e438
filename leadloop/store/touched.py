"""Whose rows a transaction added, and what becomes of their packed histories before it is committed.

Whoever keeps a list of leads learns of it by `changes`, written at the very end and under the same locks.

On PostgreSQL, two transactions that add rows of one lead would each pack without the other's. So each, at its end,
takes the locks of its events and then of its leads, in order, and packs under them: what others committed is seen, and
who comes later waits. All rows are in by then and nothing else is waited for under these locks, so nobody deadlocks.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from zlib import crc32

from sqlalchemy import Connection, select

from leadloop.store import changes, failpoint, packed, to_score
from leadloop.store.bulk import matching
from leadloop.store.tables import histories

_KEY = "leadloop.touched"
_ROOMS = 64
_EVENT_LOCKS, _LEAD_LOCKS = 7_316_533, 7_316_534  # any numbers that nothing else on the server locks
PACKED_AT_ONCE = 1_000
"""Up to so many leads are packed in the transaction; the packed rows of more are deleted, to be made in one pass.

Who is packed, now or in that pass, is noted for scoring: what is stored of its score is behind.
"""
REMEMBERED = 1_000_000
"""Ids to remember at most; a transaction that touches more leaves no lead packed."""


@dataclass
class Touched:
    """Leads and events of which rows were added; `everything`: too many to name.

    `noted`: leads about which something else became known, that no history holds.
    """

    lead_ids: set[str] = field(default_factory=set)
    event_keys: set[str] = field(default_factory=set)
    everything: bool = False
    noted: set[str] = field(default_factory=set)


def touch(connection: Connection, lead_ids: Iterable[str], event_keys: Iterable[str] = ()) -> None:
    """Note that rows of these leads were added or removed, and versions of these events."""
    touched: Touched = connection.info.setdefault(_KEY, Touched())
    if not touched.everything:
        touched.lead_ids.update(lead_ids)
        touched.event_keys.update(event_keys)
    if len(touched.lead_ids) + len(touched.event_keys) > REMEMBERED:
        connection.info[_KEY] = Touched(everything=True)


def note(connection: Connection, lead_ids: Iterable[str]) -> None:
    """Note that outcomes of these leads were added, or who is who among them was decided: no history changes by it."""
    touched: Touched = connection.info.setdefault(_KEY, Touched())
    if len(touched.noted) <= PACKED_AT_ONCE:
        touched.noted.update(lead_ids)


def begin(connection: Connection) -> None:
    """Forget what an earlier transaction on this connection, rolled back, had noted."""
    connection.info.pop(_KEY, None)


def settle(connection: Connection) -> None:
    """Bring the packed histories up to the rows; the transaction is to be committed next."""
    touched: Touched | None = connection.info.pop(_KEY, None)
    if touched is None:
        return
    _lock(connection, _EVENT_LOCKS, None if touched.everything else touched.event_keys)
    if _too_many(touched):
        _lock(connection, _LEAD_LOCKS, None)
        _unpack(connection, touched)
        changes.write(connection, None)
    else:
        lead_ids = sorted(touched.lead_ids | _owners(connection, touched.event_keys))
        changed = sorted(touched.noted.union(lead_ids))
        _lock(connection, _LEAD_LOCKS, changed)
        if lead_ids:
            to_score.note(connection, packed.store(connection, lead_ids))
        changes.write(connection, changed)
    failpoint.hit("histories_written")


def _too_many(touched: Touched) -> bool:
    return touched.everything or max(len(touched.lead_ids), len(touched.noted)) > PACKED_AT_ONCE


def _unpack(connection: Connection, touched: Touched) -> None:
    if connection.execute(select(histories.c.lead_id).limit(1)).first() is None:  # the first import of all
        return
    owners = touched.lead_ids | _owners(connection, touched.event_keys)
    packed.forget(connection, None if touched.everything else list(owners))


def _owners(connection: Connection, event_keys: Iterable[str]) -> set[str]:
    """Every lead that has a version of one of the events: a correction may have moved it."""
    keys = list(event_keys)
    if not keys:
        return set()
    return set(matching(connection, "SELECT DISTINCT lead_id FROM events WHERE event_key :keys", keys).scalars())


def _lock(connection: Connection, kind: int, names: Iterable[str] | None) -> None:
    """Hold the locks of the names (None: all) until the end; on SQLite the one writer has the file already."""
    if connection.dialect.name != "postgresql":
        return
    rooms = range(_ROOMS) if names is None else sorted({crc32(name.encode()) % _ROOMS for name in names})
    query = "SELECT count(pg_advisory_xact_lock(%s, room)) FROM unnest(%s::int[]) AS room"
    connection.exec_driver_sql(query, (kind, list(rooms)))
