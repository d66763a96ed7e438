"""A model that is asked about nothing too far beyond what taught it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np

from features.history import Floats
from models.joint import JointModel
from models.linear import Beyond, LinearModel

KINDS: Mapping[str, type[LinearModel] | type[JointModel] | type[Beyond]] = {
    "linear": LinearModel,
    "joint": JointModel,
    "beyond": Beyond,
}


@dataclass(frozen=True)
class Within:
    """A model of which each feature counts as at most `high`; infinite where there is no limit."""

    part: LinearModel | JointModel | Beyond
    high: tuple[float, ...]

    def raw(self, X: Floats) -> Floats:
        """Log-odds of rows X, shape (len(X),)."""
        return self.part.raw(np.minimum(X, self.limits))

    def contributions(self, X: Floats) -> Floats:
        """What each feature adds, shape (len(X), features + 1)."""
        return self.part.contributions(np.minimum(X, self.limits))

    @cached_property
    def limits(self) -> Floats:
        """`high`, as an array."""
        return np.array(self.high, dtype=np.float64)

    def as_json(self) -> dict[str, Any]:
        """All of it."""
        kind = next(name for name, each in KINDS.items() if isinstance(self.part, each))
        high = [None if np.isinf(each) else each for each in self.high]
        return {"part": {"kind": kind, **self.part.as_json()}, "high": high}

    @classmethod
    def from_json(cls, saved: Mapping[str, Any]) -> Self:
        """The inverse of as_json."""
        high = tuple(np.inf if each is None else each for each in saved["high"])
        return cls(KINDS[saved["part"]["kind"]].from_json(saved["part"]), high)
