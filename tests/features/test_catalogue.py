"""The list of features is learned from what was known, survives JSON, and its hash changes with its meaning alone."""

import json
from dataclasses import replace

import numpy as np
import pytest

from features.blocks import OPTIONAL
from features.catalogue import KINDS_AT_MOST, Catalogue, learn_catalogue
from features.engagement import PACE
from features.history import NEVER, build
from features.profile import Attribute, Refusal
from leadloop.clock import DAY
from leadloop.store.leads import StoredLead
from tests.checks import CLEAN, T0, Facts, catalogue_of, event, lead, undated

CATALOGUE = catalogue_of(CLEAN)
CATEGORY = next(a for a in CATALOGUE.attributes if a.kind == "category")


def changed(attribute: Attribute) -> Catalogue:
    others = tuple(attribute if a.name == attribute.name else a for a in CATALOGUE.attributes)
    return replace(CATALOGUE, attributes=others)


def test_a_catalogue_survives_json() -> None:
    kept = Catalogue.from_json(json.loads(json.dumps(CATALOGUE.as_json())))
    assert (kept, kept.hash) == (CATALOGUE, CATALOGUE.hash)


@pytest.mark.parametrize(
    "other",
    [
        changed(replace(CATEGORY, levels=CATEGORY.levels[::-1])),
        changed(replace(CATEGORY, levels=CATEGORY.levels[:-1])),
        changed(replace(CATEGORY, kind="text")),
        replace(CATALOGUE, attributes=CATALOGUE.attributes[1:]),
        replace(CATALOGUE, attributes=CATALOGUE.attributes[::-1]),
        replace(CATALOGUE, kinds=CATALOGUE.kinds[::-1]),
        replace(CATALOGUE, kinds=CATALOGUE.kinds[:-1]),
        replace(CATALOGUE, dated=False),
        replace(CATALOGUE, blocks=CATALOGUE.blocks[1:]),
        replace(CATALOGUE, timezone="Europe/Paris"),
        replace(CATALOGUE, calling_codes=CATALOGUE.calling_codes[::-1]),
    ],
    ids=[
        "levels turned",
        "a level less",
        "kind",
        "an attribute less",
        "turned",
        "kinds turned",
        "a kind less",
        "dates",
        "a block less",
        "another clock",
        "calling codes turned",
    ],
)
def test_the_hash_changes_with_what_a_column_means(other: Catalogue) -> None:
    assert other.hash != CATALOGUE.hash


@pytest.mark.parametrize(
    ("constant", "value"),
    [
        ("features.engagement.WINDOWS_DAYS", (7.0, 31.0)),
        ("features.engagement.HALF_LIFE_DAYS", 8.0),
        ("features.engagement.BEFORE_DAYS", 35.0),
        ("features.engagement.PACE", PACE[::-1]),
        ("features.sizes._ENDS", (1, 10, 50, 250, 1_000, 5_000)),
        ("features.titles._STAIRS", ()),
        ("features.arrival.OPENS", 8),
        ("features.content._KINDS", ()),
        ("features.account.LEADS_DAYS", 90.0),
        ("leadloop.store.activity.NOT_OWN", (frozenset(), frozenset())),
        ("leadloop.event_types._MEANS", {}),
        ("features.languages._KNOWN", {}),
        ("features.contact.EMAILS", {}),
    ],
)
def test_the_hash_changes_with_what_the_code_makes_of_a_column(
    monkeypatch: pytest.MonkeyPatch, constant: str, value: object
) -> None:
    monkeypatch.setattr(constant, value)
    assert replace(CATALOGUE).hash != CATALOGUE.hash


def test_a_catalogue_without_readings_or_events_does_not_mind_their_words(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = Catalogue((Attribute("x", "number"),), (), dated=True)
    monkeypatch.setattr("features.sizes._ENDS", (1, 10))
    monkeypatch.setattr("features.engagement.HALF_LIFE_DAYS", 8.0)
    assert replace(plain).hash == plain.hash


def test_the_hash_does_not_change_with_what_was_left_out() -> None:
    assert replace(CATALOGUE, excluded=(Refusal("x", "always 1"),)).hash == CATALOGUE.hash


def test_the_hash_is_the_same_whatever_the_order_of_rows() -> None:
    assert {catalogue_of(CLEAN.shuffled(seed)).hash for seed in range(3)} == {CATALOGUE.hash}


def test_repeated_rows_teach_nothing_new() -> None:
    assert catalogue_of(CLEAN.twice()) == CATALOGUE


def test_what_was_recorded_later_teaches_nothing() -> None:
    at = T0 + 20 * DAY
    history, early = CLEAN.history(), CLEAN.by(at).history()
    numbers = np.array([history.lead_ids.index(lead_id) for lead_id in early.lead_ids])
    instants = np.full(len(early), at)
    assert learn_catalogue(history, numbers, instants) == learn_catalogue(early, np.arange(len(early)), instants)


def test_an_attribute_filled_after_the_moments_is_named_among_the_excluded() -> None:
    rows = [lead(str(i), x=i) for i in range(20)]
    rows += [StoredLead(str(i), 1, T0, T0 + DAY, None, {"won_by": f"k{i % 2}"}, None) for i in range(20)]
    history = build(rows, [])
    learned = learn_catalogue(history, np.arange(20), np.full(20, T0))
    assert learned.excluded == (Refusal("won_by", "never filled when the leads were scored"),)


def test_an_undated_ledger_leaves_time_out() -> None:
    catalogue = catalogue_of(undated(CLEAN), int(NEVER))
    assert not catalogue.dated
    assert "lead age" not in [feature.name for feature in catalogue.features]


def test_a_kind_of_event_that_few_leads_had_is_no_feature() -> None:
    leads = tuple(lead(str(i)) for i in range(20))
    events = [event("often", T0, lead_id=str(i)) for i in range(5)]
    events += [event("seldom", T0 + i, lead_id="1") for i in range(5)]
    assert catalogue_of(Facts(leads, tuple(events))).kinds == ("often",)


def test_only_the_most_frequent_kinds_of_events_are_features() -> None:
    leads = tuple(lead(str(i)) for i in range(50))
    events = (event(f"k{k:02d}", T0, lead_id=str(i)) for k in range(40) for i in range(50 - k))
    assert catalogue_of(Facts(leads, tuple(events))).kinds == tuple(f"k{k:02d}" for k in range(KINDS_AT_MOST))


def test_an_attribute_named_age_is_not_the_age_of_the_lead() -> None:
    catalogue = catalogue_of(Facts(tuple(lead(str(i), age=20 + i) for i in range(9)))).without(OPTIONAL)
    assert len({feature.name for feature in catalogue.features}) == 2
    assert len({feature.source for feature in catalogue.features}) == 2


def test_a_plain_number_of_people_is_not_read_a_second_time() -> None:
    catalogue = catalogue_of(Facts(tuple(lead(str(i), employees=10 * i) for i in range(9))))
    assert [(a.name, a.kind) for a in catalogue.attributes] == [("employees", "number")]


def test_a_title_that_names_each_lead_is_refused_and_still_read() -> None:
    titles = ("Directrice", "Stagiaire", "Acheteur")
    catalogue = catalogue_of(Facts(tuple(lead(str(i), poste=f"{titles[i % 3]} n{i}") for i in range(60))))
    assert ("poste", "seniority") in [(a.name, a.kind) for a in catalogue.attributes]


def test_levels_are_those_of_the_attribute_or_of_its_reading() -> None:
    assert "purchasing" in CATALOGUE.levels("job_title: department")
    assert "directrice des achats" in CATALOGUE.levels("job_title")
