"""Every lead's promise at an instant: due when, contacted when, and how that stands; for reports and for the sweep."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, select

from features.history import ALWAYS, NEVER, Ints
from leadloop.clock import DAY, HOUR
from leadloop.store.tables import leads, outcomes
from serving.reports import facts as facts_of
from serving.reports.facts import Facts, Names
from serving.sla import Sla

LOOK_BACK = 2 * 366 * DAY
OPEN = ("in_time", "at_risk", "missed")
"""States of a lead that still waits for its first contact."""


@dataclass(frozen=True)
class Promised:
    """One entry a lead of the facts. `state`: as of `Sla.state`; `closed` where a lead was refused or given back by its
    deadline and so is owed no contact; `lapsed` where that came after it, without a contact.
    """

    due_at: Ints
    contacted_at: Ints
    state: NDArray[np.str_]


def promised(facts: Facts, sla: Sla | None, as_of: int, cells: Mapping[str, str]) -> Promised:
    """What every lead was promised; `cells`: the cell of each lead by its newest score, where there is one."""
    contacted_at, n = facts.reached["contacted"], len(facts)
    if sla is None:
        return Promised(np.full(n, NEVER), contacted_at, np.full(n, "none"))
    due_at = sla.deadlines(cells_of(facts, cells), facts.source, np.where(facts.counted, facts.since, NEVER))
    state = sla.state(due_at, as_of, contacted_at, facts.since)
    over = (facts.left < contacted_at) & (facts.left <= as_of) & np.isin(state, OPEN)
    closed = np.select([over & (facts.left <= due_at), over], ["closed", "lapsed"], state)
    return Promised(due_at, contacted_at, closed)


def judged(facts: Facts, sla: Sla | None, as_of: int, cells: Mapping[str, str]) -> Promised:
    """The same for looking back on all leads: none where the ledger can't tell when a lead was called."""
    found = promised(facts, sla, as_of, cells)
    known = facts.timed & facts.contacts_recorded
    return replace(found, state=np.where(known, found.state, "none"))


def cells_of(facts: Facts, cells: Mapping[str, str]) -> Names:
    """The cell of each lead, "" where it has no score."""
    found = np.empty(len(facts), dtype=object)
    found[:] = [cells.get(lead_id, "") for lead_id in facts.lead_ids]
    return found


def at_risk(connection: Connection, cells: Mapping[str, str], sla: Sla, as_of: int) -> list[tuple[str, int]]:
    """Leads whose promise is at risk at `as_of`, with their deadlines (microseconds UTC), the most urgent first.

    Reads only leads so young that a promise to them can still be kept; cheap enough to ask every minute.
    """
    facts = facts_of.read(connection, as_of, sla.since, _young(connection, sla, as_of))
    found = promised(facts, sla, as_of, cells)
    risky = np.flatnonzero(found.state == "at_risk").tolist()
    return sorted(((facts.lead_ids[i], int(found.due_at[i])) for i in risky), key=lambda each: (each[1], each[0]))


def counts(connection: Connection, cells: Mapping[str, str], sla: Sla, as_of: int) -> dict[str, int]:
    """How many leads wait for their first contact, by state: `in_time`, `at_risk`, `missed`. Reads every lead."""
    facts = facts_of.read(connection, as_of, sla.since)
    state = judged(facts, sla, as_of, cells).state
    return {name: int((state == name).sum()) for name in OPEN}


def _young(connection: Connection, sla: Sla, as_of: int) -> Sequence[str]:
    """Leads whose clock started when even the longest promise would not be over yet."""
    start = oldest_start(sla, as_of)
    if sla.since == "mql":
        query = select(outcomes.c.lead_id).where(outcomes.c.stage == "mql", outcomes.c.occurred_at >= start)
    else:
        query = select(leads.c.lead_id).where(leads.c.created_at >= start)
    return sorted(set(connection.execute(query).scalars()))


def oldest_start(sla: Sla, as_of: int) -> int:
    """The earliest hour from which on some promise is not over at `as_of`; at most LOOK_BACK ago."""
    since = as_of - np.arange(0, LOOK_BACK, HOUR, dtype=np.int64)
    rules = [(None, None), *((each.cell, each.source) for each in sla.promises)]
    due = [sla.deadlines([cell] * len(since), [source] * len(since), since) for cell, source in rules]
    still = np.maximum.reduce([np.where(each == NEVER, ALWAYS, each) for each in due]) >= as_of
    return int(since[still].min(initial=as_of)) - HOUR
