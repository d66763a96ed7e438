"""A win against each reason, learned together: contributions add up, and one sure reason is enough to say no."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.catalogue import Catalogue
from features.history import Floats
from models.calibration import chance
from models.joint import JointModel
from models.linear import Column, Design, LinearModel
from tests.made_up import numbers, rows_of
from training.candidates import fit_joint, fit_ridge

WIDTH = 2
"""Columns of the design for a plain number: itself, and a flag "missing"."""


def joint(coefficients: Floats, intercepts: Floats, center: Floats | None = None) -> JointModel:
    """One coefficient a class and feature, of plain numbers as they are."""
    classes, features = coefficients.shape
    wide = np.zeros((classes, features * WIDTH))
    wide[:, ::WIDTH] = coefficients
    middle = np.zeros(features * WIDTH)
    middle[::WIDTH] = 0.0 if center is None else center
    linear = LinearModel(Design((Column(),) * features), wide, intercepts, middle)
    return JointModel(linear, tuple(f"reason {number}" for number in range(1, classes)))


@st.composite
def models(draw: st.DrawFn) -> tuple[JointModel, Floats]:
    """Any model of up to five classes, and some rows."""
    draws = np.random.default_rng(draw(st.integers(0, 10_000)))
    classes, features, size = draw(st.integers(2, 5)), draw(st.integers(1, 4)), draw(st.floats(0.1, 1.0))
    model = joint(
        draws.normal(0, size, (classes, features)), draws.normal(0, 1, classes), draws.normal(0, 0.5, features)
    )
    X = draws.normal(0, 1.5, (6, features))
    X[draws.random(X.shape) < 0.1] = np.nan
    return model, X


@settings(deadline=None)  # the first call compiles
@given(models())
def test_contributions_add_up_to_the_log_odds(made: tuple[JointModel, Floats]) -> None:
    model, X = made
    assert np.abs(model.contributions(X).sum(axis=1) - model.raw(X)).max() < 1e-9


@settings(deadline=None)  # the first call compiles
@given(models())
def test_all_leads_start_nearly_from_the_log_odds_of_the_average_one(made: tuple[JointModel, Floats]) -> None:
    """What the sum of 32 points leaves over ends up in the start, so that it must be all but the same for all."""
    model, X = made
    assert np.ptp(model.contributions(X)[:, -1]) < 0.01


@settings(deadline=None)  # the first call compiles
@given(models())
def test_the_integral_agrees_with_a_fine_riemann_sum(made: tuple[JointModel, Floats]) -> None:
    model, X = made
    parts = model.linear.contributions_by_class(X).transpose(0, 2, 1)
    start, way = parts[:, :, -1], parts[:, :, :-1]
    steps = (np.arange(500) + 0.5) / 500
    summed = np.zeros(way[:, 0].shape)
    for step in steps.tolist():
        at = (start + step * way.sum(axis=2))[:, 1:]
        odds = np.exp(at - at.max(axis=1, keepdims=True))
        share = odds / odds.sum(axis=1, keepdims=True)
        summed += way[:, 0] - (way[:, 1:] * share[:, :, None]).sum(axis=1)
    assert np.abs(model.contributions(X)[:, :-1] - summed / len(steps)).max() < 0.01


@given(st.integers(0, 10_000))
def test_with_one_other_class_it_is_the_difference_of_two_sums(seed: int) -> None:
    draws = np.random.default_rng(seed)
    coefficients, intercepts, X = draws.normal(0, 1, (2, 3)), draws.normal(0, 1, 2), draws.normal(0, 1, (5, 3))
    model = joint(coefficients, intercepts)
    by_hand = X * (coefficients[0] - coefficients[1])
    assert np.abs(model.raw(X) - (by_hand.sum(axis=1) + intercepts[0] - intercepts[1])).max() < 1e-9
    assert np.abs(model.contributions(X)[:, :-1] - by_hand).max() < 1e-9


AGAINST = joint(np.array([[1.0, 0.0], [0.0, 6.0], [0.0, 0.0]]), np.array([0.0, -3.0, 0.0]))
"""The first number speaks for a win; the second for a reason against one."""


@pytest.mark.parametrize("good", [0.0, 2.0, 4.0])
def test_a_reason_that_surely_speaks_against_makes_the_chance_small_whatever_else_speaks_for_it(good: float) -> None:
    without, with_reason = chance(AGAINST.raw(np.array([[good, 0.0], [good, 2.0]])))
    assert without >= 0.45
    assert with_reason < 0.01


def test_two_reasons_do_not_cost_a_chance_twice() -> None:
    both = joint(np.array([[0.0, 0.0], [5.0, 0.0], [0.0, 5.0]]), np.zeros(3))
    none, one, other, two = both.raw(np.array([[0.0, 0], [1, 0], [0, 1], [1, 1]]))
    assert none - two < (none - one) + (none - other)
    assert two < one


def world(count: int = 6_000) -> tuple[Catalogue, Floats, Floats, Floats]:
    """Students never buy, and who has no budget seldom does: two reasons, each with a fact of its own."""
    draws = np.random.default_rng(0)
    student, budget, noise = (draws.random(count) < 0.2), draws.normal(0, 1, count), draws.normal(0, 1, count)
    scores = np.stack([np.zeros(count), np.where(student, 5.0, -2.0), -0.5 - 1.5 * budget], axis=1)
    odds = np.exp(scores)
    end = (draws.random(count)[:, None] > np.cumsum(odds / odds.sum(axis=1, keepdims=True), axis=1)).sum(axis=1)
    X = np.stack([student.astype(np.float64), budget, noise], axis=1)
    return numbers("student", "budget", "noise"), X, end.astype(np.float64), odds[:, 0] / odds.sum(axis=1)


def test_reasons_that_were_written_down_bring_the_chances_nearer_the_truth() -> None:
    catalogue, X, end, truth = world()
    reason = np.array(["", "not_a_buyer", "no_budget"], dtype=object)[end.astype(np.int64)]
    rows = rows_of(X, (end == 0).astype(np.float64), reason=reason)
    taught, newer = rows.take(np.arange(1_500)), X[1_500:]
    off = {
        "joint": chance(fit_joint(catalogue, taught, 0.1).raw(newer)) - truth[1_500:],
        "ridge": chance(fit_ridge(catalogue, taught, 0.1).raw(newer)) - truth[1_500:],
    }
    assert (off["joint"] ** 2).mean() < (off["ridge"] ** 2).mean()


def test_a_joint_model_is_the_same_after_json() -> None:
    catalogue, X, end, _ = world(600)
    reason = np.array(["", "not_a_buyer", "no_budget"], dtype=object)[end.astype(np.int64)]
    model = fit_joint(catalogue, rows_of(X, (end == 0).astype(np.float64), reason=reason), 0.1)
    assert (JointModel.from_json(model.as_json()).raw(X) == model.raw(X)).all()
