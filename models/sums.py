"""What the parts of a model of the win add up to, in one compiled call: for one lead, going from part to part in Python
takes longer than the parts.
"""

from collections.abc import Sequence

import numpy as np
from numba import njit

from features.history import Floats, Ints
from models.forest_kernel import sum_of
from models.joint import JointModel
from models.linear import Beyond, LinearModel
from models.packing import floats, ints, pack
from models.terms import first_less_others, scores_of
from models.tree import TreeModel
from models.within import Within

TREES, LINEAR, JOINT, BEYOND = range(4)
"""Kinds of parts that it knows."""


def packed(parts: Sequence[object], weights: Sequence[float]) -> Ints | None:
    """All that `add` takes of a weighted sum; None where it has a part of a kind that is not known here."""
    known = [_part(each) for each in parts]
    some = [each for each in known if each is not None]
    return pack(np.array(weights, dtype=np.float64), *some) if len(some) == len(known) else None


def _part(part: object) -> Ints | None:
    """A kind, what features count as at most, if anything, what the kind takes, and of what is beyond, the limits."""
    most, beyond = np.empty(0), np.empty(0)
    if isinstance(part, Within):
        most, part = part.limits, part.part
    if isinstance(part, TreeModel):
        kind, its = TREES, part.forest.ways
    elif isinstance(part, LinearModel):
        kind, its = LINEAR, part.packed
    elif isinstance(part, JointModel):
        kind, its = JOINT, part.linear.packed
    elif isinstance(part, Beyond):
        kind, its, beyond = BEYOND, part.linear.packed, part.limits
    else:
        return None
    return pack(np.array([kind]), most, its, beyond)


def raw(packed: Ints, X: Floats) -> Floats:
    """Log-odds of rows X, shape (len(X),): to the bit what the parts say one by one, added up in their order."""
    out = np.empty(len(X))
    _add(packed, np.ascontiguousarray(X), out)
    return out


@njit(cache=True, nogil=True, error_model="numpy")
def _add(packed, X, out):  # type: ignore[no-untyped-def] # numba infers types
    for row in range(len(X)):
        out[row] = raw_of(packed, X[row])


@njit(cache=True, nogil=True, error_model="numpy")
def raw_of(packed, row):  # type: ignore[no-untyped-def] # numba infers types
    """The same of one row."""
    weights, x, total = floats(packed, 0), np.empty(len(row)), 0.0
    for p in range(len(weights)):
        part = ints(packed, 1 + p)
        kind, its = ints(part, 0)[0], ints(part, 2)
        for f in range(len(x)):  # numba takes seconds to compile x[:] = row
            x[f] = row[f]
        _hold(x, floats(part, 1))
        said = sum_of(its, x) if kind == TREES else _said(kind, its, x)
        if kind == BEYOND:
            _hold(x, floats(part, 3))
            said -= _said(kind, its, x)
        total += weights[p] * said
    return total


@njit(cache=True, nogil=True, error_model="numpy")
def _hold(x, most):  # type: ignore[no-untyped-def] # numba infers types
    """Hold a row to limits, if there are any; NaN stays."""
    for f in range(len(most)):
        if x[f] > most[f]:
            x[f] = most[f]


@njit(cache=True, nogil=True, error_model="numpy")
def _said(kind, its, x):  # type: ignore[no-untyped-def] # numba infers types
    """What a linear model says of a row, one class or the first against the others."""
    scores = np.empty(len(floats(its, 10)))
    scores_of(its, x, scores)
    return first_less_others(scores) if kind == JOINT else scores[0]
