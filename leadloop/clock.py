"""Time in the loop: aware UTC now, and instants as whole microseconds so that they compare the same everywhere."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from time import time_ns
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from leadloop.errors import InputError

SECOND = 1_000_000
HOUR = 3_600 * SECOND
DAY = 24 * HOUR
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_START = _EPOCH.replace(tzinfo=None)  # a time without an offset is written in half the time


@dataclass
class _Clock:
    """`at`: the instant that a simulation has come to, microseconds UTC; None: the time of day."""

    at: int | None = None


_CLOCK = _Clock()


def now() -> datetime:
    """Now, in UTC; nothing else in leadloop asks the time."""
    return datetime.now(UTC) if _CLOCK.at is None else from_micros(_CLOCK.at)


def instant() -> int:
    """Now, in microseconds since 1970: the same as `to_micros(now())`, for paths where every microsecond counts."""
    return time_ns() // 1_000 if _CLOCK.at is None else _CLOCK.at


@contextmanager
def simulated(at: int) -> Iterator[None]:
    """For simulations: the whole process lives at an instant, microseconds UTC, until the block ends.

    >>> with simulated(DAY):
    ...     isoformat(instant())
    '1970-01-02T00:00:00Z'
    """
    before, _CLOCK.at = _CLOCK.at, at
    try:
        yield
    finally:
        _CLOCK.at = before


def to_micros(moment: datetime) -> int:
    """Microseconds since 1970 of an aware datetime.

    >>> to_micros(datetime(1970, 1, 2, tzinfo=UTC)) == DAY
    True
    """
    return (moment - _EPOCH) // timedelta(microseconds=1)


def from_micros(instant: int) -> datetime:
    """The aware UTC datetime of an instant."""
    return _EPOCH + timedelta(microseconds=instant)


def isoformat(instant: int) -> str:
    """An instant as people and files write it, in UTC.

    >>> isoformat(DAY)
    '1970-01-02T00:00:00Z'
    """
    return (_START + timedelta(0, 0, instant)).isoformat() + "Z"


def parse_instant(text: str, timezone: tzinfo | None = None, time_format: str | None = None) -> int:
    """Read ISO 8601 (or `time_format`, as strptime has it) into an instant.

    A time without an offset is read in `timezone`, and refused where none is configured, because a guess would
    shift every feature of time.

    >>> isoformat(parse_instant("2026-03-01T09:00:00+01:00"))
    '2026-03-01T08:00:00Z'
    >>> parse_instant("2026-03-01 09:00")
    Traceback (most recent call last):
    ...
    leadloop.errors.InputError: '2026-03-01 09:00' has no UTC offset; write one (…Z or …+01:00) or configure a time zone

    Raises: InputError when the text is no time, has no offset and no time zone is configured, or leaves the calendar.
    """
    moment = _parse(text.strip(), time_format)
    if moment.tzinfo is None and timezone is None:
        raise InputError(f"'{text}' has no UTC offset; write one (…Z or …+01:00) or configure a time zone")
    try:
        return to_micros((moment if moment.tzinfo else moment.replace(tzinfo=timezone)).astimezone(UTC))
    except OverflowError:
        raise InputError(f"'{text}' is not within the years 1 to 9999 in UTC; correct it") from None


def parse_as_of(text: str, timezone: tzinfo | None = None) -> int:
    """Read `--as-of`; a time typed without an offset is in the configured zone, else UTC, and a day is its midnight.

    >>> isoformat(parse_as_of("2026-03-01"))
    '2026-03-01T00:00:00Z'
    """
    return parse_instant(text, timezone or UTC)


PERIOD = re.compile(r"([1-9]\d{0,4})([ymd])")
"""A period as people write it: 3y, 18m, 90d."""


def known_zone(name: str) -> str:
    """The name of a time zone as the time-zone database writes it; "" stays "".

    Raises: ValueError when there is none of that name.
    """
    try:
        return ZoneInfo(name).key if name else name
    except (ZoneInfoNotFoundError, OSError):  # a folder of zones, such as Europe, is an OSError
        raise ValueError("there is no such time zone; write one such as Europe/Paris") from None


def _parse(text: str, time_format: str | None) -> datetime:
    try:
        return datetime.strptime(text, time_format) if time_format else datetime.fromisoformat(text)  # noqa: DTZ007 -- the caller adds the zone or refuses
    except ValueError:
        wanted = f"the format {time_format}" if time_format else "ISO 8601, such as 2026-03-01T09:00:00Z"
        raise InputError(f"'{text}' is not a time; write {wanted}") from None
