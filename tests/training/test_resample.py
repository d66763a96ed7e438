"""Figures over resamples are those of the rows that were drawn, and vary as they should."""

import numpy as np
import pytest

from features.history import Floats
from models.calibration import chance
from training import evaluate
from training.resample import RESAMPLES, ROWS_AT_MOST, Resamples, Said, brought_down, draw, figures
from training.scorecard import Predictions, measure

DRAWS = np.random.default_rng(8)
N, CAPACITY = 600, 70
SKILL = DRAWS.normal(-1, 1.2, N)
WON = (DRAWS.random(N) < chance(SKILL)).astype(np.float64)
AMOUNT = WON * DRAWS.integers(1, 50, N)
FINE, COARSE = chance(SKILL), np.round(chance(SKILL), 1) * 0.9 + 0.05
EXACT = sorted({*measure(WON, AMOUNT, Predictions(FINE, FINE), CAPACITY)} - {"calibration_slope"})


def drawn(resamples: Resamples, number: int) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    return np.repeat(resamples.rows, resamples.counts[:, number].astype(np.int64))


def measured(p: Floats, number: int) -> dict[str, float]:
    rows = drawn(draw(N, 1), number)
    return measure(WON[rows], AMOUNT[rows], Predictions(p[rows], p[rows]), CAPACITY)


@pytest.mark.parametrize("name", EXACT)
@pytest.mark.parametrize("p", [FINE, COARSE], ids=["distinct", "tied"])
def test_a_figure_of_a_resample_is_that_of_the_rows_drawn(name: str, p: Floats) -> None:
    found = figures(Said(WON, AMOUNT, p, p), CAPACITY, draw(N, 1))[name]
    expected = [measured(p, number)[name] for number in range(20)]
    assert found[:20].tolist() == pytest.approx(expected, abs=1e-9)


def test_the_calibration_slope_of_a_resample_is_near_that_of_the_rows_drawn() -> None:
    found = figures(Said(WON, AMOUNT, FINE, FINE), CAPACITY, draw(N, 1))["calibration_slope"]
    assert found[:20].tolist() == pytest.approx([measured(FINE, n)["calibration_slope"] for n in range(20)], abs=0.04)


def test_every_resample_draws_as_many_leads_as_there_are() -> None:
    assert (draw(N, 0).counts.sum(axis=0) == N).all()
    assert draw(N, 0).counts.shape == (N, RESAMPLES)


def test_of_many_leads_some_vary_as_all_would() -> None:
    n = 3 * ROWS_AT_MOST
    p = chance(np.random.default_rng(2).normal(-1, 1, n))
    won = (np.random.default_rng(3).random(n) < p).astype(np.float64)
    resamples, said = draw(n, 0), Said(won, won, p, p)
    values = brought_down(figures(said, 100, resamples)["log_loss"], evaluate.log_loss(won, p), resamples)
    losses = -np.where(won == 1, np.log(p), np.log(1 - p))
    assert values.mean() == pytest.approx(losses.mean(), abs=1e-9)
    assert values.std() == pytest.approx(losses.std() / np.sqrt(n), rel=0.15)


def test_what_many_leads_bring_is_told_of_all_of_them() -> None:
    n = 2 * ROWS_AT_MOST
    p = np.linspace(0.01, 0.99, n)
    won = (np.random.default_rng(3).random(n) < p).astype(np.float64)
    found = figures(Said(won, 100 * won, p, p), 1_000, draw(n, 0))
    assert found["value_at_capacity"].mean() == pytest.approx(100 * won[-1_000:].sum(), rel=0.05)
    assert found["precision_at_capacity"].mean() == pytest.approx(won[-1_000:].mean(), rel=0.05)


def test_one_class_alone_ranks_nothing() -> None:
    found = figures(Said(np.zeros(50), np.zeros(50), np.full(50, 0.1), np.arange(50.0)), 5, draw(50, 0))
    assert np.isnan(found["roc_auc"]).all()
    assert np.isnan(found["lift_at_10"]).all()
