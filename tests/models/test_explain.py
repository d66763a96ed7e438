"""Reasons are sentences a salesperson would say, strongest first, in French and English, and add up to the chance."""

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from features.catalogue import Catalogue
from features.profile import Attribute
from features.spec import Feature
from leadloop.event_types import meant_by
from leadloop.store.rows import Value
from models.asides import Aside, show
from models.calibration import log_odds
from models.event_words import words_of
from models.explain import LANGUAGES, Explainer, Reason
from models.sentences import Case

if TYPE_CHECKING:
    from tests.models.conftest import Looked

CATALOGUE = Catalogue(
    (
        Attribute("budget", "number"),
        Attribute("comment", "text", ("urgent",)),
        Attribute("company_size", "company size"),
        Attribute("job_title", "category", ("buyer",)),
        Attribute("job_title", "seniority"),
        Attribute("renewal", "date"),
        Attribute("source", "category", ("web", "fair")),
        Attribute("vip", "flag"),
    ),
    ("demo_request", "email_open", "xyz_seen"),
    dated=True,
)
NAMES = [feature.name for feature in CATALOGUE.features]
EXPLAINER = Explainer(CATALOGUE)
NAN = float("nan")


def told(carries: dict[str, float], known: dict[str, float], lang: str, **given: Value) -> list[Reason]:
    """Reasons of a lead of whom only this is known, by what these columns contribute."""
    row, parts = np.full(len(NAMES), np.nan), np.zeros(len(NAMES) + 1)
    for name, value in known.items():
        row[NAMES.index(name)] = value
    for name, value in carries.items():
        parts[NAMES.index(name)] = value
    return EXPLAINER.reasons(row, parts, lang, given=given)


def both(column: str, contribution: float, known: dict[str, float], **given: Value) -> tuple[str, str]:
    """A reason that one column carries, in French and English."""
    french, english = (told({column: contribution}, known, lang, **given)[0]["text"] for lang in ("fr", "en"))
    return str(french), str(english)


def did(kind: str, count: float, week: float, month: float, since: float) -> dict[str, float]:
    """What is known of events of a type."""
    windows = {"count": count, "last 7 days": week, "last 30 days": month, "decayed": month, "days since": since}
    return {f"{kind}: {name}": value for name, value in windows.items()}


@pytest.mark.parametrize(
    ("column", "contribution", "counts", "fr", "en"),
    [
        ("last 30 days", 1, (3, 1, 3, 2), "a demandé une démo il y a 2 jours (3 fois en 30 jours)",
         "asked for a demo 2 days ago (3 times in 30 days)"),
        ("last 7 days", 1, (3, 2, 3, 0.2), "a demandé une démo il y a 5 heures (2 fois en 7 jours)",
         "asked for a demo 5 hours ago (twice in 7 days)"),
        ("count", 1, (9, 0, 2, 12), "a demandé une démo il y a 12 jours (9 fois en tout)",
         "asked for a demo 12 days ago (9 times in all)"),
        ("days since", 1, (1, 1, 1, 0.01), "a demandé une démo il y a moins d’une heure",
         "asked for a demo less than an hour ago"),
        ("days since", 1, (1, 1, 1, 1), "a demandé une démo il y a 1 jour", "asked for a demo 1 day ago"),
        ("days since", 1, (1, 0, 0, 40), "a demandé une démo il y a 40 jours", "asked for a demo 40 days ago"),
        ("days since", -1, (1, 0, 0, 40), "n’a plus demandé de démo depuis 40 jours",
         "last asked for a demo 40 days ago"),
        ("days since", -1, (2, 0, 0, 800), "n’a plus demandé de démo depuis 2 ans",
         "last asked for a demo 2 years ago"),
        ("last 30 days", -1, (3, 0, 3, 10), "a demandé une démo il y a 10 jours (3 fois en 30 jours)",
         "asked for a demo 10 days ago (3 times in 30 days)"),
        ("last 7 days", -1, (3, 0, 3, 10), "n’a plus demandé de démo depuis 10 jours",
         "last asked for a demo 10 days ago"),
        ("count", -1, (0, 0, 0, NAN), "n’a pas demandé de démo", "has not asked for a demo"),
    ],
)  # fmt: skip
def test_an_event_is_told_by_how_long_ago_and_how_often(
    column: str, contribution: float, counts: tuple[float, float, float, float], fr: str, en: str
) -> None:
    assert both(f"demo_request: {column}", contribution, did("demo_request", *counts)) == (fr, en)


def test_what_did_not_happen_is_told_as_such() -> None:
    nothing = did("email_open", 0, 0, 0, NAN)
    assert both("email_open: count", -1, nothing) == ("n’a pas ouvert d’e-mail", "opened no e-mail")


def test_an_event_that_nobody_foresaw_is_told_by_its_name() -> None:
    assert both("xyz_seen: count", 1, did("xyz_seen", 1, 1, 1, 2)) == (
        "« xyz seen » il y a 2 jours",
        "“xyz seen” 2 days ago",
    )
    assert both("xyz_seen: count", 1, did("xyz_seen", 0, 0, 0, NAN)) == ("jamais « xyz seen »", "never “xyz seen”")


@pytest.mark.parametrize("kind", ["demo_cancelled", "demo", "case_opened", "client", "meeting", "", "123", "email"])
def test_a_type_that_may_mean_something_else_is_not_guessed(kind: str) -> None:
    assert meant_by(kind) is None
    assert words_of(kind, "en").did == f"“{kind.replace('_', ' ')}”"


@pytest.mark.parametrize(
    ("column", "known", "given_so", "fr", "en"),
    [
        ("job_title", 1.0, {"job_title": "Directrice  des achats"}, "fonction : Directrice des achats",
         "job title: Directrice des achats"),
        ("job_title", 1.0, {}, "fonction : autre", "job title: another"),
        ("job_title: seniority", 4.0, {"job_title": "Directrice des achats"},
         "niveau hiérarchique : direction (Directrice des achats)",
         "seniority: head or director (Directrice des achats)"),
        ("job_title: seniority", NAN, {}, "niveau hiérarchique inconnu", "seniority unknown"),
        ("company_size: company size", 4.0, {}, "entreprise de 201 à 1 000 personnes",
         "company of 201 to 1,000 people"),
        ("company_size: company size", 0.0, {}, "entreprise d’une personne", "company of 1 person"),
        ("source", 1.0, {}, "source : fair", "source: fair"),
        ("source", NAN, {}, "source non renseignée", "source not given"),
        ("budget", 12500.0, {}, "budget : 12\u202f500", "budget: 12,500"),
        ("budget", 2.5, {}, "budget : 2,5", "budget: 2.5"),
        ("budget", NAN, {}, "budget non renseigné", "budget not given"),
        ("vip", 1.0, {}, "vip : oui", "vip: yes"),
        ("vip", 0.0, {}, "vip : non", "vip: no"),
        ("vip", NAN, {}, "vip : non renseigné", "vip: not given"),
        ("renewal", -12.0, {}, "renewal : dans 12 jours", "renewal: in 12 days"),
        ("renewal", 12.0, {}, "renewal : il y a 12 jours", "renewal: 12 days ago"),
        ("comment (words)", 1.0, {}, "commentaire : 1 mot", "comment: 1 word"),
        ("comment: urgent", 1.0, {}, "commentaire : contient « urgent »", "comment: contains “urgent”"),
        ("comment: urgent", 0.0, {}, "commentaire : ne contient pas « urgent »", "comment: does not contain “urgent”"),
        ("comment (words)", NAN, {}, "commentaire non renseigné", "comment not given"),
        ("lead age", 25.4, {}, "lead arrivé il y a 25 jours", "lead came in 25 days ago"),
        ("lead age", 0.0, {}, "lead arrivé il y a moins d’une heure", "lead came in less than an hour ago"),
    ],
)  # fmt: skip
def test_an_attribute_is_told_with_the_leads_own_value(
    column: str, known: float, given_so: dict[str, Value], fr: str, en: str
) -> None:
    assert both(column, 1, {column: known}, **given_so) == (fr, en)


@pytest.mark.parametrize(
    ("column", "contribution", "value", "fr", "en"),
    [
        ("events: active days", 1, 5, "activité sur 5 jours différents", "active on 5 different days"),
        ("events: active days", -1, 1, "activité sur un seul jour", "active on a single day"),
        ("events: trend", 1, 3, "activité en hausse cette semaine", "more active this week than before"),
        ("events: trend", -1, 0.3, "activité en baisse cette semaine", "less active this week than before"),
        ("events: trend", -1, 1, "activité régulière", "steady activity"),
        ("events: burst", 1, 6, "jusqu’à 6 activités en un jour", "up to 6 activities in one day"),
        ("events: last 7 days", 1, 2, "2 activités en 7 jours", "2 activities in 7 days"),
        ("events: last 7 days", -1, 0, "aucune activité depuis 7 jours", "no activity in the last 7 days"),
        ("events: days since", 1, 9, "dernière activité il y a 9 jours", "last active 9 days ago"),
        ("events: days since", -1, 9, "aucune activité depuis 9 jours", "no activity for 9 days"),
        ("events: count", 1, 1, "1 activité en tout", "1 activity in all"),
    ],
)
def test_the_pace_of_all_events_is_told_by_what_carries_it(
    column: str, contribution: float, value: float, fr: str, en: str
) -> None:
    assert both(column, contribution, {**did("events", 12, 2, 8, 9), column: value}) == (fr, en)


def test_a_lead_that_did_nothing_is_told_as_such() -> None:
    nothing = did("events", 0, 0, 0, NAN)
    assert both("events: trend", -1, nothing) == ("aucune activité à ce jour", "no activity so far")


@pytest.mark.parametrize(
    ("name", "kind", "value", "fr", "en"),
    [
        ("arrival: working hours", "flag", 0, "lead arrivé hors des heures de bureau",
         "lead came in outside working hours"),
        ("arrival: hour", "number", 14.6, "lead arrivé vers 14 h", "lead came in around 14:00"),
        ("touches: days since first", "count", 12, "première activité il y a 12 jours", "first active 12 days ago"),
        ("touches: types of events", "count", 1, "1 type d’activité à ce jour", "1 type of activity so far"),
        ("company: other leads", "count", 3, "3 autres leads de l’entreprise en 180 jours",
         "3 other leads of the company in 180 days"),
        ("company: events of others", "count", 0, "aucune activité de ses collègues en 30 jours",
         "no activity of colleagues in 30 days"),
        ("company: won before", "flag", 1, "entreprise déjà cliente", "company has bought before"),
        ("a thing", "count", 3, "une chose : 3", "some thing: 3"),
        ("a thing", "flag", NAN, "une chose : non renseigné", "some thing: not given"),
        ("a thing", "category", 0, "une chose : free mail", "some thing: free mail"),
    ],
)  # fmt: skip
def test_a_column_that_stands_alone_has_its_sentence_or_its_meaning(
    name: str, kind: str, value: float, fr: str, en: str
) -> None:
    feature = replace(Feature(name, "count", name, "une chose", "some thing"), kind=kind)  # type: ignore[arg-type] # one of Kind
    case = Case([value], {})
    assert tuple(
        Aside.of({0: feature}, ("free mail",), lang).tell(case, 0, against=False) for lang in ("fr", "en")
    ) == (fr, en)


def test_a_day_of_the_week_is_told_by_its_name() -> None:
    days = (("lundi", "Monday"), ("mardi", "Tuesday"))
    feature = Feature("arrival: weekday", "number", "arrival", "jour", "day", days)
    case = Case([1.0], {})
    said = [Aside.of({0: feature}, (), lang).tell(case, 0, against=False) for lang in ("fr", "en")]
    assert said == ["lead arrivé un mardi", "lead came in on a Tuesday"]


def test_columns_of_one_fact_are_told_as_one_with_their_sum_and_its_sign() -> None:
    carries = {"demo_request: count": 0.5, "demo_request: days since": -0.9, "vip": 0.1}
    reasons = told(carries, did("demo_request", 1, 0, 1, 20), "en")
    assert [(r["feature"], r["direction"]) for r in reasons] == [("demo_request", "against"), ("vip", "for")]
    assert reasons[0]["contribution"] == pytest.approx(-0.4)


def test_the_sentence_is_about_a_column_that_pulls_with_the_sum() -> None:
    carries = {"demo_request: count": 1.0, "demo_request: days since": -0.9}
    assert told(carries, did("demo_request", 1, 0, 0, 60), "fr")[0]["text"] == "a demandé une démo il y a 2 mois"


def test_a_fact_that_adds_nothing_is_not_told_and_no_more_than_asked_for_are() -> None:
    row, parts = np.zeros(len(NAMES)), np.zeros(len(NAMES) + 1)
    parts[[NAMES.index("vip"), NAMES.index("budget")]] = 0.2, -0.9
    assert [r["feature"] for r in EXPLAINER.reasons(row, parts, most=1)] == ["budget"]
    assert [r["feature"] for r in EXPLAINER.reasons(row, parts)] == ["budget", "vip"]


@pytest.mark.parametrize(
    ("kind", "value", "en", "fr"),
    [
        ("number", np.nan, "not given", "non renseigné"),
        ("number", 2.5, "2.5", "2,5"),
        ("number", 0.00012345, "0.0001", "0,0001"),
        ("number", 2026.0, "2026", "2026"),
        ("number", 9999.6, "10,000", "10\u202f000"),
        ("number", 1234567.0, "1,234,567", "1\u202f234\u202f567"),
        ("flag", 1.0, "yes", "oui"),
        ("flag", 0.0, "no", "non"),
        ("category", 0.0, "web", "web"),
        ("category", 2.0, "another", "autre"),
        ("category", np.nan, "not given", "non renseigné"),
    ],
)
def test_a_value_is_shown_as_a_person_would_write_it(kind: str, value: float, en: str, fr: str) -> None:
    feature = replace(Feature("source", "number", "source", "", ""), kind=kind)  # type: ignore[arg-type] # one of Kind
    assert [show(feature, ("web", "fair"), value, lang) for lang in ("en", "fr")] == [en, fr]


@settings(deadline=None, max_examples=200)
@given(
    arrays(np.float64, len(NAMES), elements=st.floats(0, 1e5) | st.just(NAN)),
    arrays(np.float64, len(NAMES) + 1, elements=st.floats(-50, 50)),
    st.sampled_from(LANGUAGES),
    st.none() | st.integers(0, 20),
)
def test_a_waterfall_adds_up_and_each_step_goes_the_way_it_says(
    row: np.ndarray, parts: np.ndarray, lang: str, most: int | None
) -> None:
    fall = EXPLAINER.waterfall(row, parts, lang, most)
    steps = [float(reason["contribution"] or 0) for reason in fall.reasons]
    assert abs(fall.base + sum(steps) + fall.rest - parts.sum()) < 1e-9
    assert abs(fall.total - parts.sum()) < 1e-9
    assert [reason["direction"] for reason in fall.reasons] == ["for" if step > 0 else "against" for step in steps]
    assert most is not None or fall.rest == 0
    assert all(reason["text"] for reason in fall.reasons)


@settings(deadline=None)
@given(arrays(np.float64, len(NAMES) + 1, elements=st.sampled_from([0.0, 0.25, -0.25, 1.0, -2.0])))
def test_a_few_reasons_are_the_first_of_all(parts: np.ndarray) -> None:
    row = np.zeros(len(NAMES))
    every = EXPLAINER.reasons(row, parts, most=None)
    assert [EXPLAINER.reasons(row, parts, most=most) for most in range(6)] == [every[:most] for most in range(6)]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_all_reasons_of_a_lead_and_where_all_start_add_up_to_its_chance(looked: "Looked", lang: str) -> None:
    outcome, X = looked.bundle.outcome, looked.scores.X[:20]
    falls = [
        looked.bundle.explainer.waterfall(row, part, lang)
        for row, part in zip(X, outcome.contributions(X), strict=True)
    ]
    sums = [fall.base + sum(float(r["contribution"] or 0) for r in fall.reasons) for fall in falls]
    assert np.abs(np.array(sums) - log_odds(outcome.p_win(X))).max() < 1e-9


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_reason_of_the_company_reads_as_words(looked: "Looked", lang: str) -> None:
    X = looked.scores.X[::200]
    parts = looked.bundle.outcome.contributions(X)
    tell = looked.bundle.explainer.reasons
    texts = [str(r["text"]) for row, part in zip(X, parts, strict=True) for r in tell(row, part, lang)]
    assert len(texts) >= 3 * len(X)
    assert not [text for text in texts if re.search(r"\bnan\b|\binf\b|e\+|\bNone\b|_", text.split(":")[0])]
