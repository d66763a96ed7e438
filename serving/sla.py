"""What sales promised: by when a lead is to be contacted first, how near that is, and whether it was kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from features.history import NEVER, Floats, Ints
from leadloop.clock import DAY
from leadloop.contract import Promise, duration
from leadloop.settings import Settings
from serving.working_time import LAST_YEAR, WorkingTime, in_hours, within_reach

STATES = ("none", "in_time", "at_risk", "missed", "kept", "late")
"""No promise; open: time is left, little is left, none is left; contacted: by the deadline, after it."""

Names = Sequence[str | None] | NDArray[np.object_] | NDArray[np.str_]


@dataclass(frozen=True)
class Sla:
    """The promises of some settings. All instants are arrays of microseconds UTC, `NEVER` where there is none."""

    within: str
    promises: tuple[Promise, ...]
    since: str
    at_risk: float
    time: WorkingTime

    @classmethod
    def of(cls, settings: Settings) -> "Sla | None":
        """The promises configured; None where there are none.

        Raises: SettingsError when the country or region of the holidays is unknown.
        """
        given = settings.sla
        if given is None:
            return None
        zone = ZoneInfo(given.timezone or settings.timezone or "UTC")
        return cls(given.within, given.promises, given.since, given.at_risk, WorkingTime(given, zone))

    def deadlines(self, cell: Names, source: Names, since: Ints) -> Ints:
        """When each lead of a cell and a source is due whose clock started at `since`.

        The most specific promise holds: for cell and source, else for one of the two, else for all. Where one for the
        cell and one for the source apply, the earlier deadline counts.
        """
        since = np.asarray(since, dtype=np.int64)
        cells, sources = (np.asarray(each, dtype=object) for each in (cell, source))
        due = self._due(self.within, since)
        for rules in ([each for each in self.promises if not _both(each)], filter(_both, self.promises)):
            best = np.full(len(since), NEVER)
            for rule in rules:
                mine = _of(rule.cell, cells) & _of(rule.source, sources)
                best[mine] = np.minimum(best[mine], self._due(rule.within, since[mine]))
            due = np.where(best == NEVER, due, best)
        return due

    def _due(self, within: str, since: Ints) -> Ints:
        length, working = duration(within)
        due = np.full(len(since), NEVER)
        sound = within_reach(since)
        if not working:
            due[sound] = since[sound] + length
        elif sound.any():
            due[sound] = self._due_at_work(length, since[sound])
        return due

    def _due_at_work(self, length: int, since: Ints) -> Ints:
        """The line of time is drawn on until it is long enough."""
        first, last = int(since.min()), int(since.max())
        line = self.time.over(first, last)
        while (wanted := line.elapsed(since) + length).max() > line.done[-1]:
            if line.end[-1] >= _end():
                return np.where(wanted > line.done[-1], NEVER, line.after(wanted))
            last = 2 * int(line.end[-1]) - int(line.start[0])
            line = self.time.over(first, last)
        return line.after(wanted)

    def time_left(self, due_at: Ints, as_of: int) -> Floats:
        """Working hours until each deadline, negative once it has passed; NaN where nothing is promised."""
        due_at = np.asarray(due_at, dtype=np.int64)
        left = np.full(len(due_at), np.nan)
        promised = within_reach(due_at)
        left[promised] = in_hours(self.working(np.full(int(promised.sum()), as_of), due_at[promised]))
        return left

    def working(self, start: Ints, end: Ints) -> Ints:
        """Working time between instants, in microseconds; negative where the end comes first."""
        if not len(start):
            return np.zeros(0, dtype=np.int64)
        line = self.time.over(int(min(start.min(), end.min())), int(max(start.max(), end.max())))
        return line.elapsed(end) - line.elapsed(start)

    def pressure(self, due_at: Ints, as_of: int, since: Ints | None = None) -> Floats:
        """From 0, time is left, to 1, none is: rising over the part of the promised working time that is at risk.

        `since`: when the clocks started; without it that part is measured as for a promise of one working day.
        Missed promises stay at 1; leads that nothing is promised are at 0.
        """
        due_at = np.asarray(due_at, dtype=np.int64)
        left, promised = self.time_left(due_at, as_of), within_reach(due_at)
        whole = np.full(len(due_at), self.time.hours_of_a_day())
        if since is not None:
            whole[promised] = in_hours(self.working(np.asarray(since, dtype=np.int64)[promised], due_at[promised]))
        part = np.maximum(self.at_risk * whole, 1e-9)
        return np.where(promised, np.clip(1.0 - np.nan_to_num(left) / part, 0.0, 1.0), 0.0)

    def state(self, due_at: Ints, as_of: int, contacted_at: Ints, since: Ints | None = None) -> NDArray[np.str_]:
        """One of STATES a lead, as it stands at `as_of`; a contact later than that has not been."""
        due_at, contacted_at = (np.asarray(each, dtype=np.int64) for each in (due_at, contacted_at))
        contacted = contacted_at <= as_of
        chosen = [
            ~within_reach(due_at),
            contacted & (contacted_at <= due_at),
            contacted,
            due_at < as_of,
            self.pressure(due_at, as_of, since) > 0,
        ]
        return np.select(chosen, ["none", "kept", "late", "missed", "at_risk"], "in_time")


def _both(rule: Promise) -> bool:
    return rule.cell is not None and rule.source is not None


def _of(name: str | None, names: NDArray[np.object_]) -> NDArray[np.bool_]:
    return np.ones(len(names), dtype=bool) if name is None else np.asarray(names == name, dtype=bool)


def _end() -> int:
    return (LAST_YEAR - 1970) * 365 * DAY
