"""Drift is told when leads are others than those that taught, and not when nothing moved but chance."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from features.catalogue import Catalogue
from features.history import Floats
from features.profile import Attribute
from models.drift import RISK, Drift, compare
from models.drift_chance import stability
from models.drift_reference import Reference

SOURCES = ("web", "fair", "partner", "ads")
CATALOGUE = Catalogue(
    (Attribute("source", "category", SOURCES), *(Attribute(f"n{i}", "number") for i in range(20))), (), dated=False
)
Draws = np.random.Generator


def company(draws: Draws, leads: int) -> Floats:
    """Leads of a company in which nothing changes: skewed counts, flags, numbers often missing, and a source."""
    X = np.empty((leads, 21))
    X[:, 0] = draws.choice(4, leads, p=[0.5, 0.3, 0.15, 0.05])
    X[:, 1:8] = draws.poisson(draws.gamma(0.7, 2.0, (leads, 7)))
    X[:, 8:14] = draws.random((leads, 6)) < np.array([0.02, 0.1, 0.3, 0.5, 0.7, 0.97])
    X[:, 14:] = draws.lognormal(0, 2, (leads, 7))
    X[:, 10:][draws.random((leads, 11)) < 0.2] = np.nan
    return X


def reference_of(X: Floats) -> Reference:
    return Reference.learn(CATALOGUE, X, np.full(len(X), 0.1), 90.0)


def test_without_drift_the_alarm_is_as_rare_as_it_claims() -> None:
    """240 looks at a company in which nothing changes; at most as many alarms as RISK allows, but for chance."""
    draws, raised = np.random.default_rng(1), 0
    for leads in (100, 200, 1_000):
        for _ in range(80):
            found = compare(reference_of(company(draws, 400)), company(draws, leads), CATALOGUE)
            raised += found.level != "steady"
    assert raised <= 240 * RISK + 3 * np.sqrt(240 * RISK)


@pytest.mark.parametrize("leads", [60, 300, 3_000])
def test_without_drift_the_index_is_nothing_on_average_whatever_the_size_of_the_sample(leads: int) -> None:
    draws, share = np.random.default_rng(2), [0.1] * 10
    pairs = [(draws.multinomial(500, share), draws.multinomial(leads, share)) for _ in range(400)]
    found = np.array([stability(*pair)[0] for pair in pairs])
    assert abs(found.mean()) < 4 * found.std() / 20 + 0.01


def test_the_chance_that_is_told_is_true_without_drift() -> None:
    draws, share = np.random.default_rng(3), [0.4, 0.3, 0.2, 0.05, 0.03, 0.02]
    told = [stability(draws.multinomial(400, share), draws.multinomial(150, share))[1] for _ in range(2_000)]
    assert 0.03 < np.mean(np.array(told) < 0.05) < 0.07


def shifted(change: Callable[[Floats, Draws], None], leads: int = 300, seed: int = 4) -> Drift:
    draws = np.random.default_rng(seed)
    then, today = company(draws, 1_000), company(draws, leads)
    change(today, draws)
    strangers = {"source": {"podcast": int((today[:, 0] == 4).sum())}}
    return compare(reference_of(then), today, CATALOGUE, strangers=strangers)


def _new_source(X: Floats, draws: Draws) -> None:
    X[draws.random(len(X)) < 0.1, 0] = 4.0  # "other"


def _closed(X: Floats, draws: Draws) -> None:
    X[X[:, 0] == 2, 0] = 0.0


def _larger(X: Floats, _: Draws) -> None:
    X[:, 14] *= 8


def _forgotten(X: Floats, draws: Draws) -> None:
    X[draws.random(len(X)) < 0.3, 15] = np.nan


def test_a_new_source_raises_the_alarm_and_is_named() -> None:
    found = shifted(_new_source)
    assert [(m.source, [(v.name, v.kind) for v in m.values]) for m in found.alarms] == [
        ("source", [("podcast", "new")])
    ]


def test_a_source_that_brings_no_more_leads_is_told_as_gone() -> None:
    worst = shifted(_closed).features[0]
    assert [(v.name, v.kind) for v in worst.values] == [("partner", "gone")]


def test_a_source_that_comes_in_bursts_is_not_gone_between_them() -> None:
    X = company(np.random.default_rng(7), 1_000)
    X[:, 0] = 0.0
    X[200:400, 0] = np.where(np.arange(200) % 2, 1.0, 0.0)
    assert compare(reference_of(X), X, CATALOGUE).level == "steady"


@pytest.mark.parametrize(("change", "source"), [(_larger, "n13"), (_forgotten, "n14")])
def test_a_shift_is_found_in_most_samples_of_300_leads(change: Callable[[Floats, Draws], None], source: str) -> None:
    found = [shifted(change, seed=seed) for seed in range(10)]
    assert sum(source in [m.source for m in drift.alarms] for drift in found) >= 9


def test_nothing_else_is_blamed() -> None:
    assert [m.source for m in shifted(_larger).features if m.level != "steady"] == ["n13"]


def test_too_few_leads_are_no_verdict() -> None:
    found = shifted(_new_source, leads=60)
    assert (found.enough, found.level, found.features) == (False, "steady", ())


def test_the_chances_given_are_looked_at_as_well() -> None:
    draws = np.random.default_rng(5)
    then, today = company(draws, 1_000), company(draws, 500)
    reference = Reference.learn(CATALOGUE, then, draws.beta(1, 9, 1_000), 90.0)
    found = compare(reference, today, CATALOGUE, p_win=draws.beta(3, 9, 500))
    assert found.p_win is not None
    assert found.p_win.level == found.level == "alarm"


def test_a_reference_survives_json() -> None:
    reference = reference_of(company(np.random.default_rng(6), 200))
    assert Reference.from_json(reference.as_json()) == reference


def test_a_company_without_any_categories_or_leads_is_no_trouble() -> None:
    bare = replace(CATALOGUE, attributes=())
    reference = Reference.learn(bare, np.empty((500, 0)), np.full(500, 0.1), None)
    assert compare(reference, np.empty((500, 0)), bare).level == "steady"
