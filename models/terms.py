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


def packed(design: Layout, by_column: Floats, intercepts: Floats, usual: Floats) -> Ints:
    """All that the loops take of a model. `by_column`: coefficients, shape (width of the design, classes); `usual`:
    what each feature adds on average, shape (features, classes).

    Before that, the features that any coefficient is about: what falls with one wait alone need not look at the others.
    """
    telling = [by_column[first:last].any() for first, last in pairwise(design.first)]
    start = intercepts + usual.sum(axis=0)
    return pack(*design, by_column.ravel(), intercepts, np.flatnonzero(telling), usual.ravel(), start)


def classes(packed: Ints, count: int, X: Floats) -> Floats:
    """Scores of rows X, shape (len(X), classes), of which there are `count`."""
    out = np.empty((len(X), count))
    _classes(packed, np.ascontiguousarray(X), out)
    return out


def by_feature(packed: Ints, count: int, X: Floats) -> Floats:
    """What each feature adds to each class, of which there are `count`, shape (len(X), features + 1, classes); the last
    is where all start.
    """
    out = np.zeros((len(X), X.shape[1] + 1, count))
    _by_feature(packed, np.ascontiguousarray(X), out)
    return out


def against(parts: Floats, nodes: Floats, weights: Floats) -> Floats:
    """What each feature adds to the first class's score less the log-sum-exp of the others', of what it adds to each.

    By quadrature along the straight way from where all start; shape (rows, features + 1).
    """
    out = np.empty(parts.shape[:2])
    _against(parts, nodes, weights, out)
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
def _by_feature(packed, X, out):  # type: ignore[no-untyped-def] # numba infers types
    first, levels, log = ints(packed, 0), ints(packed, 1), ints(packed, 2)
    mean, scale = floats(packed, 3), floats(packed, 4)
    knot_start, knots, value_start, values = ints(packed, 5), floats(packed, 6), ints(packed, 7), floats(packed, 8)
    by_column, usual, start = floats(packed, 9), floats(packed, 12), floats(packed, 13)
    by_column = by_column.reshape(len(by_column) // len(start), len(start))
    for row in range(len(X)):
        for f in range(X.shape[1]):
            x, total = X[row, f], out[row, f]
            _plus(first, levels, log, mean, scale, knot_start, knots, value_start, values, by_column, f, x, total)
            for c in range(len(start)):
                total[c] -= usual[f * len(start) + c]
        out[row, -1] = start


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
def share_out(scores):  # type: ignore[no-untyped-def] # numba infers types
    """Scores to shares that sum to 1, in place."""
    most, total = scores.max(), 0.0
    for c in range(len(scores)):
        scores[c] = math.exp(scores[c] - most)
        total += scores[c]
    for c in range(len(scores)):
        scores[c] /= total


@njit(cache=True, nogil=True, error_model="numpy")
def _against(parts, nodes, weights, out):  # type: ignore[no-untyped-def] # numba infers types
    for row in range(len(parts)):
        start, last = parts[row, -1], parts.shape[1] - 1
        way = np.zeros(len(start))
        for f in range(last):
            for c in range(len(way)):
                way[c] += parts[row, f, c]
        share, added = _mean_share(start[1:], way[1:], nodes, weights), 0.0
        for f in range(last):
            out[row, f] = parts[row, f, 0]
            for c in range(len(share)):
                out[row, f] -= parts[row, f, c + 1] * share[c]
            added += out[row, f]
        out[row, last] = first_less_others(start + way) - added


@njit(cache=True, nogil=True, error_model="numpy")
def _mean_share(start, way, nodes, weights):  # type: ignore[no-untyped-def] # numba infers types
    """Each class's mean share of the others on the way from `start` to start + way, by quadrature; they sum to 1."""
    share = np.zeros(len(start))
    for n in range(len(nodes)):
        at = start + nodes[n] * way
        share_out(at)
        share += weights[n] * at
    return share


@njit(cache=True, nogil=True, error_model="numpy")
def softmax(scores):  # type: ignore[no-untyped-def] # numba infers types
    """The same row by row."""
    for row in range(len(scores)):
        share_out(scores[row])
