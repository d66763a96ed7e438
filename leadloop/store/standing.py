"""Where leads stand with sales at an instant: what a list of open leads asks of their outcomes, each person once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from leadloop.store import judged
from leadloop.store.outcomes import StoredOutcome, standings
from leadloop.store.people import People

TAKEN_ON = frozenset({"accepted", "contacted"})
IN_TOUCH = frozenset({"contacted", "sql", "opportunity", "won"})
"""Stages that nobody comes to without having been called."""


@dataclass(frozen=True)
class Standings:
    """Of leads by id, a duplicate's outcomes being its survivor's.

    `closed`: nobody's now. `put_off`: those of them that are open again at an instant, microseconds UTC. `taken_at`:
    when each was last accepted or contacted. `contacted_at`: when somebody was first in touch. `first_at`: when each
    stage first came, by lead and stage. `last`: its last outcome.
    """

    closed: frozenset[str]
    put_off: dict[str, int]
    taken_at: Mapping[str, int]
    contacted_at: Mapping[str, int]
    first_at: Mapping[tuple[str, str], int]
    last: Mapping[str, StoredOutcome]


def of(rows: Sequence[StoredOutcome], people: People, as_of: int) -> Standings:
    """Where the leads of these outcomes, known at `as_of`, stand then."""
    told = judged.of_people(rows, people)
    taken, contacted, first_at = dict[str, int](), dict[str, int](), dict[tuple[str, str], int]()
    for row in told:  # in the order of time
        if row.occurred_at is not None:
            first_at.setdefault((row.lead_id, row.stage), row.occurred_at)
        if row.stage in TAKEN_ON and row.occurred_at is not None:
            taken[row.lead_id] = row.occurred_at
        if row.stage in IN_TOUCH and row.occurred_at is not None:
            contacted.setdefault(row.lead_id, row.occurred_at)
    standing = standings(told)
    waiting = {lead_id: each.last.until_at for lead_id, each in standing.items() if each.waits(as_of)}
    return Standings(
        closed=frozenset(judged.closed(rows, people, as_of)),
        put_off={lead_id: at for lead_id, at in waiting.items() if at is not None},
        taken_at=taken,
        contacted_at=contacted,
        first_at=first_at,
        last={lead_id: each.last for lead_id, each in standing.items()},
    )
