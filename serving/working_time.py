"""When sales works: working hours, holidays and closed days as one line of time that promises are measured on."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from features.history import Floats, Ints
from leadloop.clock import DAY, HOUR, SECOND, from_micros, to_micros
from leadloop.contract import WEEKDAYS, SlaSettings, days, spans
from leadloop.errors import SettingsError

FIRST_YEAR, LAST_YEAR = 1970, 2200
"""Nothing is promised outside of these: a lead dated there is a slip of the pen."""
_EPOCH_DAY = date(1970, 1, 1)


@dataclass(frozen=True)
class Timeline:
    """Working intervals in the order of time, microseconds UTC; `done`: working time before each of them."""

    start: Ints
    end: Ints

    @cached_property
    def done(self) -> Ints:
        """Working time before each interval, and after the last one."""
        return np.append(0, np.cumsum(self.end - self.start))

    def elapsed(self, at: Ints) -> Ints:
        """Working time from the beginning of the line to each instant."""
        i = np.searchsorted(self.start, at, side="right") - 1
        within = np.minimum(at, self.end[i]) - self.start[i]
        return np.where(i < 0, np.int64(0), self.done[np.maximum(i, 0)] + within)

    def after(self, working: Ints) -> Ints:
        """The first instant at which so much working time has passed; the last one of the line where it is too short.

        What ends with a working day is due that evening, not the next morning.
        """
        i = np.clip(np.searchsorted(self.done, working, side="left") - 1, 0, len(self.start) - 1)
        return np.asarray(np.minimum(self.start[i] + working - self.done[i], self.end[-1]))


class WorkingTime:
    """The working hours of some settings, over whatever years are asked for."""

    def __init__(self, settings: SlaSettings, zone: ZoneInfo) -> None:
        self._settings, self._zone = settings, zone
        self._closed = {day for text in settings.closed for day in days(text)}
        self._line: tuple[int, int, Timeline] | None = None
        _holidays(settings, range(2026, 2027))  # an unknown country is refused at once

    def over(self, first: int, last: int) -> Timeline:
        """The line from the year of one instant to the year after that of the other (microseconds UTC)."""
        low, high = max(_year(first) - 1, FIRST_YEAR), min(_year(last) + 1, LAST_YEAR)
        line = self._line
        if line is None or low < line[0] or high > line[1]:
            low, high = (low, high) if line is None else (min(low, line[0]), max(high, line[1]))
            self._line = line = (low, high, self._made(low, high))
        return line[2]

    def hours_of_a_day(self) -> float:
        """Working hours of the mean day on which anybody works."""
        worked = [sum(end - start for start, end in spans(text)) for text in self._settings.hours.values()]
        return sum(worked) / HOUR / sum(map(bool, worked))

    def days_of_a_month(self, first: int, last: int) -> float:
        """Working days of the mean month between two instants."""
        free = self._free(range(_year(first), _year(last) + 1))
        every = np.arange(first // DAY, max(last // DAY, first // DAY + 1))
        open_days = [each for each in every.tolist() if self._works(each, free)]
        return len(open_days) / len(every) * 365.2425 / 12

    def _works(self, day: int, free: set[date]) -> bool:
        return bool(self._settings.hours.get(WEEKDAYS[(day + 3) % 7])) and _EPOCH_DAY + timedelta(days=day) not in free

    def _free(self, years: Iterable[int]) -> set[date]:
        return _holidays(self._settings, years) | self._closed

    def _made(self, low: int, high: int) -> Timeline:
        """Each day's hours on the clock on the wall, moved to UTC one stretch of constant offset at a time."""
        start, end = _day(low), _day(high + 1)
        free = np.array([(each - _EPOCH_DAY).days for each in self._free(range(low, high + 1))], dtype=np.int64)
        wall = [self._on_the_wall(number, name, (start, end), free) for number, name in enumerate(WEEKDAYS)]
        opens, closes = (np.concatenate([each[side] for each in wall]) for side in (0, 1))
        found = [_clipped(opens - offset, closes - offset, stretch) for offset, stretch in self._offsets(start, end)]
        opens, closes = (np.concatenate([each[side] for each in found]) for side in (0, 1))
        order = np.argsort(opens, kind="stable")
        return Timeline(opens[order], closes[order])

    def _on_the_wall(self, number: int, name: str, between: tuple[int, int], free: Ints) -> tuple[Ints, Ints]:
        """Hours of one weekday, as if the wall's clock were UTC."""
        every = np.arange(between[0] // DAY - 1, between[1] // DAY + 1)
        mine = every[(every + 3) % 7 == number]  # 1970 began on a Thursday
        midnights = mine[~np.isin(mine, free)] * DAY
        hours = spans(self._settings.hours.get(name, ""))
        opens = [midnights + start for start, _ in hours] or [midnights[:0]]
        closes = [midnights + end for _, end in hours] or [midnights[:0]]
        return np.concatenate(opens), np.concatenate(closes)

    def _offsets(self, start: int, end: int) -> list[tuple[int, tuple[int, int]]]:
        """Stretches of time with the same offset from UTC, each with that offset; microseconds."""
        edges = [start]
        for day in range(start, end, DAY):
            if self._offset(day) != self._offset(day + DAY):
                edges.append(self._change(day, day + DAY))
        return [(self._offset(a), (a, b)) for a, b in zip(edges, [*edges[1:], end], strict=True)]

    def _change(self, before: int, after: int) -> int:
        """The second at which the offset changes between two instants."""
        while after - before > SECOND:
            middle = before + (after - before) // 2 // SECOND * SECOND
            before, after = (middle, after) if self._offset(middle) == self._offset(before) else (before, middle)
        return after

    def _offset(self, at: int) -> int:
        offset = from_micros(at).astimezone(self._zone).utcoffset() or timedelta()
        return offset // timedelta(microseconds=1)


def _clipped(opens: Ints, closes: Ints, stretch: tuple[int, int]) -> tuple[Ints, Ints]:
    opens, closes = np.maximum(opens, stretch[0]), np.minimum(closes, stretch[1])
    there = opens < closes
    return opens[there], closes[there]


def _holidays(settings: SlaSettings, years: Iterable[int]) -> set[date]:
    """Public holidays.

    Raises: SettingsError when the country or region is none that the library knows.
    """
    if not settings.country:
        return set()
    from holidays import country_holidays  # slow to import, and asked for by few

    try:
        return set(country_holidays(settings.country, subdiv=settings.region or None, years=years))
    except NotImplementedError as error:
        raise SettingsError(
            f"sla.country, sla.region: {error}; write ISO 3166 codes such as FR and 57, or list days under sla.closed"
        ) from None


def _year(at: int) -> int:
    return from_micros(min(max(at, _day(FIRST_YEAR)), _day(LAST_YEAR))).year


def _day(year: int) -> int:
    return to_micros(datetime(year, 1, 1, tzinfo=UTC))


def within_reach(at: Ints) -> NDArray[np.bool_]:
    """Which instants are of the years that promises are made for."""
    return np.asarray((at >= _day(FIRST_YEAR + 1)) & (at < _day(LAST_YEAR - 1)))


def in_hours(working: Ints) -> Floats:
    """Microseconds of working time as hours."""
    return np.asarray(working / HOUR)
