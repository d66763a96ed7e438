"""What a model is measured against: orders that need none, the points a customer has, and models anyone could fit."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from features.catalogue import Catalogue
from features.history import ALWAYS, NEVER, Floats, History
from leadloop.clock import isoformat
from leadloop.settings import Settings
from models.baseline import Constant
from models.calibration import chance
from models.linear import LinearModel
from models.naive_bayes import NaiveBayes, fit_naive_bayes, percent
from training.candidates import fit_logistic
from training.dataset import Dataset
from training.rows import Rows
from training.scorecard import Predictions
from training.split import Split
from training.words import Both, both

PEER_ROWS = 200_000
"""More rows than these make no peer better; so many are drawn by chance."""

ODOO = ("odoo_pls", "odoo_pls_plus")

Peer = LinearModel | NaiveBayes
HELD_BY = 20  # leads' worth of the mean that each bin's share is held by


@dataclass(frozen=True)
class Heard:
    """Of the leads that taught and those of the test: what an order goes by. `points`: none where there are none."""

    last_train: Floats
    last_test: Floats
    points_train: Floats | None = None
    points_test: Floats | None = None


@dataclass(frozen=True)
class Against:
    """The baselines by name, and what is to be said of them."""

    baselines: Mapping[str, Predictions]
    notes: list[Both] = field(default_factory=list)


def peers(catalogue: Catalogue, taught: Rows, seed: int) -> tuple[dict[str, Peer], list[Both]]:
    """Models that anyone could fit, on the rows that taught ours; Odoo's on what Odoo knows, and on all of it."""
    some = taught
    if len(taught.won) > PEER_ROWS:
        some = taught.take(np.sort(np.random.default_rng(seed).choice(len(taught.won), PEER_ROWS, replace=False)))
    notes = [both("peers sampled", some=PEER_ROWS, rows=len(taught.won))] if some is not taught else []
    counted = (catalogue, some.X, some.won, some.weight)
    return {
        "odoo_pls": fit_naive_bayes(*counted, numbers=False),
        "odoo_pls_plus": fit_naive_bayes(*counted),
        "logistic": fit_logistic(catalogue, some, seed),
    }, notes


def against(train: Dataset, test: Dataset, heard: Heard, raw: Mapping[str, Floats]) -> Against:
    """Every baseline's predictions of the test leads; `raw`: log-odds of the peers."""
    base = Constant(float(train.won.mean())).p(len(test))
    everybody = Predictions(base, np.zeros(len(test)))
    waited = _wait(train, heard.last_train), _wait(test, heard.last_test)
    orders = {"recency": Predictions(by_bins(waited[0], train.won, waited[1]), heard.last_test)}
    if heard.points_train is not None and heard.points_test is not None:
        orders["points"] = Predictions(
            by_bins(heard.points_train, train.won, heard.points_test, 10), _unknown_last(heard.points_test)
        )
    arrived = _by_arrival(train, test)
    chances = {name: _as_odoo_shows(each) if name in ODOO else chance(each) for name, each in raw.items()}
    learned = {name: Predictions(p, p) for name, p in chances.items()}
    notes = [] if arrived else [both("no order")]
    return Against({"random": everybody, "constant": everybody, **arrived, **orders, **learned}, notes)


def _as_odoo_shows(raw: Floats) -> Floats:
    return percent(raw) / 100.0


def _by_arrival(train: Dataset, test: Dataset) -> dict[str, Predictions]:
    """Oldest and newest first, with the chance that the past gave to leads as old as that when they were scored."""
    if np.isnan(test.order).any() or np.isnan(train.order).any():
        return {}
    p = by_bins(_wait(train, train.order), train.won, _wait(test, test.order))
    return {"oldest_first": Predictions(p, -test.order), "newest_first": Predictions(p, test.order)}


def by_bins(seen: Floats, won: Floats, values: Floats, bins: int = 5) -> Floats:
    """The share of wins that the past had where what it went by was as now; not given is a bin of its own.

    Each share is held to the mean by HELD_BY leads; beyond what the past saw the last bin goes on.
    """
    known = seen[~np.isnan(seen)]
    edges = np.unique(np.quantile(known, np.linspace(0, 1, bins + 1)[1:-1])) if len(known) else np.empty(0)
    edges = edges[edges < known.max(initial=-np.inf)]
    then, now = (np.where(np.isnan(x), len(edges) + 1, np.searchsorted(edges, x)) for x in (seen, values))
    leads, wins = (np.bincount(then, w, len(edges) + 2) for w in (np.ones_like(won), won))
    return np.asarray(((wins + HELD_BY * won.mean()) / (leads + HELD_BY))[now])


def _unknown_last(points: Floats) -> Floats:
    known = points[~np.isnan(points)]
    return np.where(np.isnan(points), known.min() - 1 if len(known) else 0.0, points)


def _wait(data: Dataset, last: Floats) -> Floats:
    return np.where(data.as_of == NEVER, 0.0, data.as_of - last)


def capacity(settings: Settings, history: History, test: Dataset) -> int:
    """How many test leads the team could take on: its capacity over the days in which they came; undated, a fifth."""
    if (test.as_of == NEVER).any():
        return max(1, len(test) // 5)
    created = history.created_at[test.lead]
    days = max(1.0, (created.max() - created.min()) / (24 * 3600 * 1e6))
    return int(np.clip(settings.capacity * days, 1, max(1, len(test) // 2)))


def window(history: History, split: Split) -> tuple[str | None, str | None]:
    """From when to when the test leads came in, None where nobody knows."""
    created = history.created_at[split.test]
    if (created == ALWAYS).any():
        return None, None
    return isoformat(int(created.min())), isoformat(int(created.max()))
