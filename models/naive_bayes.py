"""Naive Bayes by frequency, as Odoo's predictive lead scoring restates it: how often each value was won and lost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from features.catalogue import Catalogue
from features.history import Floats, Ints

NEW_CELL = 0.1
"""Added to wins and to losses of a value when it is seen for the first time."""

TAG_SEEN = 50
"""A tag that fewer closed leads had says nothing."""

BINS = 10
NOT_SET = -1


@dataclass(frozen=True)
class Field:
    """Wins and losses of each value of a field, shape (values,), 0 for a value never seen; `totals`: what they are
    shares of.
    """

    won: Floats
    lost: Floats
    totals: tuple[float, float]

    @property
    def log_odds(self) -> Floats:
        """What each value adds to the log-odds; 0 for one that was never seen."""
        seen = (self.won > 0) & (self.lost > 0)
        won, lost = np.where(seen, self.won, 1.0), np.where(seen, self.lost, 1.0)
        of_won, of_lost = (total or 1.0 for total in self.totals)
        return np.where(seen, np.log(won / of_won) - np.log(lost / of_lost), 0.0)

    def of(self, codes: Ints) -> Floats:
        """What each of these values adds; nothing where it is NOT_SET or not among the values."""
        return _added(self.log_odds, codes)

    def __add__(self, other: "Field") -> "Field":
        """Both teams' counts together, what was added to new cells included."""
        mine, theirs = self.totals, other.totals
        return Field(self.won + other.won, self.lost + other.lost, (mine[0] + theirs[0], mine[1] + theirs[1]))


def _added(odds: Floats, codes: Ints) -> Floats:
    known = (codes >= 0) & (codes < len(odds))
    return np.asarray(np.append(odds, 0.0)[np.where(known, codes, len(odds))])


def tally(codes: Ints, won: Floats, weight: Floats, values: int) -> Field:
    """Count a field that has one value a lead: `codes` below `values`, NOT_SET where there is none."""
    known = codes >= 0
    wins, losses = (
        np.bincount(codes[known], mass[known], values).astype(np.float64) for mass in (weight * won, weight * (1 - won))
    )
    return _shares(wins, losses, np.bincount(codes[known], minlength=values) > 0)


def tally_tags(has: Floats, won: Floats, weight: Floats) -> Field:
    """Count a field of which a lead may have several values: shape (leads, values), 1 where it has one."""
    return _shares((weight * won) @ has, (weight * (1 - won)) @ has, np.asarray(has.any(axis=0)))


def often(tags: Field) -> Field:
    """The tags that enough leads had; the others count in the totals and say nothing."""
    enough = tags.won + tags.lost >= TAG_SEEN
    return Field(np.where(enough, tags.won, 0.0), np.where(enough, tags.lost, 0.0), tags.totals)


def tally_stages(stage: Ints, won: Floats, weight: Floats, stages: int) -> Field:
    """Count the stages: a won lead in each, a lost one in its own and those before; shares are of the first."""
    wins = np.full(stages, float(weight @ won))
    reached = (stage[:, None] >= np.arange(stages)).astype(np.float64)
    counted = _shares(wins, (weight * (1 - won)) @ reached, np.full(stages, bool(len(stage))))
    return Field(counted.won, counted.lost, (float(counted.won[0]), float(counted.lost[0])))


def _shares(won: Floats, lost: Floats, seen: NDArray[np.bool_]) -> Field:
    new = NEW_CELL * seen
    return Field(won + new, lost + new, (float((won + new).sum()), float((lost + new).sum())))


def start(wins: float, losses: float) -> float:
    """The log-odds before anything is known of a lead: wins and losses counted in the first stage."""
    return float(np.log(wins / losses))


def percent(log_odds: Floats) -> Floats:
    """The score as it is shown: a percentage, rounded to two decimals, never 0 nor 100.

    >>> percent(np.array([0.0, -50.0, 50.0])).tolist()
    [50.0, 0.01, 99.99]
    """
    return np.clip(np.round(100.0 / (1.0 + np.exp(-np.clip(log_odds, -50, 50))), 2), 0.01, 99.99)


@dataclass(frozen=True)
class Column:
    """How a column of the kernel's matrix is looked up: by its code, or by the bin between the `cuts` it falls in.

    `odds`: what each code or bin adds to the log-odds; none where the column says nothing.
    """

    odds: tuple[float, ...] = ()
    cuts: tuple[float, ...] = ()

    def __call__(self, x: Floats) -> Floats:
        """What each value adds, shape (len(x),); nothing where it is not set or was never seen."""
        return _added(np.array(self.odds), _looked_up(x, self.cuts))


@dataclass(frozen=True)
class NaiveBayes:
    """Log-odds as a sum over the columns of the kernel's matrix. Correlated columns are counted twice: it ranks better
    than its chances are true.
    """

    start: float
    columns: tuple[Column, ...]

    def raw(self, X: Floats) -> Floats:
        """Log-odds of rows X, shape (len(X),)."""
        out = np.full(len(X), self.start)
        for column, x in zip(self.columns, X.T, strict=True):
            out += column(x)
        return out

    def contributions(self, X: Floats) -> Floats:
        """What each column adds, shape (len(X), features + 1); the last is where all start."""
        parts = [column(x) for column, x in zip(self.columns, X.T, strict=True)]
        return np.stack([*parts, np.full(len(X), self.start)], axis=1)

    def as_json(self) -> dict[str, Any]:
        """All of it; floats survive JSON to the last bit."""
        return {"start": self.start, "columns": [{"odds": list(c.odds), "cuts": list(c.cuts)} for c in self.columns]}

    @classmethod
    def from_json(cls, saved: Mapping[str, Any]) -> Self:
        """The inverse of as_json."""
        return cls(saved["start"], tuple(Column(tuple(c["odds"]), tuple(c["cuts"])) for c in saved["columns"]))


def fit_naive_bayes(
    catalogue: Catalogue, X: Floats, won: Floats, weight: Floats, *, numbers: bool = True
) -> NaiveBayes:
    """Count rows X of the kernel's matrix, shape (n, features), all of one team and in the first stage.

    `numbers`: whether numbers count, cut into tenths, and words, as tags; without, only what a CRM has as a choice
    or as yes and no. NaN is not set, and left out.
    """
    tags = _tags(catalogue) if numbers else []
    columns = [
        Column() if i in tags else _column(kind, X[:, i], won, weight)
        for i, kind in enumerate(_kinds(catalogue, numbers=numbers))
    ]
    for group in _by_source(catalogue, tags):
        odds = often(tally_tags(np.nan_to_num(X[:, group]), won, weight)).log_odds
        for i, each in zip(group, odds.tolist(), strict=True):
            columns[i] = Column((0.0, each))
    wins, losses = float(weight @ won), float(weight @ (1 - won))
    return NaiveBayes(start(wins + NEW_CELL, losses + NEW_CELL), tuple(columns))


def _kinds(catalogue: Catalogue, *, numbers: bool) -> list[str]:
    """How each column is counted: by "code", by "bin", or not at all (""); readings and events are none of Odoo's."""
    given = {a.name: a.kind for a in catalogue.attributes if a.kind in ("category", "flag")}
    if numbers:
        return ["code" if f.kind in ("category", "flag") else "bin" for f in catalogue.features]
    return ["code" if f.name in given and f.kind == given[f.name] else "" for f in catalogue.features]


def _column(kind: str, x: Floats, won: Floats, weight: Floats) -> Column:
    known = ~np.isnan(x)
    if not kind or not known.any():
        return Column()
    cuts = () if kind == "code" else _cuts(x[known])
    codes = _looked_up(x, cuts)
    counted = tally(codes, won, weight, int(codes.max()) + 1)
    return Column(tuple(counted.log_odds.tolist()), cuts)


def _looked_up(x: Floats, cuts: Sequence[float]) -> Ints:
    """Codes as they are, numbers as the bin they fall in; NOT_SET for NaN."""
    known = ~np.isnan(x)
    found = np.searchsorted(np.array(cuts), x) if cuts else np.where(known, x, 0).astype(np.int64)
    return np.where(known, found, NOT_SET)


def _cuts(x: Floats) -> tuple[float, ...]:
    """Tenths of the values; a value that is frequent has a bin of its own."""
    cuts = np.unique(np.quantile(x, np.linspace(0, 1, BINS + 1)[1:-1]))
    return tuple(cuts[cuts < x.max()].tolist()) or (float(x.max()),)


def _tags(catalogue: Catalogue) -> list[int]:
    """The columns that say whether a text holds a word."""
    texts = {a.name for a in catalogue.attributes if a.kind == "text"}
    return [i for i, f in enumerate(catalogue.features) if f.kind == "flag" and f.source in texts]


def _by_source(catalogue: Catalogue, columns: Sequence[int]) -> list[list[int]]:
    groups: dict[str, list[int]] = {}
    for i in columns:
        groups.setdefault(catalogue.features[i].source, []).append(i)
    return list(groups.values())
