"""Who arrives when and from where in the demo world: the first thing drawn, before any profile."""

from dataclasses import dataclass

import numpy as np

from leadloop.clock import DAY, HOUR, SECOND, from_micros
from leadloop.demo.draws import Draws, Floats, Ints
from leadloop.demo.settings import DemoSettings
from leadloop.demo.words import COLLAPSED, COLLAPSING, SOURCES, STOPPING, TURNED, TURNING

_DUPLICATES = 0.05
_HOURLY = np.array([1, 1, 1, 1, 1, 2, 4, 8, 12, 14, 14, 12, 11, 13, 13, 12, 11, 8, 6, 5, 5, 4, 3, 2], dtype=np.float64)
_WEEKDAY = (1.0, 1.1, 1.1, 1.0, 0.85, 0.25, 0.3)


@dataclass(frozen=True)
class Arrivals:
    """One entry a lead, in the order of arrival; instants in microseconds UTC.

    `person`: the index of the lead that first brought this person, its own unless it is a duplicate.
    `kind`: of the person, an index into KINDS; `source`: of this lead, an index into SOURCES.
    """

    created_at: Ints
    recorded_at: Ints
    source: Ints
    person: Ints
    kind: Ints


def arrive(settings: DemoSettings, draws: Draws) -> Arrivals:
    """Draw the arrivals of all leads."""
    created_at, source = _when(settings, draws)
    person = _persons(draws, len(created_at))
    return Arrivals(
        created_at=created_at,
        recorded_at=np.minimum(created_at + _delay(draws, source), settings.end_at),
        source=source,
        person=person,
        kind=_kinds(settings, draws, created_at, source)[person],
    )


def _when(settings: DemoSettings, draws: Draws) -> tuple[Ints, Ints]:
    index = np.arange(settings.leads)
    source = draws.choose("source", index, _shares(settings))
    days = _days(settings, draws, source)
    seconds = (days * 86_400 + _time_of_day(draws, index) * 3_600).astype(np.int64)
    created_at = settings.start_at + np.clip(seconds, 1, settings.days * 86_400 - 600) * SECOND
    order = np.argsort(created_at, kind="stable")
    return created_at[order], source[order]


def _shares(settings: DemoSettings) -> Floats:
    """How much of all leads each source brings; those that do not run all the time bring less."""
    before = settings.changes[0] / settings.days if settings.changes else 0.5
    runs = [1.0 - before if s.from_half else before if _stops(settings, s.name) else 1.0 for s in SOURCES]
    return np.array([s.share for s in SOURCES]) * runs


def _stops(settings: DemoSettings, source: str) -> bool:
    return settings.turn_at is not None and source == STOPPING


def _days(settings: DemoSettings, draws: Draws, source: Ints) -> Floats:
    """The day of arrival of each lead, counted from the start."""
    index, steady = np.arange(len(source)), np.cumsum(np.append(0.0, _day_weights(settings)))
    late = np.array([s.from_half for s in SOURCES])[source]
    early = np.array([_stops(settings, s.name) for s in SOURCES])[source]
    first = np.where(late, steady[settings.middle_day], 0.0)
    last = np.where(early, steady[settings.middle_day], steady[-1])
    goal = first + draws.uniform("day", index) * (last - first)
    days: Floats = np.floor(np.interp(goal, steady, np.arange(settings.days + 1)))
    for number, spec in enumerate(SOURCES):
        if spec.bursts:
            mine = source == number
            days[mine] = _burst_days(settings, draws, index[mine], spec.bursts)
    return days


def _day_weights(settings: DemoSettings) -> Floats:
    """Quiet week-ends and Augusts, and a third more leads at the end than at the start."""
    dates = [from_micros(settings.start_at + day * DAY) for day in range(settings.days)]
    season = [_WEEKDAY[date.weekday()] * (0.55 if date.month == 8 else 1.0) for date in dates]
    return np.array(season) * np.linspace(1.0, 1.33, settings.days)


def _burst_days(settings: DemoSettings, draws: Draws, index: Ints, every: int) -> Floats:
    """Days just after a show or webinar: three days of a show, or the long tail of a recording."""
    starts = np.arange(min(every // 2, settings.days // 2), settings.days, every)
    start = starts[draws.below("burst", index, len(starts))]
    after = draws.exponential("after burst", index) * (5.0 if every < 60 else 1.0)
    return np.floor(np.minimum(start + after, settings.days - 1))


def _time_of_day(draws: Draws, index: Ints) -> Floats:
    """Hours since midnight UTC, most of them in European office hours."""
    edges = np.cumsum(np.append(0.0, _HOURLY)) / _HOURLY.sum()
    hours: Floats = np.interp(draws.uniform("hour", index), edges, np.arange(25))
    return hours


def _delay(draws: Draws, source: Ints) -> Ints:
    """Microseconds until the CRM has the lead: minutes from a form, days from a trade show's badge list."""
    index = np.arange(len(source))
    hours = draws.exponential("lead delay", index) * 0.05
    names = np.array([s.name for s in SOURCES])[source]
    badge = 20.0 + 60.0 * draws.uniform("badge list", index)
    hours = np.where(names == "trade_show", badge, np.where(names == "partner", hours * 100, hours))
    return (hours * 3_600).astype(np.int64) * (HOUR // 3_600)


def _persons(draws: Draws, count: int) -> Ints:
    """Some leads are an earlier lead again; a copy is never copied."""
    index = np.arange(count)
    back = 1 + (draws.uniform("original", index) ** 2 * np.minimum(index, 600)).astype(np.int64)
    original = np.maximum(index - back, 0)
    copy = (draws.uniform("duplicate", index) < _DUPLICATES) & (index > 0)
    return np.where(copy & ~copy[original], original, index).astype(np.int64)


def _kinds(settings: DemoSettings, draws: Draws, created_at: Ints, source: Ints) -> Ints:
    weights = np.array([[1.0 - sum(s.no_buyers), *s.no_buyers] for s in SOURCES])[source]
    names, again = np.array([s.name for s in SOURCES])[source], settings.turn_at
    turned = np.zeros(len(source), dtype=np.bool_) if again is None else created_at >= again
    padded = (names == COLLAPSING) & (created_at >= settings.middle_at) & ~turned
    weights[padded] = [1.0 - sum(COLLAPSED), *COLLAPSED]
    weights[(names == TURNING) & turned] = [1.0 - sum(TURNED), *TURNED]
    return draws.choose("kind", np.arange(len(source)), weights)
