"""A win against each family of reasons, learned together: the log-odds of the win from one multinomial model."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from features.history import Floats
from models import terms
from models.linear import LinearModel

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(32)
NODES, NODE_WEIGHTS = (_NODES + 1.0) / 2.0, _WEIGHTS / 2.0


@dataclass(frozen=True)
class JointModel:
    """`linear` has a score a class, the win first; `classes` names the others.

    A lead that any one reason speaks against is not won, however much speaks for it elsewhere: the log-odds of the win
    are its score less the log-sum-exp of the others, which no sum of terms can say.
    """

    linear: LinearModel
    classes: tuple[str, ...]

    def raw(self, X: Floats) -> Floats:
        """Log-odds of a win of rows X, shape (len(X),)."""
        return _against(self.linear.raw_classes(X))

    def contributions(self, X: Floats) -> Floats:
        """What each feature adds, shape (len(X), features + 1); the last column is where all start.

        Each class is a sum of terms. Along the straight way from the average lead to this one the log-odds change by
        the win's terms less the others', each at its share of the moment; the parts are the integral of that (Aumann &
        Shapley 1974; integrated gradients, Sundararajan et al. 2017), and add up to the log-odds.
        """
        return terms.against(self.linear.contributions_by_class(X), NODES, NODE_WEIGHTS)

    def as_json(self) -> dict[str, Any]:
        """All of it."""
        return {"linear": self.linear.as_json(), "classes": list(self.classes)}

    @classmethod
    def from_json(cls, saved: Mapping[str, Any]) -> Self:
        """The inverse of as_json."""
        return cls(LinearModel.from_json(saved["linear"]), tuple(saved["classes"]))


def _against(scores: Floats) -> Floats:
    out = np.empty(len(scores))
    terms.less_the_others(scores, out)
    return out
