"""What a scorecard draws: how true the chances are, bin by bin, and how many wins the first calls capture."""

from typing import Any

import numpy as np

from features.history import Floats
from training.evaluate import BINS, in_top

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
    shares = [step / STEPS for step in range(1, STEPS + 1)]
    caught = [(share, in_top(won, score, max(1, round(share * len(won))))) for share in shares]
    return [[0.0, 0.0], *([share, wins / float(won.sum())] for share, wins in caught)]
