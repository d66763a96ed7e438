"""Outcomes in a lake, apart from the rest of it, which features may see."""

from leadloop.store.lake import Lake
from leadloop.store.outcomes import StoredOutcome, as_known


def read(lake: Lake, number: int, as_of: int | None = None) -> list[StoredOutcome]:
    """A partition's outcomes as known at `as_of`, as `leadloop.store.outcomes.read` gives them; no actors."""
    return as_known(StoredOutcome(*(*row, None)) for row in lake.rows("outcomes", number, as_of))
