"""Months of the calendar where the team is, as a line that instants are sorted into."""

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np

from features.history import ALWAYS, NEVER, Ints
from leadloop.clock import from_micros, to_micros
from leadloop.settings import Settings

_LAST = to_micros(datetime(9998, 12, 31, tzinfo=UTC))


def zone_of(settings: Settings) -> ZoneInfo:
    """Where the team is: as the promises say, else the times of the files, else UTC."""
    named = settings.sla.timezone if settings.sla else ""
    return ZoneInfo(named or settings.timezone or "UTC")


@dataclass(frozen=True)
class Months:
    """Months in a row: `names` such as 2026-03; `starts`, microseconds UTC, has one more, the end of the last."""

    names: tuple[str, ...]
    starts: Ints

    @classmethod
    def between(cls, first: int, last: int, zone: ZoneInfo) -> "Months":
        """From the month of one instant to that of another."""
        begin, end = (from_micros(at).astimezone(zone) for at in (first, last))
        numbers = range(begin.year * 12 + begin.month - 1, end.year * 12 + end.month)
        names = tuple(f"{n // 12:04}-{n % 12 + 1:02}" for n in numbers)
        starts = [datetime(n // 12, n % 12 + 1, 1, tzinfo=zone) for n in (*numbers, numbers.stop)]
        return cls(names, np.array([to_micros(each) for each in starts], dtype=np.int64))

    @classmethod
    def of(cls, at: Ints, until: int, zone: ZoneInfo, most: int | None = None) -> "Months":
        """The months of some instants until another, at `most` the last so many; none where nothing is dated."""
        dated = at[(at != ALWAYS) & (at != NEVER) & (at <= until)]
        if not len(dated):
            return cls((), np.zeros(1, dtype=np.int64))
        found = cls.between(int(dated.min()), min(until, _LAST), zone)
        cut = max(len(found.names) - most, 0) if most else 0
        return cls(found.names[cut:], found.starts[cut:])

    def number(self, at: Ints) -> Ints:
        """Which month each instant is in; -1: none of these."""
        found = np.searchsorted(self.starts, at, side="right") - 1
        return np.where((at == ALWAYS) | (found >= len(self.names)), -1, found)

    def ended(self, number: int, as_of: int) -> bool:
        """Whether a month is over at an instant."""
        return int(self.starts[number + 1]) <= as_of
