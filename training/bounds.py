"""How sure a figure is: areas under curves, shares, and differences between leads that look alike, with bounds."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.history import Floats
from training.evaluate import roc_auc

Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Bounded:
    """An estimate, and what it surely is at least and at most."""

    value: float
    low: float
    high: float


def bounded_auc(won: Floats, score: Floats, z: float) -> Bounded:
    """ROC-AUC with bounds by Hanley and McNeil (1982); 0.5 and nothing sure where there is one class only.

    >>> bounded_auc(np.array([0.0, 1.0]), np.array([1.0, 1.0]), 2.0).value
    0.5
    """
    wins, others = float(won.sum()), float(len(won) - won.sum())
    if not wins or not others:
        return Bounded(0.5, 0.0, 1.0)
    auc = roc_auc(won, score)
    a = min(max(auc, 1 / (1 + min(wins, others))), 1 - 1 / (1 + min(wins, others)))
    q1, q2 = a / (2 - a), 2 * a * a / (1 + a)
    variance = (a * (1 - a) + (wins - 1) * (q1 - a * a) + (others - 1) * (q2 - a * a)) / (wins * others)
    error = z * math.sqrt(max(variance, 0.0))
    return Bounded(auc, auc - error, auc + error)


def bounded_share(wins: float, n: int, z: float) -> Bounded:
    """A share with bounds by Wilson (1927).

    >>> bounded_share(0, 0, 2.0)
    Bounded(value=nan, low=0.0, high=1.0)
    """
    if not n:
        return Bounded(math.nan, 0.0, 1.0)
    p, z2 = wins / n, z * z / n
    middle, half = p + z2 / 2, z * math.sqrt(p * (1 - p) / n + z2 / (4 * n))
    return Bounded(p, (middle - half) / (1 + z2), (middle + half) / (1 + z2))


def apart(won: Floats, flag: Bools, score: Floats, z: float, strata: int = 10) -> Bounded:
    """How much oftener wins have a flag than losses that `score` ranks alike, pooled over strata of the score (Cochran
    1954).
    """
    stratum = np.argsort(np.argsort(score, kind="stable"), kind="stable") * strata // max(1, len(score))
    total, weights, variance = 0.0, 0.0, 0.0
    for number in range(strata):
        wins, others = (flag[(stratum == number) & (won == side)] for side in (1, 0))
        if not len(wins) or not len(others):
            continue
        weight = len(wins) * len(others) / (len(wins) + len(others))
        p = (wins.sum() + others.sum()) / (len(wins) + len(others))
        total += weight * float(wins.mean() - others.mean())
        weights += weight
        variance += weight * float(p * (1 - p))
    if not weights:
        return Bounded(0.0, -1.0, 1.0)
    value, error = total / weights, z * math.sqrt(variance) / weights
    return Bounded(value, value - error, value + error)
