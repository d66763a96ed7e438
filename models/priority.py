"""Importance and urgency become one order, stars, flames and a cell of the fit x readiness matrix."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from features.history import Floats, Ints

TIERS = (0.50, 0.80, 0.95)
"""Percentiles of open leads from which a lead has one, two and three stars (or flames)."""

CELLS = ("nurture", "qualify", "develop", "call_now")
"""fit low and readiness low; fit low, readiness high; fit high, readiness low; both high."""
UNKNOWN_CELL = "unknown"


@dataclass(frozen=True)
class Population:
    """The open leads that a lead is compared with: cut-offs of importance and urgency, medians of fit and readiness.

    `reach_later` is k: the chance that the team would still reach the lead later, from backlog and capacity.
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


def priority(importance: Floats, urgency: Floats, reach_later: float) -> Floats:
    """importance * (1 - k * (1 - urgency)): value first under overload (k = 0), cost of delay with time to spare (1).

    >>> priority(np.array([100.0]), np.array([0.2]), 0.5).tolist()
    [60.0]
    """
    return np.asarray(importance * (1.0 - reach_later * (1.0 - urgency)))


def tier(values: Floats, cutoffs: tuple[float, float, float]) -> Ints:
    """0 to 3, by the cut-offs; with all open leads alike nobody stands out.

    >>> tier(np.array([1.0, 2.0, 9.0]), (1.5, 3.0, 5.0)).tolist()
    [0, 1, 3]
    """
    out = np.empty(len(values), dtype=np.int64)
    _tiers(values, *cutoffs, out)
    return out


@njit(cache=True, nogil=True)
def _tiers(values, low, middle, high, out):  # type: ignore[no-untyped-def] # numba infers types
    for i in range(len(values)):
        out[i] = (values[i] > low) + (values[i] > middle) + (values[i] > high)


def cell(fit: Floats, readiness: Floats, population: Population) -> NDArray[np.str_]:
    """The corner of the fit x readiness matrix; "unknown" where no reasons for refusal were learned.

    >>> cell(np.array([0.9]), np.array([0.1]), Population()).tolist()
    ['develop']
    """
    number = np.empty(len(fit), dtype=np.int64)
    _cells(fit, readiness, population.fit, population.readiness, number)
    return _CELL_NAMES[number]


_CELL_NAMES = np.array([*CELLS, UNKNOWN_CELL])


@njit(cache=True, nogil=True)
def _cells(fit, readiness, enough_fit, enough_readiness, out):  # type: ignore[no-untyped-def] # numba infers types
    for i in range(len(fit)):
        known = fit[i] == fit[i] and readiness[i] == readiness[i]
        out[i] = 2 * (fit[i] >= enough_fit) + (readiness[i] >= enough_readiness) if known else 4


def reach_later(open_leads: int, capacity: int, within_days: float = 30.0) -> float:
    """The chance that a lead put off today is still reached: what the team can take on in a month against the backlog.

    >>> reach_later(open_leads=1200, capacity=20)
    0.5
    """
    return min(1.0, capacity * within_days / open_leads) if open_leads else 1.0
