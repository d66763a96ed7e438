"""The verdict: switch on what is surely better than no model, rank only where chances are untrue, else refuse."""

import json
import re

import numpy as np
import pytest

from features.history import Floats
from models.calibration import chance
from training import scorecard
from training.scorecard import Predictions, Scorecard, make
from training.split import Split
from training.verdict import judge

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


def surely(*, points: float) -> dict[str, dict[str, Floats]]:
    """Resamples in which the model beats recency always and points in this share."""
    model, lost = np.full(300, 0.7), round(300 * (1 - points))
    return {
        "model": {"roc_auc": model, "log_loss": np.full(300, 0.4)},
        "recency": {"roc_auc": np.full(300, 0.55)},
        "points": {"roc_auc": np.concatenate([np.full(300 - lost, 0.68), np.full(lost, 0.71)])},
        "constant": {"log_loss": np.full(300, 0.5)},
    }


def test_one_rival_that_is_likely_beaten_and_not_surely_refuses_nothing_and_is_named() -> None:
    verdict, why = judge({"roc_auc": 0.7}, surely(points=0.95))
    assert verdict == "activate"
    assert any("better than the points you already have in 95% of the resamples" in each.en for each in why)
    assert "points" not in why[0].en


def test_points_that_do_as_well_refuse_the_model() -> None:
    verdict, why = judge({"roc_auc": 0.7}, surely(points=0.8))
    assert verdict == "do_not_activate"
    assert "ranking by the points you already have does as well" in why[0].en


def test_points_that_are_no_fair_rival_do_not_judge() -> None:
    assert judge({"roc_auc": 0.7}, surely(points=0.5), ("recency",))[0] == "activate"


def test_the_reasons_are_said_in_french_too() -> None:
    card = card_of(chance(SKILL))
    assert len(card.why_fr) == len(card.why)
    assert "le hasard" in card.why_fr[0]
    assert re.search(r"ROC-AUC 0,\d{3}", card.why_fr[0])


def test_every_baseline_has_intervals_and_paired_differences() -> None:
    card = card_of(chance(SKILL))
    assert set(card.baselines) == set(card.baseline_intervals) == set(card.differences) == {"constant", "recency"}
    for name, metrics in card.baselines.items():
        found = card.differences[name]["log_loss"]
        ours, theirs = card.metrics["log_loss"], metrics["log_loss"]
        assert found["difference"] == pytest.approx((ours or 0) - (theirs or 0))
        assert found["interval"][0] < found["difference"] < found["interval"][1]


def test_a_paired_difference_varies_less_than_the_figures_it_is_of() -> None:
    card = card_of(chance(SKILL), recency=SKILL + 0.1 * NOISE)
    low, high = card.differences["recency"]["roc_auc"]["interval"]
    model = card.intervals["roc_auc"]
    assert high - low < 0.5 * ((model[1] or 0) - (model[0] or 0))


def test_wins_at_capacity_are_what_the_team_would_have_won() -> None:
    card = card_of(chance(SKILL))
    first = np.argsort(-SKILL)[:100]
    assert (card.metrics["wins_at_capacity"], card.metrics["value_at_capacity"]) == (
        WON[first].sum(),
        100 * WON[first].sum(),
    )


def test_gains_grow_from_nothing_to_all_wins() -> None:
    shares, caught = np.array(card_of(chance(SKILL)).gains).T
    assert (shares[0], caught[0], shares[-1], caught[-1]) == (0, 0, 1, 1)
    assert (np.diff(caught) >= 0).all()


def test_reliability_bins_hold_every_lead_and_their_real_share_is_in_its_interval() -> None:
    bins = card_of(chance(SKILL)).reliability
    assert sum(each["leads"] for each in bins) == N
    assert all(each["low"] <= each["real"] <= each["high"] for each in bins)


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


@pytest.mark.parametrize(
    "figure", ["roc_auc", "average_precision", "log_loss", "brier", "calibration_error", "precision_at_capacity"]
)
def test_a_figure_is_within_its_interval(figure: str) -> None:
    card = card_of(chance(SKILL))
    low, high = card.intervals[figure]
    value = card.metrics[figure]
    assert low is not None
    assert high is not None
    assert value is not None
    assert low < value < high
