"""E-mails and phones by which leads are found to be the same person: written with each row, read by who shares one."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, or_, select, tuple_, update

from leadloop.store.bulk import add_rows
from leadloop.store.contact import keys_of
from leadloop.store.content import among
from leadloop.store.rows import LeadRow
from leadloop.store.tables import identity_keys

ALWAYS = -(2**63)
"""Since when an undated row is known."""

_Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Held:
    """A lead has a key, since `at` (microseconds UTC, ALWAYS where undated)."""

    kind: str
    value: str
    lead_id: str
    at: int


def add(connection: Connection, rows: Sequence[LeadRow]) -> None:
    """Keep the keys of the leads' rows, each since the earliest row that brought it, in whichever order rows come."""
    since: dict[_Key, int] = {}
    for row in rows:
        if row.identity:
            at = ALWAYS if row.recorded_at is None else row.recorded_at
            for kind, value in keys_of(row):
                key = (kind, value, row.lead_id)
                since[key] = min(at, since.get(key, at))
    if add_rows(connection, identity_keys, [(*key, _stored(at)) for key, at in since.items()]) < len(since):
        _bring_forward(connection, since)


def _bring_forward(connection: Connection, since: dict[_Key, int]) -> None:
    """Some were known before: those that turn out to be known for longer now say so."""
    among_them = among(connection, identity_keys.c.lead_id, sorted({key[2] for key in since}))
    stored = [_held(row) for row in connection.execute(select(identity_keys).where(among_them))]
    for held in sorted(stored, key=lambda h: (h.kind, h.value, h.lead_id)):  # in one order, so that none deadlock
        at = since.get((held.kind, held.value, held.lead_id), held.at)
        if at < held.at:
            connection.execute(update(identity_keys).where(_is(held)).values(recorded_at=_stored(at)))


def shared(connection: Connection, as_of: int | None = None) -> list[Held]:
    """Every key that at least two leads had by `as_of` (None: ever), ordered by key."""
    columns = (identity_keys.c.kind, identity_keys.c.value)
    several = _known(select(*columns), as_of).group_by(*columns).having(func.count() > 1)
    return _found(connection, _known(select(identity_keys).where(tuple_(*columns).in_(several)), as_of))


def shared_with(connection: Connection, lead_ids: Sequence[str], as_of: int | None = None) -> list[Held]:
    """Every holder of each key that one of these leads shares with another by `as_of`, ordered by key."""
    theirs = identity_keys.alias("theirs")
    same = (identity_keys.c.kind == theirs.c.kind) & (identity_keys.c.value == theirs.c.value)
    query = select(identity_keys).join(theirs, same).where(among(connection, theirs.c.lead_id, lead_ids)).distinct()
    if as_of is not None:
        query = query.where(or_(theirs.c.recorded_at.is_(None), theirs.c.recorded_at <= as_of))
    found = _found(connection, _known(query, as_of))
    several = {h.value for one, h in pairwise(found) if (one.kind, one.value) == (h.kind, h.value)}
    return [held for held in found if held.value in several]


def _found(connection: Connection, query: Select[Any]) -> list[Held]:
    return sorted((_held(row) for row in connection.execute(query)), key=lambda h: (h.kind, h.value, h.at, h.lead_id))


def _held(row: Any) -> Held:
    return Held(row.kind, row.value, row.lead_id, ALWAYS if row.recorded_at is None else row.recorded_at)


def _stored(at: int) -> int | None:
    return None if at == ALWAYS else at


def _is(held: Held) -> ColumnElement[bool]:
    columns = identity_keys.c
    return (columns.kind == held.kind) & (columns.value == held.value) & (columns.lead_id == held.lead_id)


def _known(query: Select[Any], as_of: int | None) -> Select[Any]:
    columns = identity_keys.c
    return query if as_of is None else query.where(or_(columns.recorded_at.is_(None), columns.recorded_at <= as_of))
