"""What becomes of a lead that is worked: the chance of a win, and of each reason against one."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from features.history import Floats, Ints
from models import sums, terms
from models.calibration import Calibration
from models.joint import JointModel
from models.linear import Beyond, LinearModel
from models.naive_bayes import NaiveBayes
from models.tree import TreeModel
from models.within import Within

NO_REASON = ""
"""Lost or rejected, and nobody wrote down why."""

Part = LinearModel | JointModel | TreeModel | NaiveBayes | Beyond | Within
"""What the log-odds of a win may be a sum of."""


@dataclass(frozen=True)
class Blend:
    """The weighted sum of models in the log-odds: additive, so that contributions stay exact.

    `weights`: one a part; none stands for the mean.
    """

    parts: tuple[Part, ...]
    weights: tuple[float, ...] = ()

    def raw(self, X: Floats) -> Floats:
        """Log-odds of rows X, shape (len(X),)."""
        if self.packed is None:
            return np.asarray(sum(w * part.raw(X) for w, part in self._weighted))
        return sums.raw(self.packed, X)

    def contributions(self, X: Floats) -> Floats:
        """Shape (len(X), features + 1); the last column is where all start from."""
        total = np.zeros((len(X), X.shape[1] + 1))
        for weight, part in self._weighted:
            total += weight * part.contributions(X)
        return total

    @cached_property
    def _weighted(self) -> list[tuple[float, Part]]:
        weights = self.weights or (1.0 / len(self.parts),) * len(self.parts)
        return list(zip(weights, self.parts, strict=True))

    @cached_property
    def packed(self) -> Ints | None:
        """As compiled loops take it; None where they can't."""
        return sums.packed(self.parts, [w for w, _ in self._weighted])


WinModel = Part | Blend


@dataclass(frozen=True)
class ReasonModel:
    """Given that a lead is not won, the chance of each reason: multinomial, or the plain shares where few are known."""

    reasons: tuple[str, ...]
    shares: tuple[float, ...]
    model: LinearModel | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The reasons that somebody gave, without NO_REASON."""
        return tuple(reason for reason in self.reasons if reason != NO_REASON)

    def shares_of(self, X: Floats) -> Floats:
        """Shape (len(X), reasons), or (1, reasons) where all leads have the same; rows sum to 1, NO_REASON included."""
        if self.model is None:
            return np.array([self.shares])
        shares = self.model.raw_classes(X)
        terms.softmax(shares)
        return shares


@dataclass(frozen=True)
class OutcomeModel:
    """Calibrated chances of a win and of each reason for refusal; with the rest, "no reason given", they sum to 1."""

    win: WinModel
    calibration: Calibration
    reasons: ReasonModel

    @cached_property
    def packed(self) -> Ints | None:
        """The model of the win as compiled loops take it; None where they can't."""
        return self.win.packed if isinstance(self.win, Blend) else sums.packed((self.win,), (1.0,))

    def p_win(self, X: Floats) -> Floats:
        """The chance of a win within the horizon, shape (len(X),)."""
        return self.calibration.between(self.win.raw(X))[0]

    def contributions(self, X: Floats) -> Floats:
        """What each feature adds to the calibrated log-odds, shape (len(X), features + 1); rows sum to the log-odds.

        A map that bends stretches all parts of a lead alike, so that signs stay and the sum is exact.
        """
        return self.calibration.stretched(self.win.contributions(X))

    def moved(self, before: Floats, after: Floats) -> Floats:
        """What each feature's change adds to the calibrated log-odds on the way from rows `before` to rows `after`,
        shape (len(after), features); rows sum to the difference.
        """
        then, today = self.win.contributions(before), self.win.contributions(after)
        way = today - then
        way[:, -1] += then.sum(axis=1)
        return self.calibration.stretched(way)[:, :-1]
