"""Histories and instants in, columns of optional blocks out: the part of the kernel that only some models need."""

from collections.abc import Sequence

import numpy as np
from numba import njit

from features import account, arrival, contact, touch
from features.account import ACCOUNT, COLLEAGUES_AT_MOST, EVENTS_DAYS, LEADS_DAYS, OPEN_DAYS, lately
from features.arrival import arrivals
from features.catalogue import Catalogue
from features.companies import Companies
from features.content import content_kind
from features.history import ALWAYS, Events, Floats, History, Ints
from features.signs import own_acts
from features.touch import TOUCH
from leadloop.clock import DAY
from leadloop.errors import InputError
from leadloop.store import company_facts


def block(name: str, catalogue: Catalogue, history: History, lead: Ints, as_of: Ints) -> Floats:
    """The columns of an optional block, shape (len(lead), columns); rows as those of `features.kernel.matrix`."""
    if name == arrival.BLOCK:
        return arrivals(history.created_at[lead], catalogue.timezone)
    if name == touch.BLOCK:
        return touches(history.events, lead, as_of)
    if name == account.BLOCK and history.companies is not None:
        return colleagues(history.companies, lead, as_of)
    if name == contact.BLOCK and history.given is not None:
        different, place = np.unique(lead, return_inverse=True)
        given = [history.given[i] for i in different.tolist()]
        return np.array(contact.encoded(given, catalogue.calling_codes)).reshape(-1, len(contact.CONTACT))[place]
    raise InputError(f"This history was not read for the block '{name}', which the model looks at")


def touches(events: Events, lead: Ints, as_of: Ints) -> Floats:
    """Days since the first event (NaN where there is none), numbers of types and of kinds of content."""
    out = np.empty((len(lead), len(TOUCH)))
    arrays = (events.start, events.kind, events.occurred_at, events.recorded_at, events.superseded_at)
    _count_touches(*arrays, contents(events.kinds), lead, as_of, out)
    return out


def contents(kinds: Sequence[str]) -> Ints:
    """Of types of events, the number of each one's kind of content; -1 where it says none."""
    named = [content_kind(kind) for kind in kinds]
    code = {name: i for i, name in enumerate(sorted({name for name in named if name}))}
    return np.array([code.get(name, -1) if name else -1 for name in named], dtype=np.int64)


@njit(cache=True, nogil=True, inline="always")
def _touch(kind, occurred_at, recorded_at, superseded_at, first, last, content, now, seen, moment, row):  # type: ignore[no-untyped-def] # noqa: PLR0913 -- numba infers types, and takes arrays only
    """Fill a row of TOUCH from events first:last; `seen`: by which moment each type and each kind of content was."""
    types, contents = 0, 0
    row[0] = np.nan
    for e in range(first, last):
        if occurred_at[e] > now:
            break
        if recorded_at[e] > now or superseded_at[e] <= now:
            continue
        if types == 0:
            row[0] = (now - occurred_at[e]) / DAY
        this = kind[e]
        if seen[0, this] != moment:
            seen[0, this] = moment
            types += 1
            about = content[this]
            if about >= 0 and seen[1, about] != moment:
                seen[1, about] = moment
                contents += 1
    row[1], row[2] = types, contents


@njit(cache=True, nogil=True)
def _count_touches(  # type: ignore[no-untyped-def] # noqa: PLR0913 -- numba infers types, and takes arrays only
    start, kind, occurred_at, recorded_at, superseded_at, content, lead, as_of, out
):
    """Fill `out` (moments x columns of TOUCH); `content`: each type's kind of content, -1 where it says none."""
    seen = np.full((2, len(content)), -1)
    for i in range(len(lead)):
        first, last = start[lead[i]], start[lead[i] + 1]
        _touch(kind, occurred_at, recorded_at, superseded_at, first, last, content, as_of[i], seen, i, out[i])


@njit(cache=True, nogil=True)
def touch_one(table, content, as_of, out):  # type: ignore[no-untyped-def] # numba infers types
    """The same of one lead; `table`: kind, occurred_at, recorded_at and superseded_at of its events."""
    seen = np.full((2, len(content)), -1)
    _touch(table[0], table[1], table[2], table[3], 0, table.shape[1], content, as_of, seen, 0, out)


def colleagues(companies: Companies, lead: Ints, as_of: Ints) -> Floats:
    """The columns of ACCOUNT: NaN where nobody knew the lead's company by then, or it was a crowd."""
    out = np.empty((len(lead), len(ACCOUNT)))
    events, deals = companies.leads.events, companies.deals
    own = own_acts(events.kinds)
    code = {name: i for i, name in enumerate((company_facts.IN_HAND, company_facts.LET_GO, company_facts.WON))}
    fate = np.array([code.get(kind, -1) for kind in deals.kinds], dtype=np.int64)
    _count_colleagues(
        (companies.own_start, companies.own, companies.owner, companies.owned_at),
        (companies.company, companies.named_at, companies.start, companies.members, companies.leads.created_at),
        (events.start, events.occurred_at, events.recorded_at, events.superseded_at, events.kind, own),
        (deals.start, deals.occurred_at, deals.recorded_at, deals.superseded_at, deals.kind, fate),
        (lead, as_of, out),
    )
    return out


_lately = njit(cache=True, nogil=True)(lately)


@njit(cache=True, nogil=True)
def _count_colleagues(people, companies, events, deals, moments):  # type: ignore[no-untyped-def] # as above
    """Fill the last of `moments` (moments x columns of ACCOUNT)."""
    _, _, owner, owned_at = people
    company, named_at, start, members, created_at = companies
    lead, as_of, out = moments
    for i in range(len(lead)):
        now, here = as_of[i], _company_at(people, company, named_at, lead[i], as_of[i])
        out[i] = np.nan if here < 0 else 0.0
        if here < 0:
            continue
        others, last, crowded = 0, -1.0, False
        for k in range(start[here + 1] - 1, start[here] - 1, -1):
            who = members[k]
            if named_at[who] > now or (owner[who] == lead[i] and owned_at[who] <= now):
                continue
            crowded = others == COLLEAGUES_AT_MOST
            if crowded:
                break
            others += 1
            created = created_at[who]
            out[i, 0] += created != ALWAYS and _lately((now - created) / DAY, LEADS_DAYS)
            did, age = _did(events, who, now)
            out[i, 1] += did
            if age >= 0.0 and (last < 0.0 or age < last):
                last = age
            won, in_hand = _became(deals, who, now)
            out[i, 3] = max(out[i, 3], won)
            out[i, 4] += in_hand
        out[i, 2] = last if last >= 0.0 else np.nan
        if crowded:
            out[i] = np.nan


@njit(cache=True, nogil=True)
def _company_at(people, company, named_at, lead, now):  # type: ignore[no-untyped-def] # as above
    """The company that the lead, or else one that it stands for, had named by then; -1: none."""
    own_start, own, _, owned_at = people
    for k in range(own_start[lead], own_start[lead + 1]):
        who = own[k]
        if company[who] >= 0 and named_at[who] <= now and owned_at[who] <= now:
            return company[who]
    return -1


@njit(cache=True, nogil=True)
def _did(events, who, now):  # type: ignore[no-untyped-def] # as above
    """How many own acts of a colleague are recent, and how many days old the last is, -1 where there is none."""
    start, occurred_at, recorded_at, superseded_at, kind, own = events
    recent, last = 0, -1.0
    for e in range(start[who + 1] - 1, start[who] - 1, -1):
        if occurred_at[e] > now or recorded_at[e] > now or superseded_at[e] <= now or not own[kind[e]]:
            continue
        days = (now - occurred_at[e]) / DAY
        last = days if last < 0.0 else last
        if not _lately(days, EVENTS_DAYS):
            break
        recent += 1
    return recent, last


@njit(cache=True, nogil=True)
def _became(deals, who, now):  # type: ignore[no-untyped-def] # as above
    """Whether a colleague was ever won, and whether sales has it in hand."""
    start, occurred_at, recorded_at, superseded_at, kind, fate = deals
    won, in_hand, said = False, False, False
    for e in range(start[who + 1] - 1, start[who] - 1, -1):
        what = fate[kind[e]]
        if what < 0 or occurred_at[e] > now or recorded_at[e] > now or superseded_at[e] <= now:
            continue
        if not said:
            said, in_hand = True, what == 0 and _lately((now - occurred_at[e]) / DAY, OPEN_DAYS)
        won |= what == 2
    return won, in_hand
