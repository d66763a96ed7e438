"""Learns how far raw log-odds are from true chances, on predictions made forward in time."""

import numpy as np

from features.history import Floats
from models.calibration import Calibration

IDENTITY = np.array([0.0, 1.0])


def calibrate(raw: Floats, won: Floats, weight: Floats, strength: float = 20.0) -> Calibration:
    """A line in the log-odds by penalised maximum likelihood, held to the identity by `strength` pseudo-observations.

    Newton's method on two numbers, each step halved until it leads downhill; the penalty keeps few outcomes from
    making wild chances.
    """
    terms, hold = np.stack([np.ones_like(raw), raw]), strength * 0.05
    line, loss = IDENTITY, _loss(IDENTITY, terms, won, weight, hold)
    for _ in range(100):
        p = 0.5 + 0.5 * np.tanh(0.5 * (line @ terms))
        gradient = terms @ (weight * (p - won)) + hold * (line - IDENTITY)
        hessian = (terms * (weight * p * (1 - p))) @ terms.T + hold * np.eye(2)
        step = np.linalg.solve(hessian, gradient)
        while (lower := _loss(line - step, terms, won, weight, hold)) > loss and np.abs(step).max() > 1e-10:
            step = step / 2
        if lower > loss:
            break
        line, loss = line - step, lower
        if np.abs(step).max() < 1e-10:
            break
    return Calibration(float(line[0]), float(line[1]))


def _loss(line: Floats, terms: Floats, won: Floats, weight: Floats, hold: float) -> float:
    """Negative log likelihood and penalty."""
    z = line @ terms
    return float(weight @ (np.logaddexp(0.0, z) - won * z) + 0.5 * hold * ((line - IDENTITY) ** 2).sum())
