"""Deadlines are exact on the working clock, held against a count minute by minute, and every state is what it says."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from holidays import country_holidays
from hypothesis import given, settings
from hypothesis import strategies as st

from features.history import ALWAYS, NEVER
from leadloop.clock import DAY, HOUR, from_micros, isoformat, parse_instant
from leadloop.contract import MINUTE, WEEKDAYS, Promise, SlaSettings
from leadloop.errors import SettingsError
from leadloop.settings import Settings
from serving.sla import STATES, Sla

PARIS = "Europe/Paris"
RULES = (
    Promise(cell="call_now", within="1 working hour"),
    Promise(source="demo_request", within="30 minutes"),
    Promise(cell="call_now", source="fair", within="3 working hours"),
)


def _sla(zone: str = PARIS, **given: object) -> Sla:
    found = Sla.of(Settings(timezone=zone, sla=SlaSettings.model_validate(given)))
    assert found is not None
    return found


def _due(sla: Sla, since: str, cell: str | None = None, source: str | None = None) -> str:
    due = sla.deadlines([cell], [source], np.array([parse_instant(since)]))
    return from_micros(int(due[0])).astimezone(ZoneInfo(PARIS)).isoformat()


def test_nothing_configured_promises_nothing() -> None:
    assert Sla.of(Settings()) is None


@pytest.mark.parametrize(
    ("since", "due"),
    [
        ("2026-04-01T10:00:00+02:00", "2026-04-01T12:00:00+02:00"),  # in the morning
        ("2026-04-01T16:00:00+02:00", "2026-04-01T18:00:00+02:00"),  # to the minute at closing time
        ("2026-04-01T23:15:00+02:00", "2026-04-02T11:00:00+02:00"),  # at night
        ("2026-04-01T03:15:00+02:00", "2026-04-01T11:00:00+02:00"),  # before the morning
        ("2026-04-03T17:30:00+02:00", "2026-04-07T10:30:00+02:00"),  # over a weekend and Easter Monday
        ("2026-03-27T17:00:00+01:00", "2026-03-30T10:00:00+02:00"),  # over the night that has 23 hours
        ("2026-10-23T17:00:00+02:00", "2026-10-26T10:00:00+01:00"),  # over the one that has 25
        ("2026-12-24T17:00:00+01:00", "2027-01-04T10:00:00+01:00"),  # over Christmas, closed days and New Year
    ],
)
def test_two_working_hours_end_when_two_hours_were_worked(since: str, due: str) -> None:
    sla = _sla(within="2 working hours", country="FR", closed=["2026-12-26/2026-12-31"])
    assert _due(sla, since) == due


@pytest.mark.parametrize(
    ("cell", "source", "due"),
    [
        ("develop", "web", "2026-04-02T10:00:00+02:00"),
        (None, None, "2026-04-02T10:00:00+02:00"),
        ("call_now", "web", "2026-04-01T11:00:00+02:00"),
        ("develop", "demo_request", "2026-04-01T10:30:00+02:00"),
        ("call_now", "demo_request", "2026-04-01T10:30:00+02:00"),  # both apply: the earlier
        ("call_now", "fair", "2026-04-01T13:00:00+02:00"),  # for both at once: more specific, though later
    ],
)
def test_the_most_specific_promise_holds(cell: str | None, source: str | None, due: str) -> None:
    assert _due(_sla(within="24 hours", promises=RULES), "2026-04-01T10:00:00+02:00", cell, source) == due


def test_an_undated_lead_is_promised_nothing() -> None:
    due = _sla().deadlines([None] * 4, ["a"] * 4, np.array([ALWAYS, NEVER, parse_instant("9999-01-01T00:00:00Z"), 0]))
    assert due.tolist() == [NEVER] * 4


def test_a_region_has_holidays_of_its_own() -> None:
    good_friday = "2026-04-03T10:00:00+02:00"
    alsace, elsewhere = (_sla(within="1 working hour", country="FR", region=each) for each in ("57", ""))
    assert (_due(alsace, good_friday)[:10], _due(elsewhere, good_friday)[:10]) == ("2026-04-07", "2026-04-03")


def test_an_unknown_country_is_refused_by_name() -> None:
    with pytest.raises(SettingsError, match=r"sla\.country.*XX"):
        _sla(country="XX")


def test_a_promise_longer_than_the_years_ahead_is_still_exact() -> None:
    sla = _sla(within="8000 working hours", hours={"mon": "09:00-10:00"})
    due = sla.deadlines([None], [None], np.array([parse_instant("2026-01-05T00:00:00Z")]))
    moment = from_micros(int(due[0])).astimezone(ZoneInfo(PARIS))
    assert (moment.date(), moment.hour) == (date(2026, 1, 5) + timedelta(weeks=7_999), 10)


# Against a slow count

MINUTES = st.integers(0, 1440)
EDGES = st.lists(MINUTES, min_size=0, max_size=4, unique=True)
DAY_HOURS = EDGES.map(lambda edges: sorted(edges)[: len(edges) // 2 * 2])
WEEK = st.lists(DAY_HOURS, min_size=7, max_size=7).filter(lambda week: sum(_worked(each) for each in week) > 60)
NEAR_A_CHANGE = [
    "2026-03-28T00:00:00Z",
    "2026-10-24T00:00:00Z",
    "2026-04-03T00:00:00Z",
    "2026-12-30T00:00:00Z",
    "2025-05-07T00:00:00Z",
]
ZONES = [PARIS, PARIS, "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"]


def _worked(edges: list[int]) -> int:
    return sum(end - start for start, end in zip(edges[::2], edges[1::2], strict=True))


def _written(edges: list[int]) -> str:
    at = [f"{each // 60:02}:{each % 60:02}" for each in edges]
    return ", ".join(f"{start}-{end}" for start, end in zip(at[::2], at[1::2], strict=True))


def _minutes(since: int, week: list[list[int]], zone: str) -> Iterator[tuple[int, bool]]:
    """Each minute from an instant on, and whether anybody works in it, by the clock on the wall."""
    free: set[date] = set(country_holidays("FR", years=range(2024, 2030)))
    moment = from_micros(since)
    while True:
        local = moment.astimezone(ZoneInfo(zone))
        edges, minute = week[local.weekday()], local.hour * 60 + local.minute
        hours = zip(edges[::2], edges[1::2], strict=True)
        yield since, local.date() not in free and any(start <= minute < end for start, end in hours)
        since, moment = since + MINUTE, moment + timedelta(minutes=1)


@settings(max_examples=60, deadline=None)
@given(WEEK, st.sampled_from(NEAR_A_CHANGE), st.integers(0, 4 * 1440), st.integers(1, 600), st.sampled_from(ZONES))
def test_a_deadline_is_the_one_counted_minute_by_minute(
    week: list[list[int]], near: str, later: int, minutes: int, zone: str
) -> None:
    hours = {day: _written(edges) for day, edges in zip(WEEKDAYS, week, strict=True)}
    sla = _sla(zone, within=f"{minutes} working minutes", hours=hours, country="FR")
    since = parse_instant(near) + later * MINUTE
    counted = next(islice((at for at, works in _minutes(since, week, zone) if works), minutes - 1, None)) + MINUTE
    due = sla.deadlines([None], [None], np.array([since]))
    assert (isoformat(int(due[0])), sla.time_left(due, since).tolist()) == (isoformat(counted), [minutes / 60])


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 60 * DAY), min_size=1, max_size=30), st.integers(1, 40 * HOUR // 1_000_000))
def test_many_leads_at_once_are_due_as_each_alone_and_the_later_one_not_earlier(offsets: list[int], part: int) -> None:
    sla = _sla(within="3 working hours", country="FR")
    since = np.sort(parse_instant("2026-03-01T00:00:00Z") + np.array(offsets) + part)
    none = [None] * len(since)
    due = sla.deadlines(none, none, since)
    assert due.tolist() == [int(sla.deadlines([None], [None], each[None])[0]) for each in since]
    assert (np.diff(due) >= 0).all()
    assert set(sla.working(since, due).tolist()) == {3 * HOUR}


# What a deadline means at an instant

SINCE = parse_instant("2026-04-01T09:00:00+02:00")


def _at(sla: Sla, hours: float, contacted: float | None = None) -> tuple[str, float]:
    """State and pressure, so many hours after nine o'clock, of a lead that came in at nine."""
    since, as_of = np.array([SINCE]), SINCE + int(hours * HOUR)
    due = sla.deadlines([None], [None], since)
    contacted_at = np.array([NEVER if contacted is None else SINCE + int(contacted * HOUR)])
    return str(sla.state(due, as_of, contacted_at, since)[0]), float(sla.pressure(due, as_of, since)[0])


@pytest.mark.parametrize(
    ("hours", "contacted", "expected"),
    [
        (0.0, None, ("in_time", 0.0)),
        (3.0, None, ("in_time", 0.0)),
        (3.5, None, ("at_risk", 0.5)),
        (4.0, None, ("at_risk", 1.0)),  # at the deadline, not after it
        (4.1, None, ("missed", 1.0)),
        (100.0, None, ("missed", 1.0)),
        (100.0, 4.0, ("kept", 1.0)),
        (100.0, 4.1, ("late", 1.0)),
        (3.5, 3.6, ("at_risk", 0.5)),  # that it will be contacted is not known yet
    ],
)
def test_a_promise_goes_from_time_to_risk_to_missed(
    hours: float, contacted: float | None, expected: tuple[str, float]
) -> None:
    state, pressure = _at(_sla(within="4 working hours", at_risk=0.25), hours, contacted)
    assert state == expected[0]
    assert pressure == pytest.approx(expected[1])


def test_a_night_does_not_bring_a_promise_nearer() -> None:
    sla = _sla(within="12 working hours", at_risk=1.0)
    evening, morning = (_at(sla, hours)[1] for hours in (9.0, 24.0))
    assert evening == morning == pytest.approx(9 / 12)


def test_plain_hours_that_end_while_nobody_works_leave_no_time_before_that() -> None:
    sla = _sla(within="24 hours")
    saturday = np.array([parse_instant("2026-04-04T10:00:00+02:00")])
    due, as_of = sla.deadlines([None], [None], saturday), int(saturday[0]) + HOUR
    assert (sla.time_left(due, as_of).tolist(), sla.pressure(due, as_of, saturday).tolist()) == ([0.0], [1.0])
    assert sla.state(due, as_of, np.array([NEVER]), saturday).tolist() == ["at_risk"]


def test_a_missed_promise_has_less_than_no_time_left() -> None:
    due = np.array([parse_instant("2026-04-01T12:00:00+02:00"), NEVER])
    assert _sla().time_left(due, parse_instant("2026-04-02T10:00:00+02:00")).tolist()[0] == -7.0


def test_where_nothing_is_promised_nothing_presses() -> None:
    due, sla = np.array([NEVER]), _sla()
    assert np.isnan(sla.time_left(due, SINCE)).all()
    assert (sla.pressure(due, SINCE).tolist(), sla.state(due, SINCE, due).tolist()) == ([0.0], [STATES[0]])


def test_without_the_start_the_last_quarter_of_a_working_day_is_at_risk() -> None:
    due = np.array([SINCE + 4 * HOUR])
    pressures = [float(_sla(at_risk=0.25).pressure(due, SINCE + int(h * HOUR))[0]) for h in (1.7, 1.75, 2.875, 4)]
    assert pressures == pytest.approx([0.0, 0.0, 0.5, 1.0])


def test_of_no_leads_nothing_is_asked() -> None:
    sla, none = _sla(within="1 working hour", promises=RULES), np.zeros(0, dtype=np.int64)
    due = sla.deadlines([], [], none)
    assert len(due) == len(sla.pressure(due, SINCE, none)) == len(sla.state(due, SINCE, none, none)) == 0
