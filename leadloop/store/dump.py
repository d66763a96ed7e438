"""The whole ledger as JSON Lines that `leadloop import` reads: a copy to keep, or to take to another database."""

import json
from collections.abc import Callable, Iterator
from itertools import groupby, zip_longest
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, Table, select

from leadloop.clock import isoformat
from leadloop.errors import InputError
from leadloop.store import events, outcomes
from leadloop.store.ledger import Ledger
from leadloop.store.rows import IDENTITY, EventRow, OutcomeRow
from leadloop.store.tables import events as event_table
from leadloop.store.tables import identities, leads
from leadloop.store.tables import outcomes as outcome_table

Line = dict[str, Any]
_FETCHED = 10_000


def write(ledger: Ledger, folder: Path, done: Callable[[str, int], None] = lambda *_: None) -> dict[str, int]:
    """Write leads, events and outcomes, each as it was at one instant; returns how many rows of each.

    Imported into an empty ledger they are the same rows; merges and erasures are decisions and stay behind.

    Raises: InputError when the folder holds something, or the ledger is undated: its rows need their export.
    """
    if folder.exists() and any(folder.iterdir()):
        raise InputError(f"{folder} holds something already; name an empty folder")
    folder.mkdir(parents=True, exist_ok=True)
    counts = {}
    with ledger.reading() as connection:
        _refuse_undated(connection)
        for name, lines in (("leads", _leads), ("events", _events), ("outcomes", _outcomes)):
            counts[name] = _fill(folder / f"{name}.jsonl", lines(connection))
            done(name, counts[name])
    return counts


def _refuse_undated(connection: Connection) -> None:
    if connection.execute(select(leads.c.lead_id).where(leads.c.created_at.is_(None)).limit(1)).first():
        raise InputError("An undated ledger has no dump, for such files have dates; keep the export and its mapping")


def _fill(path: Path, lines: Iterator[Line]) -> int:
    """Write the lines; a table without rows makes no file, since an empty one would say nothing."""
    count = 0
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for line in lines:
            file.write(json.dumps({k: v for k, v in line.items() if v is not None or k not in _OPTIONAL}) + "\n")
            count += 1
    if not count:
        path.unlink()
    return count


_OPTIONAL = {"recorded_at", "event_id", "reason", "amount", "currency", "actor", "outcome_id", "until", *IDENTITY}
"""Left out where there is nothing to say; null in any other column says that it was cleared."""


def _rows(connection: Connection, table: Table, *order: str) -> Iterator[Row[Any]]:
    query = select(table).order_by(*(table.c[name] for name in order))
    yield from connection.execution_options(yield_per=_FETCHED).execute(query)


def _leads(connection: Connection) -> Iterator[Line]:
    """Versions beside the identities that came with them; one that has no partner stands alone."""
    order = ("lead_id", "recorded_at", "version")
    known = groupby(_rows(connection, identities, *order), key=_moment)
    waiting = next(known, None)
    for moment, versions in groupby(_rows(connection, leads, *order), key=_moment):
        people: list[Row[Any]] = []
        if waiting is not None and waiting[0] == moment:
            people = list(waiting[1])
            waiting = next(known, None)
        for version, person in zip_longest(list(versions), people):
            yield _lead(version, person)


def _moment(row: Row[Any]) -> tuple[str, int]:
    return row.lead_id, row.recorded_at


def _lead(version: Row[Any] | None, person: Row[Any] | None) -> Line:
    if version is None:
        raise InputError("A lead's identity came without its row; run `leadloop doctor`")
    who = {name: getattr(person, name) for name in IDENTITY} if person is not None else {}
    times = {"created_at": isoformat(version.created_at), "recorded_at": isoformat(version.recorded_at)}
    return {"lead_id": version.lead_id, **times, **who, **json.loads(version.attributes)}


def _events(connection: Connection) -> Iterator[Line]:
    for row in _rows(connection, event_table, "event_key", "version"):
        properties = json.loads(row.properties)
        own = events.identify(EventRow(row.lead_id, row.type, row.occurred_at, row.recorded_at, None, properties))
        times = {"occurred_at": isoformat(row.occurred_at), "recorded_at": isoformat(row.recorded_at)}
        event_id = None if own == row.event_key else row.event_key
        yield {"lead_id": row.lead_id, "type": row.type, **times, "event_id": event_id, **properties}


def _outcomes(connection: Connection) -> Iterator[Line]:
    for row in _rows(connection, outcome_table, "outcome_key", "version"):
        facts = {name: getattr(row, name) for name in ("reason", "amount", "currency", "actor")}
        moments = {"occurred_at": row.occurred_at, "recorded_at": row.recorded_at}
        own = outcomes.identify(OutcomeRow(row.lead_id, row.stage, **moments, **facts, until_at=row.until_at))
        outcome_id = None if own == row.outcome_key else row.outcome_key
        until = None if row.until_at is None else isoformat(row.until_at)
        times = {name: isoformat(at) for name, at in moments.items()}
        yield {"lead_id": row.lead_id, "stage": row.stage, **times, **facts, "outcome_id": outcome_id, "until": until}
