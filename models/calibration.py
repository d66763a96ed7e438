"""Makes chances true: a rising map of the log-odds, learned on predictions made forward in time."""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numba import njit

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
        out = np.empty(len(raw))
        _map_all(np.asarray(raw, dtype=np.float64), *self._map, out)
        return out

    def between(self, raw: Floats) -> tuple[Floats, Floats, Floats]:
        """The chances of leads with such raw log-odds, and between which shares their wins are in nine cases of ten."""
        chances, low, high = np.empty(len(raw)), np.empty(len(raw)), np.empty(len(raw))
        _between_all(np.asarray(raw, dtype=np.float64), *self.compiled, chances, low, high)
        return chances, low, high

    @cached_property
    def _map(self) -> tuple[float, float, float, Floats, Floats]:
        """As compiled loops take it."""
        knots, values = np.array(self.knots, dtype=np.float64), np.array(self.values, dtype=np.float64)
        return self.intercept, self.below, self.above, knots, values

    @cached_property
    def compiled(self) -> tuple[float, float, float, Floats, Floats, Floats]:
        """All of it as `chances_of` takes it."""
        return (*self._map, np.array(self.spread, dtype=np.float64).reshape(-1, 3))

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

    def stretched(self, parts: Floats) -> Floats:
        """Contributions to the raw log-odds, in place as contributions to the calibrated ones, which they sum to.

        Shape (n, features + 1), the last from where all start. What the map stretches the way from there to the sum
        by, all parts of that way are multiplied by.
        """
        _stretch(parts, *self._map)
        return parts

    def interval(self, raw: Floats) -> tuple[Floats, Floats]:
        """Between which shares the wins of leads with such raw log-odds are, in nine cases of ten; shape (n,) each."""
        return self.between(raw)[1:]


@njit(cache=True, nogil=True)
def _softplus(x):  # type: ignore[no-untyped-def] # numba infers types
    """log(1 + exp x)."""
    return max(x, 0.0) + math.log1p(math.exp(-abs(x)))


@njit(cache=True, nogil=True)
def _chance(log_odds):  # type: ignore[no-untyped-def] # numba infers types
    return 1.0 / (1.0 + math.exp(-min(max(log_odds, -15.0), 15.0)))


@njit(cache=True, nogil=True)
def _mapped(raw, intercept, below, above, knots, values):  # type: ignore[no-untyped-def] # numba infers types
    if len(knots) > 0:
        last = len(knots) - 1
        if raw <= knots[0]:
            return values[0] + (raw - knots[0])
        if raw >= knots[last]:
            return values[last] + (raw - knots[last])
        k = np.searchsorted(knots, raw, side="right") - 1
        return values[k] + (values[k + 1] - values[k]) / (knots[k + 1] - knots[k]) * (raw - knots[k])
    if below == above:
        return intercept + below * raw
    return intercept - below * _softplus(-raw) + above * _softplus(raw)


@njit(cache=True, nogil=True)
def _map_all(raw, intercept, below, above, knots, values, out):  # type: ignore[no-untyped-def] # noqa: PLR0913 -- numba
    for i in range(len(raw)):
        out[i] = _mapped(raw[i], intercept, below, above, knots, values)


@njit(cache=True, nogil=True)
def chances_of(raw, intercept, below, above, knots, values, spread):  # type: ignore[no-untyped-def] # noqa: PLR0913 -- numba infers types, and takes arrays only
    """The chance of a lead with such raw log-odds, and what it is at least and at most in nine cases of ten."""
    middle, width = _mapped(raw, intercept, below, above, knots, values), 0.0
    if len(spread) > 0:
        terms = (1.0, -_softplus(-raw), _softplus(raw))
        for j in range(3):
            for k in range(3):
                width += spread[j, k] * terms[j] * terms[k]
        width = NINETY * math.sqrt(max(width, 0.0))
    return _chance(middle), _chance(middle - width), _chance(middle + width)


@njit(cache=True, nogil=True)
def _between_all(  # type: ignore[no-untyped-def] # noqa: PLR0913 -- numba infers types, and takes arrays only
    raw, intercept, below, above, knots, values, spread, chances, low, high
):
    for i in range(len(raw)):
        chances[i], low[i], high[i] = chances_of(raw[i], intercept, below, above, knots, values, spread)


@njit(cache=True, nogil=True)
def _stretch(parts, intercept, below, above, knots, values):  # type: ignore[no-untyped-def]
    straight, width = len(knots) == 0 and below == above, parts.shape[1] - 1
    for row in range(len(parts)):
        start, way, told = parts[row, width], 0.0, 0.0
        for j in range(width):
            way += parts[row, j]
        pace = below
        if not straight:
            step = 1e-6 if abs(way) < 1e-6 else way
            at_start = _mapped(start, intercept, below, above, knots, values)
            pace = (_mapped(start + step, intercept, below, above, knots, values) - at_start) / step
        for j in range(width):
            parts[row, j] *= pace
            told += parts[row, j]
        parts[row, width] = _mapped(start + way, intercept, below, above, knots, values) - told


def line(intercept: float, slope: float) -> Calibration:
    """A straight line in the log-odds.

    >>> line(1.0, 2.0)(np.array([0.0, 3.0])).tolist()
    [1.0, 7.0]
    """
    return Calibration(intercept, slope, slope)
