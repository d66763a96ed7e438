"""Far beyond the waits that sales has tried, what was learned stands still, and the chance falls as leads usually cool.

A team that calls the newest first leaves no lead that was called late. The slopes of a model that was learned from a
few hours say nothing of months: carried on, they rise as often as they fall, and dead leads come first. So no slope is
carried on beyond the waits that were tried, and from there the chance falls as one over the wait: a prior more careful
than what is reported of first calls, sixty times fewer qualified after a day than within the hour (Oldroyd, McElheran &
Elkington 2011), since better leads are called sooner.
"""

import numpy as np

from features.catalogue import Catalogue
from features.engagement import AGE, ANY
from features.history import Floats
from models.joint import JointModel
from models.linear import Beyond, Column, Design, LinearModel
from models.outcome import Blend, Part, WinModel
from models.within import Within

RARE = 0.01
"""Share of the rows that teach beyond which a wait counts as never tried."""
POWER = 1.0
"""How much the log-odds fall from there with each log(1 + days) of silence."""


def cooling(catalogue: Catalogue, X: Floats, win: WinModel) -> WinModel:
    """The model held to the waits of rows X, and from there the prior's fall; nearer than that nothing changes."""
    place = catalogue.place.get(f"{ANY}: days since", catalogue.place.get(AGE.name))
    if place is None or np.isnan(X[:, place]).all():
        return win
    high = tuple(_tried(X[:, i]) if _tells_wait(f.name) else np.inf for i, f in enumerate(catalogue.features))
    parts, weights = (win.parts, win.weights) if isinstance(win, Blend) else ((win,), ())
    weights = weights or (1.0 / len(parts),) * len(parts)
    return Blend((*(_held(part, high) for part in parts), _falling(place, high)), (*weights, 1.0))


def _tells_wait(name: str) -> bool:
    return name == AGE.name or name.endswith(": days since")


def _tried(x: Floats) -> float:
    """The longest wait that was tried, in days, but for the rare ones."""
    return 0.0 if np.isnan(x).all() else max(float(np.nanquantile(x, 1 - RARE)), 0.0)


def _held(part: Part, high: tuple[float, ...]) -> Part:
    return Within(part, high) if isinstance(part, LinearModel | JointModel | Beyond) else part


def _falling(place: int, high: tuple[float, ...]) -> Beyond:
    """POWER for each log(1 + days) of one column, from its limit on."""
    design = Design((Column(log=True),) * len(high))
    coefficients = np.zeros((1, len(design.origin)))
    coefficients[0, np.searchsorted(design.origin, place)] = -POWER
    only = tuple(limit if i == place else np.inf for i, limit in enumerate(high))
    return Beyond(LinearModel(design, coefficients, np.zeros(1), np.zeros(len(design.origin))), only)
