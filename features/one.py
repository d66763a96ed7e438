"""The features of one lead without the arrays that many take: what `features.kernel.matrix` gives, at a fast pace."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from features import account, arrival, contact
from features.block_kernel import touches
from features.catalogue import Catalogue
from features.engagement import PACE_WIDTH, WIDTH
from features.history import ALWAYS, Events, Floats, Ints
from features.kernel import count_one
from features.profile import CLEARED, Attribute
from features.values import FARTHEST
from leadloop.clock import DAY
from leadloop.store.given import Given
from leadloop.store.rows import Value

KEPT_AT_MOST = 20_000
"""Values whose columns are remembered, an attribute: most leads give one that many gave before."""
_ONLY = np.zeros(1, dtype=np.int64)


class Known(NamedTuple):
    """What was known of a lead at `as_of` (microseconds UTC). `created_at`: ALWAYS where unknown; `attributes`: as last
    given; `table`: its events in the order of time, rows kind, occurred_at, recorded_at and superseded_at, the kind by
    its place in `kinds`; `given`: with which contact it came in; `columns`: of the attributes, where they are at hand,
    as `Filler.columns` has them.
    """

    as_of: int
    created_at: int
    attributes: Mapping[str, Value]
    kinds: Sequence[str] = ()
    table: Ints | None = None
    given: Given = contact.NOTHING
    columns: Floats | None = None


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
            if known.table is None:
                out[at : at + width] = self._silent
            else:
                self._engagement(known, out[at : at + width])
            at += width
        for name in self.catalogue.blocks:
            found = self._block(name, known)
            out[at : at + len(found)] = found
            at += len(found)

    def columns(self, attributes: Mapping[str, Value]) -> Floats:
        """The columns of the attributes, dates still as instants."""
        return np.array(self._read(attributes))

    def _attributes(self, known: Known, out: Floats) -> int:
        row = self._read(known.attributes) if known.columns is None else known.columns
        out[: len(row)] = row
        for column in self._dates:
            out[column] = (known.as_of - out[column] if self.catalogue.dated else out[column]) / DAY
        return len(row)

    def _read(self, attributes: Mapping[str, Value]) -> list[float]:
        given, row = attributes.get, list[float]()
        for reader in self._readers:
            value = given(reader.name, _NOT_GIVEN)
            if value is _NOT_GIVEN:
                row += reader.nothing
            elif reader.number and type(value) is float:
                row.append(value if -FARTHEST <= value <= FARTHEST else np.nan)
            elif type(value) is str and (found := reader.kept.get(value)) is not None:
                row += found
            else:
                row += reader.read(value)
        return row

    @cached_property
    def _readers(self) -> list["_Reader"]:
        return [_Reader(attribute) for attribute in self.catalogue.attributes]

    @cached_property
    def _dates(self) -> list[int]:
        """The columns of dates."""
        starts = np.cumsum([0, *(len(a.features) for a in self.catalogue.attributes)]).tolist()
        return [at for at, a in zip(starts, self.catalogue.attributes, strict=False) if a.kind == "date"]

    def _engagement(self, known: Known, out: Floats) -> None:
        kinds = tuple(known.kinds)
        slots = self._slots.get(kinds)
        if slots is None:
            if len(self._slots) >= KEPT_AT_MOST:
                self._slots.clear()
            slots = self._slots[kinds] = np.array([self._slot.get(kind, -1) for kind in kinds], dtype=np.int64)
        count_one(_NO_EVENTS if known.table is None else known.table, slots, known.as_of, out)

    @cached_property
    def _slots(self) -> dict[tuple[str, ...], Ints]:
        """Of the kinds of a history, which columns count each."""
        return {}

    @cached_property
    def _silent(self) -> Floats:
        """The columns of a lead that did nothing yet."""
        out = np.empty(WIDTH * (len(self.catalogue.kinds) + 1) + PACE_WIDTH)
        self._engagement(Known(0, 0, {}), out)
        return out

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
_NOT_GIVEN: Any = object()


class _Reader:
    """Reads values of one attribute; what was read lately is kept. `nothing`: its columns where none was given."""

    __slots__ = ("attribute", "kept", "name", "nothing", "number")

    def __init__(self, attribute: Attribute) -> None:
        self.attribute, self.name = attribute, attribute.name
        self.nothing, self.number = [np.nan] * len(attribute.features), attribute.kind == "number"
        self.kept: dict[str, list[float]] = {}  # texts alone: 1, 1.0 and true are one key of a dict

    def read(self, value: Value) -> list[float]:
        """The columns, NaN where the value says nothing."""
        found = _columns(self.attribute, value)
        if type(value) is str:
            if len(self.kept) >= KEPT_AT_MOST:
                self.kept.clear()
            self.kept[value] = found
        return found


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
