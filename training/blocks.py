"""Which optional blocks of features earn their place: each only if, forward in time, it surely does."""

from dataclasses import dataclass

from features.catalogue import Catalogue
from features.history import Floats, Ints
from models.outcome import Blend
from training.candidates import PENALTY, fit_ridge, fit_trees
from training.ladder import Climb, Fit, forward_pairs
from training.rows import Rows

ENOUGH_WINS = 100
"""Fewer wins can't tell what a block adds from luck."""


def unearned(catalogue: Catalogue, rows: Rows, seed: int) -> frozenset[str]:
    """The optional blocks of the catalogue that do not make a quick model surely better on newer leads."""
    offered = catalogue.optional
    if not offered or min(rows.wins, float(rows.weight.sum()) - rows.wins) < ENOUGH_WINS:
        return offered
    up = Climb(catalogue, rows, seed, forward_pairs(rows.won, rows.order))
    if not up.pairs:
        return offered
    up.predict({"": _quick(catalogue, offered, seed)})
    up.predict({block: _quick(catalogue, offered - {block}, seed) for block in sorted(offered)})
    return frozenset(block for block in offered if not up.beats(block, ""))


def _quick(catalogue: Catalogue, blocks: frozenset[str], seed: int) -> Fit:
    """Small trees and a ridge, on what is left without some blocks."""
    fewer, kept = catalogue.without(blocks), catalogue.kept_columns(blocks)

    def fit(rows: Rows) -> Narrow:
        some = Rows(rows.X[:, kept], rows.won, rows.weight, rows.reason, rows.order)
        return Narrow(Blend((fit_trees(fewer, some, seed), fit_ridge(fewer, some, PENALTY))), kept)

    return fit


@dataclass(frozen=True)
class Narrow:
    """A model of some of the columns, asked with all of them."""

    model: Blend
    kept: Ints

    def raw(self, X: Floats) -> Floats:
        """Log-odds."""
        return self.model.raw(X[:, self.kept])
