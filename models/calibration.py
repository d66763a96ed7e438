"""Makes chances true: a rising map of the log-odds, learned on predictions made forward in time."""

from dataclasses import dataclass

import numpy as np

from features.history import Floats

NINETY = 1.6448536269514722
"""Standard deviations on either side that hold nine in ten."""


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


def bent(raw: Floats) -> tuple[Floats, Floats]:
    """log p and log(1 - p) of raw log-odds: what beta calibration is linear in (Kull, Silva Filho & Flach 2017).

    >>> [round(float(part[0]), 4) for part in bent(np.array([0.0]))]
    [-0.6931, -0.6931]
    """
    return -np.logaddexp(0.0, -raw), -np.logaddexp(0.0, raw)


@dataclass(frozen=True)
class Calibration:
    """Calibrated log-odds = intercept + below x log p - above x log(1 - p) of the raw chance p.

    With `below` = `above` that is a line in the log-odds (Platt 1999), else beta calibration. Where there are `knots`
    (raw log-odds, rising), it is the broken line through `values` instead, with the slope 1 beyond both ends.
    `spread`: covariance of (intercept, below, above), from which the interval of a chance comes; empty where unknown.
    """

    intercept: float = 0.0
    below: float = 1.0
    above: float = 1.0
    knots: tuple[float, ...] = ()
    values: tuple[float, ...] = ()
    spread: tuple[tuple[float, ...], ...] = ()

    def __call__(self, raw: Floats) -> Floats:
        """Calibrated log-odds."""
        if self.knots:
            inside = np.interp(raw, self.knots, self.values)
            return np.asarray(inside + np.minimum(raw - self.knots[0], 0.0) + np.maximum(raw - self.knots[-1], 0.0))
        if self.below == self.above:
            return np.asarray(self.intercept + self.below * raw)
        low, high = bent(raw)
        return np.asarray(self.intercept + self.below * low - self.above * high)

    @property
    def rises(self) -> bool:
        """Whether a better lead has the better chance; one that falls would turn the order round."""
        return bool(self.knots) or min(self.below, self.above) > 0.0

    def moved(self, by: "Calibration") -> "Calibration":
        """This map, and then the straight line `by` in its log-odds.

        >>> line(1.0, 2.0).moved(line(0.5, 3.0))(np.array([0.0, 1.0])).tolist()
        [3.5, 9.5]
        """
        start, slope = by.intercept, by.below
        values = tuple(start + slope * value for value in self.values) if slope > 0.0 else self.values
        return Calibration(start + slope * self.intercept, slope * self.below, slope * self.above, self.knots, values)

    @property
    def slope(self) -> float:
        """Of a straight line: above 1 where chances were too near the middle."""
        return self.below

    def pace(self, raw: Floats, start: Floats) -> Floats:
        """How much the map stretches the way from `start` to `raw`: what parts of that way are to be multiplied by."""
        if not self.knots and self.below == self.above:
            return np.full(len(raw), self.below)
        way = raw - start
        near = np.abs(way) < 1e-6
        step = np.where(near, 1e-6, way)
        return np.asarray((self(start + step) - self(start)) / step)

    def interval(self, raw: Floats) -> tuple[Floats, Floats]:
        """Between which shares the wins of leads with such raw log-odds are, in nine cases of ten; shape (n,) each."""
        middle = self(raw)
        if not self.spread:
            return chance(middle), chance(middle)
        low, high = bent(raw)
        terms = (np.ones_like(raw), low, -high)
        # Written out: BLAS would let the other leads of a batch move the last bit.
        variance = sum(
            c * a * b for row, a in zip(self.spread, terms, strict=True) for c, b in zip(row, terms, strict=True)
        )
        width = NINETY * np.sqrt(np.maximum(variance, 0.0))
        return chance(middle - width), chance(middle + width)


def line(intercept: float, slope: float) -> Calibration:
    """A straight line in the log-odds.

    >>> line(1.0, 2.0)(np.array([0.0, 3.0])).tolist()
    [1.0, 7.0]
    """
    return Calibration(intercept, slope, slope)
