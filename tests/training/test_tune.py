"""Looking for LightGBM's parameters: the same each run, within what was stated, and only where it can tell."""

import numpy as np
import pytest

from tests.made_up import drawn, numbers, rows_of
from training.ladder import climb, forward_pairs
from training.rows import Rows
from training.tune import ENOUGH_WINS, search, worthwhile

TWO = numbers("a", "b")


def crossed(count: int = 900) -> Rows:
    """Won where two numbers have the same sign: a truth for trees."""
    X = np.random.default_rng(0).normal(0, 1, (count, 2))
    return rows_of(X, drawn(np.where(X[:, 0] * X[:, 1] > 0, 2.0, -2.0), 1))


def test_the_same_seed_finds_the_same_parameters() -> None:
    rows = crossed()
    one, other = (search(TWO, rows, forward_pairs(rows.won, rows.order), seed=4, trials=5) for _ in range(2))
    assert one == other


def test_what_is_found_is_within_its_bounds() -> None:
    rows = crossed()
    found = search(TWO, rows, forward_pairs(rows.won, rows.order), seed=0, trials=4)
    assert set(found) == {
        "num_leaves", "learning_rate", "rounds", "min_data_in_leaf", "lambda_l2", "feature_fraction"
    }  # fmt: skip
    assert 3 <= found["num_leaves"] <= 31
    assert 0.02 <= found["learning_rate"] <= 0.1


@pytest.mark.parametrize(
    ("count", "trials", "worth"), [(2_000, 12, True), (2_000, 0, False), (2 * ENOUGH_WINS - 100, 12, False)]
)
def test_it_is_worth_it_with_trials_and_with_enough_of_both_ends(count: int, trials: int, worth: bool) -> None:
    assert worthwhile(crossed(count), trials) is worth


def test_hardly_a_loss_is_as_little_as_hardly_a_win() -> None:
    rows = crossed(2_000)
    mostly = rows_of(rows.X, np.where(np.arange(2_000) < 100, rows.won, 1.0))
    assert not worthwhile(mostly, 12)


def test_without_trials_the_trees_keep_their_small_parameters() -> None:
    recipe, up = climb(TWO, crossed(), seed=0, trials=0)
    assert dict(recipe.trees) == {}
    assert "lightgbm" not in up.raw


def test_where_trees_can_say_nothing_no_trial_is_spent() -> None:
    noise = rows_of(crossed(1_500).X, drawn(np.zeros(1_500), 3))
    recipe, up = climb(TWO, noise, seed=0, trials=3)
    assert (dict(recipe.trees), "lightgbm" in up.raw) == ({}, False)


def test_parameters_are_taken_only_where_they_are_surely_better() -> None:
    recipe, up = climb(TWO, crossed(), seed=0, trials=4)
    assert "lightgbm" in up.raw
    assert bool(recipe.trees) is up.beats("lightgbm", "small_lightgbm")
