"""The three facts of the ledger, as every door hands them in: a lead's row, an event, an outcome."""

from collections.abc import Mapping
from dataclasses import dataclass, field

Value = str | int | float | bool | None
"""What an attribute or property may hold; None says that it was cleared."""

IDENTITY = ("email", "phone", "first_name", "last_name", "company", "domain")
"""Columns that say who a lead is; kept in a table of their own and never a feature."""

STAGES = ("mql", "accepted", "contacted", "sql", "opportunity", "won", "rejected", "lost", "recycled", "promoter")
"""Where a lead can be in its life, in the order of the life cycle; the last four leave it or follow it."""

WITHDRAWN = "withdrawn"
"""Stands for a stage in the version of an outcome that takes it back: from when that is recorded, it never was."""


@dataclass(frozen=True, slots=True)
class LeadRow:
    """What became known about a lead at one moment.

    `created_at`, `recorded_at`: microseconds UTC; None in an undated export, whose rows are known always.
    `position`: for undated exports, a number that grows with time.
    `attributes`: only those given; an absent one leaves what was known before, None clears it.
    """

    lead_id: str
    created_at: int | None
    recorded_at: int | None
    position: float | None = None
    attributes: Mapping[str, Value] = field(default_factory=dict)
    identity: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EventRow:
    """Something a lead did, or that was done with it, before anybody judged it. Times in microseconds UTC."""

    lead_id: str
    type: str
    occurred_at: int
    recorded_at: int
    event_id: str | None = None
    properties: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OutcomeRow:
    """What sales did with a lead. Times in microseconds UTC; None in an undated export.

    `until_at`: of a lead given back for a while (recycled), when it is open again.
    """

    lead_id: str
    stage: str
    occurred_at: int | None
    recorded_at: int | None
    reason: str | None = None
    amount: float | None = None
    currency: str | None = None
    actor: str | None = None
    outcome_id: str | None = None
    until_at: int | None = None
