"""LightGBM's text as arrays, walked by compiled loops: the score as LightGBM gives it, and exact contributions."""

from dataclasses import dataclass

import numpy as np

from features.history import Floats, Ints
from models import levels, ways
from models.forest_kernel import add_up, sweep_few, sweep_many
from models.forest_text import read
from models.lanes import FEW
from models.questions import questions_of


@dataclass(frozen=True)
class Forest:
    """Trees that add up to log-odds, as compiled loops take them.

    `ways`: down to the leaves; `levels`: for contributions, by so many lanes at once (`width`).
    """

    ways: Ints
    levels: Ints
    width: int

    def raw(self, X: Floats) -> Floats:
        """Log-odds of rows X, shape (len(X),): to the bit what LightGBM adds up."""
        out = np.empty(len(X))
        add_up(self.ways, np.ascontiguousarray(X), out)
        return out

    def contributions(self, X: Floats) -> Floats:
        """Exact path-dependent Shapley values (Lundberg et al. 2018), shape (len(X), features + 1); last, the mean.

        With o = 1 where a row follows the splits about a feature down to a leaf, else 0, and z the share of rows that
        does, the value of feature j is the sum over leaves of value x (o_j - z_j) x the integral over t in [0, 1] of
        the product, over the other features of the path, of (t o + (1 - t) z): a polynomial, for which Gauss-Legendre
        nodes are exact.
        """
        out = np.zeros((len(X), X.shape[1] + 1))
        sweep = sweep_few if self.width == FEW else sweep_many
        sweep(self.levels, np.ascontiguousarray(X), out)
        return out


def parse(text: str) -> Forest:
    """The trees of LightGBM's own text.

    Raises: ValueError when its trees are of a kind that is not walked here.
    """
    trees = [read(block) for block in text.split("\nTree=")[1:]]
    place, questions = questions_of(trees)
    width, packed = levels.lay_out(trees, place, questions)
    return Forest(ways.lay_out(trees, place, questions), packed, width)
