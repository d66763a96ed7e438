"""Leads that are worked and still open: neither won nor lost, yet known to have lasted; they teach by their chances.

A mixture of those that will be won and those that will not (Farewell 1982; with several ends, Larson & Dinse 1985): the
longer a lead has been open, the more it looks like the ends that take long. Expectation-maximisation gives each open
lead the chance of a win that its features and its age leave, and it teaches twice, with these weights.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.catalogue import Catalogue
from features.history import Floats, Ints
from models.calibration import chance
from training.candidates import fit_ridge
from training.ladder import forward_pairs
from training.rows import Rows

STEPS = 3
PENALTY = 0.1
LEAST = 10
"""Wins, and leads not won, without whose times nobody can say what an open lead's age means."""


@dataclass(frozen=True)
class Pace:
    """How long ends take: `times` in days, rising, and which share of the wins, and of other ends, was in by then."""

    times: Floats
    won: Floats
    other: Floats

    def left(self, days: Floats) -> tuple[Floats, Floats]:
        """The shares of wins, and of other ends, that take longer than that."""
        at = np.searchsorted(self.times, days, side="right")
        return 1.0 - np.append(0.0, self.won)[at], 1.0 - np.append(0.0, self.other)[at]


def pace(days: Floats, won: Floats, closed: NDArray[np.bool_]) -> tuple[Pace, float]:
    """How long ends take, leads that are still open allowed for, and the share that is won in the end.

    Cumulative incidence of competing ends (Aalen & Johansen 1978), each divided by what it comes to.

    >>> found, share = pace(np.array([1.0, 2.0, 9.0]), np.array([0.0, 1.0, 0.0]), np.array([True, True, False]))
    >>> found.left(np.array([1.5]))[1].tolist(), round(share, 2)
    ([0.0], 0.5)
    """
    times, number, count = np.unique(days, return_inverse=True, return_counts=True)
    at_risk = len(days) - np.append(0, np.cumsum(count)[:-1])
    wins = np.bincount(number, (closed & (won == 1)).astype(np.float64), len(times))
    ends = np.bincount(number, (closed & (won == 0)).astype(np.float64), len(times))
    open_before = np.append(1.0, np.cumprod(1.0 - (wins + ends) / at_risk)[:-1])
    of_won, of_other = np.cumsum(open_before * wins / at_risk), np.cumsum(open_before * ends / at_risk)
    total = max(of_won[-1] + of_other[-1], 1e-12)
    share = float(of_won[-1] / total)
    return Pace(times, of_won / max(of_won[-1], 1e-12), of_other / max(of_other[-1], 1e-12)), share


def soften(catalogue: Catalogue, rows: Rows, closed: NDArray[np.bool_], days: Floats, horizon_days: float) -> Rows:
    """The closed rows as they are, and each open one as won and as not won, weighted by the chance of each.

    `days`: from the moment to the closing, or for how long the lead has been open since; NaN where unknown.
    """
    timed = ~np.isnan(days)
    open_ = ~closed & timed
    known, waiting = np.flatnonzero(closed), np.flatnonzero(open_)
    if not len(waiting) or min(rows.won[closed].sum(), (closed & (rows.won == 0)).sum()) < LEAST:
        return rows.take(known)
    found, share = pace(np.clip(days[timed], 0.0, horizon_days), rows.won[timed], closed[timed])
    late_win, late_other = found.left(np.clip(days[waiting], 0.0, horizon_days))
    p = np.full(len(waiting), share)
    reasons = _reasons(rows, days, known, waiting)
    for step in range(STEPS):
        p_won = p * late_win / np.maximum(p * late_win + (1 - p) * late_other, 1e-12)
        soft = _twice(rows, known, waiting, p_won, reasons)
        if step + 1 < STEPS and forward_pairs(soft.won, soft.order):
            p = chance(fit_ridge(catalogue, soft, PENALTY).raw(rows.X[waiting]))
    return soft


def _twice(rows: Rows, known: Ints, waiting: Ints, p_won: Floats, reasons: NDArray[np.object_]) -> Rows:
    index = np.concatenate([known, waiting, waiting])
    weight = rows.weight[index] * np.concatenate([np.ones(len(known)), p_won, 1.0 - p_won])
    won = np.concatenate([rows.won[known], np.ones(len(waiting)), np.zeros(len(waiting))])
    none = np.full(len(waiting), "", dtype=object)
    reason = np.concatenate([rows.reason[known], none, reasons])
    kept = weight > 1e-6
    stands_for = None if rows.stands_for is None else rows.stands_for[index]
    return Rows(rows.X[index], won, weight, reason, rows.order[index], stands_for).take(kept)


def _reasons(rows: Rows, days: Floats, known: Ints, waiting: Ints) -> NDArray[np.object_]:
    """Why each open lead would be lost, if it is: as somebody was who took longer than it has, drawn by chance."""
    lost = known[(rows.won[known] == 0) & ~np.isnan(days[known])]
    lost = lost[np.argsort(days[lost], kind="stable")]
    if not len(lost):
        return np.full(len(waiting), "", dtype=object)
    from_ = np.minimum(np.searchsorted(days[lost], days[waiting]), len(lost) - 1)
    drawn = np.random.default_rng(0).random(len(waiting))
    return np.asarray(rows.reason[lost[from_ + (drawn * (len(lost) - from_)).astype(np.int64)]])
