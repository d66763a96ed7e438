"""Beyond the waits that sales has tried, what was learned stands still, and the chance falls as leads cool elsewhere.

A team that calls the newest first leaves no lead that was called late. The slopes of a model that was learned from a
few hours say nothing of months: carried on, they rise as often as they fall, and dead leads come first.
"""

import numpy as np

from features.catalogue import Catalogue
from features.engagement import AGE, ANY
from features.history import Floats
from models.decay import Decay
from models.joint import JointModel
from models.linear import Beyond, Column, Design, LinearModel
from models.outcome import Blend, Part, WinModel
from models.within import Within

RARE = 0.01
"""Share of the rows that teach beyond which a wait counts as never tried."""


def cooling(catalogue: Catalogue, X: Floats, win: WinModel) -> WinModel:
    """The model held to the waits of rows X, and beyond the longest of them the prior's fall (`models/decay.py`).

    Within the waits that were tried nothing changes.
    """
    place = catalogue.place.get(f"{ANY}: days since", catalogue.place.get(AGE.name))
    if place is None or np.isnan(X[:, place]).all():
        return win
    high = tuple(_tried(X[:, i]) if _tells_wait(f.name) else np.inf for i, f in enumerate(catalogue.features))
    parts, weights = (win.parts, win.weights) if isinstance(win, Blend) else ((win,), ())
    weights = weights or (1.0 / len(parts),) * len(parts)
    kept = [(_held(part, high), w) for part, w in zip(parts, weights, strict=True) if not isinstance(part, Beyond)]
    return Blend((*(part for part, _ in kept), _falling(place, high)), (*(w for _, w in kept), 1.0))


def _tells_wait(name: str) -> bool:
    return name == AGE.name or name.endswith(": days since")


def _tried(x: Floats) -> float:
    return float(np.nanquantile(x, 1 - RARE)) if not np.isnan(x).all() else 0.0


def _held(part: Part, high: tuple[float, ...]) -> Part:
    return Within(part, high) if isinstance(part, LinearModel | JointModel) else part


def _falling(place: int, high: tuple[float, ...]) -> Beyond:
    """The prior's power for each log(1 + days) of one column, from the longest wait tried on."""
    design = Design((Column(log=True),) * len(high))
    coefficients = np.zeros((1, len(design.origin)))
    coefficients[0, np.searchsorted(design.origin, place)] = -Decay().power
    only = tuple(limit if i == place else np.inf for i, limit in enumerate(high))
    return Beyond(LinearModel(design, coefficients, np.zeros(1), np.zeros(len(design.origin))), only)
