"""Leads that are worked and still open: neither won nor lost, yet known to have lasted; they teach by their chances.

A mixture of those that will be won and those that will not (Farewell 1982; with several ends, Larson & Dinse 1985): the
longer a lead has been open, the more it looks like the ends that take long, and the further sales came with it, the
more it looks like a win (van Houwelingen & Putter 2012: landmarks, and the state there). Expectation-maximisation gives
each open lead the chance of a win that its features, its age and its stage leave, and it teaches twice, with these
weights.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from features.catalogue import Catalogue
from features.history import Floats, Ints
from models.calibration import chance
from training.candidates import PENALTY, fit_ridge
from training.ladder import forward_pairs
from training.rows import Rows

STEPS = 3
LEAST = 10
"""Wins, and leads not won, without whose times nobody can say what an open lead's age means."""
AGES = 32
"""At so many ages of leads it is seen how far sales had come with those that were open then."""
HELD_BY = 2.0
"""Leads that hold the shares of stages of one kind of end to those of all."""


class Ends(Protocol):
    """What is known of how leads end, an entry a row: a `training.dataset.Dataset` is one.

    `closed`: whether it has; `days`: until it did, or for how long the lead has been open, NaN where unknown; `steps`,
    shape (n, steps): days until sales took each step, inf where it did not.
    """

    @property
    def closed(self) -> NDArray[np.bool_]: ...

    @property
    def days(self) -> Floats: ...

    @property
    def steps(self) -> Floats: ...


@dataclass(frozen=True)
class Pace:
    """How long ends take: `times` in days, rising, and which share of the wins, and of other ends, was in by then.

    `share`: of leads, that is won in the end. `ages` in days, rising; `stages`, shape (2, ages, stages): of wins, and
    of other ends, that took longer than each age, the shares that were at each stage then.
    """

    times: Floats
    won: Floats
    other: Floats
    share: float
    ages: Floats
    stages: Floats

    def left(self, days: Floats) -> tuple[Floats, Floats]:
        """The shares of wins, and of other ends, that take longer than that."""
        at = np.searchsorted(self.times, days, side="right")
        return 1.0 - np.append(0.0, self.won)[at], 1.0 - np.append(0.0, self.other)[at]

    def left_at(self, days: Floats, steps: Floats) -> tuple[Floats, Floats]:
        """The shares of wins, and of other ends, that take longer than that and have come as far by then.

        `steps`: days until each step, inf where it was not taken, shape (n, steps).
        """
        late_win, late_other = self.left(days)
        age = np.maximum(np.searchsorted(self.ages, days, side="right") - 1, 0)
        of_won, of_other = self.stages[:, age, _stage(steps, days)]
        return late_win * of_won, late_other * of_other


def won_after_all(p: Floats | float, late_win: Floats, late_other: Floats) -> Floats:
    """The chance of a win for leads of whom it was `p`, once they have lasted as long as these shares of wins, and of
    other ends, do.
    """
    return np.asarray(p * late_win / np.maximum(p * late_win + (1 - p) * late_other, 1e-12))


def _stage(steps: Floats, days: Floats) -> Ints:
    """How many steps were taken by then."""
    return np.asarray((steps <= days[:, None]).sum(axis=1))


def pace(days: Floats, won: Floats, closed: NDArray[np.bool_], steps: Floats) -> Pace:
    """How long ends take, leads that are still open allowed for, and the share that is won in the end.

    Cumulative incidence of competing ends (Aalen & Johansen 1978), each divided by what it comes to. `steps`, shape
    (n, steps): days until sales took each step with a lead, inf where it did not.

    >>> none = np.full((3, 1), np.inf)
    >>> found = pace(np.array([1.0, 2.0, 9.0]), np.array([0.0, 1.0, 0.0]), np.array([True, True, False]), none)
    >>> found.left(np.array([1.5]))[1].tolist(), round(found.share, 2)
    ([0.0], 0.5)
    """
    times, number, count = np.unique(days, return_inverse=True, return_counts=True)
    at_risk = len(days) - np.append(0, np.cumsum(count)[:-1])
    wins = np.bincount(number, (closed & (won == 1)).astype(np.float64), len(times))
    ends = np.bincount(number, (closed & (won == 0)).astype(np.float64), len(times))
    open_before = np.append(1.0, np.cumprod(1.0 - (wins + ends) / at_risk)[:-1])
    of_won, of_other = np.cumsum(open_before * wins / at_risk), np.cumsum(open_before * ends / at_risk)
    total = max(of_won[-1] + of_other[-1], 1e-12)
    ages, stages = _stages(days[closed], won[closed], steps[closed])
    in_by_then = of_won / max(of_won[-1], 1e-12), of_other / max(of_other[-1], 1e-12)
    return Pace(times, *in_by_then, float(of_won[-1] / total), ages, stages)


def _stages(days: Floats, won: Floats, steps: Floats) -> tuple[Floats, Floats]:
    """Of leads by how they ended: at some ages, the shares of those still open that were at each stage."""
    times = np.concatenate([[0.0], days, steps[np.isfinite(steps)]])
    ages = np.unique(np.quantile(np.maximum(times, 0.0), np.arange(AGES) / AGES))
    count = np.zeros((2, len(ages), steps.shape[1] + 1))
    for i, age in enumerate(ages.tolist()):
        still = days > age
        stage = _stage(steps[still], np.full(int(still.sum()), age))
        for end, of_end in enumerate((won[still] == 1, won[still] != 1)):
            count[end, i] = np.bincount(stage[of_end], minlength=count.shape[2])
    all_ = count.sum(axis=0) + 1e-9
    usual = all_ / all_.sum(axis=1, keepdims=True)
    return ages, (count + HELD_BY * usual) / (count.sum(axis=2, keepdims=True) + HELD_BY)


def soften(catalogue: Catalogue, rows: Rows, ends: Ends, horizon_days: float) -> Rows:
    """The closed rows as they are, and each open one as won and as not won, weighted by the chance of each."""
    closed, days = ends.closed, ends.days
    timed = ~np.isnan(days)
    open_ = ~closed & timed
    known, waiting = np.flatnonzero(closed), np.flatnonzero(open_)
    if not len(waiting) or min(rows.won[closed].sum(), (closed & (rows.won == 0)).sum()) < LEAST:
        return rows.take(known)
    lasted = np.clip(days, 0.0, horizon_days)
    found = pace(lasted[timed], rows.won[timed], closed[timed], ends.steps[timed])
    late = found.left_at(lasted[waiting], ends.steps[waiting])
    p = np.full(len(waiting), found.share)
    reasons = _reasons(rows, days, known, waiting)
    for step in range(STEPS):
        p_won = won_after_all(p, *late)
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
