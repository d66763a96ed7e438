"""The features of one lead without the arrays that many take: what `features.kernel.matrix` gives, at a fast pace."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from features import account, arrival, contact
from features.block_kernel import touches
from features.catalogue import Catalogue
from features.engagement import PACE_WIDTH, WIDTH
from features.history import ALWAYS, Events, Floats, Ints
from features.kernel import count_events
from features.profile import CLEARED, Attribute
from features.values import FARTHEST
from leadloop.clock import DAY
from leadloop.store.given import Given
from leadloop.store.rows import Value

KEPT_AT_MOST = 20_000
"""Values whose columns are remembered, an attribute: most leads give one that many gave before."""
_ONLY = np.zeros(1, dtype=np.int64)


@dataclass(frozen=True)
class Known:
    """What was known of a lead at `as_of` (microseconds UTC). `created_at`: ALWAYS where unknown; `attributes`: as last
    given; `table`: its events in the order of time, rows kind, occurred_at, recorded_at and superseded_at, the kind by
    its place in `kinds`; `given`: with which contact it came in.
    """

    as_of: int
    created_at: int
    attributes: Mapping[str, Value]
    kinds: Sequence[str] = ()
    table: Ints | None = None
    given: Given = contact.NOTHING


@dataclass(frozen=True)
class Filler:
    """Fills rows of a catalogue's matrix, one lead at a time."""

    catalogue: Catalogue

    @property
    def able(self) -> bool:
        """Whether it can: who else is at a company is read for many at once."""
        return account.BLOCK not in self.catalogue.blocks

    def fill(self, known: Known, out: Floats) -> None:
        """The features of a lead, into `out`, shape (features,), to the bit what the matrix has."""
        at = self._attributes(known, out)
        if self.catalogue.dated:
            out[at] = np.nan if known.created_at == ALWAYS else (known.as_of - known.created_at) / DAY
            at += 1
        if self.catalogue.kinds:
            width = WIDTH * (len(self.catalogue.kinds) + 1) + PACE_WIDTH
            self._engagement(known, out[None, at : at + width])
            at += width
        for name in self.catalogue.blocks:
            found = self._block(name, known)
            out[at : at + len(found)] = found
            at += len(found)

    def _attributes(self, known: Known, out: Floats) -> int:
        attributes, as_of = known.attributes, known.as_of
        row: list[float] = []
        for name, read, nothing, date in self._readers:
            if name not in attributes:
                row += nothing
            elif date:
                row += [(as_of - x) / DAY if self.catalogue.dated else x / DAY for x in read(attributes[name])]
            else:
                row += read(attributes[name])
        out[: len(row)] = row
        return len(row)

    @cached_property
    def _readers(self) -> list[tuple[str, Callable[[Value], list[float]], list[float], bool]]:
        """Of each attribute: its name, what reads its columns, what they hold where nothing was given, and if it is a
        date.
        """
        every = self.catalogue.attributes
        return [(a.name, _reader(a), [np.nan] * len(a.features), a.kind == "date") for a in every]

    def _engagement(self, known: Known, out: Floats) -> None:
        table, as_of = _NO_EVENTS if known.table is None else known.table, np.array([known.as_of])
        slots = np.array([self._slot.get(kind, -1) for kind in known.kinds], dtype=np.int64)
        count_events(np.array([0, table.shape[1]]), *table, slots, _ONLY, as_of, out)

    @cached_property
    def _slot(self) -> dict[str, int]:
        return {kind: i for i, kind in enumerate(self.catalogue.kinds)}

    def _block(self, name: str, known: Known) -> list[float]:
        if name == contact.BLOCK:
            return list(contact.encoded([known.given], self.catalogue.calling_codes)[0])
        if name == arrival.BLOCK:
            found = arrival.arrivals(np.array([known.created_at]), self.catalogue.timezone)
        else:
            kind, occurred_at, recorded_at, superseded_at = _NO_EVENTS if known.table is None else known.table
            start, kinds = np.array([0, len(kind)]), tuple(known.kinds)
            events = Events(start, kind, occurred_at, recorded_at, superseded_at, kinds)
            found = touches(events, _ONLY, np.array([known.as_of]))
        columns: list[float] = found[0].tolist()
        return columns


_NO_EVENTS = np.empty((4, 0), dtype=np.int64)


def _reader(attribute: Attribute) -> Callable[[Value], list[float]]:
    """Reads a value as the attribute's columns; NaN where it says nothing. What was read lately is kept."""
    kept: dict[Value, list[float]] = {}
    number = attribute.kind == "number"

    def read(value: Value) -> list[float]:
        if number and type(value) is float:
            return [value if -FARTHEST <= value <= FARTHEST else np.nan]
        if type(value) is not str:  # 1, 1.0 and true are one key of a dict
            return _columns(attribute, value)
        found = kept.get(value)
        if found is None:
            found = _columns(attribute, value)
            if len(kept) >= KEPT_AT_MOST:
                kept.clear()
            kept[value] = found
        return found

    return read


def _columns(attribute: Attribute, value: Value) -> list[float]:
    columns: list[Any] = attribute.encode([value])[0].tolist()
    return [np.nan if each == CLEARED else each for each in columns]


def attributes_at(versions: Sequence[Sequence[Any]]) -> Mapping[str, Value]:
    """Each attribute as last given by versions [created_at, recorded_at, position, account, attributes] in order."""
    if len(versions) == 1:
        return versions[0][4]  # type: ignore[no-any-return] # of JSON
    merged: dict[str, Value] = {}
    for each in versions:
        merged.update(each[4])
    return merged
