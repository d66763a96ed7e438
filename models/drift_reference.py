"""What leads looked like when a model was trained: counts by feature, small enough to be kept in its bundle."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from features.catalogue import Catalogue
from features.history import ALWAYS, NEVER, Floats, History, Ints
from leadloop.clock import DAY
from models.drift_chance import Counts

RECENT_DAYS = 90.0
"""Leads that came in by then before an instant are what is compared: old ones say nothing of today."""
BINS = 10
LEADS_AT_MOST = 20_000


@dataclass(frozen=True)
class Shape:
    """How a column's values were spread: `counts` by bin, of which the last are the leads without a value.

    Bins of numbers lie between `edges` (each belongs to the bin below it), those of a category are its codes, "other"
    being the last. `away`: of each code, how many leads in a row came in without it at most, bursts being usual: a
    trade show brings its leads in a week.
    """

    edges: tuple[float, ...]
    counts: tuple[int, ...]
    away: tuple[int, ...] = ()

    @classmethod
    def learn(cls, x: Floats, levels: int | None) -> Self:
        """From a column in the order of arrival; `levels`: how many codes a category has but "other", None: numbers."""
        edges = np.arange(levels) + 0.5 if levels is not None else _edges(x[~np.isnan(x)])
        empty = cls(tuple(edges.tolist()), ())
        away = tuple(_away(x == code) for code in range(levels or 0))
        return cls(empty.edges, tuple(empty.count(x).tolist()), away)

    def count(self, x: Floats) -> Counts:
        """Values of leads of another time in the same bins, shape (len(edges) + 2,)."""
        code = np.where(np.isnan(x), len(self.edges) + 1, np.searchsorted(self.edges, x, side="left"))
        return np.bincount(code, minlength=len(self.edges) + 2)

    @property
    def missing(self) -> float:
        """The share of leads without a value."""
        return self.counts[-1] / max(1, sum(self.counts))

    def as_json(self) -> dict[str, Any]:
        """All of it."""
        return {name: list(getattr(self, name)) for name in ("edges", "counts", "away")}

    @classmethod
    def from_json(cls, saved: Mapping[str, Any]) -> Self:
        """The inverse of as_json."""
        return cls(tuple(saved["edges"]), tuple(saved["counts"]), tuple(saved["away"]))


def _away(here: NDArray[np.bool_]) -> int:
    """The longest row of leads without, those before the first and after the last included."""
    at = np.flatnonzero(here)
    return int(np.diff(np.concatenate([[-1], at, [len(here)]])).max() - 1)


def _edges(known: Floats) -> Floats:
    """Deciles, each once; numbers that are often the same have fewer bins."""
    if not len(known):
        return known
    cuts = np.unique(np.quantile(known, np.arange(1, BINS) / BINS, method="inverted_cdf"))
    return np.asarray(cuts[cuts < known.max()])


@dataclass(frozen=True)
class Reference:
    """Leads that came in within `days` (None: nothing is dated, all of them), a lead counting once, as they were at
    training: a shape a column of the catalogue, and that of the chances that the model gave them.
    """

    days: float | None
    leads: int
    columns: tuple[Shape, ...]
    p_win: Shape
    p_mean: float

    @classmethod
    def learn(cls, catalogue: Catalogue, X: Floats, p_win: Floats, days: float | None) -> Self:
        """From rows X of the kernel's matrix, a row a lead, and their chances."""
        columns = tuple(
            Shape.learn(x, len(catalogue.levels(f.source)) if f.kind == "category" else None)
            for f, x in zip(catalogue.features, X.T, strict=True)
        )
        mean = float(p_win.mean()) if len(p_win) else 0.0
        return cls(days, len(X), columns, Shape.learn(p_win, None), mean)

    def as_json(self) -> dict[str, Any]:
        """All of it."""
        columns = [shape.as_json() for shape in self.columns]
        of_chances = {"p_mean": self.p_mean, "p_win": self.p_win.as_json()}
        return {"days": self.days, "leads": self.leads, **of_chances, "columns": columns}

    @classmethod
    def from_json(cls, saved: Mapping[str, Any]) -> Self:
        """The inverse of as_json."""
        columns = tuple(Shape.from_json(shape) for shape in saved["columns"])
        return cls(saved["days"], saved["leads"], columns, Shape.from_json(saved["p_win"]), saved["p_mean"])


def looked_back(history: History, as_of: int, most: float = RECENT_DAYS) -> float | None:
    """How far back leads are looked at: `most` days, fewer in a young ledger; None in an undated one."""
    created = history.created_at[(history.created_at != ALWAYS) & (history.created_at <= as_of)]
    if as_of == NEVER or not len(created):
        return None
    return float(min(most, max(1.0, (as_of - created.min()) / DAY)))


def recent(history: History, as_of: int, days: float | None) -> Ints:
    """Numbers of the leads that came in within so many days and were on record, oldest first, the newest of many."""
    if days is None:
        return np.argsort(history.position, kind="stable")[-LEADS_AT_MOST:]
    seen = np.maximum(history.created_at, history.version_at[history.start[:-1]])
    there = (seen <= as_of) & (history.created_at != ALWAYS) & (history.created_at > as_of - int(days * DAY))
    leads = np.flatnonzero(there)
    return leads[np.argsort(history.created_at[leads], kind="stable")][-LEADS_AT_MOST:]
