"""The only door to the past: what was recorded about leads, as sorted arrays that a kernel can cut at any instant."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from leadloop.store import events as event_table
from leadloop.store import leads as lead_table
from leadloop.store.events import StoredEvent
from leadloop.store.leads import StoredLead
from leadloop.store.ledger import Ledger
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
    """

    lead_ids: tuple[str, ...]
    created_at: Ints
    position: Floats
    account: tuple[str | None, ...]
    start: Ints
    version_at: Ints
    attributes: tuple[Mapping[str, Value], ...]
    events: Events

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


def read(ledger: Ledger, as_of: int | None = None, lead_ids: Sequence[str] | None = None) -> History:
    """The history of the leads named (None: all) as the ledger knew it at `as_of` (None: everything)."""
    with ledger.reading() as connection:
        leads = lead_table.read(connection, as_of, lead_ids)
        events = event_table.read(connection, as_of, lead_ids)
    return build(leads, events)


def build(leads: Iterable[StoredLead], events: Iterable[StoredEvent]) -> History:
    """Sort rows into arrays; events of leads that are not among `leads` are left out."""
    rows = sorted(leads, key=lambda r: (r.lead_id, _known_at(r), r.version))
    groups = [list(group) for _, group in groupby(rows, key=attrgetter("lead_id"))]
    first = [group[0] for group in groups]
    ids = tuple(row.lead_id for row in first)
    return History(
        lead_ids=ids,
        created_at=np.array([ALWAYS if r.created_at is None else r.created_at for r in first], dtype=np.int64),
        position=np.array([np.nan if r.position is None else r.position for r in first], dtype=np.float64),
        account=tuple(next((r.account for r in group if r.account), None) for group in groups),
        start=_starts([len(group) for group in groups]),
        version_at=np.array([_known_at(r) for r in rows], dtype=np.int64),
        attributes=tuple(r.attributes for r in rows),
        events=_events(ids, events),
    )


def _known_at(row: StoredLead) -> int:
    return ALWAYS if row.recorded_at is None else row.recorded_at


def _starts(sizes: Sequence[int] | Ints) -> Ints:
    return np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)


def _events(lead_ids: tuple[str, ...], events: Iterable[StoredEvent]) -> Events:
    number = {lead_id: i for i, lead_id in enumerate(lead_ids)}
    every = list(events)  # a correction may move an event to a lead that is not here
    owned = [i for i, row in enumerate(every) if row.lead_id in number]
    rows = [every[i] for i in owned]
    kinds = tuple(sorted({row.type for row in rows}))
    code = {kind: i for i, kind in enumerate(kinds)}
    lead = np.array([number[row.lead_id] for row in rows], dtype=np.int64)
    kind = np.array([code[row.type] for row in rows], dtype=np.int64)
    occurred_at = np.array([row.occurred_at for row in rows], dtype=np.int64)
    recorded_at = np.array([row.recorded_at for row in rows], dtype=np.int64)
    order = np.lexsort((recorded_at, kind, occurred_at, lead))
    return Events(
        start=_starts(np.bincount(lead, minlength=len(lead_ids))),
        kind=kind[order],
        occurred_at=occurred_at[order],
        recorded_at=recorded_at[order],
        superseded_at=_superseded(every)[owned][order],
        kinds=kinds,
    )


def _superseded(rows: Sequence[StoredEvent]) -> Ints:
    """Until when each row is what the ledger says of its event: until the next version was recorded."""
    until = np.full(len(rows), NEVER, dtype=np.int64)
    newest: dict[str, int] = {}
    for i in sorted(range(len(rows)), key=lambda i: (rows[i].recorded_at, rows[i].version)):
        if (before := newest.get(rows[i].event_key)) is not None:
            until[before] = rows[i].recorded_at
        newest[rows[i].event_key] = i
    return until
