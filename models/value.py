"""What a win would bring."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

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
        low, high = self.within
        return np.minimum(
            np.maximum(np.exp(np.minimum(np.maximum(self.log.raw(X), -50.0), 50.0)) * self.smear, low), high
        )

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
