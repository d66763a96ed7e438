"""Made-up rows whose true chances are known, so that a test can say what should have been learned."""

import numpy as np
from numpy.typing import NDArray

from features.catalogue import Catalogue
from features.history import Floats
from features.profile import Attribute
from models.calibration import chance
from training.rows import Rows


def numbers(*names: str, kinds: tuple[str, ...] = (), dated: bool = False, blocks: tuple[str, ...] = ()) -> Catalogue:
    """A catalogue of plain numbers, then age (dated), event types and optional blocks."""
    return Catalogue(tuple(Attribute(name, "number") for name in names), kinds, dated, blocks=blocks)


def rows_of(X: Floats, won: Floats, weight: Floats | None = None, reason: NDArray[np.object_] | None = None) -> Rows:
    """Rows in the order of time, each of weight 1 and without a reason unless these are given."""
    none = np.full(len(won), "", dtype=object)
    weight = np.ones(len(won)) if weight is None else weight
    return Rows(X, won, weight, none if reason is None else reason, np.arange(len(won), dtype=np.float64))


def drawn(log_odds: Floats, seed: int) -> Floats:
    """Wins (1) and losses (0) by their true log-odds."""
    return (np.random.default_rng(seed).random(len(log_odds)) < chance(log_odds)).astype(np.float64)
