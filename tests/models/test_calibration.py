"""Maps of chances: they never fall, parts still add up through them, and intervals cover the true share."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.history import Floats
from models import bundle as bundles
from models.bundle import Bundle
from models.calibration import Calibration, chance, line
from models.decay import Decay
from models.outcome import OutcomeModel, ReasonModel
from models.priority import Population
from models.value import ValueModel
from tests.made_up import drawn, numbers, rows_of
from training.calibrate import ENOUGH, MAPS, calibrate, choose, with_spread
from training.candidates import fit_prior

GRID = np.linspace(-12.0, 12.0, 401)
SOME = np.linspace(-3.0, 1.0, 60)
BROKEN = Calibration(knots=(-1.0, 0.0, 2.0), values=(-2.0, -0.5, 0.5))
BETA = Calibration(0.2, 1.4, 0.6)
AT = np.array([-3.0, -2.0, -1.0, 0.0])
"""Scores at which intervals are asked for."""


@st.composite
def outcomes(draw: st.DrawFn) -> tuple[Floats, Floats, Floats]:
    """Raw log-odds, wins and weights; chances may be distorted in any way, or have nothing to do with wins."""
    seed, count = draw(st.integers(0, 10_000)), draw(st.integers(3, 120))
    slope, level = draw(st.floats(-2.0, 4.0)), draw(st.floats(-3.0, 3.0))
    draws = np.random.default_rng(seed)
    raw = np.round(draws.normal(-1.0, 1.5, count), draw(st.integers(0, 4)))
    return raw, drawn(level + slope * raw, seed), draws.uniform(0.1, 1.0, count)


@pytest.mark.parametrize("name", MAPS)
@settings(max_examples=25, deadline=None)
@given(outcomes())
def test_a_map_never_falls(name: str, seen: tuple[Floats, Floats, Floats]) -> None:
    assert np.diff(MAPS[name](*seen)(GRID)).min() >= -1e-9


def test_a_beta_map_that_bends_nowhere_is_a_line() -> None:
    bent = Calibration(0.3, 1.5, 1.5)
    assert (bent(GRID) == line(0.3, 1.5)(GRID)).all()
    nearly = replace(bent, above=1.5 + 1e-12)  # by the formula for bends
    assert np.abs(nearly(GRID) - bent(GRID)).max() < 1e-9


def test_beyond_its_knots_a_map_goes_on_with_slope_one() -> None:
    below, above = BROKEN(np.array([-6.0, -5.0, -1.0])), BROKEN(np.array([2.0, 5.0, 6.0]))
    assert below.tolist() == [-7.0, -6.0, -2.0]
    assert above.tolist() == [0.5, 3.5, 4.5]


@pytest.mark.parametrize("calibration", [line(-0.5, 1.3), BETA, BROKEN], ids=["line", "beta", "broken"])
@given(st.floats(-4, 4), st.lists(st.floats(-2, 2), min_size=1, max_size=6))
def test_parts_add_up_to_the_calibrated_log_odds_and_keep_their_signs(
    calibration: Calibration, start: float, parts: list[float]
) -> None:
    raw = np.array([start + math.fsum(parts)])
    stretched = calibration.stretched(np.array([[*parts, start]]))[0]
    assert stretched.sum() == pytest.approx(calibration(raw)[0], abs=1e-9)
    assert stretched[-1] == pytest.approx(calibration(np.array([start]))[0], abs=1e-5)
    assert (np.sign(stretched[:-1][np.abs(parts) > 1e-9]) == np.sign(np.array(parts)[np.abs(parts) > 1e-9])).all()


@pytest.mark.parametrize("name", MAPS)
def test_an_interval_holds_the_chance(name: str) -> None:
    won = drawn(SOME, 1)
    fitted = with_spread(MAPS[name](SOME, won, np.ones(60)), SOME, won, np.ones(60))
    low, high = fitted.interval(GRID)
    p = chance(fitted(GRID))
    assert ((low <= p) & (p <= high)).all()


def test_more_outcomes_make_a_narrower_interval() -> None:
    widths = []
    for times in (1, 10, 100):
        raw, won = np.tile(SOME, times), np.tile(drawn(SOME, 1), times)
        low, high = with_spread(calibrate(raw, won, np.ones(len(raw))), raw, won, np.ones(len(raw))).interval(AT)
        widths.append(high - low)
    assert (widths[0] > widths[1]).all()
    assert (widths[1] > widths[2]).all()


def test_where_nothing_is_known_of_the_spread_the_interval_is_the_chance() -> None:
    low, high = BETA.interval(AT)
    assert (low == high).all()


@pytest.mark.parametrize("calibration", [BETA, BROKEN], ids=["beta", "broken"])
def test_a_map_and_its_interval_survive_a_saved_bundle(calibration: Calibration, tmp_path: Path) -> None:
    won = drawn(SOME, 1)
    kept = with_spread(calibration, SOME, won, np.ones(60))
    outcome = OutcomeModel(fit_prior(rows_of(SOME[:, None], won)), kept, ReasonModel(("",), (1.0,)))
    bundles.save(Bundle(numbers("size"), outcome, ValueModel(), Decay(), Population(), {}), tmp_path)
    assert bundles.load(tmp_path).outcome.calibration == kept


DISTORTIONS = {"as they are": (0.0, 1.0), "too near the middle": (-0.5, 1.6), "too far from it": (0.4, 0.6)}
WORLDS = 200


@pytest.mark.parametrize("distortion", DISTORTIONS)
def test_the_interval_covers_the_true_share_nine_times_in_ten(distortion: str) -> None:
    level, slope = DISTORTIONS[distortion]
    covered = np.zeros(len(AT))
    for seed in range(WORLDS):
        raw = np.random.default_rng(seed).normal(-1.5, 1.0, 1_500)
        won = drawn(level + slope * raw, 1_000 + seed)
        fitted = with_spread(calibrate(raw, won, np.ones(1_500)), raw, won, np.ones(1_500))
        low, high = fitted.interval(AT)
        truth = chance(level + slope * AT)
        covered += (low <= truth) & (truth <= high)
    binomial = math.sqrt(0.9 * 0.1 / WORLDS)
    assert (covered / WORLDS > 0.9 - 3 * binomial).all(), covered / WORLDS
    assert (covered / WORLDS).mean() < 0.9 + 4 * binomial, covered / WORLDS


def test_the_interval_covers_the_true_share_where_a_map_is_chosen_too() -> None:
    covered = []
    for seed in range(20):
        raw = np.random.default_rng(seed).normal(-1.0, 1.2, 2_000)
        won = drawn(BETA(raw), 2_000 + seed)
        judged = choose(raw, won, np.ones(2_000), np.arange(2_000.0))
        low, high = judged.calibration.interval(AT)
        covered.append((low <= chance(BETA(AT))) & (chance(BETA(AT)) <= high))
        assert won.sum() > ENOUGH
    assert np.mean(covered) > 0.9 - 3 * math.sqrt(0.9 * 0.1 / 20)
