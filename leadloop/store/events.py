"""Events in the ledger: what a lead did, each counted once however often it is sent."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from leadloop.store.bulk import Row, add_rows
from leadloop.store.content import among, canonical, key, version
from leadloop.store.rows import EventRow, Value
from leadloop.store.tables import events
from leadloop.store.tombstones import admitted
from leadloop.store.touched import touch


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """One version of an event. Times in microseconds UTC."""

    event_key: str
    version: int
    lead_id: str
    type: str
    occurred_at: int
    recorded_at: int
    properties: Mapping[str, Value]


def add(connection: Connection, rows: Sequence[EventRow]) -> int:
    """Keep each event once; returns how many were new."""
    kept = [stored(row) for row in admitted(connection, rows)]
    if new := add_rows(connection, events, kept):
        touch(connection, [row[2] for row in kept], [row[0] for row in kept])
    return new


def read(connection: Connection, as_of: int | None = None, lead_ids: Sequence[str] | None = None) -> list[StoredEvent]:
    """Every version recorded by `as_of` (None: all), in no promised order.

    With `lead_ids`, of the events that these leads ever had: a correction may have moved one to another lead.
    """
    query = select(events)
    if as_of is not None:
        query = query.where(events.c.recorded_at <= as_of)
    if lead_ids is not None:
        theirs = select(events.c.event_key).where(among(connection, events.c.lead_id, lead_ids))
        query = query.where(events.c.event_key.in_(theirs))
    return [
        StoredEvent(r.event_key, r.version, r.lead_id, r.type, r.occurred_at, r.recorded_at, json.loads(r.properties))
        for r in connection.execute(query)
    ]


def last_recorded_at(connection: Connection) -> int | None:
    """When the newest event became known; None: there is none."""
    return connection.execute(select(func.max(events.c.recorded_at))).scalar()


def identify(row: EventRow) -> str:
    """What makes two events the same one: the sender's id, else lead, type, instant and properties."""
    return row.event_id or key(row.lead_id, row.type, row.occurred_at, canonical(row.properties))


def stored(row: EventRow) -> Row:
    """The event as a row of the table."""
    properties = canonical(row.properties)
    return (
        row.event_id or key(row.lead_id, row.type, row.occurred_at, properties),
        version(row.lead_id, row.type, row.occurred_at, row.recorded_at, properties),
        row.lead_id,
        row.type,
        row.occurred_at,
        row.recorded_at,
        properties,
    )
