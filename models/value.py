"""What a win would bring."""

from dataclasses import dataclass

import numpy as np

from features.history import Floats


@dataclass(frozen=True)
class ValueModel:
    """Expected amount of a win: the mean of the wins so far; 1 where none are known, so that p_win ranks alone."""

    mean: float = 1.0
    wins: int = 0

    def expected(self, X: Floats) -> Floats:
        """Shape (len(X),), in the ledger's currency."""
        return np.full(len(X), self.mean)
