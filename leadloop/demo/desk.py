"""The demo's sales desk, for anybody's order of calls: who waits, and what a contact brings by the lead's own luck."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from leadloop.clock import DAY, HOUR, SECOND, from_micros
from leadloop.demo.chances import win_chance
from leadloop.demo.draws import Floats, Ints
from leadloop.demo.market import Market
from leadloop.demo.profiles import Shown
from leadloop.demo.selling import Worked, work_all
from leadloop.demo.settings import DemoSettings
from leadloop.demo.words import SENIORITY_POINTS, SOURCES

SESSIONS = (7, 13)  # o'clock UTC, on working days
_REACH = 0.74  # of all leads, what the usual capacity suffices for


@dataclass(frozen=True)
class Contact:
    """A lead (its index) as it was reached: `expected` and `won` in EUR, by the truth at that moment and by luck."""

    lead: int
    at: int
    p_win: float
    expected: float
    won: float


@dataclass
class Desk:
    """A team's desk, whoever says which leads come first. Each lead is worked once; one given back is so for good.

    `first_at`: one entry a lead, the instant of its contact or -1. What a contact brings depends on the lead and the
    instant alone, so that the same contact brings the same under every order.
    """

    market: Market
    first_at: Ints = field(init=False)
    contacts: list[Contact] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Nobody has been worked."""
        self.first_at = np.full(len(self.market.arrivals.kind), -1)

    def waiting(self, now: int) -> Ints:
        """Leads on record that nobody has worked."""
        return np.flatnonzero((self.market.arrivals.recorded_at <= now) & (self.first_at < 0))

    def work(self, chosen: Ints, now: int) -> list[Worked]:
        """Work these leads one after another from `now` on, the first first; what becomes of each."""
        if not len(chosen):
            return []
        attempt = np.zeros(len(chosen), dtype=np.int64)
        at = moments(self.market, chosen, attempt, now)
        results = work_all(self.market, chosen, at, attempt)
        p_win = win_chance(self.market, chosen, at)
        expected, won = p_win * self.market.people.deal[chosen], map(_won, results)
        columns = (column.tolist() for column in (chosen, at, p_win, expected))
        self.contacts += map(Contact, *columns, won)
        self.first_at[chosen] = at
        return results


def _won(worked: Worked) -> float:
    return sum(row.amount or 0.0 for row in worked.outcomes if row.stage == "won")


def sessions(settings: DemoSettings, first_day: int, last_day: int) -> Iterator[tuple[int, int]]:
    """When the team sits down, between two days after the start, and how many leads it takes on then."""
    allowance = 0.0
    for day in range(first_day, last_day):
        for hour in SESSIONS:
            now = settings.start_at + day * DAY + hour * HOUR
            allowance = min(allowance, 1.0) + working_capacity(settings, now) / len(SESSIONS)
            yield now, int(allowance)
            allowance -= int(allowance)


def working_capacity(settings: DemoSettings, now: int) -> float:
    """Leads this working day; none at week-ends, less in August and over Christmas."""
    date = from_micros(now)
    usual = settings.capacity if settings.capacity is not None else _REACH * settings.leads / settings.days * 7 / 5
    if date.weekday() >= 5:
        return 0.0
    away = date.month == 8 or (date.month, date.day) >= (12, 22)
    return usual * (0.5 if away else 1.07)


def moments(market: Market, chosen: Ints, attempt: Ints, now: int) -> Ints:
    """When each of the leads is worked, one after another over four hours."""
    luck = market.draws.uniform("turn", chosen, attempt)
    return now + ((np.arange(len(chosen)) + luck) * 4 * 3_600 / len(chosen)).astype(np.int64) * SECOND


def points_of_profile(market: Market, shown: Shown) -> Floats:
    """The old points card: title, size, source and country as shown."""
    title = np.array([*SENIORITY_POINTS, 0])[shown.seniority]
    size = np.array([0.0, 6.0, 10.0, 12.0, 8.0, 0.0])[shown.band]
    source = np.array([s.points for s in SOURCES])[market.arrivals.source]
    home = np.where(shown.country == 0, 6.0, 0.0)
    points: Floats = title + size + source + home
    return points
