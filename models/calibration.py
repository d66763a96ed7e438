"""Makes chances true: a straight line in the log-odds, learned on predictions made forward in time (Platt 1999)."""

from dataclasses import dataclass

import numpy as np

from features.history import Floats


def chance(log_odds: Floats) -> Floats:
    """Log-odds to chances, kept off 0 and 1, which nobody can know.

    >>> chance(np.array([0.0])).tolist()
    [0.5]
    """
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(log_odds, -15.0, 15.0))))


def log_odds(p: Floats) -> Floats:
    """The inverse of chance."""
    kept = np.clip(p, 1e-7, 1 - 1e-7)
    return np.asarray(np.log(kept / (1 - kept)))


@dataclass(frozen=True)
class Calibration:
    """Calibrated log-odds = intercept + slope x raw log-odds."""

    intercept: float = 0.0
    slope: float = 1.0

    def __call__(self, raw: Floats) -> Floats:
        """Calibrated log-odds."""
        return np.asarray(self.intercept + self.slope * raw)
