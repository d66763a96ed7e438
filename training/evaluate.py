"""Figures of predictions against what came of them, lean enough to bootstrap; tests hold them to scikit-learn's."""

import numpy as np

from features.history import Floats
from models.calibration import log_odds
from training.calibrate import calibrate

BINS = 10
LEAST = 1e-15


def log_loss(won: Floats, p: Floats, weight: Floats | None = None) -> float:
    """Mean negative log likelihood; chances are kept off 0 and 1 by 1e-15.

    >>> round(log_loss(np.array([1.0, 0.0]), np.array([0.5, 0.5])), 4)
    0.6931
    """
    kept = np.clip(p, LEAST, 1 - LEAST)
    return float(np.average(-np.where(won == 1, np.log(kept), np.log(1 - kept)), weights=weight))


def calibration_slope(won: Floats, p: Floats) -> float:
    """Slope of the outcome on the log-odds (Cox 1958): 1 is right, below 1 overconfident; NaN where p is constant."""
    x = log_odds(p)
    return calibrate(x, won, np.ones_like(won), strength=1e-6).slope if np.ptp(x) > 0 else float("nan")


def calibration_error(won: Floats, p: Floats) -> float:
    """Mean distance between predicted and real share of wins over ten bins of equal size (Naeini et al. 2015).

    A chance that many leads share is spread over its bins evenly, so that the order of rows plays no part.
    """
    _, group, count = np.unique(p, return_inverse=True, return_counts=True)
    so_far, off = (np.concatenate([[0.0], np.cumsum(each)]) for each in (count, np.bincount(group, won - p)))
    edges = np.linspace(0, len(p), min(BINS, len(p)) + 1)
    return float(np.abs(np.diff(np.interp(edges, so_far, off))).sum() / len(p))


def roc_auc(won: Floats, score: Floats) -> float:
    """Chance that a win ranks above a non-win, ties half; NaN with one class only.

    >>> roc_auc(np.array([0.0, 1.0, 1.0]), np.array([0.1, 0.1, 0.9]))
    0.75
    """
    positive = won == 1
    n_pos, n_neg = int(positive.sum()), int((~positive).sum())
    if not n_pos or not n_neg:
        return float("nan")
    _, rank, count = np.unique(score, return_inverse=True, return_counts=True)
    mean_rank = np.cumsum(count) - (count - 1) / 2
    return float((mean_rank[rank[positive]].sum() - n_pos * (n_pos + 1) / 2) / (n_pos * n_neg))


def average_precision(won: Floats, score: Floats) -> float:
    """Area under the precision-recall curve as a sum of steps; NaN with no win."""
    order = np.argsort(-score, kind="stable")
    hits = np.cumsum(won[order])
    last = np.append(np.diff(score[order]) != 0, True)  # tied scores are one step
    if not hits[-1]:
        return float("nan")
    precision = hits[last] / (np.flatnonzero(last) + 1)
    return float((np.diff(np.concatenate([[0.0], hits[last]])) * precision).sum() / hits[-1])


def in_top(values: Floats, score: Floats, count: int) -> float:
    """Sum of `values` over the `count` highest scores; those that share the last place count by their share.

    >>> in_top(np.array([1.0, 0.0, 1.0]), np.array([0.9, 0.5, 0.5]), 2)
    1.5
    """
    count = min(max(count, 1), len(score))
    edge = np.partition(score, len(score) - count)[len(score) - count]
    above, tied = score > edge, score == edge
    return float(values[above].sum() + values[tied].sum() * (count - above.sum()) / tied.sum())


def lift(won: Floats, score: Floats, share: float) -> float:
    """How many times more wins the top share holds than its size; NaN with no win."""
    count = max(round(share * len(won)), 1)
    return in_top(won, score, count) / count / float(won.mean()) if won.any() else float("nan")
