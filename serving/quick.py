"""Leads of a request as features by the short way: packed histories and what was sent, without the arrays of many."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from functools import cached_property

import msgspec
import numpy as np

from features.contact import NOTHING
from features.history import ALWAYS, NEVER, Ints
from features.one import Filler, Known, Lasting, attributes_at
from leadloop.clock import isoformat
from leadloop.errors import InputError
from leadloop.intake.columns import layout_of
from leadloop.intake.report import ImportReport
from leadloop.intake.tables import Reading, lead_maker
from leadloop.intake.values import StageReader, TimeReader
from leadloop.store import given, packed
from leadloop.store.given import Given
from leadloop.store.rows import LeadRow, Value
from leadloop.store.single import Single
from serving.incoming import Sent, instant_of
from serving.scorer import Moments

HEADS_AT_MOST = 4_096
"""Leads of which is kept what does not change with each event: about 8 kB each."""
NO_ATTRIBUTES: Mapping[str, Value] = {}
LAYOUTS_AT_MOST = 1_000
"""Sets of fields of which is kept what they are; a sender has a few."""


@dataclass(frozen=True)
class Quick:
    """Knows the short way for one catalogue. What it can't do is left to `serving.incoming.prepare`: leads that may be
    one person with others, events that are sent, companies, and whatever is to be refused with a reason.
    """

    filler: Filler
    timezone: tzinfo | None
    _plain: dict[tuple[str, ...], tuple[str, ...]] = field(default_factory=dict)
    _heads: dict[bytes, "_Head"] = field(default_factory=dict)

    def known(self, sent: Sent, stored: Single, newest: int) -> Known | None:
        """What is known of a lead that was sent; None where the short way does not lead there.

        `newest`: the instant that a question without one is about; NEVER in an undated ledger.
        """
        if sent.events or not stored.plain or not self.filler.able:
            return None
        try:
            return self._known(sent, stored, newest)
        except InputError:
            return None

    def moments(self, sent: Sequence[Sent], known: Sequence[Known | None]) -> Moments:
        """Their features; anything of those of whom nothing is known yet."""
        X, waited = np.empty((len(known), len(self.filler.catalogue.features))), np.empty(len(known))
        moments = Moments([], [], X, waited, [])
        for i, (each, its) in enumerate(zip(sent, known, strict=True)):
            moments.lead_ids.append(each.lead_id)
            moments.as_of.append(0 if its is None else its.as_of)
            moments.attributes.append(NO_ATTRIBUTES if its is None else its.attributes)
            if its is not None:
                self.filler.fill(its, X, waited, i)
        return moments

    def _known(self, sent: Sent, stored: Single, newest: int) -> Known | None:
        as_of = instant_of(sent, newest, self.timezone, dated=self.filler.catalogue.dated)
        head = self._head(stored.packed) if stored.packed else None
        if head is not None and head.known_at <= as_of and len(sent.lead) == 1 and "lead_id" in sent.lead:
            table = _table(stored.packed or b"", head.history)
            return Known(as_of, head.created_at, head.attributes, head.history.kinds, table, head.given, head.lasting)
        return self._mixed(sent, stored, head.history if head else None, as_of)

    def _head(self, history: bytes) -> "_Head":
        """What a packed history says before its events; what was read lately is kept, since events come more often."""
        text = packed.head(history)
        found = self._heads.get(text)
        if found is None:
            if len(self._heads) >= HEADS_AT_MOST:
                self._heads.clear()
            found = self._heads[text] = _Head.of(packed.unpack(history, msgspec.json.decode), self.filler)
        return found

    def _mixed(self, sent: Sent, stored: Single, history: packed.Unpacked | None, as_of: int) -> Known | None:
        """Of a lead of whom more was sent than its name, or of which some was recorded after `as_of`."""
        versions = [one for one in history.versions if one[1] is None or one[1] <= as_of] if history else []
        gave = history.given if history and versions else None
        if not versions or set(sent.lead) - {"lead_id"}:
            row = self._row(sent, as_of)
            version = _version(row, sent, as_of, stored=bool(versions))
            if versions and _known_at(version) < _known_at(versions[-1]):
                return None
            gave = gave if versions else given.kinds(row.identity.get("email"), row.identity.get("phone"))
            versions.append(version)
        if any(_known_at(one) > as_of or (one[0] or 0) > as_of for one in versions):
            return None
        gave, created_at = _given(gave, versions), _created_at(versions)
        attributes = attributes_at(versions)
        if history is None:
            return Known(as_of, created_at, attributes, given=gave)
        table = _table(stored.packed or b"", history)
        return Known(as_of, created_at, attributes, history.kinds, table, gave)

    def _row(self, sent: Sent, as_of: int) -> LeadRow:
        """What was sent, read as a row of a file is."""
        columns = tuple(sent.lead)
        plain = self._plain.get(columns)
        if plain is None:
            plain = self._learn(columns)
        if plain:
            attributes = {
                name: v.strip() if type(v) is str else v
                for name, v in zip(plain, sent.lead.values(), strict=True)
                if name
            }
            for name in [name for name, value in attributes.items() if value == ""]:
                del attributes[name]
            return LeadRow("sent", as_of, as_of, None, attributes, {})
        fields = {**sent.lead, "lead_id": "sent"}
        if not fields.get("created_at"):
            fields["created_at"] = isoformat(0 if as_of == NEVER else as_of)
        make = lead_maker(layout_of(list(fields), "leads"), self._reading)
        return make([*(v.strip() if isinstance(v, str) else v for v in fields.values()), ""])

    def _learn(self, columns: tuple[str, ...]) -> tuple[str, ...]:
        """The attribute that each field is, "" for the lead's id; none at all where a field says who or when."""
        added = ["created_at"] if "lead_id" in columns else ["lead_id", "created_at"]
        layout = layout_of([*columns, *added], "leads")
        others = dict(layout.others)
        known = [name for at, name in enumerate(columns) if at not in others and name != "lead_id"]
        if len(self._plain) >= LAYOUTS_AT_MOST:
            self._plain.clear()
        self._plain[columns] = () if known else tuple(others.get(at, "") for at in range(len(columns)))
        return self._plain[columns]

    @cached_property
    def _reading(self) -> Reading:
        return Reading(TimeReader(self.timezone), StageReader({}), ImportReport())


def _version(row: LeadRow, sent: Sent, as_of: int, *, stored: bool) -> packed.Version:
    """What was sent as one more version of the lead, known at `as_of` unless it says since when."""
    if as_of == NEVER:
        return [None, None, None, None, row.attributes]
    created_at = row.created_at if sent.lead.get("created_at") or not stored else None
    return [created_at, row.recorded_at if sent.lead.get("recorded_at") else as_of, None, None, row.attributes]


def _table(history: bytes, unpacked: packed.Unpacked) -> Ints:
    """The events of a packed history, as `Known` has them, where they lie."""
    at = unpacked.events_at
    return np.ndarray((4, (len(history) - at) // 32), _INT, history, at)


_INT = np.dtype("<i8")


def _known_at(version: packed.Version) -> int:
    return int(ALWAYS) if version[1] is None else version[1]


def _given(gave: Given | None, versions: Sequence[packed.Version]) -> Given:
    return NOTHING if gave is None or gave.recorded_at > _known_at(versions[0]) else gave


def _created_at(versions: Sequence[packed.Version]) -> int:
    return ALWAYS if versions[0][0] is None else int(versions[0][0])


@dataclass(frozen=True, slots=True)
class _Head:
    """A packed history without its events. `known_at`: from when on all of it was known and there."""

    history: packed.Unpacked
    known_at: int
    created_at: int
    attributes: Mapping[str, Value]
    given: Given
    lasting: Lasting

    @classmethod
    def of(cls, history: packed.Unpacked, filler: Filler) -> "_Head":
        versions = history.versions
        attributes, created_at, gave = attributes_at(versions), _created_at(versions), _given(history.given, versions)
        known_at = max(max(_known_at(one), one[0] or ALWAYS) for one in versions)
        lasting = filler.lasting(Known(known_at, created_at, attributes, history.kinds, given=gave))
        return cls(history, known_at, created_at, attributes, gave, lasting)
