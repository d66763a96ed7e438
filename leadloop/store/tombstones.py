"""Tombstones: all that is left of an erased lead, so that no import and no request brings it back into the ledger."""

from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import Protocol, TypeVar

from sqlalchemy import Connection, select

from leadloop.store.content import add_once, among
from leadloop.store.tables import tombstones

_KEY = b"leadloop: tombstone of a lead"  # apart from every other hash of a lead_id; it is no secret


class Named(Protocol):
    """A row that says whose it is."""

    @property
    def lead_id(self) -> str:
        """The lead's id."""


R = TypeVar("R", bound=Named)


def subject(lead_id: str) -> str:
    """The keyed hash that stands for a lead; it can be checked against an id, not read back.

    >>> subject("L-7") == subject("L-7") != subject("l-7")
    True
    """
    return blake2b(lead_id.encode(), key=_KEY, digest_size=16).hexdigest()


def admitted(connection: Connection, rows: Sequence[R]) -> Sequence[R]:
    """The rows whose lead was not erased: the very same where nobody was, at the price of one look."""
    if not rows or connection.execute(select(tombstones.c.subject).limit(1)).first() is None:
        return rows
    gone = erased(connection, {row.lead_id for row in rows})
    return [row for row in rows if row.lead_id not in gone]


def erased(connection: Connection, lead_ids: Iterable[str]) -> set[str]:
    """Those of the leads that lie under a tombstone."""
    named = {subject(lead_id): lead_id for lead_id in lead_ids}
    query = select(tombstones.c.subject).where(among(connection, tombstones.c.subject, list(named)))
    return {named[found] for found in connection.execute(query).scalars()}


def raised_since(connection: Connection, at: int) -> frozenset[str]:
    """Hashes of the leads that were erased at `at` (microseconds UTC) or later."""
    return frozenset(connection.execute(select(tombstones.c.subject).where(tombstones.c.erased_at >= at)).scalars())


def raise_over(connection: Connection, lead_ids: Iterable[str], erased_at: int) -> None:
    """Leave a tombstone for each lead; one that is there already keeps its date."""
    rows = [{"subject": subject(lead_id), "erased_at": erased_at} for lead_id in lead_ids]
    add_once(connection, tombstones, rows)
