"""Looks for LightGBM parameters that do better forward in time, within a stated number of trials, the same each run."""

from typing import TYPE_CHECKING, Any

import numpy as np

from features.catalogue import Catalogue
from features.history import Ints
from training.calibrate import losses_of
from training.candidates import fit_trees
from training.ladder import forward_pairs
from training.rows import Rows

if TYPE_CHECKING:
    from optuna import Trial

ROWS_AT_MOST = 10_000
"""The newest so many rows tell parameters apart."""
ENOUGH_WINS = 300
"""Fewer wins can't tell sets of parameters apart: the best of many is then the luckiest."""


def worthwhile(rows: Rows, trials: int) -> bool:
    """Whether there is enough to tell parameters apart by."""
    return trials > 0 and min(rows.wins, float(rows.weight.sum()) - rows.wins) >= ENOUGH_WINS


def search(
    catalogue: Catalogue, rows: Rows, pairs: list[tuple[Ints, Ints]], seed: int, trials: int
) -> dict[str, float]:
    """The parameters of least log loss over the forward folds: tree-structured Parzen estimator (Bergstra 2011)."""
    import optuna

    rows, pairs = _newest(rows, pairs)
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=seed, n_startup_trials=max(4, trials // 3)))
    study.optimize(lambda trial: _loss(catalogue, rows, pairs, seed, _params(trial)), n_trials=trials)
    return dict(study.best_params)


def _newest(rows: Rows, pairs: list[tuple[Ints, Ints]]) -> tuple[Rows, list[tuple[Ints, Ints]]]:
    """The newest rows and their folds, where there are more than tell parameters apart."""
    few = rows.newest(ROWS_AT_MOST)
    return (rows, pairs) if few is rows else (few, forward_pairs(few.won, few.order))


def _params(trial: "Trial") -> dict[str, float]:
    return {
        "num_leaves": trial.suggest_int("num_leaves", 3, 31, log=True),
        "learning_rate": trial.suggest_float("learning_rate", 0.02, 0.1, log=True),
        "rounds": trial.suggest_int("rounds", 60, 400, log=True),
        "min_data_in_leaf": trial.suggest_int("min_data_in_leaf", 10, 120, log=True),
        "lambda_l2": trial.suggest_float("lambda_l2", 0.5, 50.0, log=True),
        "feature_fraction": trial.suggest_float("feature_fraction", 0.4, 1.0),
    }


def _loss(catalogue: Catalogue, rows: Rows, pairs: list[tuple[Ints, Ints]], seed: int, params: dict[str, Any]) -> float:
    total, mass = 0.0, 0.0
    for before, after in pairs:
        raw = fit_trees(catalogue, rows.take(before), seed, params).raw(rows.X[after])
        total += float(rows.weight[after] @ losses_of(rows.won[after], raw))
        mass += float(rows.weight[after].sum())
    return float(np.inf) if not mass else total / mass
