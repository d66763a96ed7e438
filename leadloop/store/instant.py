"""The instant that a question without `--as-of` is about: the newest thing the ledger knows."""

from sqlalchemy import Connection

from leadloop.store import events, leads, outcomes


def newest(connection: Connection) -> int | None:
    """The last `recorded_at` of any row, microseconds UTC; None in an undated ledger and in an empty one."""
    known = [room.last_recorded_at(connection) for room in (leads, events, outcomes)]
    return max((instant for instant in known if instant is not None), default=None)
