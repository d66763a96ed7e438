"""The other measures of quality: which rows teach whom, and figures in the shape that programs read."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks import ablation, rolling, training_speed, truth
from benchmarks.rolling import CONSTANTS, Month, measured
from features.history import Floats
from leadloop.clock import DAY
from training.dataset import Dataset


@pytest.fixture
def campaign(tmp_path: Path) -> Path:
    """A file of ten rows in four months, two of them of one name."""
    path = tmp_path / "campaign.csv"
    path.write_text(
        "month;y\n" + "".join(f"{month};no\n" for month in [*["may"] * 5, "jun", "jun", "jun", "may", "jul"])
    )
    return path


def test_months_are_runs_and_only_what_follows_the_first_rows_is_predicted(campaign: Path) -> None:
    assert rolling.months(campaign) == [("jun", 7, 8), ("may", 8, 9), ("jul", 9, 10)]


def test_a_month_is_better_where_its_log_loss_is_below_the_constant() -> None:
    def month(p: float) -> Month:
        constants: dict[str, Floats] = {name: np.full(2, 0.5) for name in CONSTANTS}
        return Month("may", np.array([0.0, 1.0]), {"ours": np.array([1 - p, p]), **constants})

    found = measured([month(0.9), month(0.8), month(0.2), month(0.6)], "ours")
    assert found["months_better"] == found["months_better_than_newest"] == 0.75
    assert found["roc_auc_within"] == 0.75


def test_the_made_matrix_has_fifty_features_with_something_to_learn_from() -> None:
    rows = training_speed.made(5_000)
    assert rows.X.shape == (5_000, 50)
    assert 0.05 < rows.won.mean() < 0.3
    assert (rows.reason[rows.won == 1] == "").all()


def test_the_made_matrix_is_the_same_each_time() -> None:
    assert np.array_equal(training_speed.made(500).X, training_speed.made(500).X, equal_nan=True)


def test_a_closed_lead_stands_for_those_that_were_not_followed_so_long() -> None:
    n, as_of = 4, 100 * DAY
    at, none = as_of - DAY * np.array([10, 20, 30, 40]), np.zeros(n)
    closed, days = np.array([False, False, True, True]), np.array([10.0, 20.0, 25.0, 5.0])
    steps = np.full((n, 2), np.inf)
    data = Dataset(np.arange(n), at, none, none.astype(object), none, none + 1, none, closed, days, steps)
    assert ablation.censoring_weights(data, as_of).tolist() == [0.0, 0.0, 2.0, 1.0]


def test_what_is_ours_is_a_figure_and_what_is_not_a_peer() -> None:
    one = {"roc_auc": 0.8, "mean": 1.0, "captured": 0.9}
    found = truth.result({truth.OURS: one, "lightgbm": {**one, "roc_auc": 0.5}, truth.TRUTH: one}, {})
    assert found["figures"]["truth.leadloop.roc_auc"] == 0.8
    assert found["peers"]["truth.lightgbm.roc_auc"] == 0.5
    assert found["ratios"]["truth.roc_auc, leadloop / lightgbm"] == 1.6
