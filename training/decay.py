"""Learns how fast the chance falls with the wait to first contact, held to a prior where waits are few or alike."""

import numpy as np

from features.catalogue import Catalogue
from features.history import Floats
from models.decay import Decay
from training.calibrate import level_of, losses_of
from training.candidates import PENALTY, fit_ridge
from training.rows import Rows

SCALES_DAYS = (1 / 24, 1 / 6, 0.5, 1.0, 3.0, 7.0)
POWERS = tuple(round(0.05 * step, 2) for step in range(41))
"""None is below 0: a chance that grows with the wait is never believed."""
HOLD = 60.0
"""How many outcomes the prior is worth, for each unit of the power squared."""
FEW = 30
"""Wins below which the prior stands alone."""


def fit_decay(catalogue: Catalogue, rows: Rows, waited_days: Floats) -> Decay:
    """`waited_days`: from the last sign of each lead to its moment, which is when sales came to it; NaN where unknown.

    What leads are is allowed for by a ridge on the features that do not tell the time, since better ones are called
    sooner. Among falling curves (1 + wait / scale) ** -power the likeliest is taken, with the prior's.
    """
    known = ~np.isnan(waited_days) & (rows.weight > 0)
    if float(rows.weight[known] @ rows.won[known]) < FEW or np.ptp(waited_days[known]) < SCALES_DAYS[0]:
        return Decay()
    some, wait = rows.take(known), np.maximum(waited_days[known], 0.0)
    timeless = _timeless(catalogue, some)
    prior = Decay()
    tried = [Decay(scale, power) for scale in SCALES_DAYS for power in POWERS]
    return min(tried, key=lambda each: _penalised(each, prior, timeless, some, wait))


def _penalised(decay: Decay, prior: Decay, timeless: Floats, rows: Rows, wait: Floats) -> float:
    held = HOLD * (decay.power - prior.power) ** 2 + 2.0 * np.log(decay.scale_days / prior.scale_days) ** 2
    fall = np.log(decay.left(wait))
    level = level_of(timeless + fall, rows.won, rows.weight)
    return float(rows.weight @ losses_of(rows.won, timeless + fall + level) + 0.5 * held)


def _timeless(catalogue: Catalogue, rows: Rows) -> Floats:
    """The log-odds by what does not tell how long a lead has been waiting."""
    hidden = np.array([_tells_time(feature.name) for feature in catalogue.features], dtype=bool)
    X = np.where(hidden[None, :], np.nan, rows.X)
    return fit_ridge(catalogue, Rows(X, rows.won, rows.weight, rows.reason, rows.order), PENALTY).raw(X)


def _tells_time(name: str) -> bool:
    return name == "lead age" or name.endswith((": days since", ": decayed", ": last 7 days", ": last 30 days"))
