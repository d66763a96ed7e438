"""Segments: the natural ones, with enough leads, and a note only where chances are surely off."""

import numpy as np
import pytest

from features.catalogue import Catalogue
from features.history import Floats
from features.profile import Attribute
from models.calibration import chance
from training.resample import Said, draw
from training.segments import LEVELS, Segment, by_segment, natural

N = 4_000
DRAWS = np.random.default_rng(6)
P = chance(DRAWS.normal(-1, 1, N))
SOURCE = Attribute("source", "category", ("web", "fair", "ads"))
CODES = DRAWS.integers(0, 3, N).astype(np.float64)


def said(won: Floats) -> Said:
    return Said(won, won, P, P)


def outcomes(true: Floats) -> Floats:
    return (np.random.default_rng(1).random(N) < true).astype(np.float64)


def test_source_campaign_and_country_come_first() -> None:
    names = ["owner", "country", "utm_source", "Campaign name", "stage"]
    catalogue = Catalogue(tuple(Attribute(n, "category", ("a",)) for n in names), (), dated=True)
    assert [a.name for a in natural(catalogue)] == ["utm_source", "Campaign name", "country"]


def test_else_the_categories_with_the_fewest_levels() -> None:
    sized = [("x", 9), ("y", 2), ("z", 5), ("w", 7)]
    attributes = tuple(Attribute(n, "category", tuple(map(str, range(k)))) for n, k in sized)
    assert [a.name for a in natural(Catalogue(attributes, (), dated=True))] == ["y", "z", "w"]


def test_a_row_says_how_the_model_does_among_its_leads() -> None:
    rows, _ = by_segment(said(outcomes(P)), [Segment(SOURCE, CODES)], draw(N, 0))
    assert sorted(str(row["level"]) for row in rows) == ["ads", "fair", "web"]
    assert sum(row["leads"] for row in rows) == N
    for row in rows:
        low, high = row["interval"]["calibration"]
        assert low < row["calibration"] < high


def test_chances_that_are_true_are_not_called_off() -> None:
    assert by_segment(said(outcomes(P)), [Segment(SOURCE, CODES)], draw(N, 0))[1] == []


def test_a_segment_whose_chances_are_off_is_named() -> None:
    true = np.where(CODES == 1, P / 2, P)
    notes = by_segment(said(outcomes(true)), [Segment(SOURCE, CODES)], draw(N, 0))[1]
    assert [note.en.split(":")[0] for note in notes] == ["source = fair"]
    assert "source = fair : probabilités décalées" in notes[0].fr


def test_few_leads_make_no_segment() -> None:
    codes = np.where(np.arange(N) < 40, 0.0, 1.0)
    rows, _ = by_segment(said(outcomes(P)), [Segment(SOURCE, codes)], draw(N, 0))
    assert [row["level"] for row in rows] == ["fair"]


def test_leads_without_a_value_are_a_level_and_other_values_are_none() -> None:
    codes = np.where(np.arange(N) % 2 == 0, np.nan, 3.0)
    rows, _ = by_segment(said(outcomes(P)), [Segment(SOURCE, codes)], draw(N, 0))
    assert [row["level"] for row in rows] == [None]


@pytest.mark.parametrize("levels", [LEVELS + 5])
def test_no_more_levels_than_a_page_can_show(levels: int) -> None:
    many = Attribute("source", "category", tuple(map(str, range(levels))))
    codes = (np.arange(N) % levels).astype(np.float64)
    assert len(by_segment(said(outcomes(P)), [Segment(many, codes)], draw(N, 0))[0]) == LEVELS
