"""What was known of a lead at an instant: versions, corrections, cleared values, and leads without a date."""

import numpy as np
import pytest

from features.catalogue import Catalogue
from features.history import NEVER, build
from features.profile import Attribute
from leadloop.clock import DAY
from leadloop.store.leads import StoredLead
from leadloop.store.rows import Value
from tests.checks import NOW, T0, Facts, columns, event, lead

NUMBER = Catalogue((Attribute("x", "number"), Attribute("y", "number")), (), dated=False)


def seen(*rows: StoredLead, at: int) -> list[float | None]:
    """x and y at an instant, None where unknown."""
    row = columns(NUMBER, Facts(rows), [("a", at)])[0].tolist()
    return [None if np.isnan(value) else value for value in row]


def version(day: int, **attributes: Value) -> StoredLead:
    return StoredLead("a", day, T0, T0 + day * DAY, None, attributes, None)


def test_a_value_holds_until_the_next_one_is_recorded() -> None:
    rows = (version(0, x=1), version(2, x=5))
    assert [seen(*rows, at=T0 + days * DAY)[0] for days in (0, 1, 2, 9)] == [1, 1, 5, 5]


def test_the_value_of_the_last_microsecond_before_a_change_is_the_old_one() -> None:
    assert seen(version(0, x=1), version(2, x=5), at=T0 + 2 * DAY - 1)[0] == 1


def test_a_version_leaves_what_it_does_not_name() -> None:
    assert seen(version(0, x=1, y=2), version(2, x=5), version(3), at=NOW) == [5, 2]


@pytest.mark.parametrize("nothing", [None, "", "unreadable"])
def test_a_value_that_was_cleared_is_unknown_and_stays_so(nothing: Value) -> None:
    rows = (version(0, x=1, y=2), version(2, x=nothing), version(4, y=3))
    assert seen(*rows, at=NOW) == [None, 3]


def test_a_value_can_come_back_after_it_was_cleared() -> None:
    assert seen(version(0, x=1), version(2, x=None), version(4, x=7), at=NOW)[0] == 7


def test_nothing_is_known_before_the_first_version() -> None:
    assert seen(version(3, x=1), at=T0) == [None, None]


def test_values_never_pass_from_one_lead_to_the_next() -> None:
    rows = (version(0, x=1, y=2), lead("b"), version(1, y=3))
    assert np.isnan(columns(NUMBER, Facts(rows), [("b", NOW)])).all()


def test_attributes_by_name_are_what_the_kernel_sees() -> None:
    history = build([version(0, x=1, y=2), version(2, x=None)], [])
    assert history.attributes_at(0, T0 + DAY) == {"x": 1, "y": 2}
    assert history.attributes_at(0, NOW) == {"x": None, "y": 2}


def test_a_date_becomes_days_ago() -> None:
    catalogue = Catalogue((Attribute("x", "date"),), (), dated=True)
    facts = Facts((lead(recorded_at=T0, x="2026-01-01"),))
    assert columns(catalogue, facts, [("a", T0 + 3 * DAY)])[0].tolist() == [3, 3]


def test_the_age_of_a_lead_is_in_days_and_fractions() -> None:
    catalogue = Catalogue((), (), dated=True)
    assert columns(catalogue, Facts((lead(),)), [("a", T0 + DAY // 2)])[0].tolist() == [0.5]


def test_a_history_without_dates_is_undated_and_known_always() -> None:
    history = build([lead(recorded_at=None, x=1)], [])
    assert not history.dated
    assert history.attributes_at(0, int(np.iinfo(np.int64).min)) == {"x": 1}


def test_an_undated_lead_among_dated_ones_has_no_age() -> None:
    facts = Facts((lead("a", None), lead("b")))
    X = columns(Catalogue((), (), dated=True), facts, [("a", NOW), ("b", NOW)])
    assert X.ravel().tolist() == [pytest.approx(np.nan, nan_ok=True), 60]


def test_events_of_leads_that_are_not_on_record_are_left_out() -> None:
    history = build([lead()], [event("view", T0, lead_id="b"), event("view", T0)])
    assert len(history.events.kind) == 1


def test_an_empty_ledger_is_an_empty_history() -> None:
    history = build([], [event("view", T0)])
    assert (len(history), history.dated, history.events.kinds) == (0, False, ())


def test_superseded_is_never_for_what_still_stands() -> None:
    rows = [event("view", T0, key="e"), event("view", T0, T0 + DAY, key="e", version=1)]
    assert build([lead()], rows).events.superseded_at.tolist() == [T0 + DAY, NEVER]
