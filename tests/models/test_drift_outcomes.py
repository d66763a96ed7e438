"""Wins are held against the chances given, and refusals against those of before; chance alone raises no alarm."""

import numpy as np
import pytest

from models.drift_outcomes import LEAST_JUDGED, real, shifts


def test_true_chances_raise_no_alarm_and_their_interval_holds_the_truth() -> None:
    draws = np.random.default_rng(0)
    found = []
    for _ in range(300):
        p = draws.beta(1, 6, 250)
        found.append(real(p, (draws.random(250) < p).astype(np.float64)))
    told = [each for each in found if each is not None]
    assert sum(each.level != "steady" for each in told) <= 300 * 0.01 + 3
    assert np.mean([each.low <= each.p_mean <= each.high for each in told]) > 0.92


@pytest.mark.parametrize("times", [2.5, 0.3])
def test_chances_that_are_far_off_raise_it(times: float) -> None:
    draws = np.random.default_rng(1)
    p = draws.beta(2, 12, 400)
    found = [real(p, (draws.random(400) < np.minimum(1, p * times)).astype(np.float64)) for _ in range(20)]
    assert sum(each is not None and each.level == "alarm" for each in found) >= 18


def test_of_few_leads_nothing_is_said() -> None:
    few = np.full(LEAST_JUDGED - 1, 0.1)
    assert real(few, np.zeros(len(few))) is None


def test_no_win_at_all_is_told_with_its_interval() -> None:
    found = real(np.full(400, 0.1), np.zeros(400))
    assert found is not None
    assert (found.level, found.low, found.wins) == ("alarm", 0.0, 0)
    assert found.as_json()["share"] == 0.0


def test_the_source_whose_refusals_changed_is_named_and_the_others_are_not() -> None:
    before = {"web": {"no_budget": 60, "not_a_buyer": 60}, "fair": {"no_budget": 80, "spam": 20}, "ads": {"spam": 9}}
    after = {"web": {"no_budget": 10, "not_a_buyer": 70}, "fair": {"no_budget": 70, "spam": 22}, "ads": {"other": 90}}
    found = {shift.source: shift.level for shift in shifts(before, after)}
    assert found == {"web": "alarm", "fair": "steady"}
