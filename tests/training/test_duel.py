"""Champion against challenger, on drawn leads whose true chances are known."""

import numpy as np
import pytest

from features.history import Floats
from features.profile import Attribute
from models.calibration import chance
from training.dataset import Dataset
from training.duel import Duel, Side
from training.segments import Segment
from training.window import Window

COUNT = 800
TRUE = chance(np.random.default_rng(1).normal(-1.0, 1.0, COUNT))
WON = (np.random.default_rng(2).random(COUNT) < TRUE).astype(np.float64)
WEB = np.arange(COUNT) % 2 == 0
SOURCE = Segment(Attribute("source", "category", levels=("web", "fair")), np.where(WEB, 0.0, 1.0))


def duel(champion: Floats, challenger: Floats) -> Duel:
    """The two on the drawn leads, all of them closed."""
    nothing, one = np.full(COUNT, np.nan), np.ones(COUNT)
    number = np.arange(COUNT, dtype=np.int64)
    reason, closed = np.full(COUNT, "", dtype=object), np.ones(COUNT, dtype=bool)
    data = Dataset(number, number, WON, reason, nothing, one, one, closed, one, np.full((COUNT, 2), np.inf))
    window = Window(data, 0, COUNT, 180.0, WON * 100.0, None)
    return Duel(window, Side(champion, one), Side(challenger, one), 100, (SOURCE,))


def test_the_truth_is_surely_better_than_the_share_of_wins() -> None:
    found = duel(np.full(COUNT, WON.mean()), TRUE).report()["differences"]
    assert (found["log_loss"]["no_better"], found["value_at_capacity"]["no_better"]) == (0.0, 0.0)
    assert found["log_loss"]["champion"] - found["log_loss"]["challenger"] == pytest.approx(found["log_loss"]["gain"])


def test_the_share_of_wins_is_surely_worse_than_the_truth() -> None:
    found = duel(TRUE, np.full(COUNT, WON.mean())).report()["differences"]
    assert (found["log_loss"]["worse"], found["value_at_capacity"]["worse"]) == (1.0, 1.0)


def test_the_same_twice_is_neither_better_nor_worse() -> None:
    found = duel(TRUE, TRUE).report()
    assert {(each["no_better"], each["worse"]) for each in found["differences"].values()} == {(1.0, 0.0)}
    assert found["calibration"]["farther"] == 0.0
    assert not any(each["worse"] for each in found["segments"])


def test_a_segment_that_surely_loses_is_named() -> None:
    found = duel(TRUE, np.where(WEB, 0.9, TRUE)).report()["segments"]
    assert [(each["level"], each["worse"]) for each in found] == [("web", True), ("fair", False)]


def test_chances_that_make_twice_the_wins_are_farther_from_the_truth() -> None:
    found = duel(TRUE, np.minimum(2 * TRUE, 0.99)).report()["calibration"]
    assert found["farther"] == 1.0
    assert found["champion"] < found["challenger"]
