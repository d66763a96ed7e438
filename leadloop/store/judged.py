"""Outcomes of people: what sales did with any of a person's leads, but for telling that one of them was there twice."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from leadloop.store.contact import folded
from leadloop.store.outcomes import LEFT, StoredOutcome, standings
from leadloop.store.people import People

_TWICE = frozenset({"duplicate", "duplicates", "duplicated", "duplicate lead", "already exists", "dupe"})
_TWICE_FR = frozenset({"doublon", "doublons", "en double", "deja en base", "existe deja"})


def of_people(rows: Sequence[StoredOutcome], people: People) -> list[StoredOutcome]:
    """The outcomes under the names of the leads that stand for each person, in their order.

    A duplicate refused as one says nothing about the person. Where every lead of a person was, the survivor's stands.
    """
    if not people.survivor:
        return list(rows)
    refused = {row.lead_id for row in rows if _is_twice(row)}
    silent = {row_id for row_id in refused if _counts_for_nothing(row_id, refused, people)}
    told = [row for row in rows if not (row.lead_id in silent and _is_twice(row))]
    return [replace(row, lead_id=people.of(row.lead_id)) if row.lead_id in people.survivor else row for row in told]


def closed(rows: Sequence[StoredOutcome], people: People, as_of: int | None = None) -> set[str]:
    """The leads that sales is done with, or has put off until later than `as_of` (None: until no later than ever).

    A person who came again since and was not looked at is open again.
    """
    standing = standings(of_people(rows, people))
    done = {lead_id: each for lead_id, each in standing.items() if not each.open or each.waits(as_of)}
    if people.survivor:
        worked = standings(rows)
        for lead_id, first in people.survivor.items():
            again = first in done and lead_id not in worked
            if again and people.arrived_at[lead_id] > (done[first].last.occurred_at or 0):
                del done[first]
    return set(done)


def _counts_for_nothing(lead_id: str, refused: Iterable[str], people: People) -> bool:
    if lead_id in people.survivor:
        return True
    return any(other not in refused for other in people.members.get(lead_id, ()))


def _is_twice(row: StoredOutcome) -> bool:
    if row.stage not in LEFT or row.stage == "won" or not row.reason:
        return False
    return folded(row.reason.replace("_", " ")) in _TWICE | _TWICE_FR
