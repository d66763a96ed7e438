"""What anyone could do without machine learning: call everybody equal, or call the newest first."""

from dataclasses import dataclass

import numpy as np

from features.history import NEVER, Floats, History, Ints
from features.signs import own_acts


@dataclass(frozen=True)
class Constant:
    """Every lead has the share of wins of the past."""

    share: float

    def p(self, n: int) -> Floats:
        """Shape (n,)."""
        return np.full(n, self.share)


def last_sign(history: History, lead: Ints, as_of: Ints) -> Floats:
    """When each lead last gave a sign of its own by `as_of`, else its arrival, else its place in the export.

    Higher is more recent. Ranking by it is what a team does that calls whoever moved last.
    """
    events = history.events
    sign = own_acts(events.kinds)
    undated = (as_of == NEVER) & np.isfinite(history.position[lead])
    out = np.where(undated, history.position[lead], history.created_at[lead].astype(np.float64))
    for row, (i, t) in enumerate(zip(lead.tolist(), as_of.tolist(), strict=True)):
        rows = slice(events.start[i], events.start[i + 1])
        known = (events.recorded_at[rows] <= t) & (events.superseded_at[rows] > t)
        known &= sign[events.kind[rows]]
        seen = events.occurred_at[rows][known & (events.occurred_at[rows] <= t)]
        if len(seen):
            out[row] = max(out[row], float(seen[-1]))
    return np.asarray(out)
