"""One lead a person: the rows of duplicates go to the lead that stands for them, from when they were known as one."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from leadloop.store.people import People
from leadloop.store.rows import Value

if TYPE_CHECKING:
    from features.history import Events, History, Ints

Attributes = Mapping[str, Value]

_ALWAYS = np.iinfo(np.int64).min


def joined(history: "History", people: People) -> "History":
    """The history without duplicates: what they did and said is their survivors'; the same one where there are none."""
    owner, since = _owners(history, people)
    numbers = np.arange(len(history))
    kept = np.flatnonzero(owner == numbers)
    if len(kept) == len(history):
        return history
    lead = (np.cumsum(owner == numbers) - 1)[owner]
    start, version_at, attributes = _versions(history, lead, since)
    return replace(
        history,
        lead_ids=tuple(history.lead_ids[i] for i in kept.tolist()),
        created_at=history.created_at[kept],
        position=history.position[kept],
        account=_accounts(history, kept, owner),
        events=_events(history.events, lead, since),
        start=start,
        version_at=version_at,
        attributes=attributes,
        people=people,
    )


def _owners(history: "History", people: People) -> "tuple[Ints, Ints]":
    """The number of the lead that stands for each, and since when that is known."""
    place = {lead_id: i for i, lead_id in enumerate(history.lead_ids)} if people.survivor else {}
    owner, since = np.arange(len(history)), np.full(len(history), _ALWAYS)
    for lead_id, survivor in people.survivor.items():
        if lead_id in place and survivor in place:
            owner[place[lead_id]] = place[survivor]
            since[place[lead_id]] = people.joined_at[lead_id]
    return owner, since


def _accounts(history: "History", kept: "Ints", owner: "Ints") -> tuple[str | None, ...]:
    """The survivor's company, else the first that a duplicate names."""
    accounts = list(history.account)
    for i in np.flatnonzero(owner != np.arange(len(owner))).tolist():
        accounts[owner[i]] = accounts[owner[i]] or accounts[i]
    return tuple(accounts[i] for i in kept.tolist())


def _versions(history: "History", lead: "Ints", since: "Ints") -> "tuple[Ints, Ints, tuple[Attributes, ...]]":
    mine = np.repeat(np.arange(len(history)), np.diff(history.start))
    known_at = np.maximum(history.version_at, since[mine])
    order = np.lexsort((np.arange(len(mine)), history.version_at, known_at, lead[mine]))
    start = np.concatenate([[0], np.cumsum(np.bincount(lead[mine], minlength=int(lead.max()) + 1))])
    attributes = [history.attributes[i] for i in order.tolist()]
    written_at, shown_at = history.version_at[order], known_at[order]
    for row in np.flatnonzero(shown_at > written_at).tolist():
        first = int(start[np.searchsorted(start, row, side="right") - 1])
        newer = [i for i in range(first, row) if written_at[i] > written_at[row]]
        said = {name for i in newer for name in attributes[i]}
        attributes[row] = _without(attributes[row], said)
    return start.astype(np.int64), shown_at, tuple(attributes)


def _without(attributes: Attributes, said: set[str]) -> Attributes:
    """What an old row says and no newer one, known before it, said anew."""
    return {name: value for name, value in attributes.items() if name not in said}


def _events(events: "Events", lead: "Ints", since: "Ints") -> "Events":
    mine = np.repeat(np.arange(len(lead)), np.diff(events.start))
    recorded_at = np.maximum(events.recorded_at, since[mine])
    order = np.lexsort((events.superseded_at, recorded_at, events.kind, events.occurred_at, lead[mine]))
    owned = np.bincount(lead[mine], minlength=int(lead.max()) + 1)
    return replace(
        events,
        start=np.concatenate([[0], np.cumsum(owned)]).astype(np.int64),
        kind=events.kind[order],
        occurred_at=events.occurred_at[order],
        recorded_at=recorded_at[order],
        superseded_at=events.superseded_at[order],
    )
