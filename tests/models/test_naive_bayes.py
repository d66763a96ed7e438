"""Naive Bayes by frequency gives the probabilities that Odoo's own test expects, and survives being saved."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pytest

from features.catalogue import Catalogue
from features.history import Floats, build
from features.kernel import matrix
from features.profile import Attribute
from models.calibration import chance
from models.naive_bayes import (
    NOT_SET,
    Field,
    NaiveBayes,
    fit_naive_bayes,
    often,
    percent,
    start,
    tally,
    tally_stages,
    tally_tags,
)
from tests import checks
from tests.checks import lead

STAGES, VALUES = 4, 4
CLOSED = [  # team, country, state, source, stage, won
    *((1, 1, 1, 1, 0, 0), (1, 2, 2, 2, 1, 0), (1, 3, 3, 3, 3, 1)),
    *((2, 1, 2, 2, 2, 0), (2, 1, 2, 3, 1, 0), (2, 1, 3, 3, 3, 1)),
    *((3, 2, 2, 2, 3, 1), (3, 1, 2, 1, 0, 0), (3, 2, 3, 3, 0, 0)),
]
SCORED = (1, 2, 3)  # country, state, source
OPEN_STAGE = 1
GHI = slice(6, 9)


@dataclass(frozen=True)
class Counted:
    """What is known of one team."""

    fields: list[Field]
    stages: Field

    def score(self, values: tuple[int, ...], stage: int) -> float:
        total = start(*self.stages.totals)
        for field, code in zip((*self.fields, self.stages), (*values, stage), strict=True):
            total += float(field.of(np.array([code]))[0])
        return float(percent(np.array([total]))[0])

    def __add__(self, other: "Counted") -> "Counted":
        fields = [mine + theirs for mine, theirs in zip(self.fields, other.fields, strict=True)]
        return Counted(fields, self.stages + other.stages)


def counted(rows: Sequence[tuple[int, ...]]) -> Counted:
    columns, ones = np.array(rows).T, np.ones(len(rows))
    won = columns[5].astype(np.float64)
    fields = [tally(columns[i], won, ones, VALUES) for i in (1, 2, 3)]
    return Counted(fields, tally_stages(columns[4], won, ones, STAGES))


@pytest.mark.parametrize(("team", "expected"), [(1, 33.49), (2, 7.74), (3, 35.09)])
def test_a_lead_is_scored_by_what_its_team_won_and_lost(team: int, expected: float) -> None:
    assert counted([row for row in CLOSED if row[0] == team]).score(SCORED, OPEN_STAGE) == expected


def test_a_lead_without_a_team_is_scored_by_all_teams_together() -> None:
    nobodys = [(0, *row[1:]) for row in CLOSED[GHI]]
    teams = [counted([row for row in CLOSED if row[0] == 1]), counted([row for row in CLOSED if row[0] == 2])]
    assert counted(nobodys).score(SCORED, OPEN_STAGE) == 35.09
    assert (teams[0] + teams[1] + counted(nobodys)).score(SCORED, OPEN_STAGE) == 35.19


def tagged() -> tuple[Floats, Floats]:
    """Of the closed leads of the page: which of the tags a and b each has, and whether it was won."""
    lost = [*range(1, 31), *range(51, 91), *range(101, 136)]
    won = [*range(32, 51), *range(92, 101), *range(137, 151)]
    number = np.array([*lost, *won])
    has = np.stack([(number <= 50) | (number > 100), number > 50], axis=1).astype(np.float64)
    return has, np.repeat([0.0, 1.0], [len(lost), len(won)])


@pytest.mark.parametrize(
    ("tags", "expected"), [((0,), 33.69), ((1,), 23.51), ((0, 1), 28.05), ((), 28.60)], ids=["31", "91", "136", "none"]
)
def test_each_tag_is_a_factor_of_its_own(tags: tuple[int, ...], expected: float) -> None:
    has, won = tagged()
    ones = np.ones(len(won))
    stages = tally_stages(np.zeros(len(won), dtype=np.int64), won, ones, 1)
    known = often(tally_tags(has, won, ones))
    total = start(*stages.totals) + float(known.of(np.array(tags, dtype=np.int64)).sum())
    assert percent(np.array([total])).tolist() == [expected]


def test_a_tag_that_few_leads_had_says_nothing() -> None:
    has, won = tagged()
    few = often(tally_tags(has[::3], won[::3], np.ones(len(won[::3]))))
    assert few.of(np.array([0, 1])).tolist() == [0.0, 0.0]


def test_a_value_never_seen_or_not_set_is_left_out() -> None:
    field = tally(np.array([0, 0, 2]), np.array([1.0, 0, 0]), np.ones(3), 3)
    assert field.of(np.array([1, 9, NOT_SET])).tolist() == [0.0, 0.0, 0.0]
    assert field.of(np.array([0]))[0] > 0


def test_nobody_is_ever_sure() -> None:
    assert percent(np.array([-1e9, 1e9])).tolist() == [0.01, 99.99]


# The same on the kernel's matrix.

CATALOGUE = Catalogue(
    (
        Attribute("country", "category", ("fr", "de")),
        Attribute("employees", "number"),
        Attribute("newsletter", "flag"),
        Attribute("wish", "text", ("price", "demo")),
    ),
    (),
    dated=False,
)


def leads_of(count: int) -> tuple[Floats, Floats]:
    """Leads whose chance hangs on every column, some of it not given."""
    draws = np.random.default_rng(4)
    countries, wishes = ("fr", "de", "es", ""), ("price", "a demo please", "hello", "")
    rows = [
        lead(
            f"{i:04d}",
            country=countries[i % 4],
            employees=int(draws.integers(1, 900)) if i % 5 else None,
            newsletter=bool(draws.integers(0, 2)),
            wish=wishes[draws.integers(0, 4)],
        )
        for i in range(count)
    ]
    X = matrix(CATALOGUE, build(rows, []), np.arange(count), np.full(count, checks.NOW))
    seen = np.nan_to_num(X)
    signs = (seen[:, 0] == 0) - 1.0 * (seen[:, 1] > 600) + seen[:, 2] + seen[:, 4] - 1.5
    return X, (draws.random(count) < chance(signs)).astype(np.float64)


@pytest.mark.parametrize("numbers", [True, False])
def test_a_matrix_is_counted_as_one_team_in_the_first_stage(numbers: bool) -> None:
    X, won = leads_of(900)
    ones = np.ones(900)
    country = np.where(np.isnan(X[:, 0]), NOT_SET, np.nan_to_num(X[:, 0])).astype(np.int64)
    stages = tally_stages(np.zeros(900, dtype=np.int64), won, ones, 1)
    model = fit_naive_bayes(CATALOGUE, X, won, ones, numbers=numbers)
    only_country = np.full_like(X, np.nan)
    only_country[:, 0] = X[:, 0]
    expected = start(*stages.totals) + tally(country, won, ones, 3).of(country)
    assert np.abs(model.raw(only_country) - expected).max() < 1e-12


def test_without_numbers_only_choices_count() -> None:
    X, won = leads_of(900)
    model = fit_naive_bayes(CATALOGUE, X, won, np.ones(900), numbers=False)
    assert [bool(column.odds) for column in model.columns] == [True, False, True, False, False, False]


def test_numbers_are_cut_into_tenths_and_words_are_tags() -> None:
    X, won = leads_of(900)
    model = fit_naive_bayes(CATALOGUE, X, won, np.ones(900))
    assert len(model.columns[1].cuts) == 9
    assert [column.odds[0] for column in model.columns[4:]] == [0.0, 0.0]  # a tag that a lead has not says nothing


def test_a_weight_of_two_is_the_lead_twice() -> None:
    X, won = leads_of(300)
    once = fit_naive_bayes(CATALOGUE, X, won, np.full(300, 2.0))
    twice = fit_naive_bayes(CATALOGUE, np.tile(X, (2, 1)), np.tile(won, 2), np.ones(600))
    assert np.abs(once.raw(X) - twice.raw(X)).max() < 1e-9


def test_a_saved_model_gives_the_same_bits() -> None:
    X, won = leads_of(400)
    model = fit_naive_bayes(CATALOGUE, X, won, np.ones(400))
    kept = NaiveBayes.from_json(json.loads(json.dumps(model.as_json())))
    assert (checks.bits(kept.raw(X)) == checks.bits(model.raw(X))).all()


def test_a_lead_alone_scores_as_in_a_batch_and_contributions_add_up() -> None:
    X, won = leads_of(400)
    model = fit_naive_bayes(CATALOGUE, X, won, np.ones(400))
    assert np.concatenate([model.raw(row[None]) for row in X]).tolist() == model.raw(X).tolist()
    assert np.abs(model.contributions(X).sum(axis=1) - model.raw(X)).max() < 1e-9


def test_it_learns_what_was_put_in() -> None:
    X, won = leads_of(3_000)
    model = fit_naive_bayes(CATALOGUE, X[:2_000], won[:2_000], np.ones(2_000))
    raw, then = model.raw(X[2_000:]), won[2_000:]
    assert raw[then == 1].mean() - raw[then == 0].mean() > 0.4


def test_a_field_that_nobody_filled_says_nothing() -> None:
    X, won = leads_of(100)
    X[:, 0] = np.nan
    model = fit_naive_bayes(CATALOGUE, X, won, np.ones(100))
    assert not model.columns[0].odds
    assert np.isfinite(model.raw(leads_of(50)[0])).all()
