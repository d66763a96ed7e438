"""Fits the chances: a rung of the ladder chosen forward in time, calibrated on what it predicted, and the reasons."""

import numpy as np
from threadpoolctl import threadpool_limits

from features.catalogue import Catalogue
from models.calibration import Calibration, chance
from models.outcome import OutcomeModel
from training.calibrate import choose
from training.candidates import fit_reasons
from training.cooling import cooling
from training.ladder import Climb, climb, fit_win, forward_pairs
from training.rows import Fitted, Recipe, Rows

CHOICE_ROWS = 15_000
"""The newest so many rows choose and calibrate; the model chosen is fitted on all."""
TRIAL_ROWS = 100_000
"""A recipe not known yet is tried on the newest so many; beyond them LightGBM's parameters are not looked for."""
TRIALS = 12


def fit_outcome(
    catalogue: Catalogue, rows: Rows, seed: int = 0, *, trials: int = TRIALS, known: Recipe | None = None
) -> Fitted:
    """Fit the chance of a win, chosen and calibrated forward in time, and the chances of the reasons.

    `known`: a recipe chosen before: where there are more rows than choose, it is taken and fitted on all of them.
    """
    choosing = rows.newest(CHOICE_ROWS)
    with threadpool_limits(1, user_api="blas"):  # BLAS on two threads takes ten times as long for such small matrices
        if known and len(rows.won) > CHOICE_ROWS:
            return _fitted(catalogue, rows, known, again(catalogue, choosing, known, seed))
        few = rows.newest(TRIAL_ROWS)
        return _fitted(catalogue, few, *climb(catalogue, choosing, seed, trials if few is rows else 0))


def again(catalogue: Catalogue, rows: Rows, recipe: Recipe, seed: int) -> Climb:
    """Predictions forward in time of a recipe that is known already."""
    up = Climb(catalogue, rows, seed, forward_pairs(rows.won, rows.order))
    up.predict({recipe.rung: lambda some: fit_win(catalogue, some, recipe, seed)})
    return up


def _fitted(catalogue: Catalogue, rows: Rows, recipe: Recipe, up: Climb) -> Fitted:
    win = cooling(catalogue, rows.X, fit_win(catalogue, rows, recipe, up.seed))
    raw = up.raw.get(recipe.rung, np.full(len(up.rows.won), np.nan))
    seen = ~np.isnan(raw)
    if not seen.any():  # nothing was predicted: the share of wins is all there is
        model = OutcomeModel(win, Calibration(), fit_reasons(catalogue, rows))
        return Fitted(model, recipe, {}, np.full(len(rows.won), np.nan))
    judged = choose(raw[seen], up.rows.won[seen], up.rows.level_weight[seen], up.rows.order[seen])
    model = OutcomeModel(win, judged.calibration, fit_reasons(catalogue, rows))
    losses = {name: up.mean(name) for name in up.raw}
    forward = np.full(len(raw), np.nan)
    forward[seen] = chance(judged.calibration(raw[seen]))
    return Fitted(model, recipe, losses, forward, judged.chosen, judged.losses)
