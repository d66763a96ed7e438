"""How a chance falls beyond the waits that sales has tried: at least as fast as leads cool anywhere, never not at all.

A team that calls the newest first leaves no lead that was called late. A model learned from that has seen no wait, and
would say of a lead that has been silent for months what it says of a fresh one.
"""

import numpy as np

from features.catalogue import Catalogue
from features.engagement import AGE, ANY
from features.history import Floats
from models.decay import Decay
from models.linear import Beyond, Column, Design, LinearModel
from models.outcome import Blend, Part, WinModel

RARE = 0.01
"""Share of the rows that teach beyond which a wait counts as never tried."""
FAR = 10.0
"""How many times the longest wait tried a model's own fall is looked at."""


def cooling(catalogue: Catalogue, X: Floats, win: WinModel) -> WinModel:
    """The model, and what its own fall beyond the longest wait of rows X lacks of the prior's (`models/decay.py`).

    Within the waits that were tried nothing changes.
    """
    place = catalogue.place.get(f"{ANY}: days since", catalogue.place.get(AGE.name))
    if place is None or np.isnan(X[:, place]).all():
        return win
    tried = max(float(np.nanquantile(X[:, place], 1 - RARE)), 1e-3)
    prior = -Decay().power * (np.log1p(FAR * tried) - np.log1p(tried))
    own = float(np.mean(win.raw(_aged(catalogue, X, FAR * tried)) - win.raw(_aged(catalogue, X, tried))))
    if own <= prior:
        return win
    slope = (prior - own) / (np.log1p(FAR * tried) - np.log1p(tried))
    return _with(win, _beyond(X.shape[1], place, slope, tried))


def _aged(catalogue: Catalogue, X: Floats, days: float) -> Floats:
    """The rows as if nothing more had happened for so many days."""
    out = X.copy()
    for name, column in catalogue.place.items():
        if name == AGE.name or name.endswith(": days since"):
            out[:, column] += days
    return out


def _beyond(width: int, place: int, slope: float, tried: float) -> Beyond:
    """`slope` of log-odds for each log(1 + days) of one column, from `tried` on."""
    design = Design((Column(log=True),) * width)
    coefficients = np.zeros((1, len(design.origin)))
    coefficients[0, np.searchsorted(design.origin, place)] = slope
    high = tuple(tried if i == place else np.inf for i in range(width))
    return Beyond(LinearModel(design, coefficients, np.zeros(1), np.zeros(len(design.origin))), high)


def _with(win: WinModel, more: Part) -> Blend:
    if not isinstance(win, Blend):
        return Blend((win, more), (1.0, 1.0))
    weights = win.weights or (1.0 / len(win.parts),) * len(win.parts)
    return Blend((*win.parts, more), (*weights, 1.0))
