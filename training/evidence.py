"""What single columns give away, in figures: each taken by itself on older leads and measured on newer ones."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from features.catalogue import Catalogue
from features.history import Floats, Ints
from features.profile import Attribute
from training.bounds import Bools, Bounded, bounded_auc, bounded_share
from training.evaluate import roc_auc

OLDER = 0.6  # share of the leads on which a column is learned; the newer ones say what it is worth
BINS = 20
PRIOR_LEADS = 10.0  # so many leads at the base rate are added to each level
SAYS_NOTHING = frozenset({"none", "unknown", "n/a", "na", "null", "nan", "-", "aucun", "aucune", "inconnu", "inconnue"})
"""Levels that stand for a blank."""

SURE, VERY_SURE = 2.6, 3.5
"""Standard errors: 99.5 % on one side; where wins or the other leads are few, 99.98 %."""


@dataclass(frozen=True)
class Leads:
    """One row a lead, oldest first. `X`: of the catalogue's matrix, shape (n, features). `few`: wins or
    the others are so few that figures must be surer.
    """

    catalogue: Catalogue
    X: Floats
    won: Floats
    order: Floats
    few: bool = False

    @cached_property
    def columns(self) -> dict[str, Ints]:
        """The columns of each attribute, its readings among them."""
        found: dict[str, list[int]] = {}
        at = 0
        for attribute in self.catalogue.attributes:
            width = len(attribute.features)
            found.setdefault(attribute.name, []).extend(range(at, at + width))
            at += width
        return {name: np.array(columns, dtype=np.int64) for name, columns in found.items()}

    @cached_property
    def kinds(self) -> dict[str, Attribute]:
        """Each attribute by its name, not its readings."""
        return {a.name: a for a in reversed(self.catalogue.attributes)}

    @property
    def z(self) -> float:
        """How many standard errors make a figure sure."""
        return VERY_SURE if self.few else SURE

    @property
    def older(self) -> slice:
        """Rows that teach."""
        return slice(0, round(OLDER * len(self.won)))

    @property
    def newer(self) -> slice:
        """Rows that judge."""
        return slice(round(OLDER * len(self.won)), len(self.won))

    @property
    def base(self) -> float:
        """Share of wins."""
        return float(self.won.mean())

    @cached_property
    def categories(self) -> frozenset[int]:
        """Columns that hold codes."""
        return frozenset(self.catalogue.categories)

    def given(self, name: str, X: Floats) -> Bools:
        """In which rows of a matrix the attribute is filled in; "none" and the like are blanks."""
        x, attribute = X[:, self.columns[name][0]], self.kinds[name]
        if attribute.kind == "flag" and is_of_having(name):
            return np.asarray(x == 1)
        named = attribute.levels if attribute.kind == "category" else ()
        blanks = [code for code, level in enumerate(named) if level in SAYS_NOTHING]
        return ~np.isnan(x) & ~np.isin(x, blanks)

    def auc(self, score: Floats) -> Bounded:
        """How well a score of the newer rows ranks them."""
        return bounded_auc(self.won[self.newer], score, self.z)

    def alone(self, name: str) -> Bounded:
        """How well the attribute alone, learned on the older leads, ranks the newer: by levels and bins, or by size."""
        columns = self.columns[name]
        told = [self._told(code_of(self.X[:, i], category=i in self.categories)) for i in columns]
        ranked = [self.auc(np.sum(told, axis=0)), *(self._by_size(i) for i in columns if i not in self.categories)]
        return max(ranked, key=lambda each: each.value)

    def _by_size(self, column: int) -> Bounded:
        """The more, or the less the better, whichever held for the older leads; a blank is as good as the middle."""
        x = self.X[:, column]
        if np.isnan(x[self.older]).all():
            return self.auc(np.zeros(len(x[self.newer])))
        x = np.where(np.isnan(x), np.nanmedian(x[self.older]), x)
        more = roc_auc(self.won[self.older], x[self.older]) >= 0.5
        return self.auc(x[self.newer] if more else -x[self.newer])

    def filled(self, name: str) -> Bounded:
        """How well its being filled in at all does."""
        return self.ranked(self.given(name, self.X).astype(np.int64))

    def ranked(self, codes: Ints) -> Bounded:
        """How well any column of codes does."""
        return self.auc(self._told(codes))

    def of_two(self, name: str) -> bool:
        """Whether the attribute has two values or fewer."""
        x = self.X[:, self.columns[name][0]]
        return len(self.columns[name]) == 1 and len(np.unique(x[~np.isnan(x)])) <= 2

    def _told(self, codes: Ints) -> Floats:
        """Log-odds against the base of each newer row's code, from the older rows."""
        teach, size = codes[self.older], int(codes.max(initial=0)) + 1
        won = self.won[self.older]
        base = np.clip(won.mean(), 1e-6, 1 - 1e-6)
        n = np.bincount(teach, minlength=size)
        wins = np.bincount(teach, weights=won, minlength=size)
        share = (wins + PRIOR_LEADS * base) / (n + PRIOR_LEADS)
        told = np.log(share / (1 - share)) - math.log(base / (1 - base))
        return np.asarray(told[codes[self.newer]], dtype=np.float64)

    def share(self, rows: Bools) -> Bounded:
        """The share of wins among some rows."""
        return bounded_share(float(self.won[rows].sum()), int(rows.sum()), self.z)

    def levels(self, name: str) -> list[tuple[str, Bools]]:
        """The levels of a category or a flag, each with its rows."""
        attribute = self.kinds[name]
        if attribute.kind not in ("category", "flag"):
            return []
        names = attribute.levels if attribute.kind == "category" else ("no", "yes")
        x = self.X[:, self.columns[name][0]]
        return [(level, np.asarray(x == code)) for code, level in enumerate(names)]


def is_of_having(name: str) -> bool:
    """Whether a flag says that something else is filled in.

    >>> is_of_having("has_email"), is_of_having("email given"), is_of_having("housing")
    (True, True, False)
    """
    words = name.replace("_", " ").casefold().split()
    return words[:1] in (["has"], ["have"], ["a"]) or words[-1:] in (["given"], ["filled"], ["known"], ["provided"])


def code_of(x: Floats, *, category: bool) -> Ints:
    """A column as small whole numbers: a category's codes, else bins of equal size; blanks are one more."""
    known = ~np.isnan(x)
    if not known.any():
        return np.zeros(len(x), dtype=np.int64)
    values = np.unique(x[known])
    edges = values if category or len(values) <= BINS else np.unique(np.quantile(x[known], np.linspace(0, 1, BINS)))
    codes = np.searchsorted(edges, np.where(known, x, 0.0), side="right")
    return np.where(known, codes, len(edges) + 1).astype(np.int64)


def together(leads: Leads, columns: Sequence[int], seed: int) -> Floats:
    """What a quick LightGBM, learned on the older leads from these columns, says of the newer."""
    import lightgbm

    if not len(columns):
        return np.zeros(len(leads.won[leads.newer]))
    X = leads.X[:, list(columns)]
    codes = [i for i, column in enumerate(columns) if column in leads.categories]
    data = lightgbm.Dataset(X[leads.older], leads.won[leads.older], categorical_feature=codes, params={"verbosity": -1})
    booster = lightgbm.train({**QUICK, "seed": seed}, data, num_boost_round=ROUNDS)
    return np.asarray(booster.predict(X[leads.newer], raw_score=True, num_threads=1), dtype=np.float64)


ROUNDS = 60
QUICK = {
    "objective": "binary",
    "num_leaves": 8,
    "learning_rate": 0.1,
    "min_data_in_leaf": 40,
    "lambda_l2": 5.0,
    "cat_l2": 10.0,
    "cat_smooth": 20.0,
    "min_data_per_group": 40,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "verbosity": -1,
}
