"""Fits candidates and chooses between them by log loss forward in time; returns the predictor and how it was found."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray

from features.catalogue import Catalogue
from features.history import Floats, Ints
from leadloop.errors import NothingToLearnError
from models.calibration import chance
from models.linear import Design, LinearModel
from models.outcome import NO_REASON, Blend, OutcomeModel, ReasonModel
from models.tree import TreeModel
from training.calibrate import calibrate
from training.evaluate import log_loss
from training.reasons import OTHER
from training.split import folds

TREES: Mapping[str, Any] = {
    "objective": "binary",
    "num_leaves": 8,
    "learning_rate": 0.05,
    "min_data_in_leaf": 40,
    "lambda_l2": 5.0,
    "cat_l2": 10.0,
    "cat_smooth": 20.0,
    "min_data_per_group": 40,
    "max_cat_to_onehot": 8,
    "feature_fraction": 0.8,
    "deterministic": True,
    "force_row_wise": True,
    "verbosity": -1,
}
ROUNDS = 150
MANY_ROWS = 50_000  # from here on LightGBM's threads gain more than they cost; below, folds run side by side
RARE_REASON = 20  # a reason seen less often is told with the others


@dataclass(frozen=True)
class Rows:
    """What a fit sees. `X`: rows of the kernel's matrix, shape (n, features); the others (n,), `reason` "" = none."""

    X: Floats
    won: Floats
    weight: Floats
    reason: NDArray[np.object_]
    order: Floats

    def take(self, rows: Ints | NDArray[np.bool_]) -> "Rows":
        """Some of them."""
        return Rows(self.X[rows], self.won[rows], self.weight[rows], self.reason[rows], self.order[rows])


@dataclass(frozen=True)
class Fitted:
    """A fitted outcome model, its predictions forward in time, and the report of the choice.

    `forward`: calibrated chances of the rows that a fold predicted, else NaN. `losses`: candidate -> log loss.
    """

    model: OutcomeModel
    chosen: str
    losses: dict[str, float]
    forward: Floats


def fit_outcome(catalogue: Catalogue, rows: Rows, seed: int = 0) -> Fitted:
    """Fit the chance of a win, chosen and calibrated forward in time, and the chances of the reasons."""
    raw = _forward(catalogue, rows, seed)
    seen = ~np.isnan(next(iter(raw.values())))
    won, weight = rows.won[seen], rows.weight[seen]
    losses = {name: log_loss(won, chance(each[seen]), weight) for name, each in raw.items()}
    chosen = min(losses, key=lambda name: (losses[name], name))
    calibration = calibrate(raw[chosen][seen], won, weight)
    parts = {name: SIMPLE[name](catalogue, rows, seed) for name in BLENDS.get(chosen, (chosen,))}
    win = Blend(tuple(parts.values())) if chosen in BLENDS else parts[chosen]
    return Fitted(
        OutcomeModel(win, calibration, fit_reasons(catalogue, rows)), chosen, losses, chance(calibration(raw[chosen]))
    )


def _forward(catalogue: Catalogue, rows: Rows, seed: int) -> dict[str, Floats]:
    """Raw log-odds of each candidate for the rows of each forward fold, from a fit on what came before."""
    pairs = forward_pairs(rows.won, rows.order)
    jobs = [(name, train, test) for name in SIMPLE for train, test in pairs]
    fits = Parallel(n_jobs=2, prefer="threads")(
        delayed(SIMPLE[name])(catalogue, rows.take(train), seed) for name, train, _ in jobs
    )
    raw = {name: np.full(len(rows.won), np.nan) for name in SIMPLE}
    for (name, _, test), model in zip(jobs, fits, strict=True):
        raw[name][test] = model.raw(rows.X[test])
    return raw | {name: np.mean([raw[part] for part in parts], axis=0) for name, parts in BLENDS.items()}


def forward_pairs(won: Floats, order: Floats) -> list[tuple[Ints, Ints]]:
    """The forward folds from which something can be learned.

    Raises: NothingToLearnError when there is none.
    """
    pairs = [(train, test) for train, test in folds(order) if 0 < won[train].mean() < 1]
    if not pairs:
        raise NothingToLearnError("The oldest leads are all won or all not won; import more outcomes and train again")
    return pairs


def fit_trees(catalogue: Catalogue, rows: Rows, seed: int) -> TreeModel:
    """The small regularised LightGBM that wins or ties on most lead sets; the same bytes on every run."""
    import lightgbm

    data = lightgbm.Dataset(
        rows.X, rows.won, weight=rows.weight, categorical_feature=catalogue.categories, params={"verbosity": -1}
    )
    params = {**TREES, "seed": seed, "num_threads": 1 if len(rows.won) < MANY_ROWS else 0}
    return TreeModel(lightgbm.train(params, data, num_boost_round=ROUNDS).model_to_string())


def fit_logistic(catalogue: Catalogue, rows: Rows, seed: int) -> LinearModel:
    """Logistic regression on the design with a ridge penalty."""
    return _logistic(catalogue, rows, rows.won, inverse_penalty=1.0)


def fit_ridge(catalogue: Catalogue, rows: Rows, seed: int) -> LinearModel:
    """The same, held tight, for when there is little to go by."""
    return _logistic(catalogue, rows, rows.won, inverse_penalty=0.03)


def _logistic(catalogue: Catalogue, rows: Rows, y: NDArray[Any], *, inverse_penalty: float) -> LinearModel:
    from sklearn.linear_model import LogisticRegression

    design = Design.learn(catalogue, rows.X)
    Z = design.transform(rows.X)
    # Newton's steps are few and exact for two classes; for many its matrix grows with their square.
    solver = "newton-cholesky" if len(np.unique(y)) == 2 else "lbfgs"
    learner = LogisticRegression(C=inverse_penalty, solver=solver, max_iter=500, tol=1e-3)
    fitted = learner.fit(Z, y, sample_weight=rows.weight)
    return LinearModel(design, fitted.coef_, fitted.intercept_, np.average(Z, axis=0, weights=rows.weight))


SIMPLE: dict[str, Callable[[Catalogue, Rows, int], LinearModel | TreeModel]] = {
    "lightgbm": fit_trees,
    "logistic": fit_logistic,
    "ridge": fit_ridge,
}
BLENDS = {"blend": ("lightgbm", "logistic")}


def fit_reasons(catalogue: Catalogue, rows: Rows) -> ReasonModel:
    """The chance of each reason among leads that were not won, rare ones told with "other"."""
    lost = rows.take(rows.won == 0)
    told = lost.reason.copy()
    mass = {name: float(lost.weight[told == name].sum()) for name in sorted(set(told.tolist()))}
    told[np.isin(told, [name for name in mass if name != NO_REASON and mass[name] < RARE_REASON])] = OTHER
    names = sorted(set(told.tolist()))
    shares = tuple(float(np.average(told == name, weights=lost.weight)) for name in names)
    if len(names) == 1:
        return ReasonModel(tuple(names), shares)
    model = _logistic(catalogue, lost, told.astype(str), inverse_penalty=0.1)
    return ReasonModel(tuple(names), shares, _both_classes(model))


def _both_classes(model: LinearModel) -> LinearModel:
    """scikit-learn keeps one row for two classes; ours has one a class."""
    if len(model.coefficients) > 1:
        return model
    zero = np.zeros_like(model.coefficients)
    return LinearModel(
        model.design, np.vstack([zero, model.coefficients]), np.concatenate([[0.0], model.intercepts]), model.center
    )
