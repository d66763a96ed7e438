"""Reasons are facts that a salesperson knows, strongest first, in French and English, and add up to the chance."""

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from features.catalogue import Catalogue
from features.profile import Attribute
from features.spec import Feature
from models.calibration import log_odds
from models.explain import reasons, show

if TYPE_CHECKING:
    from tests.models.conftest import Looked

CATALOGUE = Catalogue(
    (Attribute("budget", "number"), Attribute("source", "category", ("web", "fair")), Attribute("vip", "flag")),
    ("demo",),
    dated=False,
)
ROW = np.array([1234.5, 1.0, 1.0, 2.0, 1.0, 2.0, 1.5, 0.5, 3.0, 1.0, 3.0, 2.5, np.nan, 2.0, 1.0, 2.0])
PARTS = np.array([0.2, -0.9, 0.0, 0.5, 0.1, 0.0, 0.0, 0.0, 0.05, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, -1.0])


def told(lang: str, most: int = 5) -> list[str]:
    return [str(reason["text"]) for reason in reasons(CATALOGUE, ROW, PARTS, lang, most)]


def test_reasons_are_told_in_english_strongest_first() -> None:
    assert told("en") == ["source: fair", "number of “demo”: 2", "budget: 1234", "number of event: 3"]


def test_reasons_are_told_in_french() -> None:
    assert told("fr") == ["source : fair", "nombre de « demo » : 2", "budget : 1234", "nombre de événement : 3"]


def test_a_fact_that_adds_nothing_is_not_told_and_no_more_than_asked_for_are() -> None:
    assert "vip: yes" not in told("en")
    assert told("en", most=1) == ["source: fair"]


def test_columns_of_one_fact_are_told_as_one_with_their_sum() -> None:
    contributions = {r["feature"]: r["contribution"] for r in reasons(CATALOGUE, ROW, PARTS)}
    assert contributions["demo"] == pytest.approx(0.6)


@pytest.mark.parametrize(
    ("kind", "value", "en", "fr"),
    [
        ("number", np.nan, "not given", "non renseigné"),
        ("number", 2.5, "2.5", "2,5"),
        ("number", 9999.6, "10000", "10000"),
        ("number", 1234567.0, "1234567", "1234567"),
        ("flag", 1.0, "yes", "oui"),
        ("flag", 0.0, "no", "non"),
        ("category", 0.0, "web", "web"),
        ("category", 2.0, "another value", "autre valeur"),
        ("category", np.nan, "not given", "non renseigné"),
    ],
)
def test_a_value_is_shown_as_a_person_would_write_it(kind: str, value: float, en: str, fr: str) -> None:
    feature = replace(Feature("source", "number", "source", "", ""), kind=kind)  # type: ignore[arg-type] # one of Kind
    assert (show(CATALOGUE, feature, value, "en"), show(CATALOGUE, feature, value, "fr")) == (en, fr)


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_all_reasons_of_a_lead_and_where_all_start_add_up_to_its_chance(looked: "Looked", lang: str) -> None:
    outcome, X = looked.bundle.outcome, looked.scores.X[:20]
    parts = outcome.contributions(X)
    sums = [
        sum(float(r["contribution"] or 0) for r in reasons(looked.bundle.catalogue, row, part, lang, most=999))
        for row, part in zip(X, parts, strict=True)
    ]
    assert np.abs(np.array(sums) + parts[:, -1] - log_odds(outcome.p_win(X))).max() < 1e-9


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_every_reason_of_the_company_reads_as_words(looked: "Looked", lang: str) -> None:
    X = looked.scores.X[::200]
    parts = looked.bundle.outcome.contributions(X)
    texts = [
        str(r["text"])
        for row, part in zip(X, parts, strict=True)
        for r in reasons(looked.bundle.catalogue, row, part, lang)
    ]
    assert len(texts) >= 3 * len(X)
    assert not [text for text in texts if re.search(r"\bnan\b|\binf\b|e\+|\bNone\b", text.split(":")[-1])]
