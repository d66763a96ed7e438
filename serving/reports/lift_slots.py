"""What came of the leads on lists with drawn slots: who was worked from which list, and what that brought in time."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from features.history import Floats, Ints
from leadloop.clock import DAY
from leadloop.store import outcomes, people, slots
from leadloop.store.judged import of_people
from leadloop.store.outcomes import StoredOutcome
from leadloop.store.people import People
from leadloop.store.slots import DRAWN, StoredDraw, StoredSlot
from serving.reports.ask import Ask
from serving.reports.lift_estimate import Sample

WORKED = frozenset({"accepted", "contacted", "sql", "opportunity", "won", "lost", "rejected"})
"""Outcomes of which the first says that sales looked at a lead."""
GRACE = 7 * DAY
"""So long after a list a lead may have been worked from it, unless a later one had it too."""
RIPE_AT, ENOUGH = 0.95, 20
"""The share of wins that are quicker than the time that a worked lead is given, and how many teach it."""
QUARTERS = 4
Key = tuple[str, str]
"""A day and the name of a list."""
MEASURES = ("value", "wins")


@dataclass(frozen=True)
class Worked:
    """What is known of people by their leads: when sales first looked at each, and what it won: when, and how much."""

    first_at: Mapping[str, int]
    won: Mapping[str, Sequence[tuple[int, float]]]
    who: People

    def within_days(self, horizon_days: float) -> float:
        """How long nineteen wins in twenty took from the first look; at most the horizon, which holds where few won."""
        took = [(at - self.first_at[lead]) / DAY for lead, all_ in self.won.items() for at, _ in all_[:1]]
        return min(horizon_days, float(np.quantile(took, RIPE_AT))) if len(took) >= ENOUGH else horizon_days

    def brought(self, lead_id: str, within: float) -> tuple[float, float]:
        """The amounts of its wins in the days after the first look, and whether there was one."""
        since = self.first_at[lead_id]
        found = [amount for at, amount in self.won.get(lead_id, ()) if since <= at <= since + within * DAY]
        return sum(found), float(bool(found))


@dataclass(frozen=True)
class Lists:
    """Lists, all their entries, and of each entry whether it was worked from there.

    `young`: lists left out since they had not had their time; `within`: days that a lead is given.
    """

    draws: Mapping[Key, StoredDraw]
    entries: Sequence[StoredSlot]
    worked: Sequence[bool]
    known: Worked
    young: int
    within: float

    @property
    def slots(self) -> int:
        """Of all lists."""
        return sum(draw.slots for draw in self.draws.values())

    def begins_at(self, row: StoredSlot) -> int:
        """The day of an entry's list."""
        return self.draws[row.day, row.list].begins_at

    def ripe_at(self, begins_at: int) -> int:
        """When a list of a day has had its time."""
        return begins_at + GRACE + int(self.within * DAY)

    def ripe(self, as_of: int) -> "Lists":
        """Those that have had their time."""
        kept = self.only({key for key, draw in self.draws.items() if self.ripe_at(draw.begins_at) <= as_of})
        return replace(kept, young=len(self.draws) - len(kept.draws))

    def only(self, keys: set[Key]) -> "Lists":
        """Some of them."""
        kept = [i for i, row in enumerate(self.entries) if (row.day, row.list) in keys]
        draws = {key: draw for key, draw in self.draws.items() if key in keys}
        entries, worked = [self.entries[i] for i in kept], [self.worked[i] for i in kept]
        return Lists(draws, entries, worked, self.known, self.young, self.within)

    def counted(self) -> Ints:
        """Numbers of the entries whose chance is known."""
        return np.array([i for i, row in enumerate(self.entries) if row.counted], dtype=np.int64)

    def sample(self, measure: str, said: Floats) -> Sample:
        """What the estimators take; `said`: what a model expects of the counted entries."""
        rows = [(self.entries[i], self.worked[i]) for i in self.counted().tolist()]
        which = MEASURES.index(measure)
        brought = [self.known.brought(self.lead(row), self.within)[which] if worked else 0.0 for row, worked in rows]
        days = {day: i for i, day in enumerate(sorted({row.day for row, _ in rows}))}
        worked = np.array([worked for _, worked in rows], dtype=bool)
        return Sample(
            day=np.array([days[row.day] for row, _ in rows], dtype=np.int64),
            chance=np.array([row.chance for row, _ in rows]),
            group=_groups([row for row, _ in rows], worked),
            worked=worked,
            brought=np.array(brought),
            model=said,
            slots=float(self.slots),
        )

    def won(self, row: StoredSlot) -> bool:
        """Whether the lead of a worked entry was won in time."""
        return self.known.brought(self.lead(row), self.within)[1] > 0

    def lead(self, row: StoredSlot) -> str:
        """Who stands for the lead today."""
        return self.known.who.of(row.lead_id)


def read(connection: Connection, ask: Ask, within: float | None) -> Lists:
    """All lists noted by the instant asked about, with what was known then; `within`: days, None: as wins take."""
    draws, entries = slots.read(connection, ask.cut)
    known = _known(connection, ask)
    days = within or known.within_days(ask.settings.horizon_days)
    every = {(draw.day, draw.list): draw for draw in draws}
    return Lists(every, entries, _worked(draws, entries, known), known, 0, days)


def _known(connection: Connection, ask: Ask) -> Worked:
    who = people.read(connection, ask.cut)
    told = [row for row in of_people(outcomes.read(connection, ask.cut), who) if row.occurred_at is not None]
    first, won = dict[str, int](), defaultdict[str, list[tuple[int, float]]](list)
    usual = _usual_amount(told, ask.settings.currency)
    for row in told:  # in the order of time
        if row.stage in WORKED:
            first.setdefault(row.lead_id, row.occurred_at or 0)
        if row.stage == "won":
            won[row.lead_id].append((row.occurred_at or 0, _amount(row, ask.settings.currency, usual)))
    return Worked(first, won, who)


def _usual_amount(rows: Sequence[StoredOutcome], currency: str) -> float:
    amounts = [row.amount for row in rows if row.amount is not None and (row.currency or currency) == currency]
    return sum(amounts) / len(amounts) if amounts else 0.0


def _amount(row: StoredOutcome, currency: str, usual: float) -> float:
    """A win of which nobody said how much, or in another currency, counts as the mean one."""
    return row.amount if row.amount is not None and (row.currency or currency) == currency else usual


def _worked(draws: Sequence[StoredDraw], entries: Sequence[StoredSlot], known: Worked) -> list[bool]:
    """Whether each entry was the last of its lead on a list of that name before sales first looked at it."""
    begins = {(draw.day, draw.list): draw.begins_at for draw in draws}
    listed = defaultdict[Key, list[int]](list)
    for row in entries:
        if row.position is not None:
            listed[known.who.of(row.lead_id), row.list].append(begins[row.day, row.list])
    return [row.position is not None and _from_here(row, begins[row.day, row.list], listed, known) for row in entries]


def _from_here(row: StoredSlot, begun: int, listed: Mapping[Key, list[int]], known: Worked) -> bool:
    lead_id = known.who.of(row.lead_id)
    first = known.first_at.get(lead_id)
    if first is None or not begun <= first <= begun + GRACE:
        return False
    times = sorted(listed[lead_id, row.list])
    return times[bisect_right(times, first) - 1] == begun


def _groups(rows: Sequence[StoredSlot], worked: NDArray[np.bool_]) -> Ints:
    """Slots that are worked equally often: drawn ones, whose places are drawn too; others by quarters of their list."""
    longest = defaultdict[Key, int](int)
    for row in rows:
        longest[row.day, row.list] = max(longest[row.day, row.list], row.position or 0)
    groups = np.array(
        [
            0 if row.kind == DRAWN else 1 + QUARTERS * ((row.position or 1) - 1) // longest[row.day, row.list]
            for row in rows
        ],
        dtype=np.int64,
    )
    some = all(worked[groups == group].any() for group in np.unique(groups[groups > 0]).tolist())
    return groups if some else np.minimum(groups, 1)
