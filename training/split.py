"""Splits by time: the newest ripe leads are the test, the past knows only its past, an account is on one side only."""

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

import numpy as np

from features.history import Floats, History, Ints

KEPT_AT_LEAST = 0.5


@dataclass(frozen=True)
class Split:
    """Lead numbers of both sides, oldest first. `kind`: what they were ordered by; random where nothing tells time.

    `barred`: accounts of the test, whose other leads must not teach; none where that would leave too few.
    """

    train: Ints
    test: Ints
    kind: Literal["time", "order", "random"]
    notes: tuple[str, ...] = ()
    barred: frozenset[str] = frozenset()


def forward(history: History, leads: Ints, order: Floats, test_share: float, seed: int) -> Split:
    """The newest `test_share` of `leads` against the rest; `order` is per lead of the history, NaN where unknown."""
    if np.isnan(order[leads]).any():
        kind: Literal["time", "order", "random"] = "random"
        ranked = np.random.default_rng(seed).permutation(leads)
    else:
        kind = "time" if history.dated else "order"
        ranked = leads[np.argsort(order[leads], kind="stable")]
    cut = len(ranked) - round(test_share * len(ranked))
    train, test = ranked[:cut], ranked[cut:]
    notes = (
        ("the leads have no date and no order: split at random, which flatters every model",)
        if kind == "random"
        else ()
    )
    return _one_side_only(history, Split(train, test, kind, notes))


def _one_side_only(history: History, split: Split) -> Split:
    """Leads of the past whose account is in the test as well don't train; unless that would leave too few."""
    tested = frozenset(name for i in split.test.tolist() if (name := history.account[i]) is not None)
    kept = np.array([history.account[i] not in tested for i in split.train.tolist()], dtype=bool)
    if kept.all():
        return replace(split, barred=tested)
    if kept.mean() < KEPT_AT_LEAST:
        note = (
            f"{(~kept).mean():.0%} of the training leads belong to accounts in the test and stay: too few would be left"
        )
        return replace(split, notes=(*split.notes, note))
    return replace(split, train=split.train[kept], barred=tested)


def folds(order: Floats, count: int = 4) -> list[tuple[Ints, Ints]]:
    """Forward folds over rows: the first part trains and the next is predicted, then both train, and so on.

    Rows with equal `order` (the moments of one lead) stay together. Row numbers, no fold without rows on both sides.
    """
    ranks = np.unique(order, return_inverse=True)[1]
    edges = np.quantile(ranks, np.linspace(0.0, 1.0, count + 2))[1:]
    pairs = [
        (np.flatnonzero(ranks <= low), np.flatnonzero((ranks > low) & (ranks <= high))) for low, high in pairwise(edges)
    ]
    return [(train, test) for train, test in pairs if len(train) and len(test)]
