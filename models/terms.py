"""Sums of terms in compiled loops: a linear model over its design without ever laying the design out."""

import math
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from features.history import Floats, Ints
from models.packing import floats, ints, pack

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


def packed(design: Layout, by_column: Floats, intercepts: Floats) -> Ints:
    """All that `classes` takes of a model; `by_column`: coefficients, shape (width of the design, classes).

    Last, the features that any coefficient is about: what falls with one wait alone need not look at the others.
    """
    telling = [by_column[first:last].any() for first, last in pairwise(design.first)]
    return pack(*design, by_column.ravel(), intercepts, np.flatnonzero(telling))


def classes(packed: Ints, count: int, X: Floats) -> Floats:
    """Scores of rows X, shape (len(X), classes), of which there are `count`."""
    out = np.empty((len(X), count))
    _classes(packed, np.ascontiguousarray(X), out)
    return out


def by_feature(design: Layout, by_column: Floats, X: Floats) -> Floats:
    """What each feature adds to each class, shape (len(X), features, classes)."""
    out = np.zeros((len(X), len(design.levels), by_column.shape[1]))
    _by_feature(*design, by_column, np.ascontiguousarray(X), out)
    return out


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def _plus(  # type: ignore[no-untyped-def] # noqa: PLR0913, C901 -- numba infers types, and takes arrays only
    first, levels, log, mean, scale, knot_start, knots, value_start, values, by_column, f, x, total
):
    """Add to each class's `total` what feature f adds with the value x: `Column.encode` times their coefficients."""
    at, each = first[f], range(len(total))
    if levels[f] > 0:
        last = levels[f] - 1
        column = at + (last if x != x else min(np.int64(x), last))
        for c in each:
            total[c] += by_column[column, c]
        return
    missing = at + 1 + knot_start[f + 1] - knot_start[f]
    if x != x:
        for c in each:
            total[c] += by_column[missing, c]
        return
    number = ((math.log1p(max(x, 0.0)) if log[f] else x) - mean[f]) / scale[f]
    for c in each:
        total[c] += number * by_column[at, c]
    for k in range(knot_start[f], knot_start[f + 1]):
        at += 1
        if number > knots[k]:
            for c in each:
                total[c] += (number - knots[k]) * by_column[at, c]
    for k in range(value_start[f], value_start[f + 1]):
        if x == values[k]:
            for c in each:
                total[c] += by_column[missing + 1 + k - value_start[f], c]


@njit(cache=True, nogil=True, error_model="numpy")
def scores_of(packed, x, total):  # type: ignore[no-untyped-def] # numba infers types
    """Fill `total`, an item a class, with the scores of one row."""
    first, levels, log = ints(packed, 0), ints(packed, 1), ints(packed, 2)
    mean, scale = floats(packed, 3), floats(packed, 4)
    knot_start, knots, value_start, values = ints(packed, 5), floats(packed, 6), ints(packed, 7), floats(packed, 8)
    by_column, intercepts = floats(packed, 9), floats(packed, 10)
    by_column = by_column.reshape(len(by_column) // len(intercepts), len(intercepts))
    for c in range(len(intercepts)):
        total[c] = intercepts[c]
    for f in ints(packed, 11):
        _plus(first, levels, log, mean, scale, knot_start, knots, value_start, values, by_column, f, x[f], total)


@njit(cache=True, nogil=True, error_model="numpy")
def _classes(packed, X, out):  # type: ignore[no-untyped-def] # numba infers types
    for row in range(len(X)):
        scores_of(packed, X[row], out[row])


@njit(cache=True, nogil=True, error_model="numpy")
def _by_feature(  # type: ignore[no-untyped-def] # noqa: PLR0913 -- as above
    first, levels, log, mean, scale, knot_start, knots, value_start, values, by_column, X, out
):
    for row in range(len(X)):
        for f in range(X.shape[1]):
            x, total = X[row, f], out[row, f]
            _plus(first, levels, log, mean, scale, knot_start, knots, value_start, values, by_column, f, x, total)


@njit(cache=True, nogil=True, error_model="numpy")
def first_less_others(scores):  # type: ignore[no-untyped-def] # numba infers types
    """The first class's score less the log-sum-exp of the others'."""
    most = scores[1:].max()
    total = 0.0
    for c in range(1, len(scores)):
        total += math.exp(scores[c] - most)
    return scores[0] - most - math.log(total)


@njit(cache=True, nogil=True, error_model="numpy")
def less_the_others(scores, out):  # type: ignore[no-untyped-def] # numba infers types
    """The same, a row each."""
    for row in range(len(scores)):
        out[row] = first_less_others(scores[row])


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


@njit(cache=True, nogil=True, error_model="numpy")
def share_out(scores):  # type: ignore[no-untyped-def] # numba infers types
    """Scores to shares that sum to 1, in place."""
    most, total = scores.max(), 0.0
    for c in range(len(scores)):
        scores[c] = math.exp(scores[c] - most)
        total += scores[c]
    for c in range(len(scores)):
        scores[c] /= total


@njit(cache=True, nogil=True, error_model="numpy")
def softmax(scores):  # type: ignore[no-untyped-def] # numba infers types
    """The same row by row."""
    for row in range(len(scores)):
        share_out(scores[row])
