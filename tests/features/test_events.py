"""Counts, windows, recency and decay of events, held to a plain reference on random histories."""

import math
from collections import Counter
from collections.abc import Sequence
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.catalogue import Catalogue
from features.engagement import ANY, PACE, trend
from leadloop.clock import DAY
from leadloop.store.events import StoredEvent
from tests.checks import T0, Facts, bits, columns, event, lead

KINDS = ("view", "demo", "email_open")
NO_SIGNS = {"email_open", "E-mail sent"}  # a scanner opens, and what is sent is the seller's
CATALOGUE = Catalogue((), KINDS, dated=False)
NOW = T0 + 40 * DAY
STEP = DAY // 4

quickly = settings(derandomize=True, deadline=None, max_examples=150)
steps = st.integers(0, 60 * 4).map(lambda n: T0 + n * STEP)
stored = st.builds(
    lambda kind, at, late, number, version: event(kind, at, at + late * DAY, key=f"e{number}", version=version),
    st.sampled_from((*KINDS, "unheard of", "E-mail sent")),
    steps | st.just(NOW) | st.just(NOW - 7 * DAY) | st.just(NOW - 30 * DAY),
    st.sampled_from((0, 0, 0, 1, 20, 45)),
    st.integers(0, 12),
    st.integers(0, 3),
)
histories = st.lists(stored, max_size=25)


def figures(events: Sequence[StoredEvent], as_of: int = NOW) -> dict[str, list[float]]:
    row = columns(CATALOGUE, Facts((lead(recorded_at=T0 - DAY),), tuple(events)), [("a", as_of)])[0].tolist()
    return {kind: row[5 * i : 5 * i + 5] for i, kind in enumerate((*KINDS, ANY))}


def standing(events: Sequence[StoredEvent], as_of: int) -> list[StoredEvent]:
    """What the ledger says at `as_of`: of each event its newest version; and only what has happened by then."""
    newest: dict[str, StoredEvent] = {}
    for row in sorted(events, key=lambda r: (r.recorded_at, r.version, r.occurred_at, r.type)):
        if row.recorded_at <= as_of:
            newest[row.event_key] = row
    return [row for row in newest.values() if row.occurred_at <= as_of]


def reference(events: Sequence[StoredEvent], as_of: int = NOW) -> dict[str, list[float]]:
    seen = standing(events, as_of)
    of_all = {ANY: _figures([r for r in seen if r.type not in NO_SIGNS], as_of)}
    return {kind: _figures([r for r in seen if r.type == kind], as_of) for kind in KINDS} | of_all


def _figures(rows: list[StoredEvent], as_of: int) -> list[float]:
    days = [(as_of - row.occurred_at) / DAY for row in rows]
    windows = [float(sum(1 for d in days if d <= width)) for width in (7, 30)]
    return [float(len(days)), *windows, math.fsum(0.5 ** (d / 7) for d in days), min(days, default=math.nan)]


def told_apart(events: list[StoredEvent]) -> list[StoredEvent]:
    """One row for each version: two rows of an event that were recorded at once differ in their version."""
    return list({(r.event_key, r.recorded_at, r.version): r for r in events}.values())


@quickly
@given(histories.map(told_apart))
def test_figures_are_those_of_a_plain_count(events: list[StoredEvent]) -> None:
    found, expected = figures(events), reference(events)
    assert {kind: found[kind] for kind in expected} == {
        kind: pytest.approx(row, nan_ok=True, rel=1e-12) for kind, row in expected.items()
    }


@quickly
@given(histories.map(told_apart), steps)
def test_the_past_is_what_it_was(events: list[StoredEvent], as_of: int) -> None:
    known = [row for row in events if row.recorded_at <= as_of]
    moment, past = [("a", as_of)], (lead(recorded_at=T0 - DAY),)
    full, then = (columns(CATALOGUE, Facts(past, tuple(rows)), moment) for rows in (events, known))
    assert (bits(full) == bits(then)).all()


@quickly
@given(histories.map(told_apart), st.randoms(use_true_random=False))
def test_order_and_repetition_of_rows_say_nothing(events: list[StoredEvent], draws: Random) -> None:
    mixed = events * 2
    draws.shuffle(mixed)
    past, moment = (lead(recorded_at=T0 - DAY),), [("a", NOW)]
    one, other = (columns(CATALOGUE, Facts(past, tuple(rows)), moment) for rows in (events, mixed))
    assert (bits(one) == bits(other)).all()


@quickly
@given(histories.map(told_apart))
def test_all_signs_count_at_least_as_those_of_a_kind(events: list[StoredEvent]) -> None:
    found = figures(events)
    assert all(found[ANY][i] >= found["view"][i] + found["demo"][i] - 1e-12 for i in range(4))


def test_what_a_scanner_opens_or_the_seller_sends_is_no_sign_of_the_leads_own() -> None:
    found = figures([event("demo", NOW - 9 * DAY), event("email_open", NOW), event("E-mail sent", NOW)])
    assert (found["email_open"][0], found[ANY][0], found[ANY][4]) == (1, 1, 9)


@quickly
@given(histories.map(told_apart))
def test_a_narrower_window_never_holds_more(events: list[StoredEvent]) -> None:
    assert all(count >= month >= week for count, week, month, *_ in figures(events).values())


def test_an_event_on_the_edge_of_a_window_is_in_it() -> None:
    assert figures([event("view", NOW - 7 * DAY)])["view"][:3] == [1, 1, 1]
    assert figures([event("view", NOW - 7 * DAY - 1)])["view"][:3] == [1, 0, 1]


def test_an_event_counts_half_after_a_week() -> None:
    assert figures([event("view", NOW - 7 * DAY)])["view"][3] == 0.5


def test_a_late_recorded_event_counts_from_its_recording_by_when_it_happened() -> None:
    late = [event("view", NOW - 5 * DAY, NOW)]
    assert figures(late, NOW - 1)["view"][0] == 0
    assert figures(late, NOW)["view"][4] == 5


def test_a_planned_event_counts_once_it_has_happened() -> None:
    planned = [event("demo", NOW, T0)]
    assert figures(planned, NOW - 1)["demo"][0] == 0
    assert figures(planned, NOW)["demo"][0] == 1


def test_a_correction_takes_the_place_of_what_it_corrects_from_its_recording_on() -> None:
    rows = [event("view", NOW - 9 * DAY, key="e"), event("demo", NOW - 9 * DAY, NOW - DAY, key="e", version=1)]
    assert [figures(rows, at)["view"][0] for at in (NOW - DAY - 1, NOW - DAY)] == [1, 0]
    assert [figures(rows, at)["demo"][0] for at in (NOW - DAY - 1, NOW - DAY)] == [0, 1]


def test_an_event_corrected_to_another_lead_leaves_the_first_even_if_the_other_is_not_on_record() -> None:
    rows = (
        event("view", NOW - 9 * DAY, key="e"),
        event("view", NOW - 9 * DAY, NOW - DAY, "stranger", key="e", version=1),
    )
    facts = Facts((lead(recorded_at=T0),), rows)
    assert columns(CATALOGUE, facts, [("a", NOW - 2 * DAY), ("a", NOW)])[:, 0].tolist() == [1, 0]


def test_an_event_type_nobody_learned_counts_only_among_all() -> None:
    found = figures([event("unheard of", NOW)])
    assert (found["view"][0], found["demo"][0], found[ANY][0]) == (0, 0, 1)


def test_no_event_is_no_count_and_no_recency() -> None:
    assert figures([])[ANY] == [0, 0, 0, 0, pytest.approx(math.nan, nan_ok=True)]


def pace(events: Sequence[StoredEvent], as_of: int = NOW) -> list[float]:
    """Active days, trend and burst."""
    row = columns(CATALOGUE, Facts((lead(recorded_at=T0 - DAY),), tuple(events)), [("a", as_of)])[0]
    return [float(value) for value in row[-len(PACE) :]]


def plain_pace(events: Sequence[StoredEvent], as_of: int = NOW) -> list[float]:
    seen = [row for row in standing(events, as_of) if row.type not in NO_SIGNS]
    a_day = Counter(row.occurred_at // DAY for row in seen)
    age = [(as_of - row.occurred_at) / DAY for row in seen]
    recent = sum(1 for days in age if days <= 7)
    before = sum(1 for days in age if 7 < days <= 28)
    return [len(a_day), trend(recent, before), max(a_day.values(), default=0)]


@quickly
@given(histories.map(told_apart))
def test_the_spread_of_events_is_that_of_a_plain_count(events: list[StoredEvent]) -> None:
    assert pace(events) == pytest.approx(plain_pace(events), rel=1e-12)


def test_events_of_one_day_are_a_burst_and_one_active_day() -> None:
    assert pace([event("view", NOW - DAY + i) for i in range(3)]) == [1, 4, 3]


def test_a_trend_looks_four_weeks_back_and_no_further() -> None:
    assert pace([event("view", NOW - 28 * DAY)])[1] == trend(0, 1)
    assert pace([event("view", NOW - 28 * DAY - 1)])[1] == trend(0, 0)


def test_a_lead_without_events_has_a_steady_pace_of_nothing() -> None:
    assert pace([]) == [0, 1, 0]
