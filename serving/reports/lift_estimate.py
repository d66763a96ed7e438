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
    """What the order brings a slot, by the drawn slots alone."""
    weight = order.takes * sample.weights() / sample.slots
    parts = [_limits(sample, sign * weight, (weight * sample.brought) ** 2) for sign in (1.0, -1.0)]
    return _added(sample, parts, weight * sample.brought)


def doubly_robust(sample: Sample, order: Order) -> Estimate:
    """What the order brings a slot: what the model expects, put right by what came of the drawn slots.

    Right when the chances are, whatever the model says; the better it is, the narrower.
    """
    scale = sample.scale
    sample = replace(sample, model=scale * sample.model)
    weight = order.takes * sample.weights() / sample.slots
    missed = weight * (sample.brought - sample.model)
    parts = [
        _beside_model(sample, sign * weight, missed, scale * expected / sample.slots)
        for sign, expected in ((1.0, order.up), (-1.0, order.down))
    ]
    return _added(sample, parts, missed)


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


def _limits(sample: Sample, weight: Floats, squares: Floats) -> _Part:
    """Limits of a weighted sum of rare wins; above, as if one more had come."""
    mine = weight > 0
    total, square = float((weight * sample.brought)[mine].sum()), float(squares[mine].sum())
    one_more = _usual(weight[mine], sample.model[mine]) * sample.typical
    low = _gamma(0.5 - LEVEL / 2, total, square) if total > 0 else 0.0
    high = _gamma(0.5 + LEVEL / 2, total + one_more, square + one_more**2) if one_more > 0 else total
    return _Part(total, total - low, max(high - total, 0.0), square)


def _beside_model(sample: Sample, weight: Floats, missed: Floats, expected: float) -> _Part:
    """The same beside a model; where less than a win was to be expected of what was drawn, it is believed to be right
    up to the factor within which a first win would be.
    """
    part, mine = _limits(sample, weight, missed**2), weight > 0
    value = expected + float((np.sign(weight) * np.abs(weight) * (sample.brought - sample.model))[mine].sum())
    drawn = float((weight * sample.model)[mine].sum())
    one = _usual(weight[mine], sample.model[mine]) * sample.typical if mine.any() else 0.0
    above = part.above
    if drawn < one or not mine.any():
        trusted = expected * BELIEVED / (1.0 + (drawn / one if one else 0.0))
        above = min(above, max(trusted - value, 0.0)) if mine.any() else max(trusted - value, 0.0)
    return _Part(value, part.below, above, part.square)


def _usual(weight: Floats, model: Floats) -> float:
    """The weight of the entries that the sum hangs on: each counts by what it is expected to add."""
    adds = weight * model
    return float((weight * adds).sum() / adds.sum()) if adds.sum() > 0 else float(weight.max(initial=0.0))


def _gamma(level: float, mean: float, variance: float) -> float:
    from scipy.stats import gamma  # late: the server starts without it

    if variance <= 0:
        return mean
    return float(gamma.ppf(level, mean**2 / variance, scale=variance / mean))


def _rest(day: Ints, parts: Floats, known: float) -> float:
    """The square of what the days differ by beyond what single slots do."""
    from scipy.stats import t

    _, number = np.unique(day, return_inverse=True)
    daily = np.bincount(number, parts)
    n = len(daily)
    if n < 2:
        return 0.0
    spread = n / (n - 1) * float(((daily - daily.mean()) ** 2).sum())
    return float(t.ppf(0.5 + LEVEL / 2, n - 1)) ** 2 * max(0.0, spread - known)
