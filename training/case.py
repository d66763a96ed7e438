"""The case for or against the columns of a ledger: its leads, what else is known of them, and how figures are put."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from features.history import Floats
from training.bounds import Bools, Bounded
from training.evidence import Leads

RECORDED, RECORDED_SHARE = 20, 0.01
"""Leads, and their share, for which a change must be on record for an attribute to have a history of its own."""


@dataclass(frozen=True)
class Background:
    """What is known beside the moments. `changed`: for how many leads the ledger recorded an attribute anew.

    `waiting`, `waiting_order`: rows of the same matrix, of leads that nobody has closed, as they arrived.
    """

    waiting: Floats = field(default_factory=lambda: np.empty((0, 0)))
    waiting_order: Floats = field(default_factory=lambda: np.empty(0))
    changed: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Case:
    """The leads, what else is known, and what was measured on the way."""

    leads: Leads
    background: Background
    seed: int = 0

    @cached_property
    def alone(self) -> dict[str, Bounded]:
        """How well each attribute alone ranks the newer leads."""
        return {name: self.leads.alone(name) for name in self.leads.columns}

    @cached_property
    def filled(self) -> dict[str, Bounded]:
        """How well its being filled in does."""
        return {name: self.leads.filled(name) for name in self.leads.columns}

    @cached_property
    def given(self) -> dict[str, Bools]:
        """Where it is filled in."""
        return {name: self.leads.given(name, self.leads.X) for name in self.leads.columns}

    def strength(self, name: str) -> float:
        """The better of the two."""
        return max(self.alone[name].value, self.filled[name].value)

    def surely(self, name: str) -> float:
        """The same, at least."""
        return max(self.alone[name].low, self.filled[name].low)

    def recorded(self, name: str) -> bool:
        """Whether the ledger keeps the history of this attribute, so that it shows it as it was."""
        return self.background.changed.get(name, 0) >= max(RECORDED, RECORDED_SHARE * len(self.leads.won))


def with_and_without(case: Case, name: str) -> str:
    won, given = case.leads.won, case.given[name]
    return f"in {_share(won[given])} where it is filled in and {_share(won[~given])} where it is not"


def _share(won: Floats) -> str:
    return f"{won.mean():.1%} of {len(won):,}" if len(won) else "none"


def example(case: Case, name: str) -> str:
    """The level that says most, where it is nearly always or nearly never won."""
    leads = case.leads
    sure = [(level, rows, leads.share(rows)) for level, rows in leads.levels(name)]
    telling = [(abs(s.value - leads.base) * rows.sum(), level, rows, s) for level, rows, s in sure if _verdict(s)]
    if not telling:
        return ""
    _, level, rows, share = max(telling, key=lambda each: each[0])
    return f" (leads with '{level}' are won in {share.value:.0%} of {rows.sum():,})"


def _verdict(share: Bounded) -> bool:
    return share.low >= 0.9 or share.high <= 0.1
