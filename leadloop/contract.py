"""What marketing and sales promised each other, as the settings `[sla]` and `[contract]` write it."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from leadloop.clock import DAY, HOUR, SECOND, known_zone

MINUTE = 60 * SECOND
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
OFFICE = "09:00-18:00"
_UNITS = {"minute": MINUTE, "hour": HOUR, "day": DAY}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(working\s+)?(minute|hour|day|min|h|d)s?", re.IGNORECASE)
_SHORT = {"min": "minute", "h": "hour", "d": "day"}
_SPAN = re.compile(r"(\d\d):(\d\d)\s*-\s*(\d\d):(\d\d)")
_LONGEST = 366 * DAY


def duration(text: str) -> tuple[int, bool]:
    """How long, in microseconds, and whether only working time counts.

    >>> duration("30 minutes") == (30 * MINUTE, False), duration("1.5 working hours") == (90 * MINUTE, True)
    (True, True)

    Raises: ValueError when it is no such time.
    """
    found = _DURATION.fullmatch(text.strip())
    if not found:
        raise ValueError("is no duration; write such as '30 minutes', '24 hours' or '2 working hours'")
    number, working, unit = found.groups()
    unit = _SHORT.get(unit.lower(), unit.lower())
    if working and unit == "day":
        raise ValueError("a working day has no fixed length; write working hours")
    micros = round(float(number) * _UNITS[unit])
    if not 0 < micros <= _LONGEST:
        raise ValueError("is not between a minute and a year")
    return micros, bool(working)


def spans(text: str) -> list[tuple[int, int]]:
    """Working hours of a day, in microseconds since its midnight.

    >>> [(start // HOUR, end // HOUR) for start, end in spans("09:00-12:00, 14:00-18:00")]
    [(9, 12), (14, 18)]

    Raises: ValueError when they are none, overlap, or are not in order.
    """
    found = [_span(each) for each in text.split(",") if each.strip()]
    edges = [edge for span in found for edge in span]
    if edges != sorted(edges) or any(start >= end for start, end in found):
        raise ValueError("hours must rise and not overlap; a night shift is two: '22:00-24:00' and '00:00-06:00'")
    return found


def _span(text: str) -> tuple[int, int]:
    found = _SPAN.fullmatch(text.strip())
    if not found:
        raise ValueError(f"'{text.strip()}' are no hours; write such as '09:00-12:30, 14:00-18:00'")
    hours = [int(each) for each in found.groups()]
    start, end = hours[0] * HOUR + hours[1] * MINUTE, hours[2] * HOUR + hours[3] * MINUTE
    if max(hours[1], hours[3]) > 59 or end > DAY:
        raise ValueError(f"'{text.strip()}' is no time of a day")
    return start, end


def days(text: str) -> Iterator[date]:
    """A day, or all from one to another.

    >>> [str(each) for each in days("2026-12-24/2026-12-25")]
    ['2026-12-24', '2026-12-25']

    Raises: ValueError when they are none.
    """
    first, _, last = (part.strip() for part in text.partition("/"))
    start, end = date.fromisoformat(first), date.fromisoformat(last or first)
    if not 0 <= (end - start).days <= 366:
        raise ValueError("from the first to the last day is not between a day and a year")
    return (start + timedelta(days=i) for i in range((end - start).days + 1))


def _checked(read: Any) -> AfterValidator:
    def check(text: str) -> str:
        read(text)
        return text

    return AfterValidator(check)


Duration = Annotated[str, _checked(duration)]
Hours = Annotated[str, _checked(spans)]
Days = Annotated[str, _checked(days)]
Share = Annotated[float, Field(ge=0, le=1)]


Stage = Literal["judged", "accepted", "contacted", "sql", "opportunity", "won"]
"""What a delivered lead may come to, one after the other."""


class _Table(BaseModel):
    """A table of leadloop.toml; a name that it does not have is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Promise(_Table):
    """The first contact that leads of a cell, of a source, or of both are promised."""

    within: Duration
    cell: str | None = None
    source: str | None = None

    @model_validator(mode="after")
    def _of_something(self) -> "Promise":
        if self.cell is None and self.source is None:
            raise ValueError("a promise is for a cell, a source or both; the one for all leads is sla.within")
        return self


class SlaSettings(_Table):
    """The table `[sla]`: the first contact that sales promises, and when sales works."""

    within: Duration = "24 hours"
    promises: tuple[Promise, ...] = ()
    since: Literal["created_at", "mql"] = "created_at"
    at_risk: Annotated[float, Field(gt=0, le=1)] = 0.25
    hours: dict[str, Hours] = dict.fromkeys(WEEKDAYS[:5], OFFICE)
    timezone: Annotated[str, AfterValidator(known_zone)] = ""
    country: str = ""
    region: str = ""
    closed: tuple[Days, ...] = ()

    @model_validator(mode="after")
    def _fits(self) -> "SlaSettings":
        if wrong := sorted(set(self.hours) - set(WEEKDAYS)):
            raise ValueError(f"hours: '{wrong[0]}' is no weekday; write {', '.join(WEEKDAYS)}")
        if not any(spans(each) for each in self.hours.values()):
            raise ValueError("hours: nobody ever works; give at least one weekday hours")
        if self.region and not self.country:
            raise ValueError("region: is a part of a country; write the country too")
        for_whom = [(each.cell, each.source) for each in self.promises]
        if len(set(for_whom)) < len(for_whom):
            raise ValueError("promises: two are for the same cell and source; keep one of them")
        return self


class MarketingSettings(_Table):
    """The table `[contract.marketing]`: what marketing delivers each month."""

    leads: Annotated[int, Field(ge=0)] | None = None
    by_source: dict[str, Annotated[int, Field(ge=0)]] = {}
    fit: Share | None = None
    accepted: Share | None = None


class SalesSettings(_Table):
    """The table `[contract.sales]`: what sales does with it."""

    in_time: Share | None = 0.9
    reasons: Share | None = 1.0
    feedback: Share | None = 0.9
    feedback_days: Annotated[float, Field(gt=0, le=366)] = 10.0


class ContractSettings(_Table):
    """The table `[contract]`: the goal, and what each side promises for it."""

    goal: Annotated[float, Field(gt=0)] | None = None
    per: Literal["month", "quarter", "year"] = "month"
    mean_deal: Annotated[float, Field(gt=0)] | None = None
    counted: Literal["created_at", "mql"] = "created_at"
    marketing: MarketingSettings = MarketingSettings()
    sales: SalesSettings = SalesSettings()
    rates: dict[Stage, Share] = {}

    @property
    def planned(self) -> dict[str, float]:
        """The rates that the plan rests on, by stage."""
        return {str(stage): rate for stage, rate in self.rates.items()}

    @property
    def monthly_goal(self) -> float | None:
        """The goal, a month."""
        months = {"month": 1, "quarter": 3, "year": 12}[self.per]
        return None if self.goal is None else self.goal / months
