"""In one compiled call the parts of a model add up to the bit to what they say one by one."""

import numpy as np
import pytest

from features.history import Floats
from models import sums
from models.joint import JointModel
from models.linear import Beyond, Column, Design, LinearModel
from models.naive_bayes import NaiveBayes
from models.outcome import Blend, Part
from models.tree import TreeModel
from models.within import Within
from tests.models.test_forest import FEATURES, grown, odd

DESIGN = Design(
    (
        Column(levels=9),
        Column(levels=4),
        *(Column(log=f % 2 == 0, mean=0.1, scale=1.3, knots=(0.2,) if f % 3 else ()) for f in range(2, FEATURES)),
    )
)
HIGH = tuple(np.inf if f < 4 else 0.3 for f in range(FEATURES))
ROWS = odd(7)[80:]  # finite ones, with gaps


def linear(classes: int = 1) -> LinearModel:
    draws = np.random.default_rng(classes)
    width = len(DESIGN.origin)
    return LinearModel(
        DESIGN, draws.normal(size=(classes, width)), draws.normal(size=classes), draws.uniform(size=width)
    )


def falling() -> Beyond:
    """About one feature alone."""
    coefficients = np.zeros((1, len(DESIGN.origin)))
    coefficients[0, np.searchsorted(DESIGN.origin, 5)] = -1.0
    return Beyond(LinearModel(DESIGN, coefficients, np.zeros(1), np.zeros(len(DESIGN.origin))), HIGH)


PARTS: dict[str, Part] = {
    "trees": TreeModel(grown(7, num_leaves=12).model_to_string()),
    "linear": linear(),
    "joint": JointModel(linear(4), ("fit", "timing", "budget")),
    "beyond": Beyond(linear(), HIGH),
    "falling": falling(),
    "within": Within(linear(), HIGH),
    "joint within": Within(JointModel(linear(3), ("fit", "timing")), HIGH),
    "beyond within": Within(Beyond(linear(), tuple(each / 2.0 for each in HIGH)), HIGH),
}


def by_one(parts: list[Part], weights: list[float], X: Floats) -> Floats:
    return np.asarray(sum(weight * part.raw(X) for weight, part in zip(weights, parts, strict=True)))


@pytest.mark.parametrize("kind", PARTS)
def test_a_part_says_alone_what_it_says_by_itself(kind: str) -> None:
    packed = sums.packed((PARTS[kind],), (1.0,))
    assert packed is not None
    assert np.array_equal(sums.raw(packed, ROWS), PARTS[kind].raw(ROWS), equal_nan=True)


def test_all_of_them_add_up_in_their_order() -> None:
    weights = [0.1 * (i + 1) for i in range(len(PARTS))]
    said = Blend(tuple(PARTS.values()), tuple(weights)).raw(ROWS)
    assert np.array_equal(said, by_one(list(PARTS.values()), weights, ROWS), equal_nan=True)
    assert np.isfinite(said).sum() > 0.9 * len(said)


def test_with_a_part_that_it_does_not_know_they_are_asked_one_by_one() -> None:
    assert sums.packed((PARTS["trees"], NaiveBayes(0.0, ())), (0.5, 0.5)) is None
