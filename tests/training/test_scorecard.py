"""The verdict: switch on what is surely better than no model, rank only where chances are untrue, else refuse."""

import json

import numpy as np
import pytest

from features.history import Floats
from models.calibration import chance
from training import scorecard
from training.scorecard import Predictions, Scorecard, judge, make
from training.split import Split

DRAWS = np.random.default_rng(3)
N = 1_000
SKILL = DRAWS.normal(-1, 1.5, N)
WON = (DRAWS.random(N) < chance(SKILL)).astype(np.float64)
CONSTANT = Predictions(np.full(N, WON.mean()), np.zeros(N))
NOISE = DRAWS.normal(0, 1, N)


def card_of(p: Floats, score: Floats | None = None, recency: Floats = NOISE, won: Floats = WON) -> Scorecard:
    baselines = {"constant": CONSTANT, "recency": Predictions(CONSTANT.p, recency)}
    tested = scorecard.Tested(won, 100 * won, Predictions(p, p if score is None else score), baselines, capacity=100)
    split = Split(np.arange(2 * N), np.arange(N), "time", ("a note",))
    return make(tested, split, ("from", "to"), [{"column": "x", "evidence": "always 1"}])


def test_true_chances_that_rank_are_switched_on() -> None:
    assert card_of(chance(SKILL)).verdict == "activate"


def test_a_right_order_with_untrue_chances_is_shown_as_ranks_only() -> None:
    card = card_of(chance(SKILL * 4 + 3))
    assert card.verdict == "rank_only"
    assert any("no percentages" in why for why in card.why)


def test_noise_is_refused_as_nothing_to_learn() -> None:
    card = card_of(chance(DRAWS.normal(0, 1, N)))
    assert card.verdict == "do_not_activate"
    assert "nothing to learn" in card.why[0]


def test_a_model_that_ranks_backwards_is_refused_as_nothing_to_learn() -> None:
    assert "nothing to learn" in card_of(chance(-SKILL)).why[0]


def test_a_model_that_only_repeats_recency_is_refused() -> None:
    card = card_of(chance(SKILL), recency=SKILL)
    assert card.verdict == "do_not_activate"
    assert "recency does as well" in card.why[0]


def test_a_gain_that_a_tenth_of_resamples_deny_is_not_sure() -> None:
    unsure = np.concatenate([np.full(270, 0.6), np.full(30, 0.45)])
    resampled = {"model": {"roc_auc": unsure}}
    assert judge({"roc_auc": 0.58}, resampled)[0] == "do_not_activate"


def test_a_window_without_a_win_activates_nothing() -> None:
    assert card_of(chance(SKILL), won=np.zeros(N)).verdict == "do_not_activate"


def test_a_scorecard_is_plain_json_without_nan() -> None:
    assert json.loads(json.dumps(card_of(chance(SKILL)).as_dict(), allow_nan=False))["verdict"] == "activate"
    assert card_of(chance(SKILL)).baselines["constant"]["calibration_slope"] is None


def test_a_scorecard_says_how_it_was_split_and_what_was_left_out() -> None:
    card = card_of(chance(SKILL))
    assert card.split == {"kind": "time", "train": 2 * N, "test": N, "from": "from", "to": "to"}
    assert (card.notes, card.excluded) == (["a note"], [{"column": "x", "evidence": "always 1"}])


def test_a_scorecard_is_the_same_every_time() -> None:
    assert card_of(chance(SKILL)) == card_of(chance(SKILL))


@pytest.mark.parametrize("figure", ["roc_auc", "average_precision", "log_loss", "brier", "precision_at_capacity"])
def test_a_figure_is_within_its_interval(figure: str) -> None:
    card = card_of(chance(SKILL))
    low, high = card.intervals[figure]
    value = card.metrics[figure]
    assert low is not None
    assert high is not None
    assert value is not None
    assert low < value < high
