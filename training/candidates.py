"""Every model that may be a rung of the ladder, and how each is fitted."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.catalogue import Catalogue
from features.history import Floats
from models.joint import JointModel
from models.linear import Design, LinearModel
from models.naive_bayes import Column, NaiveBayes, fit_naive_bayes
from models.outcome import NO_REASON, ReasonModel
from models.reasons import FAMILIES, OTHER
from models.tree import TreeModel
from training.rows import Rows

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
MANY_ROWS = 50_000
"""From here on LightGBM's threads gain more than they cost."""
LINEAR_ROWS = 20_000
"""The newest so many are enough for some hundred coefficients: more rows cost more and teach little."""
REASON_ROWS = 10_000  # leads that were not won, the newest, from which the reasons are told apart
RARE_REASON = 20  # a reason seen less often is told with the others
PENALTIES = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0)
"""Inverse strengths of the ridge that are tried."""
PENALTY = 0.1
"""The usual one: of ridges that nobody looks for a strength for, and where no other is surely better."""


def fit_prior(rows: Rows) -> NaiveBayes:
    """Every lead has the share of wins of the past."""
    wins, losses = rows.wins, float(rows.weight @ (1 - rows.won))
    return NaiveBayes(float(np.log((wins + 0.1) / (losses + 0.1))), (Column(),) * rows.X.shape[1])


def fit_naive(catalogue: Catalogue, rows: Rows) -> NaiveBayes:
    """Naive Bayes by frequency."""
    return fit_naive_bayes(catalogue, rows.X, rows.won, rows.weight)


def fit_trees(catalogue: Catalogue, rows: Rows, seed: int, other: Mapping[str, Any] | None = None) -> TreeModel:
    """The small regularised LightGBM that wins or ties on most lead sets; the same bytes on every run.

    `other`: parameters of LightGBM that differ from the small ones, `rounds` among them.
    """
    import lightgbm

    own = dict(other or {})
    rounds = int(own.pop("rounds", ROUNDS))
    data = lightgbm.Dataset(
        rows.X, rows.won, weight=rows.weight, categorical_feature=catalogue.categories, params={"verbosity": -1}
    )
    params = {**TREES, **own, "seed": seed, "num_threads": 1 if len(rows.won) < MANY_ROWS else 0}
    return TreeModel(lightgbm.train(params, data, num_boost_round=rounds).model_to_string())


def fit_ridge(catalogue: Catalogue, rows: Rows, penalty: float) -> LinearModel:
    """Logistic regression on the design, with a ridge of this inverse strength, of the newest LINEAR_ROWS; the share
    where all ended alike.
    """
    return _ridge(catalogue, rows, penalty, _trust(catalogue))


def _ridge(catalogue: Catalogue, rows: Rows, penalty: float, trust: Floats) -> LinearModel:
    few = rows.newest(LINEAR_ROWS)
    if len(np.unique(few.won)) == 1:
        return _level(catalogue, few)
    return _logistic(catalogue, few, few.won, penalty, trust)


def fit_logistic(catalogue: Catalogue, rows: Rows, seed: int = 0) -> LinearModel:
    """The same with scikit-learn's own strength, all columns alike: what a good afternoon's work comes to."""
    return _ridge(catalogue, rows, 1.0, np.ones(len(catalogue.features)))


def fit_joint(catalogue: Catalogue, rows: Rows, penalty: float) -> JointModel:
    """A win against each family of reasons at once: what "a student" says is not what "no budget" says."""
    rows = rows.newest(LINEAR_ROWS)
    names = np.array([family_of(reason) for reason in rows.reason.tolist()], dtype=object)
    lost = rows.won == 0
    few = {name for name in set(names[lost].tolist()) if rows.weight[lost & (names == name)].sum() < RARE_REASON}
    names[np.isin(names, list(few))] = OTHER
    classes = tuple(sorted(set(names[lost].tolist())))
    place = {name: number for number, name in enumerate(classes, start=1)}
    y = np.array([0 if won else place[name] for won, name in zip(rows.won, names.tolist(), strict=True)])
    return JointModel(_every_class(_logistic(catalogue, rows, y, penalty, _trust(catalogue))), classes)


def teaches_jointly(rows: Rows) -> bool:
    """Whether enough leads of more than one family of reasons are there."""
    rows = rows.newest(LINEAR_ROWS)
    lost = rows.won == 0
    families = np.array([family_of(reason) for reason in rows.reason[lost].tolist()], dtype=object)
    mass = [rows.weight[lost][families == name].sum() for name in set(families.tolist())]
    return sum(bool(each >= RARE_REASON) for each in mass) > 1


def family_of(reason: str) -> str:
    """What a reason speaks about; "" where nobody said."""
    return FAMILIES.get(reason, OTHER) if reason != NO_REASON else NO_REASON


def fit_reasons(catalogue: Catalogue, rows: Rows) -> ReasonModel:
    """The chance of each reason among leads that were not won, rare ones told with "other"."""
    lost = rows.take((rows.won == 0) & (rows.weight > 0)).newest(REASON_ROWS)
    told = lost.reason.copy()
    mass = {name: float(lost.weight[told == name].sum()) for name in sorted(set(told.tolist()))}
    told[np.isin(told, [name for name in mass if name != NO_REASON and mass[name] < RARE_REASON])] = OTHER
    names = sorted(set(told.tolist())) or [NO_REASON]
    shares = tuple(float(np.average(told == name, weights=lost.weight)) if len(told) else 1.0 for name in names)
    if len(names) == 1:
        return ReasonModel(tuple(names), shares)
    model = _logistic(catalogue, lost, told.astype(str), PENALTY, _trust(catalogue))
    return ReasonModel(tuple(names), shares, _every_class(model))


def _logistic(catalogue: Catalogue, rows: Rows, y: NDArray[Any], penalty: float, trust: Floats) -> LinearModel:
    from sklearn.linear_model import LogisticRegression

    design = Design.learn(catalogue, rows.X)
    Z, trust = design.transform(rows.X), trust[design.origin]
    # Newton's steps are few and exact for two classes; for many its matrix grows with their square.
    solver = "newton-cholesky" if len(np.unique(y)) == 2 else "lbfgs"
    learner = LogisticRegression(C=penalty, solver=solver, max_iter=500, tol=1e-3)
    fitted = learner.fit(Z * trust, y, sample_weight=rows.weight)
    return LinearModel(design, fitted.coef_ * trust, fitted.intercept_, _mean(Z, rows.weight))


def _trust(catalogue: Catalogue) -> Floats:
    """How much a ridge believes each feature beside others, shape (features,): the columns of one kind of event say
    nearly the same (how often, of late, how long ago), so that each is believed its share of what one fact is.
    """
    columns = Counter(feature.source for feature in catalogue.features)
    kinds = set(catalogue.kinds)
    return np.array([1.0 / columns[f.source] if f.source in kinds else 1.0 for f in catalogue.features])


def _level(catalogue: Catalogue, rows: Rows) -> LinearModel:
    """The same log-odds for every lead."""
    design = Design.learn(catalogue, rows.X)
    Z = design.transform(rows.X)
    level = fit_prior(rows).raw(rows.X[:1])
    return LinearModel(design, np.zeros((1, Z.shape[1])), level, _mean(Z, rows.weight))


def _mean(Z: Floats, weight: Floats) -> Floats:
    return np.asarray(np.average(Z, axis=0, weights=weight))


def _every_class(model: LinearModel) -> LinearModel:
    """scikit-learn keeps one row for two classes; ours has one a class."""
    if len(model.coefficients) > 1:
        return model
    zero = np.zeros_like(model.coefficients)
    return LinearModel(
        model.design, np.vstack([zero, model.coefficients]), np.concatenate([[0.0], model.intercepts]), model.center
    )
