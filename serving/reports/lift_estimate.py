"""What an order of leads brings a worked slot, from slots that were drawn with known chances: by inverse propensity,
and doubly robust beside a model, with intervals that hold where wins are few and amounts uneven.

Values are Horvitz & Thompson's (1952), with a model as control (Dudik, Langford & Li 2011). An interval adds up, by
MOVER (Zou & Donner 2008), the gamma limits (Fay & Feuer 1997) of what is weighed up and of what is weighed down, and
what the days differ beyond that.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from features.history import Floats, Ints
from serving.reports.quantiles import gamma_quantile, t_quantile

Flags = NDArray[np.bool_]
LEVEL = 0.95
BELIEVED = 3.69
"""So many times what a model expects may be true where nothing says so: the limit of a first win (Gamma of 1)."""


@dataclass(frozen=True)
class Sample:
    """The counted slots of `lists` lists, one entry each, n in all.

    `day`: number of the day; `chance`: of being on the list; `group`: slots of one group are worked equally often,
    whoever is in them; `worked`: whether somebody took the lead on; `brought`: what then came of it, 0 where nothing;
    `model`: what a model expected; `slots`: of all lists.
    """

    day: Ints
    chance: Floats
    group: Ints
    worked: Flags
    brought: Floats
    model: Floats
    slots: float

    def weights(self) -> Floats:
        """How many leads each stands for; of those not worked, none, and the others of their group for them."""
        share = np.ones(int(self.group.max(initial=0)) + 1)
        for group in np.unique(self.group):
            share[group] = self.worked[self.group == group].mean()
        return np.where(self.worked, 1.0 / (self.chance * np.maximum(share[self.group], 1e-12)), 0.0)

    @property
    def typical(self) -> float:
        """The root mean square of what a win brought."""
        wins = self.brought[self.worked & (self.brought > 0)]
        return float(np.sqrt((wins**2).mean())) if len(wins) else 0.0

    @property
    def scale(self) -> float:
        """How many times what the model expects of worked slots they brought, as if one more had won as expected."""
        one = self.typical
        expected = float(self.model[self.worked].sum()) + one
        return (float(self.brought[self.worked].sum()) + one) / expected if expected else 1.0


@dataclass(frozen=True)
class Order:
    """An order, or one less another. `takes`: how much of each entry is on its list, 1 or 0, or a share of chance;
    `up`, `down`: what the model expects of all that it would put on the lists, and of all that it leaves to the other.
    """

    takes: Floats
    up: float
    down: float = 0.0


@dataclass(frozen=True)
class Estimate:
    """A slot's worth, with its interval."""

    value: float
    low: float
    high: float

    def as_json(self) -> dict[str, object]:
        """For programs."""
        return {"value": self.value, "interval": [self.low, self.high]}


def by_propensity(sample: Sample, order: Order) -> Estimate:
    """What the order brings a slot, by the drawn slots alone; a model says what may be where none was drawn."""
    return _estimate(sample, order, robust=False)


def doubly_robust(sample: Sample, order: Order) -> Estimate:
    """What the order brings a slot: what the model expects, put right by what came of the drawn slots.

    Right when the chances are, whatever the model says; the better it is, the narrower.
    """
    return _estimate(sample, order, robust=True)


def _estimate(sample: Sample, order: Order, *, robust: bool) -> Estimate:
    scale = sample.scale
    sample = replace(sample, model=scale * sample.model)
    weight = order.takes * sample.weights() / sample.slots
    expected = scale * order.up / sample.slots, scale * order.down / sample.slots
    sides = [_Side(sample, sign * weight, total) for sign, total in zip((1.0, -1.0), expected, strict=True)]
    parts = [side.robust() if robust else side.plain() for side in sides]
    return _added(sample, parts, weight * (sample.brought - (sample.model if robust else 0.0)))


@dataclass(frozen=True)
class _Part:
    """What was weighed up to one side, and how far the truth may be below and above; `square`: of its entries."""

    value: float
    below: float
    above: float
    square: float


def _added(sample: Sample, parts: list[_Part], entries: Floats) -> Estimate:
    """One side less the other."""
    up, down = parts
    rest = _rest(sample.day, entries, up.square + down.square)
    value = up.value - down.value
    low = value - np.sqrt(up.below**2 + down.above**2 + rest)
    high = value + np.sqrt(up.above**2 + down.below**2 + rest)
    return Estimate(value, float(low), float(high))


@dataclass(frozen=True)
class _Side:
    """What is weighed up: `weight` of the entries of a sample, 0 or less of those of the other side; `expected`: what
    the model expects of all, drawn or not.
    """

    sample: Sample
    weight: Floats
    expected: float

    @property
    def mine(self) -> Flags:
        """The entries of this side."""
        return self.weight > 0

    def plain(self) -> _Part:
        """By the entries alone."""
        brought = (self.weight * self.sample.brought)[self.mine]
        part = self._limits(brought, brought)
        return replace(part, above=max(part.above, self._believed(part.value)))

    def robust(self) -> _Part:
        """Beside the model; where less than a win was to be expected of the entries, it is believed up to a factor."""
        brought = (self.weight * self.sample.brought)[self.mine]
        missed = (self.weight * (self.sample.brought - self.sample.model))[self.mine]
        part = self._limits(brought, missed)
        value = self.expected + float(missed.sum())
        believed = self._believed(value)
        above = part.above if not believed else min(part.above, believed) if len(brought) else believed
        return replace(part, value=value, above=above)

    def _limits(self, brought: Floats, missed: Floats) -> _Part:
        """Limits of a weighted sum of rare wins; above, as if one more had come, as large as the largest."""
        total, square = float(brought.sum()), float((missed**2).sum())
        more = max(self._one(), float(brought.max(initial=0.0)))
        low = _gamma(0.5 - LEVEL / 2, total, square) if total else 0.0
        high = _gamma(0.5 + LEVEL / 2, total + more, square + more**2) if more else total
        return _Part(total, total - low, max(high - total, 0.0), square)

    def _one(self) -> float:
        """What one win more would add, where the sum hangs on it: each entry counts by what it is expected to add."""
        weight = self.weight[self.mine]
        adds = weight * self.sample.model[self.mine]
        usual = (weight * adds).sum() / adds.sum() if adds.sum() > 0 else weight.max(initial=0.0)
        return float(usual) * self.sample.typical

    def _believed(self, value: float) -> float:
        """How far above a value the model lets the truth be where the entries say next to nothing; else 0."""
        one = self._one()
        wins = float((self.weight * self.sample.model)[self.mine].sum()) / one if one else 0.0
        return max(self.expected * BELIEVED / (1.0 + wins) - value, 0.0) if wins < 1 else 0.0


def _gamma(level: float, mean: float, variance: float) -> float:
    if variance <= 0:
        return mean
    return gamma_quantile(level, mean**2 / variance, variance / mean)


def _rest(day: Ints, parts: Floats, known: float) -> float:
    """The square of what the days differ by beyond what single slots do."""
    _, number = np.unique(day, return_inverse=True)
    daily = np.bincount(number, parts)
    n = len(daily)
    if n < 2:
        return 0.0
    spread = n / (n - 1) * float(((daily - daily.mean()) ** 2).sum())
    return t_quantile(0.5 + LEVEL / 2, n - 1) ** 2 * max(0.0, spread - known)
