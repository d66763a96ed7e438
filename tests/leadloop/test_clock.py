"""Time: instants are whole microseconds that go out and come back the same, and a guess is never made."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadloop.clock import DAY, HOUR, SECOND, from_micros, isoformat, now, parse_as_of, parse_instant, to_micros
from leadloop.errors import InputError

FIRST, LAST = to_micros(datetime.min.replace(tzinfo=UTC)), to_micros(datetime.max.replace(tzinfo=UTC))
INSTANTS = st.integers(FIRST, LAST)
OFFSETS = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))
PARIS = ZoneInfo("Europe/Paris")


@given(INSTANTS)
def test_an_instant_comes_back_from_a_datetime(instant: int) -> None:
    assert to_micros(from_micros(instant)) == instant


@given(INSTANTS)
def test_an_instant_comes_back_from_its_text(instant: int) -> None:
    assert parse_instant(isoformat(instant)) == instant


@given(st.integers(FIRST + DAY, LAST - DAY), OFFSETS)
def test_an_instant_is_the_same_at_every_offset(instant: int, offset: timezone) -> None:
    assert parse_instant(from_micros(instant).astimezone(offset).isoformat()) == instant


@given(st.datetimes(timezones=st.just(UTC)), st.datetimes(timezones=st.just(UTC)))
def test_instants_compare_like_their_datetimes(one: datetime, other: datetime) -> None:
    assert (one < other) == (to_micros(one) < to_micros(other))


@given(st.datetimes(min_value=datetime(1971, 1, 1), max_value=datetime(2099, 1, 1)))  # noqa: DTZ001 -- without offset on purpose
def test_a_configured_zone_stands_in_for_a_missing_offset(local: datetime) -> None:
    assert parse_instant(local.isoformat(), PARIS) == to_micros(local.replace(tzinfo=PARIS))


@given(st.datetimes())
def test_a_time_without_an_offset_is_refused(local: datetime) -> None:
    with pytest.raises(InputError, match="has no UTC offset"):
        parse_instant(local.isoformat())


@given(st.text(max_size=30))
def test_a_text_is_a_time_or_refused_and_nothing_else(text: str) -> None:
    with suppress(InputError):
        assert FIRST <= parse_instant(text, UTC) <= LAST


@pytest.mark.parametrize("text", ["9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+12:00"])
def test_a_time_that_leaves_the_calendar_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="is not within the years 1 to 9999"):
        parse_instant(text)


@pytest.mark.parametrize(
    "text", ["2026-03-01T09:00:00Z", "2026-03-01 09:00+00:00", " 2026-03-01T10:00:00+01:00 ", "20260301T040000-0500"]
)
def test_offsets_are_obeyed(text: str) -> None:
    assert isoformat(parse_instant(text)) == "2026-03-01T09:00:00Z"


def test_an_offset_beats_the_configured_zone() -> None:
    assert parse_instant("2026-03-01T09:00:00Z", PARIS) == parse_instant("2026-03-01T09:00:00Z")


def test_summer_and_winter_have_their_own_offset() -> None:
    winter, summer = (parse_instant(f"2026-{month}-01T00:00", PARIS) for month in ("01", "07"))
    assert (summer - winter) % DAY == DAY - HOUR


def test_microseconds_are_kept() -> None:
    assert parse_instant("1970-01-01T00:00:01.000001Z") == SECOND + 1


def test_a_format_reads_what_is_not_iso() -> None:
    assert isoformat(parse_instant("01-03-2026", UTC, "%d-%m-%Y")) == "2026-03-01T00:00:00Z"


def test_a_format_with_an_offset_needs_no_zone() -> None:
    assert isoformat(parse_instant("01/03/2026 +0100", None, "%d/%m/%Y %z")) == "2026-02-28T23:00:00Z"


@pytest.mark.parametrize("text", ["", "soon", "2026-02-30", "2026-03-01T25:00Z", "1e9", "1772355600"])
def test_what_is_no_time_is_refused_with_what_to_write(text: str) -> None:
    with pytest.raises(InputError, match=f"'{text}' is not a time; write ISO 8601"):
        parse_instant(text, UTC)


def test_what_does_not_fit_the_format_is_refused_with_the_format() -> None:
    with pytest.raises(InputError, match=r"'2026-03-01' is not a time; write the format %d-%m-%Y"):
        parse_instant("2026-03-01", UTC, "%d-%m-%Y")


def test_as_of_a_day_is_its_midnight_in_utc() -> None:
    assert isoformat(parse_as_of("2026-03-01")) == "2026-03-01T00:00:00Z"


def test_as_of_a_day_is_its_midnight_in_the_configured_zone() -> None:
    assert isoformat(parse_as_of("2026-03-01", PARIS)) == "2026-02-28T23:00:00Z"


def test_now_is_aware_and_in_utc() -> None:
    assert now().utcoffset() == timedelta(0)
