"""Importance and urgency become one order, stars, flames and a cell of the fit x readiness matrix."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit

from features.history import Floats

TIERS = (0.50, 0.80, 0.95)
"""Percentiles of open leads from which a lead has one, two and three stars (or flames)."""

CELLS = ("nurture", "qualify", "develop", "call_now")
"""fit low and readiness low; fit low, readiness high; fit high, readiness low; both high."""
UNKNOWN_CELL = "unknown"


@dataclass(frozen=True)
class Population:
    """The open leads that a lead is compared with: cut-offs of importance and urgency, and the fit and the readiness
    above which half of what they are worth is.

    `reach_later` is k: the chance that the team would still reach a lead later, from backlog and capacity.
    """

    importance: tuple[float, float, float] = (0.0, 0.0, 0.0)
    urgency: tuple[float, float, float] = (0.0, 0.0, 0.0)
    fit: float = 0.5
    readiness: float = 0.5
    open_leads: int = 0
    reach_later: float = 0.0

    def as_json(self) -> dict[str, Any]:
        """All of it."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}

    @classmethod
    def from_json(cls, saved: dict[str, Any]) -> "Population":
        """The inverse of as_json."""
        pairs = {name: tuple(saved[name]) for name in ("importance", "urgency")}
        return cls(**{**saved, **pairs})


@njit(cache=True, nogil=True)
def priority(importance, urgency, reach_later):  # type: ignore[no-untyped-def] # numba infers types
    """importance * (1 - k * (1 - urgency)): value first under overload (k = 0), cost of delay with time to spare (1).

    >>> priority(100.0, 0.2, 0.5)
    60.0
    """
    return importance * (1.0 - reach_later * (1.0 - urgency))


@njit(cache=True, nogil=True)
def tier(value, cutoffs):  # type: ignore[no-untyped-def] # numba infers types
    """0 to 3, by the cut-offs; with all open leads alike nobody stands out.

    >>> [tier(value, (1.5, 3.0, 5.0)) for value in (1.0, 2.0, 9.0)]
    [0, 1, 3]
    """
    return (value > cutoffs[0]) + (value > cutoffs[1]) + (value > cutoffs[2])


@njit(cache=True, nogil=True)
def cell(fit, readiness, enough_fit, enough_readiness):  # type: ignore[no-untyped-def] # numba infers types
    """The corner of the fit x readiness matrix, by its place in CELL_NAMES; unknown where no reasons were learned.

    >>> CELL_NAMES[cell(0.9, 0.1, 0.5, 0.5)]
    'develop'
    """
    known = (fit == fit) & (readiness == readiness)
    return 2 * (fit >= enough_fit) + (readiness >= enough_readiness) if known else 4


CELL_NAMES = (*CELLS, UNKNOWN_CELL)


def reach_later(importance: Floats, capacity: int, within_days: float = 30.0) -> float:
    """The chance that what is put off today is still reached: the share of all that the open leads are worth which the
    leads hold that the team can take on in a month, best first. Most of a long backlog is worth little: it keeps nobody
    from being reached.

    `importance`: of the open leads, shape (leads,).

    >>> float(reach_later(np.array([6.0, 1.0, 2.0, 1.0]), capacity=2, within_days=1.0))
    0.8
    """
    if not importance.sum() > 0.0:
        return 1.0
    best = np.sort(importance)[::-1][: int(capacity * within_days)]
    return float(best.sum() / importance.sum())
