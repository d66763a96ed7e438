"""The features of one lead without the arrays that many take: what `features.kernel.matrix` gives, at a fast pace."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from features import account, arrival, contact, touch
from features.block_kernel import contents, touch_one
from features.catalogue import Catalogue
from features.engagement import PACE_WIDTH, WIDTH
from features.history import Floats, Ints
from features.kernel import fill_one
from features.profile import CLEARED, Attribute
from features.signs import slots_of
from features.values import FARTHEST
from leadloop.store.given import Given
from leadloop.store.rows import Value

KEPT_AT_MOST = 20_000
"""Values whose columns are remembered, an attribute: most leads give one that many gave before."""


class Lasting(NamedTuple):
    """What of a lead's features no new event and no passing day changes, so that it may be kept.

    `columns`: of its attributes, dates still as instants; `slots`: by kind of event, which columns count it;
    `blocks`: the columns of each optional block that is made of what the lead came with; `content`: as
    `block_kernel.contents` has it.
    """

    columns: Floats
    slots: Ints
    blocks: Mapping[str, Sequence[float]]
    content: Ints


class Known(NamedTuple):
    """What was known of a lead at `as_of` (microseconds UTC). `created_at`: ALWAYS where unknown; `attributes`: as last
    given; `table`: its events in the order of time, rows kind, occurred_at, recorded_at and superseded_at, the kind by
    its place in `kinds`; `given`: with which contact it came in; `lasting`: as `Filler.lasting` has it, where that is
    at hand.
    """

    as_of: int
    created_at: int
    attributes: Mapping[str, Value]
    kinds: Sequence[str] = ()
    table: Ints | None = None
    given: Given = contact.NOTHING
    lasting: Lasting | None = None


@dataclass(frozen=True)
class Filler:
    """Fills rows of a catalogue's matrix, one lead at a time."""

    catalogue: Catalogue

    @property
    def able(self) -> bool:
        """Whether it can: who else is at a company is read for many at once."""
        return account.BLOCK not in self.catalogue.blocks

    def fill(self, known: Known, X: Floats, waited: Floats, i: int) -> None:
        """The features of a lead, into row i of X, to the bit what the matrix has, and how many days it waited."""
        lasting = known.lasting or self.lasting(known)
        table, catalogue = _NO_EVENTS if known.table is None else known.table, self.catalogue
        moment = (catalogue.dated, known.created_at, known.as_of, table)
        at = fill_one(lasting.columns, self._dates, *moment, lasting.slots, self._width, X, waited, i)
        for name in catalogue.blocks:
            if name == touch.BLOCK:
                width = len(touch.TOUCH)
                touch_one(table, lasting.content, known.as_of, X[i, at : at + width])
            else:
                width = len(lasting.blocks[name])
                X[i, at : at + width] = lasting.blocks[name]
            at += width

    def lasting(self, known: Known) -> Lasting:
        """What of it lasts, whatever the instant and the events."""
        blocks = {name: self._block(name, known) for name in self.catalogue.blocks if name != touch.BLOCK}
        slots, content = self._by_kind(tuple(known.kinds))
        return Lasting(np.array(self._read(known.attributes), dtype=np.float64), slots, blocks, content)

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
    def _dates(self) -> Ints:
        """The columns of dates."""
        starts = np.cumsum([0, *(len(a.features) for a in self.catalogue.attributes)]).tolist()
        dates = [at for at, a in zip(starts, self.catalogue.attributes, strict=False) if a.kind == "date"]
        return np.array(dates, dtype=np.int64)

    @cached_property
    def _width(self) -> int:
        """Of the columns that count events."""
        return WIDTH * (len(self.catalogue.kinds) + 1) + PACE_WIDTH if self.catalogue.kinds else 0

    def _by_kind(self, kinds: tuple[str, ...]) -> tuple[Ints, Ints]:
        found = self._kept.get(kinds)
        if found is None:
            if len(self._kept) >= KEPT_AT_MOST:
                self._kept.clear()
            slots = slots_of(kinds, self._slot)
            found = self._kept[kinds] = slots, contents(kinds)
        return found

    @cached_property
    def _kept(self) -> dict[tuple[str, ...], tuple[Ints, Ints]]:
        """Of the kinds of a history, which columns count each, and its kind of content."""
        return {}

    @cached_property
    def _slot(self) -> dict[str, int]:
        return {kind: i for i, kind in enumerate(self.catalogue.kinds)}

    def _block(self, name: str, known: Known) -> Sequence[float]:
        if name == contact.BLOCK:
            return contact.encoded([known.given], self.catalogue.calling_codes)[0]
        return arrival.arrival(known.created_at, self.catalogue.timezone)


_NO_EVENTS: Ints = np.ndarray((4, 0), dtype=np.int64, buffer=b"")  # read-only as those of packed histories: one loop
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
