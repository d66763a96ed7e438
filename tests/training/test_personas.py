"""Personas are rules that a person can read, found on older leads and counted on newer ones; noise has none."""

import numpy as np
import pytest

from features.catalogue import Catalogue
from features.history import Floats
from features.profile import Attribute
from models.personas import Condition, Personas
from tests.made_up import drawn
from training import personas
from training.dataset import Dataset

ATTRIBUTES = (
    Attribute("industry", "category", ("software", "retail", "public")),
    Attribute("employees", "number"),
    Attribute("newsletter", "flag"),
    Attribute("source", "category", ("ads", "fair")),
)
ORDER = ("industry", "employees", "newsletter", "source")


def _world(n: int, seed: int) -> Floats:
    """Industry, employees (of some not given), newsletter, source."""
    rng = np.random.default_rng(seed)
    employees = rng.lognormal(4, 1, n).round()
    employees[rng.random(n) < 0.2] = np.nan
    return np.column_stack([rng.integers(0, 3, n), employees, rng.integers(0, 2, n), rng.integers(0, 2, n)])


def _moments(won: Floats) -> Dataset:
    n = len(won)
    none = np.full(n, "", dtype=object)
    amount = np.where(won == 1, 100.0, np.nan)
    zero = np.zeros(n, dtype=np.int64)
    order, steps = np.arange(n, dtype=np.float64), np.full((n, 2), np.inf)
    return Dataset(np.arange(n), zero, won, none, amount, np.ones(n), order, won == won, np.zeros(n), steps)


def _found(odds: Floats, X: Floats, seed: int = 0) -> Personas:
    """Of a world in which the first 2,000 leads are older than the others."""
    won = drawn(odds, seed)
    older, newer = _moments(won[:2_000]), _moments(won[2_000:])

    def columns(catalogue: Catalogue, data: Dataset) -> Floats:
        part = X[:2_000] if data is older else X[2_000:]
        return part[:, [ORDER.index(each.name) for each in catalogue.attributes]]

    return personas.find(columns, Catalogue(ATTRIBUTES, (), dated=False), older, newer)


@pytest.fixture(scope="module")
def world() -> Floats:
    """Three thousand leads."""
    return _world(3_000, 1)


@pytest.fixture(scope="module")
def found(world: Floats) -> Personas:
    """Software companies of more than a hundred people win; how leads came tells too, and is not who they are."""
    big = np.nan_to_num(world[:, 1]) > 100
    return _found(-2.5 + 3.0 * ((world[:, 0] == 0) & big) + 1.0 * (world[:, 3] == 1), world)


def test_who_wins_is_found_and_said_in_both_languages(found: Personas) -> None:
    best = found.each[0]
    assert {condition.source for condition in best.conditions} == {"industry", "employees"}
    assert "industry: software" in found.told(best, "en")
    assert "industry : software" in found.told(best, "fr")


def test_newer_leads_that_had_no_part_in_it_judge(found: Personas) -> None:
    best, others = found.each[0], found.each[1:]
    assert sum(one.judged["leads"] for one in found.each) == 1_000
    rate = best.judged["wins"] / best.judged["leads"]
    assert rate > 2 * sum(one.judged["wins"] for one in others) / sum(one.judged["leads"] for one in others)
    assert best.judged["value"] == 100.0 * best.judged["wins"]


def test_each_lead_is_in_exactly_one_persona(found: Personas, world: Floats) -> None:
    X = world[:, [ORDER.index(each.name) for each in found.attributes]]
    fits = np.array(
        [
            np.all(
                [c.holds(X[:, [a.source for a in found.attributes].index(c.source)]) for c in one.conditions], axis=0
            )
            for one in found.each
        ]
    )
    assert (fits.sum(axis=0) == 1).all()
    assert (found.place(X) == fits.argmax(axis=0)).all()


def test_how_a_lead_came_is_no_persona(found: Personas) -> None:
    assert "source" not in {attribute.name for attribute in found.attributes}


def test_noise_has_one_persona_that_is_everybody(world: Floats) -> None:
    only = _found(np.full(3_000, -1.5), world, seed=3)
    assert [one.conditions for one in only.each] == [()]
    assert (only.told(only.each[0], "en"), only.told(only.each[0], "fr")) == ("everybody", "tout le monde")


def test_a_handful_of_wins_has_one_persona_too(world: Floats) -> None:
    few = _found(np.full(3_000, -7.0), world, seed=4)
    assert [one.conditions for one in few.each] == [()]


def test_what_is_kept_beside_a_model_reads_back_the_same(found: Personas) -> None:
    assert Personas.from_json(found.as_json()) == found


@pytest.mark.parametrize(
    ("condition", "en"),
    [
        (Condition("employees", 50.0, None), "employees: from 50"),
        (Condition("employees", None, 50.0, missing=True), "employees: up to 50 or not given"),
        (Condition("employees", 10.0, 1_500.0), "employees: 10 to 1,500"),
        (Condition("newsletter", 0.5, None), "newsletter: yes"),
        (Condition("industry", levels=(0, 2)), "industry: software or public"),
        (Condition("industry", levels=(1, 3)), "industry: retail or others (1)"),
    ],
)
def test_conditions_are_read_aloud(condition: Condition, en: str) -> None:
    told = Personas(ATTRIBUTES, ())
    assert told._told(condition, "en") == en
