"""Whether what became of leads is what a model said: wins against chances, and why a source's leads are refused."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from features.history import Floats
from models.drift import ORDER, PSI, Level, level_of
from models.drift_chance import at_most, between, stability

LEAST_JUDGED, LEAST_REFUSED = 100, 30
"""Leads with a ripe outcome, and refusals of a source then and now: of fewer nothing is said."""
RATIO = (1.15, 1.5)
"""How many times the wins expected, or the other way round, is worth watching, and worth an alarm."""


@dataclass(frozen=True)
class Real:
    """Leads with a ripe outcome: the wins expected of them, and the wins. `low`, `high`: of the share won, 95 %.

    `chance`: of wins as far from the expected ones, if the chances were true.
    """

    leads: int
    wins: int
    expected: float
    low: float
    high: float
    chance: float
    level: Level

    @property
    def share(self) -> float:
        """Of the leads, those that were won."""
        return self.wins / self.leads

    @property
    def p_mean(self) -> float:
        """The mean chance that they were given."""
        return self.expected / self.leads

    def as_json(self) -> dict[str, Any]:
        """All of it."""
        return {**asdict(self), "share": self.share, "p_mean": self.p_mean}


def real(p_win: Floats, won: Floats) -> Real | None:
    """What leads were given and what they came to, a row a lead; None where there are too few to say."""
    if len(p_win) < LEAST_JUDGED:
        return None
    leads, wins, expected = len(won), int(won.sum()), float(p_win.sum())
    mean = expected / leads
    low, high = between(wins, leads)
    fewer, more = at_most(wins, leads, mean), 1.0 - at_most(wins - 1, leads, mean)
    chance = min(1.0, 2.0 * min(fewer, more))
    ratio = max(wins + 0.5, expected + 0.5) / (min(wins, expected) + 0.5)
    return Real(leads, wins, expected, low, high, chance, level_of(ratio, RATIO, chance))


@dataclass(frozen=True)
class Shift:
    """The refusals of one source then and now, by reason. `psi`, `chance`, `level`: as those of a feature."""

    source: str
    before: Mapping[str, int]
    after: Mapping[str, int]
    psi: float
    chance: float
    level: Level

    @property
    def most(self) -> tuple[str, float, float]:
        """The reason whose share of the refusals changed most, its share then and now."""
        then, today = sum(self.before.values()), sum(self.after.values())
        reasons = {*self.before, *self.after}
        shares = [(name, self.before.get(name, 0) / then, self.after.get(name, 0) / today) for name in reasons]
        return max(shares, key=lambda each: (abs(each[2] - each[1]), each[0]))

    def as_json(self) -> dict[str, Any]:
        """All of it."""
        return asdict(self)


def shifts(before: Mapping[str, Mapping[str, int]], after: Mapping[str, Mapping[str, int]]) -> tuple[Shift, ...]:
    """Each source with enough refusals in both, counted by reason; what moved most comes first."""
    sources = sorted(set(before) & set(after))
    asked = [name for name in sources if min(sum(before[name].values()), sum(after[name].values())) >= LEAST_REFUSED]
    found = [_shift(name, before[name], after[name], len(asked)) for name in asked]
    return tuple(sorted(found, key=lambda each: (-ORDER.index(each.level), -each.psi, each.source)))


def _shift(source: str, before: Mapping[str, int], after: Mapping[str, int], questions: int) -> Shift:
    reasons = sorted(set(before) | set(after))
    counts = [np.array([side.get(reason, 0) for reason in reasons], dtype=np.int64) for side in (before, after)]
    psi, chance = stability(*counts)
    chance = min(1.0, chance * questions)
    return Shift(source, dict(before), dict(after), psi, chance, level_of(psi, PSI, chance))
