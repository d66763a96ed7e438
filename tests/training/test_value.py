"""What a win brings: the mean, until the leads themselves tell amounts apart, and never beyond what was seen."""

import numpy as np
import pytest

from features.history import Floats
from models.value import ValueModel
from tests.made_up import numbers
from training.value import ENOUGH, fit_value

SIZE = numbers("size", "noise")


def wins(count: int, slope: float, seed: int = 0) -> tuple[Floats, Floats, Floats]:
    """Rows of wins, what each brought (around 1,000; `slope`: how much the size says), and their order."""
    draws = np.random.default_rng(seed)
    X = draws.normal(0, 1, (count, 2))
    return X, 1_000 * np.exp(slope * X[:, 0] + draws.normal(0, 0.4, count)), np.arange(count, dtype=np.float64)


def test_few_amounts_are_told_by_their_mean() -> None:
    X, amount, order = wins(ENOUGH - 1, slope=1.0)
    assert fit_value(SIZE, X, amount, order) == ValueModel(float(amount.mean()), ENOUGH - 1)


def test_amounts_that_are_all_alike_are_told_by_their_mean() -> None:
    X, amount, order = wins(400, slope=1.0)
    assert fit_value(SIZE, X, np.full_like(amount, 900.0), order) == ValueModel(900.0, 400)


@pytest.mark.parametrize("seed", range(4))
def test_amounts_that_features_do_not_tell_apart_are_told_by_their_mean(seed: int) -> None:
    fitted = fit_value(SIZE, *wins(400, slope=0.0, seed=seed))
    expected = fitted.expected(wins(200, slope=0.0, seed=99)[0])
    assert np.ptp(expected) < 0.25 * fitted.mean


def test_amounts_that_features_tell_apart_are_learned() -> None:
    fitted = fit_value(SIZE, *wins(600, slope=0.7))
    X, amount, _ = wins(2_000, slope=0.7, seed=5)
    assert fitted.log is not None
    assert np.corrcoef(np.log(fitted.expected(X)), X[:, 0])[0, 1] > 0.95
    assert fitted.expected(X).mean() == pytest.approx(amount.mean(), rel=0.1)


def test_the_one_fact_that_amounts_hang_on_is_found_among_many() -> None:
    draws = np.random.default_rng(0)
    many = numbers(*(f"number {i}" for i in range(60)))
    X, later = draws.normal(0, 1, (150, 60)), draws.normal(0, 1, (2_000, 60))
    amount = 1_000 * np.exp(0.6 * X[:, 7] + draws.normal(0, 0.5, 150))
    expected = fit_value(many, X, amount, np.arange(150.0)).expected(later)
    assert np.corrcoef(np.log(expected), later[:, 7])[0, 1] > 0.9


def test_no_amount_is_expected_beyond_what_wins_brought() -> None:
    X, amount, order = wins(600, slope=0.7)
    low, high = fit_value(SIZE, X, amount, order).expected(np.array([[-1e6, 0.0], [1e6, 0.0]]))
    assert amount.min() <= low < high <= amount.max()


def test_without_amounts_a_win_is_worth_one() -> None:
    X, amount, order = wins(100, slope=1.0)
    for none in (np.full_like(amount, np.nan), np.zeros_like(amount), -amount):
        assert fit_value(SIZE, X, none, order) == ValueModel(1.0, 0)
    assert fit_value(SIZE, X[:0], amount[:0], order[:0]).expected(X).tolist() == [1.0] * 100


def test_wins_without_an_amount_say_nothing_of_the_mean() -> None:
    X, amount, order = wins(40, slope=0.0)
    amount[::2] = np.nan
    assert fit_value(SIZE, X, amount, order) == ValueModel(float(np.nanmean(amount)), 20)


def test_one_giant_deal_does_not_make_every_lead_worth_more_than_wins_were() -> None:
    X, amount, order = wins(600, slope=0.7)
    amount[300] = 1e9
    assert fit_value(SIZE, X, amount, order).expected(X).max() < 1e9


def test_a_learned_value_is_the_same_after_json() -> None:
    fitted = fit_value(SIZE, *wins(600, slope=0.7))
    X = wins(50, slope=0.7, seed=3)[0]
    assert (ValueModel.from_json(fitted.as_json()).expected(X) == fitted.expected(X)).all()
