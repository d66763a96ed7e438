"""The latent truth of a demo world, to hold a model's chances and a queue's choices against."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leadloop.demo.chances import win_chance, written_chance
from leadloop.demo.draws import Floats, Ints
from leadloop.demo.market import Market, lead_id
from leadloop.demo.words import KINDS, REASONS
from leadloop.errors import UnknownLeadError

Instants = int | NDArray[np.int64]
"""Microseconds UTC: one for all leads, or one each."""


@dataclass(frozen=True)
class Truth:
    """What nobody in the demo world knows. `untouched`: the leads that nobody had worked by the end."""

    market: Market
    untouched: frozenset[str]

    def p_win(self, lead_ids: Sequence[str], at: Instants) -> Floats:
        """The chance of a win if worked at once at `at`, one a lead; before its arrival, as at arrival."""
        return win_chance(self.market, *self._asked(lead_ids, at))

    def p_reject(self, lead_ids: Sequence[str], at: Instants) -> dict[str, Floats]:
        """The chance of each reason being written down (rejected, lost or recycled for it) if worked then.

        With `p_win` and a rest (no reason, an unreadable one, never closed) they sum to 1.
        """
        chances = written_chance(self.market, *self._asked(lead_ids, at))
        return {reason: chances[:, column] for column, reason in enumerate(REASONS)}

    def expected_amount(self, lead_ids: Sequence[str]) -> Floats:
        """EUR that a win would bring on average."""
        return self.market.people.deal[self._indices(lead_ids)]

    def kind(self, lead_ids: Sequence[str]) -> list[str]:
        """Who they are, in words of KINDS."""
        return [KINDS[number] for number in self.market.arrivals.kind[self._indices(lead_ids)]]

    def original(self, lead_ids: Sequence[str]) -> list[str]:
        """The lead that first brought the same person: their own id unless they are duplicates."""
        return [lead_id(person) for person in self.market.arrivals.person[self._indices(lead_ids)].tolist()]

    def _asked(self, lead_ids: Sequence[str], at: Instants) -> tuple[Ints, Ints]:
        lead = self._indices(lead_ids)
        return lead, np.broadcast_to(np.asarray(at, dtype=np.int64), lead.shape)

    def _indices(self, lead_ids: Sequence[str]) -> Ints:
        return np.array([self._index(name) for name in lead_ids], dtype=np.int64)

    def _index(self, name: str) -> int:
        index = int(name[2:]) - 1 if name[2:].isdecimal() else -1
        if not 0 <= index < len(self.market.arrivals.kind) or lead_id(index) != name:
            raise UnknownLeadError(f"Lead '{name}' is not of this demo world; its leads are {lead_id(0)} and on")
        return index
