"""What became of a company's leads, as events with their own recorded_at: what one lead may know of the others.

Of the lead itself this is what models predict; of its colleagues it is a fact like others, from when it was recorded.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection

from leadloop.store.bulk import matching
from leadloop.store.events import StoredEvent
from leadloop.store.rows import STAGES

IN_HAND, LET_GO, WON, SAID = "in hand", "let go", "won", "said"
"""Sales has the lead in hand, or is done with it; SAID: neither. At one instant the name that sorts last counts."""

_FACTS = {**dict.fromkeys(STAGES[1:5], IN_HAND), "won": WON, **dict.fromkeys(("rejected", "lost", "recycled"), LET_GO)}
_COLUMNS = "SELECT outcome_key, version, lead_id, stage, occurred_at, recorded_at FROM outcomes"


def read(connection: Connection, as_of: int | None = None, lead_ids: Sequence[str] | None = None) -> list[StoredEvent]:
    """Every version recorded by `as_of` (None: all) of what became of the leads named (None: all), in any order.

    Undated outcomes are left out: nobody knows since when they were known.
    """
    return [
        StoredEvent(key, version, lead_id, _FACTS.get(stage, SAID), at if at is not None else known_at, known_at, {})
        for key, version, lead_id, stage, at, known_at in _rows(connection, lead_ids)
        if known_at is not None and (as_of is None or known_at <= as_of)
    ]


def _rows(connection: Connection, lead_ids: Sequence[str] | None) -> Iterator[Any]:
    """Also versions by which a correction gave an outcome to another lead."""
    if lead_ids is None:
        result: Any = connection.exec_driver_sql(_COLUMNS)
    else:
        theirs = " WHERE outcome_key IN (SELECT outcome_key FROM outcomes WHERE lead_id :keys)"
        result = matching(connection, _COLUMNS + theirs, lead_ids)
    rows: Iterator[Any] = iter(result.cursor.fetchall())  # SQLAlchemy would make an object of each row
    return rows
