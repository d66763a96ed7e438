"""What reports are made of: every person that came in, where from, and when it first came how far; as of an instant."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from features.history import ALWAYS, NEVER, Ints
from leadloop.store import leads, outcomes, people
from leadloop.store.judged import of_people
from leadloop.store.leads import Origin
from leadloop.store.outcomes import StoredOutcome
from leadloop.store.people import People
from leadloop.store.rows import Value

Names = NDArray[np.object_]
Flags = NDArray[np.bool_]

LADDER = ("accepted", "contacted", "sql", "opportunity", "won")
"""The way up from a lead that was delivered."""
WAYS_OUT = ("rejected", "lost", "recycled")
ENOUGH = 20
"""Outcomes, or leads that ended, from which on a habit of the ledger can be seen."""
_REACHES = {**{stage: i for i, stage in enumerate(LADDER)}, "lost": LADDER.index("contacted"), "promoter": 4}
"""How far an outcome shows that a lead came: what is lost was worked."""


@dataclass(frozen=True)
class Facts:
    """One entry a person, by the lead that stands for it. Instants are microseconds UTC.

    `since`: when it was delivered. `first`: when each stage was first recorded to have happened; `reached`: the same or
    anything beyond it. NEVER where it has not, ALWAYS where it has and nobody knows when. `counted`: whether it was
    delivered at all. `source`, `campaign`: what it came by; `owner`: whose it is now; "" where nobody said.
    """

    lead_ids: tuple[str, ...]
    source: Names
    campaign: Names
    owner: Names
    created_at: Ints
    since: Ints
    counted: Flags
    first: Mapping[str, Ints]
    reached: Mapping[str, Ints]
    outcomes: Sequence[StoredOutcome]
    people: People

    def __len__(self) -> int:
        return len(self.lead_ids)

    @property
    def dated(self) -> bool:
        """Whether it is known when leads came in."""
        return bool((self.since[self.counted] != ALWAYS).any())

    @property
    def left(self) -> Ints:
        """When each was first refused, lost or given back."""
        return np.asarray(np.minimum.reduce([self.first[stage] for stage in WAYS_OUT]))

    @property
    def heard(self) -> Ints:
        """When sales first said anything of each."""
        return np.minimum(self.reached["accepted"], self.left)

    @cached_property
    def told_from(self) -> int:
        """Since when outcomes came in one by one: after the last instant that a fifth of them share, as in an export
        that only says how things stand. ALWAYS where there is none.
        """
        at = np.array([row.occurred_at for row in self.outcomes if row.occurred_at is not None], dtype=np.int64)
        instants, count = np.unique(at, return_counts=True)
        return int(instants[(count >= ENOUGH) & (count >= len(at) / 5)].max(initial=ALWAYS))

    @property
    def timed(self) -> Flags:
        """Leads that came in since then: what happened to others happened nobody knows when."""
        return np.asarray((self.since >= self.told_from) & (self.since != ALWAYS))

    @property
    def contacts_recorded(self) -> bool:
        """Whether calls are written down, and not only how leads ended."""
        ended = self.counted & self.timed & ((self.first["won"] != NEVER) | (self.first["lost"] != NEVER))
        steps = np.minimum.reduce([self.first[stage] for stage in ("contacted", "sql", "opportunity")])
        return int(ended.sum()) < ENOUGH or bool((steps[ended] != NEVER).mean() >= 0.5)


def read(
    connection: Connection, as_of: int | None, since: str = "created_at", lead_ids: Sequence[str] | None = None
) -> Facts:
    """The facts known at `as_of` (None: all), of the people named by their leads (None: of all).

    `since`: `created_at`, or `mql`: leads count from when they were found ripe.
    """
    who = people.read(connection, as_of, lead_ids)
    named = None if lead_ids is None else who.all_of(lead_ids)
    told = of_people(outcomes.read(connection, as_of, named), who)
    known = _known(leads.origins(connection, as_of, named), who, as_of)
    ids = tuple(sorted(known))
    place = {lead_id: i for i, lead_id in enumerate(ids)}
    told = [row for row in told if row.lead_id in place]
    first = _first(told, place)
    created_at = np.array([known[lead_id].created_at for lead_id in ids], dtype=np.int64)
    start = first["mql"] if since == "mql" else created_at
    return Facts(
        ids,
        source=_names(known[lead_id].source for lead_id in ids),
        campaign=_names(known[lead_id].campaign for lead_id in ids),
        owner=_names(known[lead_id].owner for lead_id in ids),
        created_at=created_at,
        since=start,
        counted=start != NEVER,
        first=first,
        reached=_reached(first),
        outcomes=told,
        people=who,
    )


@dataclass(slots=True)
class _Known:
    """What is gathered of a person, from its oldest row to its newest."""

    created_at: int
    source: Value = None
    campaign: Value = None
    owner: Value = None


def _known(rows: Iterable[Origin], who: People, as_of: int | None) -> dict[str, _Known]:
    """By the lead that stands for the person, whose rows alone count."""
    found: dict[str, _Known] = {}
    for row in sorted(rows, key=lambda r: (ALWAYS if r.recorded_at is None else r.recorded_at, r.version)):
        created_at = ALWAYS if row.created_at is None else row.created_at
        if row.lead_id in who.survivor or (as_of is not None and created_at > as_of):
            continue
        one = found.get(row.lead_id)
        if one is None:
            found[row.lead_id] = _Known(created_at, row.source, row.campaign, row.owner)
            continue
        one.created_at = min(one.created_at, created_at)
        one.source = row.source if one.source is None else one.source
        one.campaign = row.campaign if one.campaign is None else one.campaign
        one.owner = one.owner if row.owner is None else row.owner
    return found


def _names(values: Iterable[Value]) -> Names:
    listed = ["" if value is None else str(value) for value in values]
    names = np.empty(len(listed), dtype=object)
    names[:] = listed
    return names


def _first(rows: Iterable[StoredOutcome], place: Mapping[str, int]) -> dict[str, Ints]:
    stages = ("mql", *LADDER, "promoter", *WAYS_OUT)
    found = {stage: np.full(len(place), NEVER, dtype=np.int64) for stage in stages}
    for row in rows:
        i, at = place[row.lead_id], ALWAYS if row.occurred_at is None else row.occurred_at
        found[row.stage][i] = min(found[row.stage][i], at)
    return found


def _reached(first: Mapping[str, Ints]) -> dict[str, Ints]:
    return {
        stage: np.minimum.reduce([first[other] for other, rung in _REACHES.items() if rung >= i])
        for i, stage in enumerate(LADDER)
    }
