"""A small company whose market turns: quick to learn from, and what was learned before the turn knows half of it."""

from dataclasses import dataclass

import numpy as np

from leadloop.clock import DAY, HOUR
from leadloop.store import leads, outcomes
from leadloop.store.ledger import Ledger
from leadloop.store.rows import LeadRow, OutcomeRow
from models.calibration import chance
from tests.checks import T0

A_DAY = 4
"""Leads that come in each day; sales takes each up six hours later, and is done with it within two days."""


@dataclass(frozen=True)
class Company:
    """`days` of leads, whose size tells who buys; from day `turn` on their source tells more."""

    days: int = 200
    turn: int = 10_000
    seed: int = 0

    @property
    def leads(self) -> list[LeadRow]:
        """Size and source of each."""
        return [
            LeadRow(name, at, at, attributes={"size": float(size), "source": source})
            for name, at, size, source in zip(*self._drawn[:4], strict=True)
        ]

    @property
    def outcomes(self) -> list[OutcomeRow]:
        """Touched, then won or lost."""
        touched = [
            OutcomeRow(name, "contacted", at + 6 * HOUR, at + 6 * HOUR)
            for name, at in zip(*self._drawn[:2], strict=True)
        ]
        ends = []
        for name, at, won in zip(*self._drawn[:2], self._drawn[4], strict=True):
            end = at + DAY + (DAY if won else 0)
            ends.append(OutcomeRow(name, "won" if won else "lost", end, end, amount=1_000.0 if won else None))
        return touched + ends

    @property
    def _drawn(self) -> tuple[list[str], list[int], list[float], list[str], list[bool]]:
        draws, count = np.random.default_rng(self.seed), self.days * A_DAY
        at = [T0 + i * DAY // A_DAY for i in range(count)]
        size = draws.normal(0, 1, count)
        source = draws.choice(["web", "fair"], count)
        turned = np.where(np.arange(count) < self.turn * A_DAY, 0.0, np.where(source == "fair", 2.5, -2.5))
        won = draws.random(count) < chance(1.2 * size + turned - 0.5)
        return [f"L-{i:05d}" for i in range(count)], at, np.round(size, 3).tolist(), source.tolist(), won.tolist()


def day(number: int) -> int:
    """The instant so many days after the first lead came in."""
    return T0 + number * DAY


def fill(ledger: Ledger, lead_rows: list[LeadRow], outcome_rows: list[OutcomeRow]) -> None:
    """Into the ledger."""
    with ledger.writing() as connection:
        leads.add(connection, lead_rows)
        outcomes.add(connection, outcome_rows)
