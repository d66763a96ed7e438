"""All events by columns, for readers that make arrays of them: no object an event."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Any, NamedTuple

from sqlalchemy import Connection

_BATCH = 50_000
_CORRECTED = "SELECT event_key FROM events GROUP BY event_key HAVING count(*) > 1"


class EventColumns(NamedTuple):
    """Some rows of the table; `corrected` is the event's key where it has more than one version, else None."""

    lead_id: Sequence[str]
    type: Sequence[str]
    occurred_at: Sequence[int]
    recorded_at: Sequence[int]
    version: Sequence[int]
    corrected: Sequence[str | None]


def read(connection: Connection, as_of: int | None = None) -> Iterator[EventColumns]:
    """Every version recorded by `as_of` (None: all), in no promised order."""
    mark = "%s" if connection.dialect.name == "postgresql" else "?"
    query = (
        "SELECT lead_id, type, occurred_at, recorded_at, version, twice.event_key FROM events"  # noqa: S608 -- ours
        f" LEFT JOIN ({_CORRECTED}) AS twice ON twice.event_key = events.event_key"
        + (f" WHERE recorded_at <= {mark}" if as_of is not None else "")
    )
    given = () if as_of is None else (as_of,)
    driver: Any = connection.connection  # SQLAlchemy would make an object of each row
    cursor = driver.cursor("leadloop_columns") if connection.dialect.name == "postgresql" else driver.cursor()
    with closing(cursor):
        cursor.execute(query, given)
        while rows := cursor.fetchmany(_BATCH):
            yield EventColumns(*zip(*rows, strict=True))
