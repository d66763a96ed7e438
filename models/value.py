"""What a win would bring."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numba import njit

from features.history import Floats
from models.linear import LinearModel


@dataclass(frozen=True)
class ValueModel:
    """Expected amount of a win: the mean of the wins so far; 1 where none are known, so that p_win ranks alone.

    `log`: where the features tell amounts apart, the logarithm of the amount; times `smear`, and kept `within` what
    wins brought.
    """

    mean: float = 1.0
    wins: int = 0
    log: LinearModel | None = None
    smear: float = 1.0
    within: tuple[float, float] = (0.0, float("inf"))

    def expected(self, X: Floats) -> Floats:
        """Shape (len(X),), in the ledger's currency."""
        if self.log is None:
            return np.full(len(X), self.mean)
        amounts = self.log.raw(X)
        _bound(amounts, -50.0, 50.0)
        amounts = np.exp(amounts) * self.smear
        _bound(amounts, *self.within)
        return amounts

    def as_json(self) -> dict[str, Any]:
        """All of it."""
        log = None if self.log is None else {**self.log.as_json(), "smear": self.smear, "within": list(self.within)}
        return {"mean": self.mean, "wins": self.wins, "log": log}

    @classmethod
    def from_json(cls, saved: Mapping[str, Any]) -> Self:
        """The inverse of as_json."""
        log = saved["log"]
        if log is None:
            return cls(saved["mean"], saved["wins"])
        low, high = log["within"]
        return cls(saved["mean"], saved["wins"], LinearModel.from_json(log), log["smear"], (low, high))


@njit(cache=True, nogil=True)
def _bound(values, low, high):  # type: ignore[no-untyped-def] # numba infers types
    """Hold values between two, in place; NaN stays."""
    for i in range(len(values)):
        if values[i] < low:
            values[i] = low
        elif values[i] > high:
            values[i] = high
