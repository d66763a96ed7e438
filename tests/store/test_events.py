"""Events in the ledger: each counted once however often it is sent, with its corrections, and content to the bit."""

import math
from collections.abc import Mapping

import pytest

from leadloop.clock import DAY
from leadloop.store import events
from leadloop.store.ledger import Ledger
from leadloop.store.rows import EventRow, Value
from tests.store.support import kept


def _row(day: int = 1, event_id: str | None = None, *, recorded: int | None = None, **properties: Value) -> EventRow:
    return EventRow("L-1", "page_viewed", day * DAY, (recorded or day) * DAY, event_id, properties)


def _with(properties: Mapping[str, Value]) -> EventRow:
    return EventRow("L-1", "page_viewed", DAY, DAY, None, properties)


def _stored(ledger: Ledger, as_of: int | None = None) -> list[events.StoredEvent]:
    with ledger.reading() as connection:
        return sorted(events.read(connection, as_of), key=lambda row: row.recorded_at)


def test_an_event_added_twice_is_kept_once(ledger: Ledger) -> None:
    assert [kept(ledger, events, _row(1, "E-1")), kept(ledger, events, _row(1, "E-1"))] == [1, 0]


def test_an_event_twice_in_one_batch_is_kept_once(ledger: Ledger) -> None:
    assert kept(ledger, events, _row(1, "E-1"), _row(1, "E-1"), _row(1, "E-2")) == 2


def test_an_empty_batch_of_events_adds_nothing(ledger: Ledger) -> None:
    assert kept(ledger, events) == 0


def test_25_000_events_go_in_by_one_call(ledger: Ledger) -> None:
    assert kept(ledger, events, *(_row(1, f"E-{i}") for i in range(25_000))) == 25_000


def test_the_same_event_without_an_id_counts_once(ledger: Ledger) -> None:
    assert kept(ledger, events, _row(page="/pricing", seconds=3), _row(seconds=3, page="/pricing")) == 1


@pytest.mark.parametrize(
    "other",
    [
        EventRow("L-2", "page_viewed", DAY, DAY),
        EventRow("L-1", "form_sent", DAY, DAY),
        EventRow("L-1", "page_viewed", DAY + 1, DAY),
        EventRow("L-1", "page_viewed", DAY, DAY, None, {"page": "/"}),
    ],
    ids=["lead", "type", "instant", "property"],
)
def test_without_an_id_an_event_is_told_by_its_content(ledger: Ledger, other: EventRow) -> None:
    kept(ledger, events, _row(), other)
    assert len({row.event_key for row in _stored(ledger)}) == 2


def test_without_an_id_an_event_heard_of_again_is_the_same_event(ledger: Ledger) -> None:
    kept(ledger, events, _row(1), _row(1, recorded=4))
    assert len({row.event_key for row in _stored(ledger)}) == 1


def test_the_key_of_an_event_is_its_senders_id(ledger: Ledger) -> None:
    kept(ledger, events, _row(1, "crm:É'7"))
    assert [row.event_key for row in _stored(ledger)] == ["crm:É'7"]


def test_a_corrected_event_keeps_both_versions(ledger: Ledger) -> None:
    kept(ledger, events, _row(1, "E-1", seconds=3), _row(1, "E-1", recorded=5, seconds=4))
    assert [(row.event_key, row.properties["seconds"]) for row in _stored(ledger)] == [("E-1", 3), ("E-1", 4)]


def test_a_correction_is_not_known_before_it_was_recorded(ledger: Ledger) -> None:
    kept(ledger, events, _row(1, "E-1", seconds=3), _row(1, "E-1", recorded=5, seconds=4))
    assert [row.properties["seconds"] for row in _stored(ledger, 5 * DAY - 1)] == [3]


def test_an_event_that_happened_before_it_was_recorded_is_read_from_its_recording_on(ledger: Ledger) -> None:
    kept(ledger, events, _row(1, recorded=5))
    assert [len(_stored(ledger, day * DAY)) for day in (1, 4, 5)] == [0, 0, 1]


def test_only_events_of_the_leads_named_are_read(ledger: Ledger) -> None:
    kept(ledger, events, _row(), EventRow("L-2", "page_viewed", DAY, DAY))
    with ledger.reading() as connection:
        assert [row.lead_id for row in events.read(connection, None, ["L-2"])] == ["L-2"]


def test_the_newest_event_is_the_one_recorded_last(ledger: Ledger) -> None:
    kept(ledger, events, _row(1, recorded=9), _row(3))
    with ledger.reading() as connection:
        assert events.last_recorded_at(connection) == 9 * DAY


@pytest.mark.parametrize(
    "value",
    [
        "Łukasz 日本 🚀 é",
        'O\'Brien said "no"; -- DROP TABLE leads\n\t\\%s :x %(y)s ?',
        "\x1f\x7f a\u2028b",
        "nul \x00 inside",
        "long " * 100_000,
        "",
        " ",
    ],
    ids=["unicode", "quotes", "control", "nul", "long", "empty", "space"],
)
def test_a_text_survives_as_it_was(ledger: Ledger, value: str) -> None:
    kept(ledger, events, _with({"text": value, "the 'name' \"ü\"": value}))
    assert _stored(ledger)[0].properties == {"text": value, "the 'name' \"ü\"": value}


NUMBERS = [2**53 + 1, -(2**63) - 1, 10**40, 0.1, 1e-308, 5e-324, 1.7976931348623157e308, -0.0, 1 / 3, 1.0, 1, True]


def test_numbers_survive_to_the_bit(ledger: Ledger) -> None:
    kept(ledger, events, _with({f"n{i}": number for i, number in enumerate(NUMBERS)}))
    stored = _stored(ledger)[0].properties
    assert [repr(stored[f"n{i}"]) for i in range(len(NUMBERS))] == [repr(number) for number in NUMBERS]


def test_a_cleared_property_is_kept_as_cleared(ledger: Ledger) -> None:
    kept(ledger, events, _row(page=None))
    assert _stored(ledger)[0].properties == {"page": None}


def test_what_is_no_number_is_refused_before_it_is_stored(ledger: Ledger) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        kept(ledger, events, _row(page=math.nan))
    assert _stored(ledger) == []


@pytest.mark.parametrize("instant", [-62_135_596_800_000_000, 0, 253_402_300_799_999_999], ids=["year 1", "0", "9999"])
def test_every_instant_of_the_calendar_can_be_kept(ledger: Ledger, instant: int) -> None:
    kept(ledger, events, EventRow("L-1", "x", instant, instant))
    assert (_stored(ledger)[0].occurred_at, _stored(ledger, instant - 1)) == (instant, [])
