"""Every feature keeps the contract: one that is added to the catalogue is tested by being there."""

from functools import cache
from typing import get_args

import numpy as np
import pytest

from features.catalogue import Catalogue
from features.history import NEVER
from features.profile import AttributeKind
from leadloop.clock import DAY
from models import registry
from tests import checks
from tests.checks import CLEAN, NOW, T0, Facts
from tests.support import Loop

SMALL = checks.catalogue_of(CLEAN)
UNDATED = checks.catalogue_of(checks.undated(CLEAN), int(NEVER))
FEATURES = [feature.name for feature in SMALL.features]
INSTANTS = [T0 + days * DAY for days in (0, 1, 5, 13, 21, 34, 60)]


@cache
def future_seen() -> set[str]:
    return {name for at in INSTANTS for name in checks.sees_the_future(SMALL, CLEAN, at)}


@cache
def order_minded() -> set[str]:
    return {name for seed in range(5) for name in checks.minds_order(SMALL, CLEAN, NOW, seed)}


@cache
def repetition_minded() -> set[str]:
    return set(checks.minds_repetition(SMALL, CLEAN, NOW))


@cache
def company_minded() -> set[str]:
    mixed = both(SMALL)
    return set(checks.minds_company(SMALL, mixed, NOW, mixed.ids))


@cache
def choking() -> set[str]:
    return set(checks.chokes(SMALL, both(SMALL), NOW))


def both(catalogue: Catalogue) -> Facts:
    odd = checks.awkward(catalogue)
    return Facts(CLEAN.leads + odd.leads, CLEAN.events + odd.events, CLEAN.deals, CLEAN.given)


def test_the_small_world_teaches_every_kind_of_feature() -> None:
    assert {a.kind for a in SMALL.attributes} == set(get_args(AttributeKind))
    assert set(SMALL.kinds) == {"page_view", "email_open", "demo_request"}


@pytest.mark.parametrize("feature", FEATURES)
def test_no_row_recorded_later_changes_a_feature(feature: str) -> None:
    assert feature not in future_seen()


@pytest.mark.parametrize("feature", FEATURES)
def test_no_order_of_rows_changes_a_feature(feature: str) -> None:
    assert feature not in order_minded()


@pytest.mark.parametrize("feature", FEATURES)
def test_no_repetition_of_rows_changes_a_feature(feature: str) -> None:
    assert feature not in repetition_minded()


@pytest.mark.parametrize("feature", FEATURES)
def test_a_feature_is_the_same_alone_as_in_a_batch(feature: str) -> None:
    assert feature not in company_minded()


@pytest.mark.parametrize("feature", FEATURES)
def test_no_value_makes_a_feature_infinite_or_an_unknown_level(feature: str) -> None:
    assert feature not in choking()


@pytest.mark.parametrize("feature", FEATURES)
def test_a_feature_is_described_in_french_and_english_under_a_name_of_its_own(feature: str) -> None:
    assert feature not in checks.undescribed(SMALL)


def test_features_of_an_undated_ledger_keep_the_contract() -> None:
    facts = checks.undated(both(UNDATED))
    assert checks.chokes(UNDATED, facts, int(NEVER)) == []
    assert checks.minds_company(UNDATED, facts, int(NEVER), facts.ids) == []


def test_a_value_that_is_none_says_as_much_as_nothing() -> None:
    odd = checks.awkward(SMALL)
    X = checks.columns(SMALL, odd, [("z000", NOW), ("nothing", NOW)])
    given = [i for i, f in enumerate(SMALL.features) if f.source in {a.source for a in SMALL.attributes}]
    assert np.isnan(X[:, given]).all()


@pytest.fixture(scope="module")
def company(loop: Loop) -> Facts:
    return checks.all_of(loop.ledger)


@pytest.fixture(scope="module")
def catalogue(loop: Loop) -> Catalogue:
    return registry.load(loop.settings).bundle.catalogue


@pytest.fixture(scope="module")
def instants(company: Facts) -> list[int]:
    known = sorted(row.recorded_at for row in company.events)
    draws = np.random.default_rng(7).integers(len(known) // 20, len(known), 5)
    return [known[i] for i in draws.tolist()]


def test_no_row_recorded_later_changes_a_feature_of_the_company(
    company: Facts, catalogue: Catalogue, instants: list[int]
) -> None:
    assert {name for at in instants for name in checks.sees_the_future(catalogue, company, at)} == set()


def test_the_company_has_rows_that_came_late(company: Facts) -> None:
    assert sum(row.recorded_at > row.occurred_at for row in company.events) > 100
    assert len(company.leads) > len(company.ids)


def test_no_order_of_rows_changes_a_feature_of_the_company(
    company: Facts, catalogue: Catalogue, instants: list[int]
) -> None:
    assert checks.minds_order(catalogue, company, max(instants)) == []


def test_no_repetition_changes_a_feature_of_the_company(
    company: Facts, catalogue: Catalogue, instants: list[int]
) -> None:
    assert checks.minds_repetition(catalogue, company, max(instants)) == []


def test_a_lead_of_the_company_is_the_same_alone(company: Facts, catalogue: Catalogue, instants: list[int]) -> None:
    some = company.ids[:: len(company.ids) // 20]
    assert checks.minds_company(catalogue, company, max(instants), some) == []


def test_no_value_chokes_a_feature_of_the_company(catalogue: Catalogue) -> None:
    assert checks.chokes(catalogue, checks.awkward(catalogue), NOW) == []
    assert checks.undescribed(catalogue) == []
