"""Numbers, money and times as each language writes them."""

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any

from babel import Locale, dates, numbers

from leadloop.clock import now

NONE = "–"


@dataclass(frozen=True)
class Figures:
    """Writes figures in one language; times in the zone of the settings, else in UTC."""

    locale: Locale
    zone: tzinfo

    def number(self, value: float | None, digits: int = 0) -> str:
        """A number.

        >>> Figures(Locale("fr"), UTC).number(1234.5, 1)
        '1\\u202f234,5'
        """
        return NONE if value is None else numbers.format_decimal(value, _shape(digits), self.locale)

    def percent(self, value: float | None, digits: int = 0) -> str:
        """A share as a percentage; small ones with a digit more."""
        if value is None:
            return NONE
        some = digits or (1 if 0 < abs(value) < 0.1 else 0)
        return numbers.format_percent(value, f"{_shape(some)}{self._percent_sign}", self.locale)

    def money(self, value: float | None, currency: str) -> str:
        """An amount without cents.

        >>> Figures(Locale("en"), UTC).money(1234.5, "EUR")
        '€1,234'
        """
        if value is None:
            return NONE
        return numbers.format_currency(round(value), currency, self._whole, self.locale, currency_digits=False)

    def signed(self, value: float, digits: int = 1) -> str:
        """A number with its sign."""
        return ("+" if value > 0 else "−" if value < 0 else "") + self.number(abs(value), digits)

    def day(self, at: str | None) -> str:
        """The day of an instant (ISO 8601)."""
        return NONE if at is None else dates.format_date(self._here(at), "medium", self.locale)

    def clock(self, at: str) -> str:
        """What the clock says at an instant, without an offset: for charts.

        >>> from zoneinfo import ZoneInfo
        >>> Figures(Locale("fr"), ZoneInfo("Europe/Paris")).clock("2026-11-30T23:26:07.187525Z")
        '2026-12-01T00:26:07'
        """
        return self._here(at).replace(tzinfo=None).isoformat(timespec="seconds")

    def moment(self, at: str | None) -> str:
        """Day and time of an instant."""
        return (
            NONE if at is None else f"{self.day(at)} {dates.format_time(self._here(at), 'HH:mm', locale=self.locale)}"
        )

    def ago(self, at: str | None, since: str | None = None) -> str:
        """How long before `since` (default: now) that was, or how long after."""
        if at is None:
            return NONE
        base = now() if since is None else _read(since)
        return dates.format_timedelta(_read(at) - base, add_direction=True, locale=self.locale)

    def hours(self, value: float | None) -> str:
        """A length of working hours."""
        if value is None:
            return NONE
        return self.number(abs(value), 1 if abs(value) < 10 and round(value, 1) % 1 else 0)

    def _here(self, at: str) -> datetime:
        return _read(at).astimezone(self.zone)

    @property
    def _percent_sign(self) -> str:
        return "\u202f%" if self.locale.language == "fr" else "%"

    @property
    def _whole(self) -> str:
        return "#,##0\u00a0¤" if self.locale.language == "fr" else "¤#,##0"


def figures(lang: str, zone: tzinfo | None) -> Figures:
    """Of a language and zone."""
    return Figures(Locale("en", "GB") if lang == "en" else Locale(lang), zone or UTC)


def _read(at: Any) -> datetime:
    return datetime.fromisoformat(str(at))


def _shape(digits: int) -> str:
    return "#,##0" + ("." + "0" * digits if digits else "")
