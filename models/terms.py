"""Sums of terms in compiled loops: a linear model over its design without ever laying the design out."""

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from features.history import Floats, Ints

if TYPE_CHECKING:
    from models.linear import Design


class Layout(NamedTuple):
    """A design as arrays, an item a feature: `first` of its columns; `levels` (0: it is a number); `log`, `mean`,
    `scale` of a number; its knots are knots[knot_start:knot_start of the next], its flagged values likewise.
    """

    first: Ints
    levels: Ints
    log: Ints
    mean: Floats
    scale: Floats
    knot_start: Ints
    knots: Floats
    value_start: Ints
    values: Floats


def layout(design: "Design") -> Layout:
    """Lay out a design."""
    columns = design.columns
    return Layout(
        _starts([c.width for c in columns]),
        np.array([c.levels for c in columns], dtype=np.int64),
        np.array([c.log for c in columns], dtype=np.int64),
        np.array([c.mean for c in columns], dtype=np.float64),
        np.array([c.scale for c in columns], dtype=np.float64),
        _starts([len(c.knots) for c in columns]),
        np.array([knot for c in columns for knot in c.knots], dtype=np.float64),
        _starts([len(c.values) for c in columns]),
        np.array([value for c in columns for value in c.values], dtype=np.float64),
    )


def _starts(sizes: list[int]) -> Ints:
    return np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)


def classes(design: Layout, coefficients: Floats, intercepts: Floats, X: Floats) -> Floats:
    """Scores of rows X, shape (len(X), classes)."""
    out = np.empty((len(X), len(intercepts)))
    _classes(design, coefficients, intercepts, np.ascontiguousarray(X), out)
    return out


def by_feature(design: Layout, coefficients: Floats, X: Floats) -> Floats:
    """What each feature adds to each class, shape (len(X), classes, features)."""
    out = np.empty((len(X), len(coefficients), len(design.levels)))
    _by_feature(design, coefficients, np.ascontiguousarray(X), out)
    return out


@njit(cache=True, nogil=True, error_model="numpy")
def _term(design, f, x, w):  # type: ignore[no-untyped-def] # numba infers types
    """What feature f adds with the value x; the same columns as `Column.encode`, times their coefficients w."""
    first, levels, log, mean, scale, knot_start, knots, value_start, values = design
    at = first[f]
    if levels[f] > 0:
        last = levels[f] - 1
        return w[at + (last if x != x else min(np.int64(x), last))]
    bends, flags = knot_start[f + 1] - knot_start[f], value_start[f + 1] - value_start[f]
    missing = at + 1 + bends
    if x != x:
        return w[missing]
    number = ((math.log1p(max(x, 0.0)) if log[f] else x) - mean[f]) / scale[f]
    total = number * w[at]
    for k in range(bends):
        total += max(number - knots[knot_start[f] + k], 0.0) * w[at + 1 + k]
    for k in range(flags):
        if x == values[value_start[f] + k]:
            total += w[missing + 1 + k]
    return total


@njit(cache=True, nogil=True, error_model="numpy")
def _classes(design, coefficients, intercepts, X, out):  # type: ignore[no-untyped-def] # numba infers types
    for row in range(len(X)):
        for c in range(len(intercepts)):
            total = 0.0
            for f in range(X.shape[1]):
                total += _term(design, f, X[row, f], coefficients[c])
            out[row, c] = total + intercepts[c]


@njit(cache=True, nogil=True, error_model="numpy")
def _by_feature(design, coefficients, X, out):  # type: ignore[no-untyped-def] # numba infers types
    for row in range(len(X)):
        for c in range(len(coefficients)):
            for f in range(X.shape[1]):
                out[row, c, f] = _term(design, f, X[row, f], coefficients[c])


@njit(cache=True, nogil=True, error_model="numpy")
def less_the_others(scores, out):  # type: ignore[no-untyped-def] # numba infers types
    """The first class's score less the log-sum-exp of the others', a row each."""
    for row in range(len(scores)):
        most = scores[row, 1:].max()
        total = 0.0
        for c in range(1, scores.shape[1]):
            total += math.exp(scores[row, c] - most)
        out[row] = scores[row, 0] - most - math.log(total)


@njit(cache=True, nogil=True, error_model="numpy")
def mean_shares(start, way, nodes, weights, out):  # type: ignore[no-untyped-def] # numba infers types
    """Each class's mean share of the others on the way from `start` to start + way, by quadrature; rows sum to 1."""
    at = np.empty(start.shape[1])
    for row in range(len(start)):
        out[row] = 0.0
        for n in range(len(nodes)):
            most, total = -np.inf, 0.0
            for c in range(len(at)):
                at[c] = start[row, c] + nodes[n] * way[row, c]
                most = max(most, at[c])
            for c in range(len(at)):
                at[c] = math.exp(at[c] - most)
                total += at[c]
            for c in range(len(at)):
                out[row, c] += weights[n] * at[c] / total
