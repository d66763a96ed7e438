"""Who else is at a lead's company, since when that is known, and what became of them, as arrays."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from features.history import Events, History, Ints
    from leadloop.store.people import People

_ALWAYS = np.iinfo(np.int64).min


@dataclass(frozen=True)
class Companies:
    """Beside a history, the leads of its leads' companies: each on its own, duplicates and colleagues too.

    `leads`: what each did; `deals`: what became of each, as kinds of `leadloop.store.company_facts`.
    `owner`: number in the history of who each stands for, known since `owned_at`; -1: a colleague and nobody else.
    `own`: the leads that lead i of the history stands for are own[own_start[i]:own_start[i+1]], itself first.
    `company`: number of the company that each first named, at `named_at`; -1: none.
    `members`: the leads of company c are members[start[c]:start[c+1]], sorted by `named_at`, then by id.
    """

    leads: "History"
    deals: "Events"
    owner: "Ints"
    owned_at: "Ints"
    own_start: "Ints"
    own: "Ints"
    company: "Ints"
    named_at: "Ints"
    start: "Ints"
    members: "Ints"

    @property
    def shared(self) -> bool:
        """Whether any company has several leads."""
        return bool((np.diff(self.start) > 1).any())


def companies_of(one: "History", leads: "History", named_at: "Ints", deals: "Events", people: "People") -> Companies:
    """Companies of the leads of `one`, a history in which duplicates are joined, among `leads`, in which none are."""
    owner, owned_at = _owners(one, leads, people)
    owned, itself = np.flatnonzero(owner >= 0), owned_at == _ALWAYS
    own = owned[np.lexsort((owned, ~itself[owned], owner[owned]))]
    company = _codes(leads.account)
    named = np.flatnonzero(company >= 0)
    members = named[np.lexsort((named, named_at[named], company[named]))]
    return Companies(
        leads=leads,
        deals=deals,
        owner=owner,
        owned_at=owned_at,
        own_start=_starts(owner[owned], len(one)),
        own=own,
        company=company,
        named_at=named_at,
        start=_starts(company[named], int(company.max(initial=-1)) + 1),
        members=members,
    )


def _owners(one: "History", leads: "History", people: "People") -> "tuple[Ints, Ints]":
    place = {lead_id: i for i, lead_id in enumerate(one.lead_ids)}
    owner = np.array([place.get(lead_id, -1) for lead_id in leads.lead_ids], dtype=np.int64)
    owned_at = np.full(len(leads), _ALWAYS)
    for i, lead_id in enumerate(leads.lead_ids) if people.survivor else ():
        survivor = people.of(lead_id)
        if survivor != lead_id and survivor in place:
            owner[i], owned_at[i] = place[survivor], people.joined_at[lead_id]
    return owner, owned_at


def _codes(names: Sequence[str | None]) -> "Ints":
    code = {name: i for i, name in enumerate(sorted({name for name in names if name}))}
    return np.array([code[name] if name else -1 for name in names], dtype=np.int64)


def _starts(owners: "Ints", count: int) -> "Ints":
    return np.concatenate([[0], np.cumsum(np.bincount(owners, minlength=count))]).astype(np.int64)
