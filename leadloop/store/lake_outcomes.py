"""Outcomes in a lake, apart from the rest of it, which features may see."""

from leadloop.store.lake import Lake
from leadloop.store.outcomes import StoredOutcome, as_known


def read(lake: Lake, number: int, as_of: int | None = None) -> list[StoredOutcome]:
    """A partition's outcomes as known at `as_of`, as `leadloop.store.outcomes.read` gives them; no actors."""
    rows = lake.rows("outcomes", number, as_of)
    return as_known(StoredOutcome(*(*facts, None, until_at)) for *facts, until_at in rows)
