"""How each lead's interest rises and cools: bursts that have a level at any instant, and that engagement follows."""

from dataclasses import dataclass

import numpy as np

from leadloop.clock import DAY
from leadloop.demo.arrivals import Arrivals
from leadloop.demo.draws import Draws, Floats, Ints
from leadloop.demo.words import SOURCES

BURSTS = 3


@dataclass(frozen=True)
class Intent:
    """Shape (leads, BURSTS): when a burst starts (microseconds UTC), its height, and its days to rise and to cool.

    A burst is height * (exp(-t/cool) - exp(-t/rise)) / (1 - rise/cool): the density of the sum of two exponential
    waits, up to a factor, so that event times drawn as such sums follow it exactly. Height 0: no burst.
    """

    starts_at: Ints
    height: Floats
    rise_days: Floats
    cool_days: Floats

    def at(self, lead: Ints, at: Ints) -> Floats:
        """The intent of leads at instants, same shape; 0 is none, about 1 a fresh lead's."""
        days = (at[:, None] - self.starts_at[lead]) / DAY
        rise, cool = self.rise_days[lead], self.cool_days[lead]
        begun = np.maximum(days, 0.0)
        level = (np.exp(-begun / cool) - np.exp(-begun / rise)) / (1.0 - rise / cool)
        total: Floats = np.sum(self.height[lead] * level * (days >= 0), axis=1)
        return total


def draw_intent(draws: Draws, arrivals: Arrivals) -> Intent:
    """A burst at arrival for all, begun shortly before it, and for some it re-ignites weeks or months later."""
    index, slots = np.arange(len(arrivals.source))[:, None], np.arange(BURSTS)[None, :]
    cool = np.clip(12.0 * np.exp(0.6 * draws.normal("cool", index, slots)), 3.0, 60.0)
    warming = draws.uniform("warming", index, slots) < 0.25
    rise = np.where(warming, 0.4, 0.02) * cool
    later = 12.0 + 55.0 * draws.exponential("again", index, slots)
    before = np.where(warming, 0.5 * rise, 3.0 * rise)
    days = np.cumsum(np.where(slots == 0, -before, later), axis=1)
    return Intent(
        starts_at=arrivals.created_at[:, None] + (days * 86_400).astype(np.int64) * (DAY // 86_400),
        height=_heights(draws, arrivals, index, slots),
        rise_days=rise,
        cool_days=cool,
    )


def _heights(draws: Draws, arrivals: Arrivals, index: Ints, slots: Ints) -> Floats:
    usual = np.array([s.intent for s in SOURCES])[arrivals.source]
    heights = usual[:, None] * np.exp(0.6 * draws.normal("height", index, slots) - 0.15)
    ignites = draws.uniform("ignites", index, slots) < np.where(slots == 0, 1.0, 0.3)
    return heights * np.logical_and.accumulate(ignites, axis=1)
