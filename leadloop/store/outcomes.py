"""Outcomes in the ledger: what sales did with a lead, and why; never read by a feature."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, func, or_, select

from leadloop.store.bulk import matching
from leadloop.store.content import add_once, among, key, version
from leadloop.store.rows import STAGES, WITHDRAWN, OutcomeRow
from leadloop.store.tables import outcomes
from leadloop.store.tombstones import admitted
from leadloop.store.touched import PACKED_AT_ONCE, note


@dataclass(frozen=True, slots=True)
class StoredOutcome:
    """One version of an outcome. Times in microseconds UTC; None in an undated export."""

    outcome_key: str
    version: int
    lead_id: str
    stage: str
    occurred_at: int | None
    recorded_at: int | None
    reason: str | None
    amount: float | None
    currency: str | None
    actor: str | None
    until_at: int | None = None


LEFT = frozenset({"won", "lost", "rejected", "recycled"})
"""Stages after which nobody works the lead; work after one of them opens it again."""
_WORKED = frozenset({"accepted", "contacted", "sql", "opportunity"}) | LEFT


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a lead that sales has worked stands: its first and its last outcome in the order of time."""

    first: StoredOutcome
    last: StoredOutcome

    @property
    def open(self) -> bool:
        """Whether sales is not done with it: in hand, or put off until a date, which says nothing against it."""
        return self.last.stage not in LEFT or self.last.until_at is not None

    def waits(self, as_of: int | None) -> bool:
        """Whether it is put off beyond `as_of` (None: beyond all time, which nothing is)."""
        return self.last.until_at is not None and as_of is not None and self.last.until_at > as_of


def standings(rows: Iterable[StoredOutcome]) -> dict[str, Standing]:
    """Where each lead stands that sales has touched; at one instant the later stage of the life cycle counts."""
    worked = sorted((row for row in rows if row.stage in _WORKED), key=_in_time)
    groups = {lead_id: list(group) for lead_id, group in groupby(worked, key=lambda row: row.lead_id)}
    return {lead_id: Standing(group[0], group[-1]) for lead_id, group in groups.items()}


def _in_time(row: StoredOutcome) -> tuple[str, int, int, str]:
    return row.lead_id, row.occurred_at or 0, STAGES.index(row.stage), row.outcome_key


def add(connection: Connection, rows: Sequence[OutcomeRow]) -> int:
    """Keep each outcome once; returns how many were new."""
    rows = admitted(connection, rows)
    found = [_outcome(row) for row in rows]
    if new := add_once(connection, outcomes, found):
        note(connection, _owners(connection, found))
    return new


def _owners(connection: Connection, found: Sequence[dict[str, Any]]) -> set[str]:
    """The leads of the outcomes, and those that a correction took them from."""
    mine = {row["lead_id"] for row in found}
    if len(mine) > PACKED_AT_ONCE:  # nobody names so many
        return mine
    keys = [row["outcome_key"] for row in found]
    return mine.union(matching(connection, "SELECT lead_id FROM outcomes WHERE outcome_key :keys", keys).scalars())


def read(
    connection: Connection, as_of: int | None = None, lead_ids: Sequence[str] | None = None
) -> list[StoredOutcome]:
    """The outcomes as they were known at `as_of` (None: all), corrected ones once, ordered by time, then by key.

    With `lead_ids`, those of these leads: one that a correction gave to another lead is that lead's.
    """
    query = select(outcomes)
    if as_of is not None:
        query = query.where(or_(outcomes.c.recorded_at.is_(None), outcomes.c.recorded_at <= as_of))
    if lead_ids is not None:
        theirs = select(outcomes.c.outcome_key).where(among(connection, outcomes.c.lead_id, lead_ids))
        query = query.where(outcomes.c.outcome_key.in_(theirs))
    named = set(lead_ids or ())
    rows: Any = connection.execute(query).cursor  # SQLAlchemy would make an object of each row
    known = as_known(StoredOutcome(*row) for row in rows.fetchall())
    return known if lead_ids is None else [row for row in known if row.lead_id in named]


def told_of(connection: Connection, after: int, until: int, most: int) -> list[str]:
    """Up to so many leads that an outcome between two instants is told of, the newest first."""
    at = outcomes.c.occurred_at
    query = select(outcomes.c.lead_id).where(at > after, at <= until).group_by(outcomes.c.lead_id)
    return list(connection.execute(query.order_by(func.max(at).desc(), outcomes.c.lead_id).limit(most)).scalars())


def as_known(versions: Iterable[StoredOutcome]) -> list[StoredOutcome]:
    """The newest version of each outcome but those that were taken back, ordered by time, then by key."""
    rows = sorted(versions, key=lambda r: (r.recorded_at or 0, r.version))
    newest = {row.outcome_key: row for row in rows}
    standing = (row for row in newest.values() if row.stage != WITHDRAWN)
    return sorted(standing, key=lambda r: (r.occurred_at or 0, r.outcome_key))


def last_recorded_at(connection: Connection) -> int | None:
    """When the newest outcome became known; None: there is none."""
    return connection.execute(select(func.max(outcomes.c.recorded_at))).scalar()


def identify(row: OutcomeRow) -> str:
    """What makes two outcomes the same one: the sender's id, else the content."""
    return row.outcome_id or key(*_content(row))


def _content(row: OutcomeRow) -> tuple[object, ...]:
    amount = None if row.amount is None else float(row.amount)  # 900 and 900.0 are the same amount
    content = (row.lead_id, row.stage, row.occurred_at, row.reason, amount, row.currency, row.actor)
    return content if row.until_at is None else (*content, row.until_at)


def _outcome(row: OutcomeRow) -> dict[str, Any]:
    return {
        "outcome_key": identify(row),
        "version": version(*_content(row), row.recorded_at),
        "lead_id": row.lead_id,
        "stage": row.stage,
        "occurred_at": row.occurred_at,
        "recorded_at": row.recorded_at,
        "reason": row.reason,
        "amount": None if row.amount is None else float(row.amount),
        "currency": row.currency,
        "actor": row.actor,
        "until_at": row.until_at,
    }
