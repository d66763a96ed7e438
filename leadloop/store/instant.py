"""The instant that a question without `--as-of` is about: now once rows come in live, else the newest thing known."""

from sqlalchemy import Connection, select

from leadloop.clock import now, to_micros
from leadloop.store import events, leads, outcomes
from leadloop.store.content import add_once
from leadloop.store.tables import imports

LIVE = "live"
"""The import that never ends: its row says since when rows come in as they happen."""


def newest(connection: Connection) -> int | None:
    """Now in a live ledger, else the last `recorded_at` of any row, microseconds UTC; None where nothing is dated."""
    if is_live(connection):
        return to_micros(now())
    known = [room.last_recorded_at(connection) for room in (leads, events, outcomes)]
    return max((instant for instant in known if instant is not None), default=None)


def mark_live(connection: Connection) -> None:
    """Say that rows come in as they happen, from the first one on; in the transaction of the row."""
    if not is_live(connection):
        report = '{"bad_rows": [], "reasons": {}}'  # what readers of import reports look for
        add_once(connection, imports, [{"import_id": LIVE, "started_at": to_micros(now()), "report": report}])


def is_live(connection: Connection) -> bool:
    """Whether rows come in as they happen."""
    return connection.execute(select(1).where(imports.c.import_id == LIVE)).scalar() is not None
