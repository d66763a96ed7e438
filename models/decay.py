"""How fast the chance falls while a lead waits for its first contact."""

import math
from dataclasses import dataclass

import numpy as np
from numba import njit

from features.history import Floats


@dataclass(frozen=True)
class Decay:
    """The share of a chance left after waiting: (1 + days / scale) ** -power, falling always and ever slower.

    The defaults are a prior in the spirit of Oldroyd, McElheran & Elkington (2011): the first hours cost most.
    """

    scale_days: float = 1.0
    power: float = 0.35

    def left(self, days: Floats) -> Floats:
        """Share left after `days` without contact.

        >>> Decay().left(np.array([0.0])).tolist()
        [1.0]
        """
        return np.asarray((1.0 + np.maximum(days, 0.0) / self.scale_days) ** -self.power)


@njit(cache=True, nogil=True)
def urgency_after(days, scale_days, power):  # type: ignore[no-untyped-def] # numba infers types
    """Share of what is left that another day costs a lead that has waited `days`; 0 where the wait is unknown."""
    waited = max(days, 0.0) / scale_days
    more = max(days + 1.0, 0.0) / scale_days
    return 0.0 if math.isnan(days) else 1.0 - ((1.0 + more) / (1.0 + waited)) ** -power
