"""Sums of terms in compiled loops are what the design, laid out and multiplied, would give."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from features.history import Floats
from models.linear import Column, Design, LinearModel

COLUMNS = (
    Column(levels=5),
    Column(mean=0.4, scale=1.7),
    Column(log=True, mean=0.2, scale=0.9, knots=(-0.5, 0.1, 0.8)),
    Column(mean=1.0, scale=2.0, values=(0.0, 2.0, 3.0)),
    Column(levels=2),
)


@st.composite
def models(draw: st.DrawFn) -> tuple[LinearModel, Floats]:
    """Several classes over every kind of column, and rows with gaps and codes that nobody knew."""
    draws = np.random.default_rng(draw(st.integers(0, 10_000)))
    design, classes = Design(COLUMNS), draw(st.integers(1, 5))
    width = len(design.origin)
    model = LinearModel(
        design, draws.normal(size=(classes, width)), draws.normal(size=classes), draws.uniform(size=width)
    )
    X = np.stack([draws.integers(0, 9, 30), *draws.normal(1, 2, (2, 30)), *draws.integers(0, 4, (2, 30))], axis=1)
    X[draws.random(X.shape) < 0.2] = np.nan
    return model, X


@settings(deadline=None)  # the first call compiles
@given(models())
def test_scores_are_the_design_times_the_coefficients(made: tuple[LinearModel, Floats]) -> None:
    model, X = made
    by_hand = model.design.transform(X) @ model.coefficients.T + model.intercepts
    assert np.abs(model.raw_classes(X) - by_hand).max() < 1e-12


@settings(deadline=None)  # the first call compiles
@given(models())
def test_contributions_are_the_design_less_its_mean_times_the_coefficients(made: tuple[LinearModel, Floats]) -> None:
    model, X = made
    away = (model.design.transform(X) - model.center)[:, None, :] * model.coefficients
    parts = model.contributions_by_class(X)
    for feature in range(len(COLUMNS)):
        by_hand = away[:, :, model.design.origin == feature].sum(axis=2)
        assert np.abs(parts[:, feature] - by_hand).max() < 1e-12
    assert np.abs(parts.sum(axis=1) - model.raw_classes(X)).max() < 1e-12


@settings(deadline=None)  # the first call compiles
@given(models())
def test_a_lead_alone_gets_the_bits_that_it_gets_among_others(made: tuple[LinearModel, Floats]) -> None:
    model, X = made
    assert (np.concatenate([model.raw_classes(x[None]) for x in X]) == model.raw_classes(X)).all()
