"""Learns what a win brings: from the leads themselves where amounts tell them apart, else the mean."""

import numpy as np

from features.catalogue import Catalogue
from features.history import Floats
from models.linear import Design, LinearModel
from models.value import ValueModel
from training.calibrate import surely_less
from training.split import folds

ENOUGH = 50
"""Wins with an amount below which the mean is all that can be told."""
PENALTIES = (3.0, 30.0, 300.0)
"""Strengths of the ridge that are tried."""


def fit_value(catalogue: Catalogue, X: Floats, amount: Floats, order: Floats) -> ValueModel:
    """From rows of wins and what they brought, NaN where nobody said; a win is one row."""
    known = ~np.isnan(amount) & (amount > 0)
    X, amount, order = X[known], amount[known], order[known]
    if not len(amount):
        return ValueModel()
    plain = ValueModel(float(amount.mean()), len(amount))
    if len(amount) < ENOUGH or np.ptp(amount) == 0:
        return plain
    mean = _forward(catalogue, X, amount, order, None)
    tried = {penalty: _forward(catalogue, X, amount, order, penalty) for penalty in PENALTIES}
    best = min(tried, key=lambda penalty: (tried[penalty].mean(), -penalty))
    if not surely_less(tried[best], mean, np.ones(len(mean))):
        return plain
    return _fit(catalogue, X, amount, best)


def _forward(catalogue: Catalogue, X: Floats, amount: Floats, order: Floats, penalty: float | None) -> Floats:
    """The loss of each later win, predicted from those before."""
    found = [np.empty(0)]
    for before, after in folds(order):
        mean = float(amount[before].mean())
        fitted = ValueModel(mean) if penalty is None else _fit(catalogue, X[before], amount[before], penalty)
        found.append(_deviance(amount[after], fitted.expected(X[after])))
    return np.concatenate(found)


def _deviance(amount: Floats, expected: Floats) -> Floats:
    """Of a gamma distribution: an error counts by how many times too much it is, so that no giant deal decides."""
    return np.asarray(amount / expected - np.log(amount / expected) - 1.0)


def _fit(catalogue: Catalogue, X: Floats, amount: Floats, penalty: float) -> ValueModel:
    """A ridge on the logarithm, brought back without bias by Duan's smearing (1983), never beyond what was seen."""
    from sklearn.linear_model import Ridge

    design, log = Design.learn(catalogue, X), np.log(amount)
    Z = design.transform(X)
    fitted = Ridge(alpha=penalty).fit(Z, log)
    linear = LinearModel(design, fitted.coef_[None, :], np.array([fitted.intercept_]), Z.mean(axis=0))
    smear = float(np.exp(log - linear.raw(X)).mean())
    low, high = (float(q) for q in np.quantile(amount, (0.02, 0.98)))
    return ValueModel(float(amount.mean()), len(amount), linear, smear, (low, high))
