"""A LightGBM booster in the log-odds, kept as its own text and walked without the library that grew it."""

from dataclasses import dataclass
from functools import cached_property

from features.history import Floats
from models import forest


@dataclass(frozen=True)
class TreeModel:
    """`text` is LightGBM's native model text: readable, and never executed."""

    text: str

    @cached_property
    def forest(self) -> forest.Forest:
        """The trees as arrays.

        Raises: ValueError when they are of a kind that is not walked here.
        """
        return forest.parse(self.text)

    def raw(self, X: Floats) -> Floats:
        """Log-odds of rows X, shape (len(X),), to the bit as LightGBM gives them."""
        return self.forest.raw(X)

    def contributions(self, X: Floats) -> Floats:
        """Exact TreeSHAP, shape (len(X), features + 1); the last column is where all start."""
        return self.forest.contributions(X)
