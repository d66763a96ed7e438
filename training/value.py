"""Learns what a win brings: from the few facts that tell amounts apart, or from all, where they do; else the mean."""

import numpy as np
from numpy.typing import NDArray

from features.catalogue import Catalogue
from features.history import Floats
from models.linear import Design, LinearModel
from models.value import ValueModel
from training.calibrate import surely_less
from training.split import folds

ENOUGH = 50
"""Wins with an amount below which the mean is all that can be told."""
FEW = (1, 2, 3)
"""So many facts tell: amounts hang on few, such as the size of a company, and wins are too few to weigh a hundred."""
EVERY = 10_000
PENALTIES = {EVERY: (3.0, 30.0, 300.0), **dict.fromkeys(FEW, (3.0, 30.0))}
"""Strengths of the ridge that are tried, by how many facts tell; EVERY for all."""

Kind = tuple[int, float]
"""How many facts tell, and the strength of the ridge."""
MEAN: Kind = (0, float("inf"))
Columns = NDArray[np.bool_]


def fit_value(catalogue: Catalogue, X: Floats, amount: Floats, order: Floats) -> ValueModel:
    """From rows of wins and what they brought, NaN where nobody said; a win is one row."""
    known = ~np.isnan(amount) & (amount > 0)
    X, amount, order = X[known], amount[known], order[known]
    if not len(amount):
        return ValueModel()
    if len(amount) < ENOUGH or np.ptp(amount) == 0:
        return ValueModel(float(amount.mean()), len(amount))
    losses = _forward(catalogue, X, amount, order)
    best = MEAN
    for facts in (*FEW, EVERY):  # a step up is taken where it is surely better, as in training/ladder.py
        tried = min(((facts, penalty) for penalty in PENALTIES[facts]), key=lambda each: losses[each].mean())
        if surely_less(losses[tried], losses[best], np.ones(len(losses[best]))):
            best = tried
    return fitted(catalogue, X, amount)[best]


def _forward(catalogue: Catalogue, X: Floats, amount: Floats, order: Floats) -> dict[Kind, Floats]:
    """The loss of each later win under each model, predicted from those before."""
    found: dict[Kind, list[Floats]] = {}
    for before, after in folds(order):
        for kind, model in fitted(catalogue, X[before], amount[before]).items():
            found.setdefault(kind, []).append(_deviance(amount[after], model.expected(X[after])))
    return {kind: np.concatenate(losses) for kind, losses in found.items()}


def _deviance(amount: Floats, expected: Floats) -> Floats:
    """Of a gamma distribution: an error counts by how many times too much it is, so that no giant deal decides."""
    return np.asarray(amount / expected - np.log(amount / expected) - 1.0)


def fitted(catalogue: Catalogue, X: Floats, amount: Floats) -> dict[Kind, ValueModel]:
    """The mean, and a model for each number of facts and strength of the ridge."""
    design, log = Design.learn(catalogue, X), np.log(amount)
    Z = design.transform(X)
    of = np.array([catalogue.features[i].source for i in design.origin.tolist()], dtype=object)
    made = {MEAN: ValueModel(float(amount.mean()), len(amount))}
    for penalty in sorted({each for some in PENALTIES.values() for each in some}):
        chosen = climb(Z, log, of, penalty)
        for facts in (count for count, some in PENALTIES.items() if penalty in some):
            columns = np.isin(of, chosen[:facts]) | (facts == EVERY)
            made[facts, penalty] = _fit(design, (Z, log, amount), columns, penalty)
    return made


def _fit(design: Design, data: tuple[Floats, Floats, Floats], columns: Columns, penalty: float) -> ValueModel:
    """A ridge on the logarithm, brought back without bias by Duan's smearing (1983), never beyond what was seen."""
    from sklearn.linear_model import Ridge

    Z, log, amount = data
    coefficients, intercept = np.zeros(len(columns)), float(log.mean())
    if columns.any():
        ridge = Ridge(alpha=penalty).fit(Z[:, columns], log)
        coefficients[columns], intercept = ridge.coef_, float(ridge.intercept_)
    linear = LinearModel(design, coefficients[None, :], np.array([intercept]), Z.mean(axis=0))
    smear = float(np.exp(log - Z @ coefficients - intercept).mean())
    low, high = (float(q) for q in np.quantile(amount, (0.02, 0.98)))
    return ValueModel(float(amount.mean()), len(amount), linear, smear, (low, high))


def climb(Z: Floats, y: Floats, of: NDArray[np.object_], penalty: float) -> list[str]:
    """The facts that together tell `y` best, the best first, one after another while that gains; `of`: of which fact
    each column of Z is.
    """
    ridge = _Ridge(Z, y, penalty)
    left, chosen = sorted(set(of.tolist())), list[str]()
    best = ridge.loss(np.zeros(len(of), dtype=bool))
    while left and len(chosen) < max(FEW):
        loss, fact = min((ridge.loss(np.isin(of, [*chosen, each])), each) for each in left)
        if loss >= best:
            break
        best, chosen = loss, [*chosen, fact]
        left.remove(fact)
    return chosen


class _Ridge:
    """What any ridge on some of the columns would come to, from the products of all, taken once."""

    def __init__(self, Z: Floats, y: Floats, penalty: float) -> None:
        Z, y = Z - Z.mean(axis=0), y - y.mean()
        self._gram, self._moment, self._total = Z.T @ Z, Z.T @ y, float(y @ y)
        self._n, self._penalty = len(y), penalty

    def loss(self, columns: Columns) -> float:
        """Generalised cross-validation (Golub, Heath & Wahba 1979): the squared error a row, less what was fitted."""
        at = np.flatnonzero(columns)
        values, vectors = np.linalg.eigh(self._gram[np.ix_(at, at)])
        held, along = np.maximum(values, 0.0) + self._penalty, vectors.T @ self._moment[at]
        kept = 1.0 - self._penalty / held
        error = self._total - float((along**2 / held * (2.0 - kept)).sum())
        return error / self._n / (1.0 - min(0.99, (1.0 + float(kept.sum())) / self._n)) ** 2
