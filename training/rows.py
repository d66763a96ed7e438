"""What a fit sees: the kernel's rows, what came of each, and how much each counts."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from features.history import Floats, Ints
from models.outcome import OutcomeModel


@dataclass(frozen=True)
class Rows:
    """`X`: rows of the kernel's matrix, shape (n, features); the others (n,), `reason` "" = none.

    A lead that is worked and still open may be here twice, as won and as not won, with the chance of each as weight.
    `stands_for`: how many of the leads that were waiting each stands for, mean 1; None: all for as many. By it chances
    are set, and not the order (training/selection.py).
    """

    X: Floats
    won: Floats
    weight: Floats
    reason: NDArray[np.object_]
    order: Floats
    stands_for: Floats | None = None

    def take(self, rows: Ints | NDArray[np.bool_]) -> "Rows":
        """Some of them."""
        stands_for = None if self.stands_for is None else self.stands_for[rows]
        return Rows(self.X[rows], self.won[rows], self.weight[rows], self.reason[rows], self.order[rows], stands_for)

    @property
    def level_weight(self) -> Floats:
        """How much each counts where the level of chances is set."""
        return self.weight if self.stands_for is None else self.weight * self.stands_for

    @property
    def wins(self) -> float:
        """How many wins these are, by weight."""
        return float(self.weight @ self.won)

    def newest(self, most: int) -> "Rows":
        """The newest of them, all where they are few, in their own order."""
        if len(self.won) <= most:
            return self
        return self.take(np.sort(np.argsort(self.order, kind="stable")[-most:]))


@dataclass(frozen=True)
class Recipe:
    """What a ladder came to, to be fitted again on more leads.

    `rung`: its name. `penalty`: inverse strength of the ridge. `joint`: the same of the model that the reasons teach, 0
    where they do not; `alone`: whether that stands without the ridge. `trees`: LightGBM's parameters that differ from
    the small ones.
    """

    rung: str
    penalty: float = 0.1
    joint: float = 0.0
    alone: bool = False
    trees: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Fitted:
    """A fitted outcome model, its predictions forward in time, and the report of the choice.

    `forward`: calibrated chances of the rows that a fold predicted, else NaN. `losses`: candidate -> log loss.
    `maps`: calibration -> log loss. `calibrated_by`: the map that was chosen.
    """

    model: OutcomeModel
    recipe: Recipe
    losses: dict[str, float]
    forward: Floats
    calibrated_by: str = "line"
    maps: Mapping[str, float] = field(default_factory=dict)

    @property
    def chosen(self) -> str:
        """The rung of the ladder."""
        return self.recipe.rung
