"""Where the ledger names a lead, table by table: what erasure removes and what the right of access hands over."""

import json
import struct
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, MetaData, RowMapping, Table, func, or_, select

from leadloop.clock import isoformat
from leadloop.store import leads
from leadloop.store.content import among
from leadloop.store.merges import APART
from leadloop.store.scores import inflated
from leadloop.store.tables import identities, identity_keys, merges, metadata

NAMING = ("lead_id", "duplicate_id", "survivor_id")
"""Columns that name a lead. A table that has one is erased and handed over by that alone."""

NAMES_NOBODY = frozenset(
    {
        "imports",
        "idempotency",
        "import_progress",
        "tombstones",
        "audit",
        "api_keys",
        "chores",
        "webhooks",
        "draws",
        "runs",
        "visits",
        "samples",
        "definitions",
    }
)
"""Tables without such a column: erasure searches the first two for traces; of leads, the others hold hashes at most."""
COPIES = frozenset({"histories", "to_score"})
"""Tables that say nothing which others do not: erased, and not handed over."""

_JSON = ("attributes", "properties", "payload", "facts")
_END = 2**63 - 1  # of time: when an undated ledger is looked at
_OURS = ("version",)  # hashes of the rest of the row say nothing to the person


def naming(tables: MetaData = metadata) -> Iterator[tuple[Table, list[Column[str]]]]:
    """Every table that names leads, and its columns that do."""
    for table in tables.sorted_tables:
        columns = [table.c[name] for name in NAMING if name in table.c]
        if columns:
            yield table, columns


def about(connection: Connection, columns: Sequence[Column[str]], lead_ids: Sequence[str]) -> ColumnElement[bool]:
    """The row names one of the leads."""
    return or_(*(among(connection, column, lead_ids) for column in columns))


def held(connection: Connection, lead_ids: Sequence[str]) -> set[str]:
    """Those of the leads that any table names."""
    found: set[str] = set()
    for _, columns in naming():
        for column in columns:
            found.update(connection.execute(select(column).where(among(connection, column, lead_ids))).scalars())
    return found


def contacts(connection: Connection, lead_ids: Sequence[str]) -> set[str]:
    """E-mails and phones of the leads, as they are written in the ledger."""
    written = select(identities.c.email, identities.c.phone).where(among(connection, identities.c.lead_id, lead_ids))
    keys = select(identity_keys.c.value).where(among(connection, identity_keys.c.lead_id, lead_ids))
    rows = [*connection.execute(written), *connection.execute(keys)]
    return {value for row in rows for value in row if value}


def shared(connection: Connection, known: Collection[str]) -> set[str]:
    """Those of the e-mails and phones that some lead in the ledger still has."""
    columns = (identities.c.email, identities.c.phone, identity_keys.c.value)
    queries = (select(column).where(among(connection, column, list(known))) for column in columns)
    return {value for query in queries for value in connection.execute(query).scalars()}


def same_person(connection: Connection, lead_ids: Sequence[str]) -> list[str]:
    """Other leads that were merged with one of these or have the same e-mail: likely the same person."""
    emails = {value.casefold() for value in contacts(connection, lead_ids) if "@" in value}
    written: Any = func.lower(identities.c.email)
    mailed = select(identities.c.lead_id).where(among(connection, written, list(emails)))
    found = {*merged(connection, lead_ids), *connection.execute(mailed).scalars()}
    return sorted(found - set(lead_ids))


def merged(connection: Connection, lead_ids: Sequence[str]) -> set[str]:
    """Leads that are merged with one of these, themselves included."""
    query = select(merges.c.duplicate_id, merges.c.survivor_id).where(
        merges.c.undone_at.is_(None),
        merges.c.rule != APART,
        about(connection, [merges.c.duplicate_id, merges.c.survivor_id], lead_ids),
    )
    return {lead_id for row in connection.execute(query) for lead_id in row}


def everything(connection: Connection, lead_id: str) -> dict[str, Any]:
    """All that is held on a lead, as JSON has it: who and what it is now, then each table's rows, oldest first."""
    tables = {
        table.name: _rows(connection, table, columns, lead_id) for table, columns in naming() if _is_source(table)
    }
    attributes: dict[str, Any] = {}
    for row in tables["leads"]:
        attributes.update(row["attributes"])
    return {
        "lead_id": lead_id,
        "identity": leads.names(connection, [lead_id]).get(lead_id, {}),
        "attributes": attributes,
        **tables,
    }


def _is_source(table: Table) -> bool:
    return table.name not in COPIES


def _rows(connection: Connection, table: Table, columns: list[Column[str]], lead_id: str) -> list[dict[str, Any]]:
    found = connection.execute(select(table).where(about(connection, columns, [lead_id]))).mappings()
    return [_readable(row) for row in sorted(found, key=_in_time)]


def _in_time(row: RowMapping) -> tuple[int, int, str]:
    return row.get("recorded_at") or 0, row.get("occurred_at") or 0, str(row)


def _readable(row: RowMapping) -> dict[str, Any]:
    return {str(name): _value(str(name), value) for name, value in row.items() if name not in _OURS}


def _value(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name in _JSON:
        return json.loads(value)
    if name == "seen":
        return [None if each != each else each for (each,) in struct.iter_unpack("<d", inflated(value))]
    return isoformat(value) if (name.endswith("_at") or name == "as_of") and value < _END else value
