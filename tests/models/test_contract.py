"""Every candidate for the chance of a win keeps the contract; one that is added to the candidates is tested by it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from features.history import Floats
from models import bundle as bundles
from models.bundle import Bundle
from models.calibration import log_odds
from models.outcome import WinModel
from tests import checks
from tests.checks import NOW
from training.ladder import PRIOR, RUNGS

NAMES = [*RUNGS, "both", "joint"]


@pytest.fixture(params=NAMES)
def model(request: pytest.FixtureRequest, candidates: dict[str, WinModel]) -> WinModel:
    return candidates[str(request.param)]


def holding(bundle: Bundle, model: WinModel) -> Bundle:
    return replace(bundle, outcome=replace(bundle.outcome, win=model))


def test_a_lead_alone_has_the_log_odds_it_has_in_a_batch(model: WinModel, some: Floats) -> None:
    assert not checks.model_minds_company(model, some)


def test_contributions_add_up_to_the_log_odds(model: WinModel, some: Floats) -> None:
    assert checks.model_gap(model, some) < 1e-9


def test_contributions_add_up_to_the_log_odds_of_the_calibrated_chance(
    bundle: Bundle, model: WinModel, some: Floats
) -> None:
    outcome = holding(bundle, model).outcome
    assert np.abs(outcome.contributions(some).sum(axis=1) - log_odds(outcome.p_win(some))).max() < 1e-9


def test_nobody_has_no_contributions(model: WinModel, some: Floats) -> None:
    assert model.contributions(some[:0]).shape == (0, some.shape[1] + 1)


def test_no_value_is_beyond_a_model(bundle: Bundle, model: WinModel) -> None:
    odd = checks.awkward(bundle.catalogue)
    X = checks.columns(bundle.catalogue, odd, [(lead_id, NOW) for lead_id in odd.ids])
    assert np.isfinite(model.raw(X)).all()
    assert np.isfinite(model.contributions(X)).all()


def test_a_saved_model_gives_the_same_bits(bundle: Bundle, model: WinModel, some: Floats, tmp_path: Path) -> None:
    bundles.save(holding(bundle, model), tmp_path)
    kept = bundles.load(tmp_path).outcome.win
    assert (checks.bits(kept.raw(some)) == checks.bits(model.raw(some))).all()
    assert (checks.bits(kept.contributions(some)) == checks.bits(model.contributions(some))).all()


@pytest.mark.parametrize("name", [name for name in NAMES if name != PRIOR])
def test_a_model_tells_leads_apart(name: str, candidates: dict[str, WinModel], some: Floats) -> None:
    assert candidates[name].raw(some).std() > 0.1
