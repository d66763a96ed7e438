"""The orders that leadloop is held against over eighteen months, from none at all to one that knows the truth.

None of them is slowed down by learning: Odoo's counts are of the very moment, and duplicates are taken out at sight.
"""

from dataclasses import dataclass, field

import numpy as np

from benchmarks.loop_world import World, newest
from leadloop.clock import DAY
from leadloop.demo.chances import win_chance
from leadloop.demo.desk import Desk, points_of_profile
from leadloop.demo.draws import Floats, Ints
from leadloop.demo.feed import Batch
from leadloop.demo.identities import identities
from leadloop.demo.words import BANDS, COUNTRIES, EVENT_POINTS, EVENT_TYPES, INDUSTRIES, TIMELINES
from models.naive_bayes import Field, start, tally

_POINTS = dict(zip(EVENT_TYPES, EVENT_POINTS, strict=True))
_ENDS = {"won": 1.0, "lost": 0.0, "rejected": 0.0}


@dataclass
class Still:
    """An order that learns nothing."""

    world: World

    def told(self, batch: Batch, now: int) -> None:
        """Nothing to note."""

    def learn(self, now: int) -> None:
        """Nothing to learn."""


class NewestFirst(Still):
    """The last to arrive first."""

    def pick(self, desk: Desk, now: int, size: int) -> Ints:
        """Whom to call."""
        return newest(self.world, desk, now)[:size]


class OldestFirst(Still):
    """One after another, as they came."""

    def pick(self, desk: Desk, now: int, size: int) -> Ints:
        """Whom to call."""
        return newest(self.world, desk, now)[::-1][:size]


class Points(Still):
    """The company's points card: what a profile shows and what the lead did so far; among equals the newest."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.points = points_of_profile(world.market, world.shown)

    def told(self, batch: Batch, now: int) -> None:
        """Add the points of what leads did."""
        for row in batch.events:
            self.points[number(row.lead_id)] += _POINTS[row.type]

    def pick(self, desk: Desk, now: int, size: int) -> Ints:
        """Whom to call."""
        waiting = newest(self.world, desk, now)
        return waiting[np.argsort(-self.points[waiting], kind="stable")][:size]


@dataclass
class OdooPls:
    """Odoo's predictive lead scoring, by `models/naive_bayes.py`, on what a lead's form says; among equals the newest.

    Its counts follow each closed lead at once and all leads are scored anew each session, which is more than it does.
    """

    world: World
    codes: Ints = field(init=False)
    result: Floats = field(init=False)

    def __post_init__(self) -> None:
        """Nobody is won or lost yet."""
        self.codes = _codes(self.world)
        self.result = np.full(len(self.codes), np.nan)

    def told(self, batch: Batch, now: int) -> None:
        """Note who was won or lost."""
        for row in batch.outcomes:
            if row.stage in _ENDS:
                self.result[number(row.lead_id)] = _ENDS[row.stage]

    def learn(self, now: int) -> None:
        """It counts all the time."""

    def pick(self, desk: Desk, now: int, size: int) -> Ints:
        """Whom to call."""
        waiting, log_odds = newest(self.world, desk, now), self._log_odds()
        return waiting[np.argsort(-log_odds[waiting], kind="stable")][:size]

    def _log_odds(self) -> Floats:
        closed = np.flatnonzero(~np.isnan(self.result))
        won, weight = self.result[closed], np.ones(len(closed))
        out = np.full(len(self.codes), start(won.sum() + 0.1, (1 - won).sum() + 0.1))
        for column in self.codes.T:
            counted: Field = tally(column[closed], won, weight, int(column.max()) + 1)
            out += counted.of(column)
        return out


def _codes(world: World) -> Ints:
    """Source, country, language, size, industry, timeline and whether a telephone and an address are there."""
    shown, market = world.shown, world.market
    who = identities(market)
    given = [np.array([name in one for one in who], dtype=np.int64) for name in ("phone", "email")]
    fields = (shown.country, shown.band, shown.industry, shown.timeline)
    sizes = (len(COUNTRIES), len(BANDS), len(INDUSTRIES), len(TIMELINES))  # one past the end stands for a gap
    blank = [np.where(column == size, -1, column) for column, size in zip(fields, sizes, strict=True)]
    columns = [market.arrivals.source, market.people.french.astype(np.int64), *blank, *given]
    return np.column_stack(columns).astype(np.int64)


@dataclass
class Oracle(Still):
    """Knows each lead's chance and amount now and a day later: priority as leadloop has it, of the truth.

    `reach_later`: 0 is greedy on what a call brings now, 1 goes by what waiting costs.
    """

    reach_later: float

    def pick(self, desk: Desk, now: int, size: int) -> Ints:
        """Whom to call."""
        waiting = desk.waiting(now)
        brings, later = self._brings(waiting, now), self._brings(waiting, now + DAY)
        worth = brings - self.reach_later * np.minimum(brings, later)
        return waiting[np.argsort(-worth, kind="stable")][:size]

    def _brings(self, leads: Ints, at: int) -> Floats:
        market = self.world.market
        return win_chance(market, leads, np.full(len(leads), at)) * market.people.deal[leads]


def number(lead_id: str) -> int:
    """The index of a lead by its id."""
    return int(lead_id[2:]) - 1
