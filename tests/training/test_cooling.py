"""Far beyond the waits that were tried a model stands still and the chance falls; nearer nothing changes."""

import numpy as np
import pytest

from features.catalogue import Catalogue
from features.history import Floats
from models.linear import Column, Design, LinearModel, beyond
from models.outcome import Blend
from models.within import Within
from training.cooling import POWER, cooling

WAIT = "events: days since"


@pytest.fixture
def catalogue() -> Catalogue:
    """Age, and what one type of event makes."""
    return Catalogue(attributes=(), kinds=("visit",), dated=True)


@pytest.fixture
def rising(catalogue: Catalogue) -> LinearModel:
    """A slope that hours taught: the longer the wait the better."""
    width = len(catalogue.features)
    coefficients = np.zeros((1, 2 * width))
    coefficients[0, 2 * catalogue.place[WAIT]] = 2.0
    return LinearModel(Design((Column(log=True),) * width), coefficients, np.zeros(1), np.zeros(2 * width))


@pytest.fixture
def taught(catalogue: Catalogue) -> Floats:
    """A team that called everybody within two days."""
    return waiting(catalogue, np.linspace(0.0, 2.0, 201).tolist())


def waiting(catalogue: Catalogue, days: list[float]) -> Floats:
    """Leads that have been silent for so long."""
    X = np.zeros((len(days), len(catalogue.features)))
    X[:, catalogue.place[WAIT]] = days
    return X


def test_as_far_as_was_tried_nothing_changes(catalogue: Catalogue, rising: LinearModel, taught: Floats) -> None:
    some = waiting(catalogue, [0.0, 0.5, 1.0, 1.9])
    assert cooling(catalogue, taught, rising).raw(some) == pytest.approx(rising.raw(some))


def test_farther_the_chance_falls_as_the_prior_does_whatever_was_learned(
    catalogue: Catalogue, rising: LinearModel, taught: Floats
) -> None:
    found = cooling(catalogue, taught, rising).raw(waiting(catalogue, [8.0, 20.0, 200.0]))
    assert np.diff(found) == pytest.approx(-POWER * np.diff(np.log1p([8.0, 20.0, 200.0])), abs=0.03)


def test_what_is_told_still_adds_up(catalogue: Catalogue, rising: LinearModel, taught: Floats) -> None:
    model, some = cooling(catalogue, taught, rising), waiting(catalogue, [1.0, 200.0])
    assert model.contributions(some).sum(axis=1) == pytest.approx(model.raw(some))


def test_a_lead_of_whom_no_event_is_known_does_not_fall(
    catalogue: Catalogue, rising: LinearModel, taught: Floats
) -> None:
    assert cooling(catalogue, taught, rising).raw(waiting(catalogue, [float("nan")])) == pytest.approx(
        rising.raw(waiting(catalogue, [float("nan")]))
    )


def test_every_slope_is_held(catalogue: Catalogue, rising: LinearModel, taught: Floats) -> None:
    more = beyond(catalogue, taught, rising)
    found = cooling(catalogue, taught, Blend((rising, more), (1.0, 1.0)))
    assert isinstance(found, Blend)
    assert [type(part) for part in found.parts] == [Within, Within, type(more)]
    assert found.weights == (1.0, 1.0, 1.0)


def test_a_model_held_to_what_taught_it_survives_being_saved(catalogue: Catalogue, rising: LinearModel) -> None:
    one = Within(rising, (np.inf, *(2.0,) * (len(catalogue.features) - 1)))
    X = waiting(catalogue, [1.0, 30.0])
    assert Within.from_json(one.as_json()).raw(X).tolist() == one.raw(X).tolist()
