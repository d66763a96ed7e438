"""From chances to an order: priority, tiers, cells, decay, and the chance to reach a lead later."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.calibration import chance, line, log_odds
from models.decay import Decay, urgency_after
from models.priority import CELL_NAMES, CELLS, Population, cell, priority, reach_later, tier

quickly = settings(derandomize=True, deadline=None, max_examples=100)
shares = st.floats(0, 1)
days = st.floats(0, 3650)


@quickly
@given(st.floats(0, 1e6), shares, shares)
def test_priority_is_importance_less_what_can_wait(importance: float, urgency: float, k: float) -> None:
    found = priority(importance, urgency, k)
    assert found == pytest.approx(importance * (1 - k * (1 - urgency)))
    assert 0 <= found <= importance


def test_under_overload_priority_is_value_alone() -> None:
    assert [priority(value, urgency, 0.0) for value, urgency in ((3.0, 0.1), (1.0, 0.9))] == [3.0, 1.0]


def test_with_time_to_spare_priority_is_the_cost_of_delay() -> None:
    assert priority(100.0, 0.2, 1.0) == pytest.approx(20.0)


def test_a_tier_starts_above_its_cut_off() -> None:
    assert [tier(value, (1.0, 2.0, 3.0)) for value in (0.0, 1.0, 1.1, 2.0, 2.1, 3.1)] == [0, 0, 1, 1, 2, 3]


def test_nobody_stands_out_where_all_are_alike() -> None:
    assert tier(7.0, (7.0, 7.0, 7.0)) == 0


def test_the_cell_is_the_corner_of_fit_and_readiness() -> None:
    corners = [(0.1, 0.1), (0.1, 0.9), (0.9, 0.1), (0.9, 0.9)]
    assert [CELL_NAMES[cell(*corner, 0.5, 0.5)] for corner in corners] == list(CELLS)


@pytest.mark.parametrize(("fit", "readiness"), [(np.nan, 0.5), (0.5, np.nan)])
def test_a_cell_is_unknown_where_an_axis_is(fit: float, readiness: float) -> None:
    assert CELL_NAMES[cell(fit, readiness, 0.5, 0.5)] == "unknown"


@pytest.mark.parametrize(
    ("backlog", "capacity", "k"), [(0, 20, 1.0), (600, 20, 1.0), (6_000, 20, 0.1), (10, 20, 1.0), (6_000, 0, 0.0)]
)
def test_among_equals_the_chance_to_reach_a_lead_later_is_capacity_over_backlog(
    backlog: int, capacity: int, k: float
) -> None:
    assert reach_later(np.ones(backlog), capacity) == pytest.approx(k)


def test_a_backlog_that_is_worth_nothing_keeps_nobody_from_being_reached() -> None:
    assert reach_later(np.concatenate([np.ones(300), np.zeros(6_000)]), 10) == 1.0
    assert reach_later(np.zeros(6_000), 10) == 1.0


def test_a_population_survives_json() -> None:
    population = Population((1.0, 2.0, 3.0), (0.1, 0.2, 0.3), 0.4, 0.6, 7, 0.5)
    assert Population.from_json({**population.as_json(), "importance": [1.0, 2.0, 3.0]}) == population


@quickly
@given(days, days, st.floats(0.01, 100), st.floats(0.01, 3))
def test_the_share_left_never_grows_with_the_wait(one: float, other: float, scale: float, power: float) -> None:
    left = Decay(scale, power).left(np.array([min(one, other), max(one, other)]))
    assert 1 >= left[0] >= left[1] >= 0


@quickly
@given(days, days)
def test_urgency_never_grows_with_the_wait_and_is_a_share(one: float, other: float) -> None:
    urgency = [urgency_after(each, Decay().scale_days, Decay().power) for each in (min(one, other), max(one, other))]
    assert 1 >= urgency[0] >= urgency[1] >= 0


def test_a_lead_from_tomorrow_or_of_no_date_is_not_urgent() -> None:
    assert [urgency_after(each, Decay().scale_days, Decay().power) for each in (-3.0, np.nan)] == [0.0, 0.0]


@quickly
@given(st.floats(-14.9, 14.9))
def test_log_odds_undo_chance(x: float) -> None:
    assert float(log_odds(chance(np.array([x])))[0]) == pytest.approx(x, abs=1e-8)


def test_nothing_is_certain() -> None:
    assert chance(np.array([-1e300, 1e300])).tolist() == pytest.approx([3.1e-7, 1 - 3.1e-7], abs=1e-8)


def test_a_calibration_is_a_line_in_the_log_odds() -> None:
    assert line(1.0, 2.0)(np.array([0.0, 3.0])).tolist() == [1.0, 7.0]
