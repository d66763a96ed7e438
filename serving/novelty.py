"""Which rows of a request are new to the ledger: said of each row, where the ledger itself only counts them."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Column, Connection, Table, select

from leadloop.store import events, leads, outcomes, tables
from leadloop.store.accounts import account_of
from leadloop.store.content import among, canonical
from leadloop.store.rows import IDENTITY, EventRow, LeadRow, OutcomeRow
from serving.received import LedgerRow
from serving.writing import StoredMeanwhileError

Fact = tuple[Any, ...]
"""The name of a table, then the columns of `_COLUMNS`: a row of the ledger without what it is computed from."""

_COLUMNS = {
    "leads": ("lead_id", "created_at", "recorded_at", "position", "attributes", "account"),
    "identities": ("lead_id", "recorded_at", *IDENTITY),
    "events": ("event_key", "lead_id", "type", "occurred_at", "recorded_at", "properties"),
    "outcomes": (
        *("outcome_key", "lead_id", "stage", "occurred_at", "recorded_at"),
        *("reason", "amount", "currency", "actor", "until_at"),
    ),
}
"""Told apart by these, looked for by the first."""


def store(connection: Connection, rows: Sequence[LedgerRow]) -> list[bool]:
    """Keep each row once; for each whether it was new.

    Raises: StoredMeanwhileError when another transaction stored some of them after we had looked.
    """
    facts = [_facts(row) for row in rows]
    seen = _known(connection, facts)
    new, expected = [], 0
    for own in facts:
        new.append(not seen.issuperset(own))
        expected += own[0] not in seen
        seen.update(own)
    if _added(connection, rows) != expected:
        raise StoredMeanwhileError
    return new


def key_of(row: LedgerRow) -> str:
    """What makes two rows the same one, as the ledger has it: the sender's id, else a hash of the content."""
    match row:
        case LeadRow():
            return row.lead_id
        case EventRow():
            return events.identify(row)
        case OutcomeRow():
            return outcomes.identify(row)


def _facts(row: LedgerRow) -> tuple[Fact, ...]:
    """The rows of tables that it makes, the one that the ledger counts first."""
    match row:
        case LeadRow():
            attributes, account = canonical(row.attributes), account_of(row.identity)
            lead = ("leads", row.lead_id, row.created_at, row.recorded_at, row.position, attributes, account)
            names = [row.identity.get(name) for name in IDENTITY]
            return (lead, ("identities", row.lead_id, row.recorded_at, *names)) if row.identity else (lead,)
        case EventRow():
            content = (row.lead_id, row.type, row.occurred_at, row.recorded_at, canonical(row.properties))
            return (("events", key_of(row), *content),)
        case OutcomeRow():
            content = tuple(getattr(row, name) for name in _COLUMNS["outcomes"][1:])
            return (("outcomes", key_of(row), *content),)


def _known(connection: Connection, facts: Sequence[tuple[Fact, ...]]) -> set[Fact]:
    """Facts of the same keys that the ledger has."""
    keys: dict[str, set[str]] = {}
    for own in facts:
        for table, first, *_ in own:
            keys.setdefault(table, set()).add(first)
    return {fact for name, wanted in keys.items() for fact in _read(connection, name, sorted(wanted))}


def _read(connection: Connection, name: str, keys: list[str]) -> list[Fact]:
    table: Table = tables.metadata.tables[name]
    columns: list[Column[Any]] = [table.c[column] for column in _COLUMNS[name]]
    query = select(*columns).where(among(connection, columns[0], keys))
    return [(name, *row) for row in connection.execute(query)]


def _added(connection: Connection, rows: Sequence[LedgerRow]) -> int:
    adders: tuple[tuple[type, Callable[..., int]], ...] = (
        (LeadRow, leads.add), (EventRow, events.add), (OutcomeRow, outcomes.add),
    )  # fmt: skip
    kinds = [(add, [row for row in rows if isinstance(row, kind)]) for kind, add in adders]
    return sum(add(connection, some) for add, some in kinds if some)
