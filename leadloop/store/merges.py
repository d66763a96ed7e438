"""What people decided about duplicates: these two leads are one, these two are not; each decision can be undone."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, or_, select, update

from leadloop.store.content import add_once, among, key
from leadloop.store.tables import merges
from leadloop.store.touched import note

BY_HAND, APART = "by hand", "apart"


@dataclass(frozen=True, slots=True)
class Merge:
    """A decision. `rule`: BY_HAND joins the two, APART keeps them apart; `recorded_at`: microseconds UTC."""

    merge_id: str
    duplicate_id: str
    survivor_id: str
    recorded_at: int
    rule: str

    @property
    def pair(self) -> tuple[str, str]:
        """The two leads that it is about."""
        return self.duplicate_id, self.survivor_id


_COLUMNS = (merges.c.merge_id, merges.c.duplicate_id, merges.c.survivor_id, merges.c.recorded_at, merges.c.rule)


def read(connection: Connection, as_of: int | None = None) -> list[Merge]:
    """The decisions that stood at `as_of` (None: that stand)."""
    return [Merge(*row) for row in connection.execute(_standing(select(*_COLUMNS), as_of))]


def about(connection: Connection, lead_ids: Sequence[str], as_of: int | None = None) -> list[Merge]:
    """Those about the leads named."""
    theirs = (among(connection, column, lead_ids) for column in (merges.c.duplicate_id, merges.c.survivor_id))
    return [Merge(*row) for row in connection.execute(_standing(select(*_COLUMNS), as_of).where(or_(*theirs)))]


def decide(connection: Connection, duplicate_id: str, survivor_id: str, rule: str, actor: str | None, at: int) -> None:
    """Record a decision, known from `at` on (microseconds UTC)."""
    row = {
        "merge_id": key(duplicate_id, survivor_id, rule, at),
        "duplicate_id": duplicate_id,
        "survivor_id": survivor_id,
        "recorded_at": at,
        "undone_at": None,
        "rule": rule,
        "actor": actor,
    }
    note(connection, [duplicate_id, survivor_id])
    if not add_once(connection, merges, [row]):  # decided, undone and decided again at one instant of an old ledger
        connection.execute(update(merges).where(merges.c.merge_id == row["merge_id"]).values(undone_at=None))


def undo(connection: Connection, decided: Sequence[Merge], at: int) -> None:
    """Take decisions back from `at` on; what was known before stays as it was known."""
    ids = [each.merge_id for each in decided]
    note(connection, {lead_id for each in decided for lead_id in each.pair})
    connection.execute(update(merges).where(merges.c.merge_id.in_(ids)).values(undone_at=at))


def _standing(query: Select[Any], as_of: int | None) -> Select[Any]:
    if as_of is None:
        return query.where(merges.c.undone_at.is_(None))
    undone_later = or_(merges.c.undone_at.is_(None), merges.c.undone_at > as_of)
    return query.where(merges.c.recorded_at <= as_of, undone_later)
