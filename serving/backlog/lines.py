"""The open leads as arrays, a line a lead: what they are ordered, filtered and counted by; more is told if asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from features.history import Floats, Ints
from models.priority import CELL_NAMES
from serving.scorer import Scorer

FIGURES = ("p_win", "p_win_low", "p_win_high", "expected_value", "importance", "urgency", "priority")
INSTANTS = ("scored_at", "since", "due_at")
LINE = np.dtype(
    [(name, "i8") for name in (*INSTANTS, "stamp", "created_at")]
    + [(name, "f8") for name in FIGURES]
    + [("weight", "f8"), ("lot", "u8"), ("owner", "i4"), ("source", "i4"), ("cell", "i1"), ("fresh", "?")]
)
"""`since`, `due_at`: from when to when a first contact is promised, NEVER where none is or it was made. `stamp` grows
each time that a line is made anew. `weight`: what the list is ordered by; `owner` and `source` are numbers of names, -1
where there is none; `cell` one of CELL_NAMES; `lot`: a random-looking number of its own; `fresh`: sales has said
nothing of it yet."""

Lines = NDArray[np.void]
Ids = NDArray[np.object_]


@dataclass(frozen=True)
class Backlog:
    """All open leads at an instant, sorted by id; `order`: their numbers, best first.

    `as_of`: of the whole, microseconds UTC; lines that were made anew since say their own in `scored_at`. `leads`: how
    many the ledger has, open or not. `names`: of owners and sources. `taken`: leads that sales accepted or contacted
    since midnight, and the number of their owner; `put_off`: until when leads wait that come back by themselves.
    `looked_at`: what had changed by then is in it; `seen`, `buried`: changes and erasures of the last moments that are.
    `live`: whether time passes for it. `stamp`: grows with each change of the list.
    """

    as_of: int
    scorer: Scorer
    lead_ids: Ids
    lines: Lines
    order: Ints
    names: tuple[str, ...]
    leads: int
    taken: Mapping[str, int]
    put_off: Mapping[str, int]
    looked_at: int
    seen: Mapping[str, int]
    buried: frozenset[str]
    live: bool
    stamp: int

    def __len__(self) -> int:
        return len(self.lead_ids)

    @property
    def newest(self) -> int:
        """The instant of its newest line."""
        return max(self.as_of, int(self.lines["scored_at"].max(initial=self.as_of)))

    @property
    def patched(self) -> bool:
        """Whether some lines are newer than the rest."""
        return bool((self.lines["scored_at"] != self.as_of).any())

    @cached_property
    def number_of(self) -> Mapping[str, int]:
        """The number of each name."""
        return {name: i for i, name in enumerate(self.names)}

    def find(self, lead_ids: Sequence[str]) -> Ints:
        """Where leads are, -1 for those that are not in the list."""
        wanted = np.array(lead_ids, dtype=object)
        if not len(self):
            return np.full(len(wanted), -1)
        at = np.minimum(np.searchsorted(self.lead_ids, wanted), len(self) - 1)
        return np.where(self.lead_ids[at] == wanted, at, -1).astype(np.int64)

    def of_owners(self, owners: Sequence[str] | None) -> Ints:
        """Numbers of the leads of these owners (None: all), best first; found once for a list."""
        if owners is None:
            return self.order
        asked = tuple(owners)
        if asked not in self._of_owners:
            wanted = [self.number_of[name] for name in asked if name in self.number_of]
            self._of_owners[asked] = self.order[np.isin(self._owners, wanted)]
        return self._of_owners[asked]

    def among(self, mine: Ints, cell: str | None, source: str | None) -> Ints:
        """Those of the leads numbered that are in a cell and from a source (None: any), in their order."""
        if cell is not None:
            wanted = CELL_NAMES.index(cell) if cell in CELL_NAMES else -1
            mine = mine[self.lines["cell"][mine] == wanted]
        if source is not None:
            mine = mine[self.lines["source"][mine] == self.number_of.get(source, -2)]
        return mine

    def named(self, column: str) -> list[str]:
        """The owners or sources that its leads have, in the order of the alphabet."""
        numbers = np.flatnonzero(np.bincount(self.lines[column] + 1)[1:])  # without those that have none
        return sorted(self.names[number] for number in numbers.tolist())

    @cached_property
    def _owners(self) -> Ints:
        """Best first."""
        return np.ascontiguousarray(self.lines["owner"])[self.order]

    @cached_property
    def _of_owners(self) -> dict[tuple[str, ...], Ints]:
        return {}

    def taken_by(self, owners: Sequence[str] | None) -> int:
        """How many leads these owners (None: all) took on today."""
        if owners is None:
            return len(self.taken)
        wanted = {self.number_of.get(name) for name in owners}
        return sum(owner in wanted for owner in self.taken.values())

    def with_lines(self, changed: Sequence[str], lead_ids: Ids, lines: Lines) -> "Backlog":
        """The list without the leads that changed, and with what became of them: sorted ids and a line each."""
        keep = np.ones(len(self), dtype=bool)
        at = self.find(changed)
        keep[at[at >= 0]] = False
        left, rest = self.lead_ids[keep], self.lines[keep]
        place = np.searchsorted(left, lead_ids) if len(left) else np.zeros(len(lead_ids), dtype=np.int64)
        every = np.insert(rest, place, lines)
        return replace(self, lead_ids=np.insert(left, place, lead_ids), lines=every, order=best_first(every["weight"]))


def best_first(weight: Floats) -> Ints:
    """The order by weight; equal ones stay in the order of their ids."""
    return np.argsort(-weight, kind="stable")
