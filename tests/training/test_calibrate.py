"""The map of chances is the simplest that later leads do not surely speak against."""

import numpy as np
import pytest

from features.history import Floats
from models.calibration import Calibration, chance
from tests.made_up import drawn
from training.calibrate import ENOUGH, MAPS, calibrate, choose, isotonic, surely_less, venn_abers

INNER = np.linspace(-3.0, 1.0, 50)


def world(truth: Calibration, count: int = 8_000, seed: int = 0) -> tuple[Floats, Floats, Floats, Floats]:
    """Raw log-odds, wins by the true map of them, weights and order."""
    raw = np.random.default_rng(seed).normal(-1.0, 1.2, count)
    return raw, drawn(truth(raw), seed + 1), np.ones(count), np.arange(count, dtype=np.float64)


STEP = Calibration(knots=(-1.05, -0.95), values=(-2.2, 0.0))
"""Two kinds of leads and nothing between: no line comes near."""
BEND = Calibration(-0.5, 0.4, 3.0)


def off(judged: Calibration, truth: Calibration) -> float:
    """The mean distance from the true chances where most leads are."""
    return float(np.abs(chance(judged(INNER)) - chance(truth(INNER))).mean())


@pytest.mark.parametrize("seed", range(5))
def test_a_line_is_found_by_a_line(seed: int) -> None:
    truth = Calibration(-0.4, 1.5, 1.5)
    judged = choose(*world(truth, seed=seed))
    line = calibrate(*world(truth, seed=seed)[:3])
    assert (line.intercept, line.slope) == pytest.approx((-0.4, 1.5), abs=0.15)
    assert off(judged.calibration, truth) < 0.02


def test_of_maps_that_are_alike_the_simplest_is_chosen() -> None:
    chosen = [choose(*world(Calibration(-0.4, 1.5, 1.5), seed=seed)).chosen for seed in range(6)]
    assert chosen.count("line") >= 4  # one standard error is crossed by chance now and then


@pytest.mark.parametrize(("truth", "found"), [(BEND, {"beta"}), (STEP, {"isotonic", "venn_abers"})])
def test_a_bend_is_found_by_a_map_that_bends(truth: Calibration, found: set[str]) -> None:
    seen = world(truth)
    judged = choose(*seen)
    assert judged.chosen in found
    assert off(judged.calibration, truth) < off(calibrate(*seen[:3]), truth) / 2


def test_each_map_is_told_with_its_loss_and_the_chosen_one_is_not_beaten_surely() -> None:
    judged = choose(*world(BEND))
    assert set(judged.losses) == set(MAPS)
    assert judged.losses[judged.chosen] < judged.losses["line"]


def test_with_few_wins_nothing_but_a_line_is_tried() -> None:
    raw, won, weight, order = world(STEP, count=400)
    assert won.sum() < ENOUGH
    judged = choose(raw, won, weight, order)
    assert (judged.chosen, judged.losses) == ("line", {})
    assert judged.calibration.below == judged.calibration.above


def test_a_model_that_speaks_against_itself_is_flattened_and_never_turned_round() -> None:
    raw, won, weight, _ = world(Calibration(0.0, -1.0, -1.0))
    found = calibrate(raw, won, weight)
    assert found.slope > 0
    assert chance(found(raw)).mean() == pytest.approx(won.mean(), abs=0.01)


def test_few_outcomes_hold_the_line_to_what_the_model_says() -> None:
    found = calibrate(np.array([-1.0, -1.0]), np.array([1.0, 1.0]), np.ones(2))
    assert found.slope > 0
    assert chance(found(np.array([-1.0]))) < 0.7  # 0.27 by the model, 1 by the two outcomes


def test_venn_abers_is_near_isotonic() -> None:
    raw, won, weight, _ = world(BEND)
    apart = np.abs(chance(venn_abers(raw, won, weight)(INNER)) - chance(isotonic(raw, won, weight)(INNER)))
    assert apart.max() < 0.05


def test_venn_abers_regrets_what_a_single_lead_could_change() -> None:
    raw, won = np.arange(8.0), np.array([0.0, 0, 0, 0, 1, 1, 1, 1])
    shares = chance(venn_abers(raw, won, np.ones(8))(raw))
    sure = chance(isotonic(raw, won, np.ones(8))(raw))
    assert shares[0] > sure[0]
    assert shares[-1] < sure[-1]


def test_surely_less_is_about_paired_differences() -> None:
    level = np.random.default_rng(0).normal(0, 100, 50)  # leads differ far more than the two models do
    step = np.random.default_rng(1).normal(0.1, 0.1, 50)
    assert surely_less(level, level + step, np.ones(50))
    assert not surely_less(level + step, level, np.ones(50))
    assert not surely_less(level, level, np.ones(50))


def test_a_mean_within_its_standard_error_is_not_surely_less() -> None:
    difference = np.array([1.0, -1.0, 1.0, -1.0, 1.0])  # mean 0.2, standard error 0.44
    assert not surely_less(np.zeros(5), difference, np.ones(5))
    assert surely_less(np.zeros(5), difference + 0.5, np.ones(5))


@pytest.mark.parametrize("name", ["line", "beta"])  # the knots of the others are placed by rows
def test_a_weight_of_two_is_the_lead_twice(name: str) -> None:
    raw, won, _, _ = world(BEND, 600)
    twice = np.random.default_rng(3).random(600) < 0.3
    weighted = MAPS[name](raw, won, np.where(twice, 2.0, 1.0))
    repeated = MAPS[name](np.append(raw, raw[twice]), np.append(won, won[twice]), np.ones(600 + twice.sum()))
    assert np.abs(chance(weighted(INNER)) - chance(repeated(INNER))).max() < 1e-6


@pytest.mark.parametrize("name", MAPS)
def test_a_lead_as_won_and_as_not_won_counts_by_its_two_weights(name: str) -> None:
    raw, won, _, _ = world(BEND, 600)
    weight = np.random.default_rng(4).uniform(0.1, 1.0, 600)
    both = (np.tile(raw, 2), np.repeat([1.0, 0.0], 600), np.concatenate([weight * won, weight * (1 - won)]))
    once = MAPS[name](raw, won, weight)
    kept = both[2] > 0
    soft = MAPS[name](*(each[kept] for each in both))
    assert np.abs(once(INNER) - soft(INNER)).max() < 1e-6


def test_an_open_lead_that_counts_half_a_win_is_two_rows_of_one_part() -> None:
    raw, _, weight, order = world(BEND, 2_000)
    soft = choose(np.tile(raw, 2), np.repeat([1.0, 0.0], 2_000), np.tile(weight / 2, 2), np.tile(order, 2))
    assert set(soft.losses) == set(MAPS)
    assert chance(soft.calibration(np.array([0.0])))[0] == pytest.approx(0.5, abs=0.05)
