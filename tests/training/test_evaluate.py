"""Figures are scikit-learn's, ties included, and a calibration finds the distortion that was put in."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

from features.history import Floats
from models.calibration import chance, log_odds
from training import evaluate
from training.calibrate import calibrate
from training.scorecard import Predictions, measure

quickly = settings(derandomize=True, deadline=None, max_examples=100)
outcomes = st.lists(st.booleans(), min_size=2, max_size=60).filter(lambda w: 0 < sum(w) < len(w))


@st.composite
def predictions(draw: st.DrawFn) -> tuple[Floats, Floats]:
    """Outcomes and chances, many of them tied."""
    won = np.array(draw(outcomes), dtype=np.float64)
    levels = draw(st.lists(st.integers(1, 9), min_size=len(won), max_size=len(won)))
    return won, np.array(levels) / 10.0


@quickly
@given(predictions())
def test_roc_auc_is_that_of_scikit_learn(given: tuple[Floats, Floats]) -> None:
    won, p = given
    assert evaluate.roc_auc(won, p) == pytest.approx(metrics.roc_auc_score(won, p), abs=1e-12)


@quickly
@given(predictions())
def test_average_precision_is_that_of_scikit_learn(given: tuple[Floats, Floats]) -> None:
    won, p = given
    assert evaluate.average_precision(won, p) == pytest.approx(metrics.average_precision_score(won, p), abs=1e-12)


@quickly
@given(predictions())
def test_log_loss_is_that_of_scikit_learn(given: tuple[Floats, Floats]) -> None:
    won, p = given
    weight = np.arange(1.0, len(won) + 1)
    assert evaluate.log_loss(won, p, weight) == pytest.approx(metrics.log_loss(won, p, sample_weight=weight), abs=1e-12)


@quickly
@given(predictions())
def test_brier_is_that_of_scikit_learn(given: tuple[Floats, Floats]) -> None:
    won, p = given
    found = measure(won, np.zeros(len(won)), Predictions(p, p), 1)["brier"]
    assert found == pytest.approx(metrics.brier_score_loss(won, p), abs=1e-12)


def test_a_certain_error_costs_much_and_not_everything() -> None:
    assert 34 < evaluate.log_loss(np.array([1.0]), np.array([0.0])) < 35


@pytest.mark.parametrize("won", [np.zeros(3), np.ones(3)])
def test_ranking_one_class_is_no_figure(won: Floats) -> None:
    assert np.isnan(evaluate.roc_auc(won, np.arange(3.0)))


def test_precision_and_value_at_capacity_are_of_the_highest_scores() -> None:
    won, amount, score = np.array([1.0, 0, 1, 0]), np.array([5.0, 0, 7, 0]), np.array([0.9, 0.8, 0.7, 0.1])
    found = measure(won, amount, Predictions(score, score), 2)
    assert (found["precision_at_capacity"], found["value_at_capacity"]) == (0.5, 5)


def test_lift_is_how_many_times_more_wins_the_top_holds() -> None:
    won = np.array([1.0] * 2 + [0.0] * 18)
    assert evaluate.lift(won, won, 0.1) == 10
    assert evaluate.lift(won, -won, 0.1) == 0


def drawn(intercept: float, slope: float, n: int = 40_000) -> tuple[Floats, Floats]:
    """Log-odds, and outcomes whose true log-odds are a line of them."""
    draws = np.random.default_rng(1)
    raw = draws.normal(0.3, 1.2, n)
    return raw, (draws.random(n) < chance(intercept + slope * raw)).astype(np.float64)


@pytest.mark.parametrize(("intercept", "slope"), [(0.0, 1.0), (-1.5, 0.4), (0.8, 2.5), (0.0, -0.5), (4.0, 1.0)])
def test_a_calibration_finds_the_distortion(intercept: float, slope: float) -> None:
    raw, won = drawn(intercept, slope)
    found = calibrate(raw, won, np.ones_like(won))
    assert (found.intercept, found.slope) == pytest.approx((intercept, slope), abs=0.1)


@pytest.mark.parametrize("slope", [0.5, 1.0, 2.0])
def test_the_calibration_slope_says_how_sure_chances_should_have_been(slope: float) -> None:
    raw, won = drawn(0.0, slope)
    assert evaluate.calibration_slope(won, chance(raw)) == pytest.approx(slope, abs=0.05)


def test_the_calibration_slope_of_a_constant_is_unknown() -> None:
    assert np.isnan(evaluate.calibration_slope(np.array([0.0, 1.0]), np.array([0.5, 0.5])))


@quickly
@given(st.integers(5, 300), st.floats(-2, 1), st.floats(-2, 1), st.floats(-4, 4), st.integers(0, 9))
def test_a_calibration_is_the_best_line_however_far_off_the_chances_were(
    n: int, spread: float, slope: float, shift: float, seed: int
) -> None:
    draws = np.random.default_rng(seed)
    raw = np.clip(draws.normal(shift, 10**spread, n), -15, 15)
    won = (draws.random(n) < chance(shift + 10**slope * raw)).astype(np.float64)
    found = calibrate(raw, won, np.ones(n))
    away = chance(found(raw)) - won
    pull = np.array([found.intercept, found.slope - 1.0])
    assert np.abs(np.stack([np.ones(n), raw]) @ away + pull).max() < 1e-3


def test_few_outcomes_make_no_wild_chances() -> None:
    found = calibrate(np.array([-1.0, 1.0]), np.array([0.0, 1.0]), np.ones(2))
    assert 0.9 < found.slope < 1.6


def test_a_weight_of_two_is_the_row_twice() -> None:
    raw, won = drawn(-1.0, 0.5, 50)
    once, twice = calibrate(raw, won, np.full(50, 2.0)), calibrate(np.tile(raw, 2), np.tile(won, 2), np.ones(100))
    assert (once.intercept, once.slope) == pytest.approx((twice.intercept, twice.slope), abs=1e-9)


def test_calibration_error_is_zero_where_shares_are_as_predicted() -> None:
    won = np.tile([1.0, 0.0, 0.0, 0.0], 100)
    assert evaluate.calibration_error(won, np.full(400, 0.25)) == pytest.approx(0, abs=1e-12)
    assert evaluate.calibration_error(won, np.full(400, 0.75)) == pytest.approx(0.5)


def test_log_odds_keep_off_certainty() -> None:
    assert np.isfinite(log_odds(np.array([0.0, 1.0]))).all()
