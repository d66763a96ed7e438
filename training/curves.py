"""What a scorecard draws: how true the chances are, bin by bin, and how many wins the first calls capture."""

from typing import Any

import numpy as np

from features.history import Floats
from training.evaluate import BINS

STEPS = 20
NORMAL_95 = 1.96


def reliability(won: Floats, p: Floats) -> list[dict[str, Any]]:
    """Bins of equal size, lowest chances first: predicted and real share of wins, and the real one's 95 % interval."""
    bins = np.array_split(np.argsort(p, kind="stable"), min(BINS, len(p)))
    return [_bin(won[rows], float(p[rows].mean())) for rows in bins]


def _bin(won: Floats, predicted: float) -> dict[str, Any]:
    low, high = wilson(float(won.sum()), len(won))
    return {"predicted": predicted, "real": float(won.mean()), "low": low, "high": high, "leads": len(won)}


def wilson(wins: float, leads: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927), which stays within 0 and 1.

    >>> [round(x, 3) for x in wilson(0, 10)]
    [0.0, 0.278]
    """
    share, z2 = wins / leads, NORMAL_95**2
    middle = (share + z2 / (2 * leads)) / (1 + z2 / leads)
    half = NORMAL_95 / (1 + z2 / leads) * np.sqrt(share * (1 - share) / leads + z2 / (4 * leads**2))
    return max(0.0, float(middle - half)), min(1.0, float(middle + half))


def gains(won: Floats, score: Floats) -> list[list[float]]:
    """Share of the leads called, best first, and share of the wins among them; empty where nobody won."""
    if not won.any():
        return []
    _, group, leads = np.unique(-score, return_inverse=True, return_counts=True)
    called, caught = (np.concatenate([[0.0], np.cumsum(each)]) for each in (leads, np.bincount(group, won)))
    shares = np.linspace(0, 1, STEPS + 1)
    return np.stack([shares, np.interp(shares * len(won), called, caught) / won.sum()], axis=1).tolist()  # type: ignore[no-any-return] # pairs of floats
