"""The only door to the past: what was recorded about leads, as sorted arrays that a kernel can cut at any instant."""

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from operator import attrgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from features import account, contact
from features.companies import Companies, companies_of
from features.joined import joined
from leadloop.store import colleagues, columns, company_facts, given, packed
from leadloop.store import leads as lead_table
from leadloop.store import people as people_table
from leadloop.store.events import StoredEvent
from leadloop.store.given import Given
from leadloop.store.leads import StoredLead
from leadloop.store.ledger import Ledger
from leadloop.store.people import NOBODY, People
from leadloop.store.rows import Value

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

ALWAYS = np.iinfo(np.int64).min
"""Recorded before anything else: rows of an undated export."""
NEVER = np.iinfo(np.int64).max
"""Not superseded yet; as an instant, the end of time, which is where an undated ledger is looked at."""


@dataclass(frozen=True)
class Events:
    """Events of all leads, sorted by lead and instant; lead i owns rows start[i]:start[i+1]. Times in microseconds.

    A corrected event is several rows, each visible from its `recorded_at` until it is `superseded_at`.
    """

    start: Ints
    kind: Ints  # index into kinds
    occurred_at: Ints
    recorded_at: Ints
    superseded_at: Ints
    kinds: tuple[str, ...]


@dataclass(frozen=True)
class History:
    """n leads, sorted by id; lead i owns versions start[i]:start[i+1], sorted by when each was recorded.

    `created_at`: microseconds UTC, ALWAYS where unknown. `position`: order of an undated export, NaN where unknown.
    `people`: who was there twice; the rows of duplicates are among those of the lead that stands for them.
    `companies`: who else is at the leads' companies; `given`: what kind of contact each lead gave when it came in;
    None where nobody asked.
    """

    lead_ids: tuple[str, ...]
    created_at: Ints
    position: Floats
    account: tuple[str | None, ...]
    start: Ints
    version_at: Ints
    attributes: tuple[Mapping[str, Value], ...]
    events: Events
    people: People = NOBODY
    companies: Companies | None = None
    given: tuple[Given, ...] | None = None

    def __len__(self) -> int:
        return len(self.lead_ids)

    @property
    def dated(self) -> bool:
        """Whether leads have a time of creation at all; an undated export has none."""
        return bool((self.created_at != ALWAYS).any())

    def attributes_at(self, lead: int, as_of: int) -> dict[str, Value]:
        """Each attribute of lead number `lead` as last recorded by `as_of`."""
        known: dict[str, Value] = {}
        for row in range(self.start[lead], self.start[lead + 1]):
            if self.version_at[row] <= as_of:
                known.update(self.attributes[row])
        return known


def read(
    ledger: Ledger, as_of: int | None = None, lead_ids: Sequence[str] | None = None, blocks: Set[str] = frozenset()
) -> History:
    """The history of the leads named (None: all) as the ledger knew it at `as_of` (None: everything).

    All leads are read by columns, named ones from their packed histories: the same arrays, by the shorter way.
    `blocks`: the optional blocks for which more is read.
    """
    with ledger.reading() as connection:
        if lead_ids is not None:
            return read_named(connection, as_of, lead_ids, blocks)
        people = people_table.read(connection, as_of)
        leads = _by_lead(lead_table.read(connection, as_of))
        alone = _history(leads, _events_by_columns(connection, NEVER if as_of is None else as_of, _ids(leads)))
        one = joined(alone, people)
        if contact.BLOCK in blocks:
            one = with_given(one, given.read(connection))
        if account.BLOCK in blocks:
            one = _in_company(one, alone, leads, company_facts.read(connection, as_of), people)
    return one


def read_named(
    connection: Connection,
    as_of: int | None,
    lead_ids: Sequence[str],
    blocks: Set[str] = frozenset(),
    rows_of: Callable[[Connection, Sequence[str]], Mapping[str, bytes]] = packed.read,
) -> History:
    """The history of some leads. `rows_of`: where packed histories come from."""
    cut = NEVER if as_of is None else as_of
    people = people_table.read(connection, as_of, lead_ids)
    rows = rows_of(connection, people.all_of(lead_ids))
    alone = from_packed(rows, cut)
    one = joined(alone, people)
    if contact.BLOCK in blocks:
        one = with_given(one, given.read(connection, one.lead_ids))
    if account.BLOCK in blocks:
        others = [each for each in _colleagues(connection, alone, as_of) if each not in rows]
        leads, tables = _unpacked({**rows_of(connection, others), **rows}, cut)
        deals = company_facts.read(connection, as_of, _ids(leads))
        one = _in_company(one, _history(leads, _events_side_by_side(tables, cut)), leads, deals, people)
    return one


def with_given(one: History, known: Mapping[str, Given]) -> History:
    """A history with the kind of contact that each lead gave when it came in."""
    return replace(one, given=contact.given_by(one, known))


def _colleagues(connection: Connection, alone: History, as_of: int | None) -> list[str]:
    """The leads of the same companies, as many as tell a crowd; more by as many as are no others."""
    at_most = account.COLLEAGUES_AT_MOST + 1 + len(alone)
    accounts = sorted({name for name in alone.account if name})
    return [lead_id for name in accounts for lead_id in colleagues.newest(connection, name, as_of, at_most)]


def with_companies(
    one: History, leads: Iterable[StoredLead], events: Iterable[StoredEvent], deals: Iterable[StoredEvent]
) -> History:
    """A history with its leads' companies, from the rows of all their leads; duplicates are those of its people."""
    groups = _by_lead(leads)
    return _in_company(one, _history(groups, _events(_ids(groups), events)), groups, deals, one.people)


def _in_company(
    one: History,
    alone: History,
    leads: Sequence[Sequence[StoredLead]],
    deals: Iterable[StoredEvent],
    people: People,
) -> History:
    named = (next((row for row in rows if row.account), rows[0]) for rows in leads)
    named_at = np.array([_known_at(row) for row in named], dtype=np.int64)
    return replace(one, companies=companies_of(one, alone, named_at, _events(alone.lead_ids, deals), people))


def from_packed(rows: Mapping[str, bytes], as_of: int = NEVER) -> History:
    """Put packed histories of leads side by side, as they were at `as_of`."""
    leads, tables = _unpacked(rows, as_of)
    return _history(leads, _events_side_by_side(tables, as_of))


def _unpacked(rows: Mapping[str, bytes], as_of: int) -> tuple[list[list[StoredLead]], list[tuple[list[str], Ints]]]:
    """The versions of each lead that was known by then, and its events."""
    leads, tables = list[list[StoredLead]](), list[tuple[list[str], Ints]]()
    for lead_id in sorted(rows):
        one = packed.unpack(rows[lead_id])
        known = [_version(lead_id, each) for each in one.versions if each[1] is None or each[1] <= as_of]
        if known:
            leads.append(known)
            table = np.frombuffer(rows[lead_id], dtype="<i8", offset=one.events_at).reshape(4, -1)
            tables.append((one.kinds, table if as_of == NEVER else table[:, table[2] <= as_of]))
    return leads, tables


def _version(lead_id: str, values: list[Any]) -> StoredLead:
    created_at, recorded_at, position, account, attributes = values
    return StoredLead(lead_id, 0, created_at, recorded_at, position, attributes, account)


def build(leads: Iterable[StoredLead], events: Iterable[StoredEvent]) -> History:
    """Sort rows into arrays; events of leads that are not among `leads` are left out."""
    groups = _by_lead(leads)
    return _history(groups, _events(_ids(groups), events))


def _by_lead(leads: Iterable[StoredLead]) -> list[list[StoredLead]]:
    rows = sorted(leads, key=lambda r: (r.lead_id, _known_at(r), r.version))
    return [list(group) for _, group in groupby(rows, key=attrgetter("lead_id"))]


def _ids(groups: Sequence[Sequence[StoredLead]]) -> tuple[str, ...]:
    return tuple(group[0].lead_id for group in groups)


def _history(groups: Sequence[Sequence[StoredLead]], events: Events) -> History:
    first, rows = [group[0] for group in groups], [row for group in groups for row in group]
    return History(
        lead_ids=_ids(groups),
        created_at=np.array([ALWAYS if r.created_at is None else r.created_at for r in first], dtype=np.int64),
        position=np.array([np.nan if r.position is None else r.position for r in first], dtype=np.float64),
        account=tuple(next((r.account for r in group if r.account), None) for group in groups),
        start=_starts([len(group) for group in groups]),
        version_at=np.array([_known_at(r) for r in rows], dtype=np.int64),
        attributes=tuple(r.attributes for r in rows),
        events=events,
    )


def _known_at(row: StoredLead) -> int:
    return ALWAYS if row.recorded_at is None else row.recorded_at


def _starts(sizes: Sequence[int] | Ints) -> Ints:
    return np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)


def _events_side_by_side(tables: Sequence[tuple[list[str], Ints]], as_of: int) -> Events:
    """Events of leads in their order; each table is kind, occurred_at, recorded_at, superseded_at, and is sorted."""
    seen = {kinds[i] for kinds, table in tables for i in np.unique(table[0])}
    code = {kind: number for number, kind in enumerate(sorted(seen))}
    renamed = [np.array([code.get(kind, -1) for kind in kinds], dtype=np.int64)[table[0]] for kinds, table in tables]
    every = np.concatenate([np.empty((4, 0), dtype=np.int64), *(table for _, table in tables)], axis=1)
    return Events(
        start=_starts([table.shape[1] for _, table in tables]),
        kind=np.concatenate([every[0, :0], *renamed]),
        occurred_at=every[1],
        recorded_at=every[2],
        superseded_at=np.where(every[3] > as_of, NEVER, every[3]),  # by a version that nobody knew yet
        kinds=tuple(code),
    )


def _events(lead_ids: tuple[str, ...], events: Iterable[StoredEvent]) -> Events:
    every = list(events)  # a correction may move an event to a lead that is not here
    gathering = _Gathering(lead_ids)
    names = ("lead_id", "type", "occurred_at", "recorded_at", "version", "event_key")
    gathering.add(columns.EventColumns(*([getattr(row, name) for row in every] for name in names)))
    return gathering.sorted()


def _events_by_columns(connection: Connection, as_of: int, lead_ids: tuple[str, ...]) -> Events:
    gathering = _Gathering(lead_ids)
    for some in columns.read(connection, None if as_of == NEVER else as_of):
        gathering.add(some)
    return gathering.sorted()


class _Gathering:
    """Columns of events, as they come, to arrays: of rows that belong to one of the leads."""

    def __init__(self, lead_ids: Sequence[str]) -> None:
        self._number = {lead_id: i for i, lead_id in enumerate(lead_ids)}
        self._code: dict[str, int] = {}
        self._tables: list[Ints] = [np.empty((4, 0), dtype=np.int64)]
        self._corrected: dict[str, list[tuple[int, int, int]]] = {}  # recorded_at, version and row, by event
        self._rows = 0

    def add(self, some: columns.EventColumns) -> None:
        """Lead, kind, occurred_at and recorded_at of each row; -1 for a lead that is not here."""
        for kind in set(some.type):
            self._code.setdefault(kind, len(self._code))
        lead = [self._number.get(lead_id, -1) for lead_id in some.lead_id]
        codes = [self._code[kind] for kind in some.type]
        self._tables.append(np.array([lead, codes, some.occurred_at, some.recorded_at], dtype=np.int64))
        for row, key in enumerate(some.corrected, start=self._rows):
            if key is not None:
                at = row - self._rows
                self._corrected.setdefault(key, []).append((some.recorded_at[at], some.version[at], row))
        self._rows += len(lead)

    def sorted(self) -> Events:
        """By lead and instant; kinds are those of the rows that are here."""
        table = np.concatenate(self._tables, axis=1)
        owned = table[0] >= 0
        lead, kind, occurred_at, recorded_at = table[:, owned]
        until = self._superseded()[owned]
        kind, kinds = self._by_name(kind)
        order = np.lexsort((until, recorded_at, kind, occurred_at, lead))
        return Events(
            start=_starts(np.bincount(lead, minlength=len(self._number))),
            kind=kind[order],
            occurred_at=occurred_at[order],
            recorded_at=recorded_at[order],
            superseded_at=until[order],
            kinds=kinds,
        )

    def _by_name(self, kind: Ints) -> tuple[Ints, tuple[str, ...]]:
        names = list(self._code)
        kinds = tuple(sorted(names[i] for i in np.unique(kind)))
        place = {name: i for i, name in enumerate(kinds)}
        return np.array([place.get(name, -1) for name in names], dtype=np.int64)[kind], kinds

    def _superseded(self) -> Ints:
        """Until when each row is what the ledger says of its event: until the next version was recorded."""
        until = np.full(self._rows, NEVER, dtype=np.int64)
        for versions in self._corrected.values():
            versions.sort()
            for (_, _, row), (known_at, _, _) in pairwise(versions):
                until[row] = known_at
        return until
