"""Leads in the ledger: a row each time something became known about one, and who it is in a table apart."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, cast, func, or_, select
from sqlalchemy.dialects import postgresql

from leadloop.store import identity_keys
from leadloop.store.accounts import account_of
from leadloop.store.content import add_once, among, canonical, version
from leadloop.store.rows import IDENTITY, LeadRow, Value
from leadloop.store.tables import identities, leads
from leadloop.store.tombstones import admitted
from leadloop.store.touched import touch


@dataclass(frozen=True, slots=True)
class StoredLead:
    """One version of a lead, without its identity. Times in microseconds UTC."""

    lead_id: str
    version: int
    created_at: int | None
    recorded_at: int | None
    position: float | None
    attributes: Mapping[str, Value]
    account: str | None


def add(connection: Connection, rows: Sequence[LeadRow]) -> int:
    """Keep each row once; returns how many were new."""
    rows = admitted(connection, rows)
    add_once(connection, identities, [_identity(row) for row in rows if row.identity])
    identity_keys.add(connection, rows)
    if new := add_once(connection, leads, [_lead(row) for row in rows]):
        touch(connection, [row.lead_id for row in rows])
    return new


def read(connection: Connection, as_of: int | None = None, lead_ids: Sequence[str] | None = None) -> list[StoredLead]:
    """Every version recorded by `as_of` (None: all), of the leads named (None: all), in no promised order."""
    query = _known(select(leads), as_of)
    if lead_ids is not None:
        query = query.where(among(connection, leads.c.lead_id, lead_ids))
    return [
        StoredLead(r.lead_id, r.version, r.created_at, r.recorded_at, r.position, json.loads(r.attributes), r.account)
        for r in connection.execute(query)
    ]


class Origin(NamedTuple):
    """One version of a lead, with what reports part leads by; the rest of its attributes is not read."""

    lead_id: str
    version: int
    created_at: int | None
    recorded_at: int | None
    source: Value
    campaign: Value
    owner: Value


def origins(connection: Connection, as_of: int | None = None, lead_ids: Sequence[str] | None = None) -> list[Origin]:
    """Every version recorded by `as_of` (None: all), of the leads named (None: all), in no promised order."""
    columns = (leads.c.lead_id, leads.c.version, leads.c.created_at, leads.c.recorded_at)
    query = select(*columns, *(_attribute(connection, name) for name in ("source", "campaign", "owner")))
    query = _known(query, as_of)
    if lead_ids is not None:
        query = query.where(among(connection, leads.c.lead_id, lead_ids))
    rows: Any = connection.execute(query).cursor  # SQLAlchemy would make an object of each row
    return [Origin(*row) for row in rows.fetchall()]


def _attribute(connection: Connection, name: str) -> ColumnElement[Any]:
    if connection.dialect.name == "postgresql":
        named: ColumnElement[Any] = cast(leads.c.attributes, postgresql.JSON)[name].astext
        return named
    return func.json_extract(leads.c.attributes, f"$.{name}")


def names(connection: Connection, lead_ids: Sequence[str], as_of: int | None = None) -> dict[str, dict[str, str]]:
    """Who the leads are, for people's eyes: the newest of each identity column that was known by `as_of`."""
    query = select(identities).where(among(connection, identities.c.lead_id, lead_ids))
    if as_of is not None:
        query = query.where(or_(identities.c.recorded_at.is_(None), identities.c.recorded_at <= as_of))
    found: dict[str, dict[str, str]] = {}
    for row in sorted(connection.execute(query), key=lambda r: (r.lead_id, r.recorded_at or 0, r.version)):
        known = {name: value for name in IDENTITY if (value := getattr(row, name))}
        found.setdefault(row.lead_id, {}).update(known)
    return found


def owner(connection: Connection, members: Sequence[str]) -> str | None:
    """Whose a lead is, by the last row of the person that says so."""
    rows = read(connection, None, members)
    named = [row for row in sorted(rows, key=lambda r: (r.recorded_at or 0, r.version)) if "owner" in row.attributes]
    found = named[-1].attributes["owner"] if named else None
    return None if found in (None, "") else str(found)


def came_in(connection: Connection, after: int | None, until: int | None, most: int) -> list[str]:
    """Up to so many leads that were created after an instant and up to another (None: whenever), the newest first."""
    query = select(leads.c.lead_id).group_by(leads.c.lead_id)
    if after is not None:
        query = query.where(leads.c.created_at > after)
    if until is not None:
        query = query.where(leads.c.created_at <= until)
    newest = query.order_by(func.max(leads.c.created_at).desc(), leads.c.lead_id).limit(most)
    return list(connection.execute(newest).scalars())


def last_recorded_at(connection: Connection) -> int | None:
    """When the newest dated row became known; None: there is none."""
    return connection.execute(select(func.max(leads.c.recorded_at))).scalar()


def count(connection: Connection) -> int:
    """How many leads there are, undated ones included."""
    return connection.execute(select(func.count(leads.c.lead_id.distinct()))).scalar_one()


def _known(query: Select[Any], as_of: int | None) -> Select[Any]:
    return query if as_of is None else query.where(or_(leads.c.recorded_at.is_(None), leads.c.recorded_at <= as_of))


def _lead(row: LeadRow) -> dict[str, Any]:
    attributes, account = canonical(row.attributes), account_of(row.identity)
    position = None if row.position is None else float(row.position)  # 7 and 7.0 are the same place
    return {
        "lead_id": row.lead_id,
        "version": version(row.created_at, row.recorded_at, position, attributes, account),
        "created_at": row.created_at,
        "recorded_at": row.recorded_at,
        "position": position,
        "attributes": attributes,
        "account": account,
    }


def _identity(row: LeadRow) -> dict[str, Any]:
    known = {name: row.identity.get(name) for name in IDENTITY}
    return {
        "lead_id": row.lead_id,
        "version": version(row.recorded_at, *known.values()),
        "recorded_at": row.recorded_at,
        **known,
    }
