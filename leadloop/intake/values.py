"""One value of a row at a time: read into what the ledger holds, or refused with its column and the cause."""

import math
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any

from leadloop.clock import SECOND
from leadloop.errors import InputError, SettingsError
from leadloop.intake.hints import did_you_mean, fold, shown
from leadloop.store.rows import STAGES, WITHDRAWN, Value

LONGEST_ID = 200
_TIMES_KEPT = 20_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_DAY = (datetime.min.replace(tzinfo=UTC) - _EPOCH).days
_LAST_DAY = (datetime.max.replace(tzinfo=UTC) - _EPOCH).days


class BadValueError(InputError):
    """One row can't be used; it never leaves intake, the report names it instead."""

    def __init__(self, column: str | None, cause: str, value: Value = None) -> None:
        super().__init__(cause)
        self.column = column
        self.cause = cause
        self.value = None if value is None or value == "" else shown(value)


def as_text(value: Value) -> str:
    """A value as CSV would have it, so that the same thing compares equal in every format.

    >>> as_text(1), as_text(1.0), as_text(" 1 "), as_text(True), as_text(None)
    ('1', '1', '1', 'true', '')
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value).strip()


def read_id(value: Value, column: str = "lead_id") -> str:
    """A required key as text; its value is never quoted, because it may be an address."""
    if type(value) is str and 0 < len(value) <= LONGEST_ID:
        return value
    text = as_text(value)
    if not text:
        raise BadValueError(column, "is missing")
    if isinstance(value, bool) or len(text) > LONGEST_ID:
        raise BadValueError(column, f"is no key; write a text of at most {LONGEST_ID} characters")
    return text


def read_optional_id(value: Value, column: str) -> str | None:
    """A key, or None when not given."""
    return None if value == "" or value is None else read_id(value, column)


def read_text(value: Value) -> str | None:
    """Text, or None when not given."""
    return as_text(value) or None


def read_number(value: Value, column: str) -> float | None:
    """A finite number, or None when not given."""
    if value is None or value == "":
        return None
    number = _float(value)
    if number is None:
        raise BadValueError(column, "is not a finite number; write it like 1234.50", value)
    return number


def _float(value: Value) -> float | None:
    if value is None or isinstance(value, bool) or (isinstance(value, str) and "_" in value):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def read_currency(value: Value) -> str | None:
    """Three capital letters, or None when not given."""
    code = as_text(value).upper()
    if not code:
        return None
    if len(code) != 3 or not (code.isascii() and code.isalpha()):
        raise BadValueError("currency", "is no currency; write three letters such as EUR", value)
    return code


class TimeReader:
    """Texts to instants, by one time zone and one format; what was read lately is kept, since times repeat."""

    def __init__(self, timezone: tzinfo | None, time_format: str | None = None) -> None:
        self._timezone = timezone
        self._time_format = time_format
        self._parse = _parser(time_format)
        self._kept: dict[Value, int] = {}

    def read(self, value: Value, column: str) -> int:
        """The instant in microseconds.

        Raises: BadValueError when it is missing, no time, or without an offset and no time zone is configured.
        """
        instant = self._kept.get(value)
        if instant is None:
            since = self._moment(value, column) - _EPOCH  # clock.to_micros divides time spans, at thrice the price
            if not _FIRST_DAY <= since.days <= _LAST_DAY:  # an offset can lead out of the calendar
                raise BadValueError(column, "is not within the years 1 to 9999 in UTC; correct it", value)
            instant = (since.days * 86_400 + since.seconds) * SECOND + since.microseconds
            if len(self._kept) >= _TIMES_KEPT:
                self._kept.clear()
            self._kept[value] = instant
        return instant

    def _moment(self, value: Value, column: str) -> datetime:
        try:
            moment = self._parse(value)
        except (ValueError, TypeError):
            raise self._no_time(value, column) from None
        if moment.tzinfo is not None:
            return moment
        if self._timezone is None:
            cause = "has no UTC offset; write one (…Z or …+01:00) or configure a time zone"
            raise BadValueError(column, cause, value)
        return moment.replace(tzinfo=self._timezone)

    def _no_time(self, value: Value, column: str) -> BadValueError:
        if value is None or value == "":
            return BadValueError(column, "is missing")
        wanted = f"in the format {self._time_format}" if self._time_format else "as ISO 8601: 2026-03-01T09:00:00Z"
        return BadValueError(column, f"is not a time; write it {wanted}", value)


def _parser(time_format: str | None) -> Callable[[Any], datetime]:
    if time_format is None:
        return datetime.fromisoformat
    return lambda text: datetime.strptime(text, time_format)  # noqa: DTZ007 -- TimeReader adds the zone or refuses


class StageReader:
    """Stage names, ours and the user's own, to ours; case and spaces don't matter."""

    def __init__(self, own: Mapping[str, str]) -> None:
        for name, stage in own.items():
            if stage not in STAGES:
                hint = did_you_mean(stage, STAGES) or f"; write one of {', '.join(STAGES)}"
                raise SettingsError(f"Setting stages: '{name}' is mapped to '{stage}', which is no stage{hint}")
        self._names = {name: name for name in (*STAGES, WITHDRAWN)} | dict(own)
        self._stages = {fold(name): stage for name, stage in self._names.items()}

    def read(self, value: Value) -> str:
        """Our name of the stage.

        Raises: BadValueError when it is missing or unknown.
        """
        if (stage := self._stages.get(fold(as_text(value)))) is not None:
            return stage
        if not as_text(value):
            raise BadValueError("stage", "is missing")
        hint = did_you_mean(as_text(value), self._names) or f"; write one of {', '.join(STAGES)}."
        raise BadValueError(
            "stage", f"is an unknown stage{hint} Own names are mapped under stages in leadloop.toml", value
        )
