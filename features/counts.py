"""How often attributes had each value, and how many leads had each type of event: all that a catalogue learns from."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from features.history import History, Ints
from features.values import level


@dataclass(frozen=True)
class Counts:
    """Of some moments: `levels` of each attribute on record, `kinds` of events that each had seen by then; whether
    `companies` were read, and some have several leads; how many gave `emails`, and which `calling_codes`.

    Counts of parts of the leads add up exactly to those of all, which is how many machines learn one catalogue.
    """

    moments: int
    levels: Mapping[str, Counter[str]]
    kinds: Counter[str]
    dated: bool
    companies: bool = False
    emails: int = 0
    calling_codes: Counter[str] = field(default_factory=Counter)


def count(history: History, lead: Ints, as_of: Ints) -> Counts:
    """What was known at each moment."""
    levels = {name: Counter[str]() for row in history.attributes for name in row}
    for i, t in zip(lead.tolist(), as_of.tolist(), strict=True):
        for name, value in history.attributes_at(i, t).items():
            if (found := level(value)) is not None:
                levels[name][found] += 1
    shared = history.companies is not None and history.companies.shared
    given = [history.given[i] for i in lead.tolist()] if history.given else []
    return Counts(
        moments=len(lead),
        levels=levels,
        kinds=_kinds(history, lead, as_of),
        dated=history.dated,
        companies=shared,
        emails=sum(bool(each.email) for each in given),
        calling_codes=Counter(each.calling_code for each in given if each.calling_code),
    )


def added_up(parts: Sequence[Counts]) -> Counts:
    """The counts of all parts together."""
    levels: dict[str, Counter[str]] = {}
    for part in parts:
        for name, counts in part.levels.items():
            levels.setdefault(name, Counter()).update(counts)
    return Counts(
        moments=sum(part.moments for part in parts),
        levels=levels,
        kinds=sum((part.kinds for part in parts), Counter[str]()),
        dated=any(part.dated for part in parts),
        companies=any(part.companies for part in parts),
        emails=sum(part.emails for part in parts),
        calling_codes=sum((part.calling_codes for part in parts), Counter[str]()),
    )


def _kinds(history: History, lead: Ints, as_of: Ints) -> Counter[str]:
    events, counts = history.events, Counter[str]()
    for i, t in zip(lead.tolist(), as_of.tolist(), strict=True):
        rows = slice(events.start[i], events.start[i + 1])
        known = (events.recorded_at[rows] <= t) & (events.superseded_at[rows] > t)
        seen = known & (events.occurred_at[rows] <= t)
        counts.update(events.kinds[k] for k in np.unique(events.kind[rows][seen]))
    return counts
