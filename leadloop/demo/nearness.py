"""How near scores come to a demo world's known chances."""

from dataclasses import dataclass

import numpy as np

from leadloop.demo.draws import Floats


@dataclass(frozen=True)
class Nearness:
    """Of some leads at an instant: mean chance as scored and in truth, and how well scores order the true chances.

    `auc`, `best_auc`: the ROC-AUC to expect, over all outcomes that the true chances allow, when ordering by score, and
    when ordering by the truth itself. `captured`: wins to expect in the top tenth by score, as a share of those in the
    top tenth by truth.
    """

    leads: int
    mean_scored: float
    mean_true: float
    auc: float
    best_auc: float
    captured: float


def nearness(scored: Floats, true: Floats) -> Nearness:
    """Compare scores with the known chances, both of shape (leads,)."""
    tenth = max(1, len(true) // 10)
    best = np.sort(true)[::-1][:tenth].sum()
    mine = true[np.argsort(-scored, kind="stable")[:tenth]].sum()
    return Nearness(
        leads=len(true),
        mean_scored=float(scored.mean()),
        mean_true=float(true.mean()),
        auc=expected_auc(scored, true),
        best_auc=expected_auc(true, true),
        captured=float(mine / best),
    )


def expected_auc(scored: Floats, true: Floats) -> float:
    """The ROC-AUC of an order when a lead is a win with its true chance: pairs weighted p_i (1 - p_j), ties half.

    >>> expected_auc(np.array([0.1, 0.9]), np.array([0.0, 1.0]))
    1.0
    """
    order = np.argsort(scored, kind="stable")
    values, p = scored[order], true[order]
    _, tied = np.unique(values, return_inverse=True)
    lost, won = np.bincount(tied, weights=1 - p), np.bincount(tied, weights=p)
    below = np.cumsum(lost) - lost / 2
    return float((won * below).sum() / (won.sum() * lost.sum()))
