"""A LightGBM booster in the log-odds, kept as its own text."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from features.history import Floats


@dataclass(frozen=True)
class TreeModel:
    """`text` is LightGBM's native model text: readable, and never executed."""

    text: str

    @cached_property
    def _booster(self) -> Any:
        import lightgbm

        return lightgbm.Booster(model_str=self.text)

    def raw(self, X: Floats) -> Floats:
        """Log-odds of rows X. One thread: two processes with LightGBM's default are 25 times slower than one."""
        return np.asarray(self._booster.predict(X, raw_score=True, num_threads=1), dtype=np.float64)

    def contributions(self, X: Floats) -> Floats:
        """Exact TreeSHAP (Lundberg et al. 2018), shape (len(X), features + 1); the last column is where all start."""
        if not len(X):  # LightGBM divides by the number of rows
            return np.zeros((0, X.shape[1] + 1))
        return np.asarray(self._booster.predict(X, pred_contrib=True, num_threads=1), dtype=np.float64)
