"""Learns how far raw log-odds are from true chances, on predictions made forward in time."""

import numpy as np

from features.history import Floats
from models.calibration import Calibration, chance


def calibrate(raw: Floats, won: Floats, weight: Floats, strength: float = 20.0) -> Calibration:
    """A line in the log-odds by penalised maximum likelihood, held to the identity by `strength` pseudo-observations.

    Newton's method on two numbers; the penalty keeps few outcomes from making wild chances.
    """
    line = np.array([0.0, 1.0])
    for _ in range(50):
        p = chance(line[0] + line[1] * raw)
        terms = np.stack([np.ones_like(raw), raw])
        gradient = terms @ (weight * (p - won)) + strength * 0.05 * (line - np.array([0.0, 1.0]))
        hessian = (terms * (weight * p * (1 - p))) @ terms.T + strength * 0.05 * np.eye(2)
        step = np.linalg.solve(hessian, gradient)
        line = line - step
        if np.abs(step).max() < 1e-10:
            break
    return Calibration(float(line[0]), float(line[1]))
