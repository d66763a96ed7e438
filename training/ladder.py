"""From the share of wins to a blend: a step up is taken only when it wins forward in time by more than its error."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Protocol

import numpy as np
from joblib import Parallel, delayed

from features.catalogue import Catalogue
from features.history import Floats, Ints
from models.linear import beyond
from models.outcome import Blend, Part, WinModel
from training import candidates
from training.calibrate import losses_of, rising, surely_less
from training.rows import Recipe, Rows
from training.split import folds

PRIOR, NAIVE, LINEAR, SMALL, TUNED, BLEND = "prior", "naive_bayes", "logistic", "small_lightgbm", "lightgbm", "blend"
RIDGE, JOINT, BOTH = "without reasons", "with reasons", "with and without reasons"
RUNGS = (PRIOR, NAIVE, LINEAR, SMALL, TUNED, BLEND)
"""From the one that needs least to the one that needs most."""


class Predicts(Protocol):
    """Whatever says log-odds."""

    def raw(self, X: Floats) -> Floats:
        """Log-odds of rows X, shape (len(X),)."""


Fit = Callable[[Rows], Predicts]

PENALTY_ROWS = 5_000
"""The newest so many rows say how strong the ridges are to be."""


@dataclass
class Climb:
    """Predictions forward in time of what was tried so far, and the choice among them.

    `raw`: candidate -> log-odds of each row, NaN where no fold predicts it.
    """

    catalogue: Catalogue
    rows: Rows
    seed: int
    pairs: list[tuple[Ints, Ints]]
    raw: dict[str, Floats] = field(default_factory=dict)

    @cached_property
    def seen(self) -> Ints:
        """The rows that a fold predicts."""
        return np.sort(np.concatenate([after for _, after in self.pairs]))

    @property
    def weight(self) -> Floats:
        """How much each of them counts."""
        return self.rows.weight[self.seen]

    def losses(self, name: str) -> Floats:
        """The log loss of each row seen, each fold at its own level and slope, less what two numbers gain by chance.

        How many are won changes with the market, and how sure a model may be too; the calibration sets both for today.
        What is to be told here is how well a model tells leads apart.
        """
        out = np.zeros(len(self.rows.won))
        for _, after in self.pairs:
            raw, won, weight = self.raw[name][after], self.rows.won[after], self.rows.weight[after]
            out[after] = losses_of(won, rising(raw, won, weight)(raw))
            if np.ptp(raw) > 0:  # Akaike (1974): a slope gains one half by chance, and its choice as much again
                out[after] += 1.0 / float(weight.sum())
        return out[self.seen]

    def mean(self, name: str) -> float:
        """The log loss over all of them."""
        return float(np.average(self.losses(name), weights=self.weight))

    def beats(self, name: str, other: str) -> bool:
        """Whether one is surely better than the other."""
        return surely_less(self.losses(name), self.losses(other), self.weight)

    def newest(self, most: int) -> "Climb":
        """The same over the newest rows, where there are more."""
        rows = self.rows.newest(most)
        pairs = self.pairs if rows is self.rows else forward_pairs(rows.won, rows.order)
        return Climb(self.catalogue, rows, self.seed, pairs) if pairs else self

    def best(self, fits: Mapping[float, Fit], usual: float) -> float:
        """The key of the fit that did best, unless the usual one is as good as can be told."""
        self.predict({str(key): fit for key, fit in fits.items()})
        found = min(fits, key=lambda key: (self.mean(str(key)), key))
        return found if self.beats(str(found), str(usual)) else usual

    def predict(self, fits: Mapping[str, Fit]) -> None:
        """Fit each on every fold's past, two at a time, and predict what came next."""
        jobs = [(name, before, after) for name in fits for before, after in self.pairs]
        found = Parallel(n_jobs=2, backend="threading")(
            delayed(_ahead)(fits[name], self.rows, before, after) for name, before, after in jobs
        )
        for name in fits:
            self.raw[name] = np.full(len(self.rows.won), np.nan)
        for (name, _, after), raw in zip(jobs, found, strict=True):
            self.raw[name][after] = raw


def _ahead(fit: Fit, rows: Rows, before: Ints, after: Ints) -> Floats:
    return fit(rows.take(before)).raw(rows.X[after])


def forward_pairs(won: Floats, order: Floats) -> list[tuple[Ints, Ints]]:
    """The forward folds from which something can be learned; none where the past is all won or all not won."""
    return [(before, after) for before, after in folds(order) if 0 < won[before].mean() < 1]


def climb(catalogue: Catalogue, rows: Rows, seed: int, trials: int) -> tuple[Recipe, Climb]:
    """Try the rungs in turn on these rows; `trials`: so many sets of LightGBM's parameters are tried."""
    up = Climb(catalogue, rows, seed, forward_pairs(rows.won, rows.order))
    if not up.pairs:
        return Recipe(PRIOR), up
    up.predict({PRIOR: candidates.fit_prior, NAIVE: lambda some: candidates.fit_naive(catalogue, some)})
    recipe = replace(_linear(up), rung=PRIOR)
    up.predict({SMALL: _trees_of(up, recipe)})
    recipe = _tuned(up, recipe, trials)
    trees, linear = up.raw[TUNED if recipe.trees else SMALL], up.raw[LINEAR]
    up.raw[BLEND] = (trees + 2 * linear) / 3 if recipe.joint and not recipe.alone else (trees + linear) / 2
    for rung in (NAIVE, LINEAR, SMALL, TUNED):
        if rung in up.raw and _is_a_step(up, rung, recipe.rung):
            recipe = replace(recipe, rung=rung)
    if recipe.rung in (LINEAR, SMALL, TUNED) and up.mean(BLEND) < up.mean(recipe.rung):
        recipe = replace(
            recipe, rung=BLEND
        )  # no step up but an insurance: of two that are as good, the mean is the safer
    return recipe, up


def _is_a_step(up: Climb, rung: str, from_: str) -> bool:
    """Whether it is surely better; than counted weights, which take everything twice, better on the mean is enough."""
    return up.mean(rung) < up.mean(from_) if from_ == NAIVE else up.beats(rung, from_)


def _linear(up: Climb) -> Recipe:
    """One that the reasons teach, its mean with a plain ridge, or that ridge: the first that is not surely worse.

    How strong the ridges are to be is seen on the newest rows alone, where there are many.
    """
    few = up.newest(PENALTY_ROWS)
    penalty = few.best({each: _ridge_of(up.catalogue, each) for each in candidates.PENALTIES}, candidates.PENALTY)
    up.predict({RIDGE: _ridge_of(up.catalogue, penalty)})
    if not candidates.teaches_jointly(up.rows):
        up.raw[LINEAR] = up.raw[RIDGE]
        return Recipe(LINEAR, penalty)
    joint = few.best({each: _joint_of(up.catalogue, each) for each in (penalty, 3 * penalty)}, penalty)
    up.predict({JOINT: _joint_of(up.catalogue, joint)})
    up.raw[BOTH] = (up.raw[RIDGE] + up.raw[JOINT]) / 2
    alone = not up.beats(RIDGE, JOINT)
    chosen = JOINT if alone else RIDGE if up.beats(RIDGE, BOTH) else BOTH
    up.raw[LINEAR] = up.raw[chosen]
    return Recipe(LINEAR, penalty, 0.0 if chosen == RIDGE else joint, alone)


def _joint_of(catalogue: Catalogue, penalty: float) -> Fit:
    return lambda some: candidates.fit_joint(catalogue, some, penalty)


def _ridge_of(catalogue: Catalogue, penalty: float) -> Fit:
    return lambda some: candidates.fit_ridge(catalogue, some, penalty)


def _trees_of(up: Climb, recipe: Recipe) -> Fit:
    return lambda some: Blend(*_trees(up.catalogue, some, recipe, up.seed))


def _tuned(up: Climb, recipe: Recipe, trials: int) -> Recipe:
    """Other parameters for the trees, where there is enough to tell them apart by and trees are not far behind."""
    from training.tune import search, worthwhile

    if not worthwhile(up.rows, trials) or up.beats(PRIOR, SMALL):
        return recipe
    params = search(up.catalogue, up.rows, up.pairs, up.seed, trials)
    tuned = replace(recipe, trees=params)
    up.predict({TUNED: _trees_of(up, tuned)})
    return tuned if up.beats(TUNED, SMALL) else recipe


def fit_win(catalogue: Catalogue, rows: Rows, recipe: Recipe, seed: int) -> WinModel:
    """The chosen rung on all rows."""
    if recipe.rung == PRIOR:
        return candidates.fit_prior(rows)
    if recipe.rung == NAIVE:
        return candidates.fit_naive(catalogue, rows)
    if recipe.rung == LINEAR:
        parts = linear(catalogue, rows, recipe)
        return parts[0] if len(parts) == 1 else Blend(parts)
    trees, weights = _trees(catalogue, rows, recipe, seed)
    if recipe.rung in (SMALL, TUNED):
        return Blend(trees, weights)
    parts = linear(catalogue, rows, recipe)
    share = 1.0 / (len(parts) + 1)
    return Blend((*trees, *parts), (share,) * (len(trees) + len(parts)))


def _trees(catalogue: Catalogue, rows: Rows, recipe: Recipe, seed: int) -> tuple[tuple[Part, ...], tuple[float, ...]]:
    """Trees, and what a ridge adds beyond what they saw."""
    ridge = candidates.fit_ridge(catalogue, rows, recipe.penalty)
    trees = candidates.fit_trees(catalogue, rows, seed, recipe.trees)
    return (trees, beyond(catalogue, rows.newest(candidates.MANY_ROWS).X, ridge)), (1.0, 1.0)


def linear(catalogue: Catalogue, rows: Rows, recipe: Recipe) -> tuple[Part, ...]:
    """The linear rung: a model that the reasons teach, a ridge, or both."""
    joint = recipe.joint > 0 and candidates.teaches_jointly(rows)
    with_reasons = (candidates.fit_joint(catalogue, rows, recipe.joint),) if joint else ()
    if joint and recipe.alone:
        return with_reasons
    return (candidates.fit_ridge(catalogue, rows, recipe.penalty), *with_reasons)
