"""Tests behind the alarms of drift: how far two samples of leads are apart, and whether chance alone does that."""

import numpy as np
from numpy.typing import NDArray

from features.history import Floats

Counts = NDArray[np.int64]
SPARSE = 5.0
"""A bin in which chance alone would put fewer leads than this joins the others like it."""


def stability(before: Counts, after: Counts) -> tuple[float, float]:
    """Population stability index of two samples counted in the same bins, and the chance of such a distance without
    any drift.

    Without drift the index is not 0: about (bins - 1) * (1 / n + 1 / m) for samples of n and m leads (Yurdakul 2018),
    which is taken off, so that small samples look no further apart than large ones; below 0 is chance too. The chance
    is that of Pearson's test on the same bins, the sparse ones put together.

    >>> stability(np.array([500, 500]), np.array([50, 50]))[1]
    1.0
    """
    pair = _dense(before, after)
    bins, (n, m) = pair.shape[1], pair.sum(axis=1).tolist()
    if bins < 2:
        return 0.0, 1.0
    share = (pair + 0.5) / (pair + 0.5).sum(axis=1, keepdims=True)
    apart = float(np.sum((share[1] - share[0]) * np.log(share[1] / share[0])))
    expected = pair.sum(axis=1, keepdims=True) * pair.sum(axis=0) / pair.sum()
    return apart - (bins - 1) * (1 / n + 1 / m), _upper(float(((pair - expected) ** 2 / expected).sum()), bins - 1)


def _dense(before: Counts, after: Counts) -> Floats:
    """Both samples, shape (2, bins), without empty bins and with the sparse ones together."""
    pair = np.stack([before, after]).astype(np.float64)
    pair = pair[:, pair.sum(axis=0) > 0]
    n = pair.sum(axis=1)
    sparse = pair.sum(axis=0) * (n.min() / max(n.sum(), 1.0)) < SPARSE
    if not sparse.any():
        return pair
    rest = pair[:, sparse].sum(axis=1, keepdims=True)
    kept = pair[:, ~sparse]
    if float(rest.sum()) * (n.min() / n.sum()) >= SPARSE or not kept.shape[1]:
        return np.concatenate([kept, rest], axis=1)
    kept[:, [int(kept.sum(axis=0).argmin())]] += rest  # too little for a bin of its own
    return kept


def share_moved(before: tuple[int, int], after: tuple[int, int]) -> float:
    """The chance, without drift, of two shares (so many, of so many) as far apart as these."""
    pair = np.array([[before[0], before[1] - before[0]], [after[0], after[1] - after[0]]], dtype=np.float64)
    if not pair.sum(axis=0).all() or not pair.sum(axis=1).all():
        return 1.0
    expected = pair.sum(axis=1, keepdims=True) * pair.sum(axis=0) / pair.sum()
    nearer = np.maximum(np.abs(pair - expected) - 0.5, 0.0)  # Yates: small samples
    return _upper(float((nearer**2 / expected).sum()), 1)


def more_often(before: tuple[int, int], after: tuple[int, int]) -> float:
    """The chance, without drift, that a value seen `before[0]` times in `before[1]` leads is seen `after[0]` times or
    more in `after[1]`: of all the times it was seen, so many in the later sample.
    """
    from scipy.special import bdtrc

    seen, share = before[0] + after[0], after[1] / max(1, before[1] + after[1])
    return float(bdtrc(after[0] - 1, seen, share)) if after[0] else 1.0


def none_since(before: tuple[int, int], leads: int) -> float:
    """The chance, without drift, that a value seen `before[0]` times in `before[1]` leads is in none of later ones."""
    return float((before[1] / (before[1] + leads)) ** before[0]) if leads else 1.0


def at_most(wins: int, leads: int, share: float) -> float:
    """The chance of so many wins or fewer, each lead having the same (chances that differ spread wins less)."""
    from scipy.special import bdtr

    return float(bdtr(wins, leads, share)) if wins >= 0 else 0.0


def between(wins: int, leads: int) -> tuple[float, float]:
    """The 95 % interval of a share, with Jeffreys' prior."""
    from scipy.special import betaincinv

    low, high = (float(betaincinv(wins + 0.5, leads - wins + 0.5, q)) for q in (0.025, 0.975))
    return low if wins else 0.0, high if wins < leads else 1.0


def _upper(statistic: float, freedom: int) -> float:
    from scipy.special import chdtrc

    return float(chdtrc(freedom, statistic))
