"""Optional blocks: a catalogue has those that the ledger can fill, goes on without any, and knows which it has."""

import json
from itertools import combinations

import numpy as np
import pytest

from features.blocks import BLOCKS, OPTIONAL
from features.catalogue import Catalogue, learn_catalogue
from features.history import NEVER, build
from features.kernel import matrix
from leadloop.clock import DAY, HOUR, parse_instant
from leadloop.store.events import StoredEvent
from leadloop.store.given import kinds
from tests.checks import CLEAN, NOW, T0, Facts, bits, catalogue_of, columns, event, lead, undated

EVERY = catalogue_of(CLEAN)
CHOICES = [frozenset(some) for n in range(len(OPTIONAL) + 1) for some in combinations(sorted(OPTIONAL), n)]


def named(catalogue: Catalogue, name: str) -> int:
    return [feature.name for feature in catalogue.features].index(name)


@pytest.mark.parametrize("dropped", CHOICES, ids=lambda some: ", ".join(sorted(some)) or "none")
def test_a_matrix_without_some_blocks_is_the_same_without_their_columns(dropped: frozenset[str]) -> None:
    moments = [(lead_id, NOW) for lead_id in CLEAN.ids]
    kept = EVERY.kept_columns(dropped)
    without = EVERY.without(dropped)
    assert np.array_equal(bits(columns(without, CLEAN, moments)), bits(columns(EVERY, CLEAN, moments)[:, kept]))
    assert [EVERY.features[i] for i in kept] == list(without.features)


def test_the_small_world_fills_every_block() -> None:
    assert EVERY.optional == OPTIONAL
    assert set(EVERY.blocks) <= set(BLOCKS)


def test_no_optional_block_is_left_without_all() -> None:
    assert EVERY.without(OPTIONAL).optional == frozenset()


def test_a_catalogue_saved_before_there_were_blocks_has_none_and_keeps_its_hash() -> None:
    plain = EVERY.without(OPTIONAL)
    saved = json.loads(json.dumps(plain.as_json()))
    assert {"blocks", "timezone"}.isdisjoint(saved)
    assert Catalogue.from_json(saved) == plain


def test_an_undated_ledger_offers_no_block_that_rests_on_time() -> None:
    catalogue = catalogue_of(undated(CLEAN), int(NEVER))
    assert catalogue.blocks == ()
    assert catalogue.optional == {"contact"}  # that of a country's language


def test_a_catalogue_that_lost_a_block_survives_json() -> None:
    for dropped in CHOICES:
        kept = EVERY.without(dropped)
        assert Catalogue.from_json(json.loads(json.dumps(kept.as_json()))) == kept


def arrival(created_at: str, timezone: str = "") -> list[float]:
    catalogue = Catalogue((), (), dated=True, blocks=("calendar",), timezone=timezone)
    facts = Facts((lead("a", parse_instant(created_at)),))
    found: list[float] = columns(catalogue, facts, [("a", NOW)])[0, 1:].tolist()
    return found


def test_a_lead_comes_in_by_the_clock_of_the_company() -> None:
    assert arrival("2026-11-27T23:30:00Z") == [4, 23, 0]
    assert arrival("2026-11-27T23:30:00Z", "Asia/Tokyo") == [5, 8, 0]
    assert arrival("2026-11-27T23:30:00Z", "America/New_York") == [4, 18, 0]
    assert arrival("2026-11-27T21:30:00Z", "America/New_York") == [4, 16, 1]


def test_summer_time_moves_the_hour_of_arrival() -> None:
    assert [arrival(f"2026-{month}-01T10:00:00Z", "Europe/Paris")[1] for month in ("03", "07")] == [11, 12]


def test_when_a_lead_without_a_date_came_in_is_unknown() -> None:
    catalogue = Catalogue((), (), dated=True, blocks=("calendar",))
    assert np.isnan(columns(catalogue, Facts((lead("a", None), lead("b"))), [("a", NOW)])).all()


def test_the_clock_is_learned_with_the_catalogue() -> None:
    history = build([lead("a"), lead("b", NOW - HOUR)], [])
    learned = learn_catalogue(history, np.arange(2), np.full(2, NOW), "Asia/Tokyo")
    kept = Catalogue.from_json(json.loads(json.dumps(learned.as_json())))
    assert kept.timezone == "Asia/Tokyo"
    assert matrix(kept, history, np.arange(2), np.full(2, NOW))[1, named(kept, "arrival: hour")] == 8


def touched(*happened: StoredEvent, at: int = NOW) -> list[float]:
    catalogue = Catalogue((), (), dated=True, blocks=("touch",))
    found: list[float] = columns(catalogue, Facts((lead(),), happened), [("a", at)])[0, 1:].tolist()
    return found


def test_touches_count_types_and_kinds_of_content() -> None:
    kinds = ("page_view", "pricing_view", "page_view", "webinar", "score_changed")
    assert touched(*(event(kind, NOW - (10 - i) * DAY) for i, kind in enumerate(kinds))) == [10, 4, 2]


def test_a_lead_that_nothing_touched_has_no_first_touch() -> None:
    assert touched() == [pytest.approx(np.nan, nan_ok=True), 0, 0]


def test_the_first_touch_is_the_first_that_was_known() -> None:
    late = event("page_view", T0, NOW)
    assert touched(late, event("webinar", T0 + DAY), at=NOW - 1)[1:] == [1, 1]
    assert touched(late, event("webinar", T0 + DAY)) == [60, 2, 2]


def contact(*known: tuple[str, str, int], codes: tuple[str, ...] = ("33", "32")) -> list[list[float]]:
    """Kind of e-mail and calling code of leads that came in at T0 and gave an e-mail and a phone, then or later."""
    catalogue = Catalogue((), (), dated=False, blocks=("contact",), calling_codes=codes)
    facts = Facts(
        tuple(lead(str(i)) for i in range(len(known))),
        given=tuple((str(i), kinds(*each)) for i, each in enumerate(known)),
    )
    found: list[list[float]] = columns(catalogue, facts, [(lead_id, NOW) for lead_id in facts.ids]).tolist()
    return found


def test_a_contact_is_told_by_its_kind() -> None:
    assert contact(("a@gmail.com", "+32 2 61 91 99", T0), ("info@b.example", "+1 212 555 0100", T0)) == [[1, 1], [2, 2]]


def test_that_a_contact_was_not_given_says_nothing() -> None:
    assert contact(("", "", T0), ("ada@engines.example", "+33 2 61 91 99 93", T0)) == [[0, 0], [0, 0]]


def test_a_contact_that_was_given_after_the_lead_came_in_says_nothing() -> None:
    assert contact(("ada@gmail.com", "+32 2 61 91 99", T0 + 1)) == [[0, 0]]


def test_a_country_is_read_as_a_language_of_the_optional_block() -> None:
    assert ("pays: language", "contact") in [(feature.source, feature.block) for feature in EVERY.features]
    assert "pays: language" not in [feature.source for feature in EVERY.without({"contact"}).features]
    assert set(EVERY.levels("pays: language")) == {"fr", "en", "de"}
