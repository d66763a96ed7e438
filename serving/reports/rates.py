"""Conversion by stage, learned from leads old enough to tell: a lead that had no time yet is not a failure."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt

import numpy as np

from features.history import ALWAYS, NEVER, Floats, Ints
from leadloop.clock import DAY
from serving.reports.facts import LADDER, Facts, Flags

STAGES = ("judged", *LADDER)
"""What a delivered lead may come to, one after the other; judged: sales said anything of it."""
RIPE_AT = 0.95
"""The share of conversions that are quicker than the time that a lead is given."""
_Z = 1.959964


@dataclass(frozen=True)
class Rate:
    """So many of so many, with the 95 % interval by Wilson's score."""

    reached: int
    of: int

    @property
    def value(self) -> float | None:
        """The share; None of nothing."""
        return self.reached / self.of if self.of else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Low and high.

        >>> [round(bound, 3) for bound in Rate(5, 10).interval]
        [0.237, 0.763]
        """
        if not self.of:
            return None
        share, n = self.reached / self.of, self.of
        middle, spread = share + _Z**2 / (2 * n), _Z * sqrt(share * (1 - share) / n + _Z**2 / (4 * n * n))
        low, high = ((middle + sign * spread) / (1 + _Z**2 / n) for sign in (-1, 1))
        return max(low, 0.0), min(high, 1.0)

    def as_json(self) -> dict[str, object]:
        """All of it."""
        return {"reached": self.reached, "of": self.of, "rate": self.value, "interval": self.interval}


@dataclass(frozen=True)
class Step:
    """From the stage before to `stage`. `ripe_days`: what a lead is given, None where nothing is dated; `young`: leads
    that have not had it yet; `median_days`, `slow_days`: how long it took, the slow tenth longer.
    """

    stage: str
    rate: Rate
    young: int
    ripe_days: float | None
    median_days: float | None
    slow_days: float | None


def entered(facts: Facts, stage: str) -> Ints:
    """When each lead came to a stage or beyond it; `delivered` is where all begin."""
    if stage == "delivered":
        return np.where(facts.counted, facts.since, NEVER)
    return facts.heard if stage == "judged" else facts.reached[stage]


def before(stage: str) -> str:
    """The stage that leads to this one."""
    i = STAGES.index(stage)
    return STAGES[i - 1] if i else "delivered"


def ripeness(facts: Facts) -> dict[str, float]:
    """Days that a lead is given for each stage; a stage that nobody reached on a known date is left out."""
    found = {}
    for stage in STAGES:
        took = _took(facts, stage, facts.counted)
        if len(took):
            found[stage] = float(np.quantile(took, RIPE_AT))
    return found


def steps(facts: Facts, as_of: int, ripe_days: Mapping[str, float], among: Flags | None = None) -> list[Step]:
    """Every step of the leads chosen (None: of all); a lead counts once it has had the days given."""
    chosen = facts.counted if among is None else facts.counted & among
    return [_step(facts, as_of, stage, ripe_days.get(stage), chosen) for stage in STAGES]


def _step(facts: Facts, as_of: int, stage: str, given: float | None, chosen: Flags) -> Step:
    start, end = entered(facts, before(stage)), entered(facts, stage)
    there = chosen & (start != NEVER)
    old = there & ripe(facts, start, as_of, given)
    rate = Rate(int((old & (end != NEVER)).sum()), int(old.sum()))
    took = _took(facts, stage, chosen)
    middle, slow = (float(q) for q in np.quantile(took, [0.5, 0.9])) if len(took) else (None, None)
    return Step(stage, rate, int(there.sum()) - rate.of, given, middle, slow)


def ripe(facts: Facts, start: Ints, as_of: int, given: float | None) -> Flags:
    """Which leads have had so many days since `start`; where times can't be told, those that are closed."""
    closed = (facts.left != NEVER) | (facts.first["won"] != NEVER)
    dated = facts.timed & (start != ALWAYS) & (start != NEVER)
    old = np.where(dated, start, 0) <= as_of - (given or 0.0) * DAY
    return np.where(dated, old & (given is not None), closed)


def _took(facts: Facts, stage: str, chosen: Flags) -> Floats:
    """Days of each conversion whose ends are dated."""
    start, end = entered(facts, before(stage)), entered(facts, stage)
    both = chosen & facts.timed & (start != NEVER) & (end != NEVER) & (start != ALWAYS) & (end != ALWAYS)
    return np.asarray(np.maximum(end[both] - start[both], 0) / DAY)
