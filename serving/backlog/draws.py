"""Which slots of today's lists are drawn by lot: the same for every process and page, noted once a day and list.

Whoever asks for a list first draws it, from a seed that all share; a chore writes it down, and what is written holds
for everybody from then on. Nothing is drawn in a ledger that is history, or where the setting `explore_share` is 0.
"""

import json
from collections import OrderedDict
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

import numpy as np
from sqlalchemy import Connection

from features.history import Ints
from leadloop.settings import Settings
from leadloop.store import slots
from leadloop.store.ledger import Ledger
from serving.backlog.drawing import Noted, drawn_list, today
from serving.backlog.lines import Backlog
from serving.backlog.lots import put
from serving.writing import write

KEPT = 64
"""Lists of which the drawn leads, and the order of the moment, are remembered."""
Owners = tuple[str, ...] | None
Key = tuple[str, str]
"""A day and the name of a list."""
WHY = {"en": "drawn by lot to keep learning", "fr": "tiré au sort pour continuer d’apprendre"}
"""Why a drawn lead is on the list."""
ADVICE = {
    "en": "Work it like the others: it is on today’s list by lot, and that is how leadloop keeps learning",
    "fr": "Travaillez-le comme les autres : il est sur la liste du jour par tirage au sort, c’est ainsi que leadloop "
    "continue d’apprendre",
}
"""What to do with it, whatever its tactic would be: one that is skipped because it looks bad proves nothing."""


@dataclass(frozen=True)
class Listed:
    """Leads of a list as they are shown. `mine`: their numbers, in order; `drawn`: where those are, from 0, that are
    there by lot.
    """

    mine: Ints
    drawn: Mapping[str, int] = field(default_factory=dict)

    def within(self, backlog: Backlog, cell: str | None, source: str | None) -> "Listed":
        """Only those in a cell and from a source (None: any)."""
        if cell is None and source is None:
            return self
        mine = backlog.among(self.mine, cell, source)
        place = {name: i for i, name in enumerate(backlog.lead_ids[mine].tolist())} if self.drawn else {}
        return Listed(mine, {name: place[name] for name in self.drawn if name in place})

    def told(self, rows: Sequence[Mapping[str, Any]], lang: str) -> list[dict[str, Any]]:
        """Rows of its leads, each with whether it is there by lot, and then with the advice to work it all the same."""
        by_lot = {"drawn": True, "why_here": WHY[lang], "tactic": {"text": ADVICE[lang], "next": []}}
        ranked = {"drawn": False, "why_here": None}
        return [{**row, **(by_lot if row["lead_id"] in self.drawn else ranked)} for row in rows]


@dataclass
class Drawer:
    """One a process."""

    ledger: Ledger
    settings: Settings
    _known: "OrderedDict[Key, dict[str, int]]" = field(default_factory=OrderedDict)
    _orders: "OrderedDict[Key, tuple[int, Listed]]" = field(default_factory=OrderedDict)
    _unwritten: dict[Key, Noted] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def listed(self, backlog: Backlog, owners: Owners) -> Listed:
        """The leads of some owners (None: all) as today's list has them."""
        mine = backlog.of_owners(owners)
        if not backlog.live or not self.settings.explore_share:
            return Listed(mine)
        key = today(self.settings).date, name_of(owners)
        with self._lock:
            stamp, found = self._orders.get(key, (None, Listed(mine)))
        if stamp != backlog.stamp:
            found = _placed(backlog, mine, self._drawn(backlog, mine, key))
            self._remember(self._orders, key, (backlog.stamp, found))
        return found

    def by_lot(self, backlog: Backlog, seen: Set[str] | None, lead_id: str) -> bool:
        """Whether a lead is there by lot, on a list of the day that somebody asked for, of owners who are all `seen`
        (None: all are). Nothing is drawn for it.
        """
        whose = [owners_in(name) for name in self._lists_with(lead_id)]
        mine = [owners for owners in whose if seen is None or (owners is not None and seen >= set(owners))]
        return any(lead_id in self.listed(backlog, owners).drawn for owners in mine)

    def _lists_with(self, lead_id: str) -> Set[str]:
        """The lists of the day for which a lead was drawn, here or by another process."""
        day = today(self.settings).date
        with self._lock:
            here = {name for (when, name), found in self._known.items() if when == day and lead_id in found}
        with self.ledger.reading() as connection:
            return here.union(slots.lists_with(connection, day, lead_id))

    def write(self) -> None:
        """Note the lists that were drawn; where another process noted one before, that one holds. A chore."""
        while self._unwritten:
            key, noted = next(iter(self._unwritten.items()))
            if not write(self.ledger, lambda connection, noted=noted: _note(connection, noted)):  # type: ignore[misc]
                self._take(key, self._noted(key) or {})
            self._unwritten.pop(key, None)

    def _drawn(self, backlog: Backlog, mine: Ints, key: Key) -> dict[str, int]:
        """The drawn leads of a day's list and their positions, from 1."""
        with self._lock:
            found = self._known.get(key)
        if found is None:
            found = self._noted(key)
        if found is None:
            noted = drawn_list(backlog, mine, self.settings, today(self.settings), key[1])
            if noted is None:  # there are few leads, all of them on the list; more may come in
                return {}
            found = noted.drawn
            self._unwritten.setdefault(key, noted)
        self._remember(self._known, key, found)
        return found

    def _noted(self, key: Key) -> dict[str, int] | None:
        with self.ledger.reading() as connection:
            return slots.drawn(connection, *key)

    def _take(self, key: Key, noted: dict[str, int]) -> None:
        """Another process was first."""
        if noted != self._known.get(key):
            self._remember(self._known, key, noted)
            with self._lock:
                self._orders.clear()

    def _remember(self, kept: "OrderedDict[Any, Any]", key: object, value: object) -> None:
        with self._lock:
            kept[key] = value
            while len(kept) > KEPT:
                kept.popitem(last=False)


def name_of(owners: Owners) -> str:
    """What a list is called by whose leads it has; "" for everybody's.

    >>> name_of(None), name_of(("nadia", "paul"))
    ('', '["nadia", "paul"]')
    """
    return "" if owners is None else json.dumps(list(owners), ensure_ascii=False)


def owners_in(name: str) -> Owners:
    """The inverse."""
    return None if name == "" else tuple(json.loads(name))


def _note(connection: Connection, noted: Noted) -> bool:
    return slots.add(connection, noted.draw, noted.slots)


def _placed(backlog: Backlog, mine: Ints, drawn: Mapping[str, int]) -> Listed:
    """The list with those of the drawn leads that are still on it in their places."""
    at = backlog.find(list(drawn))
    there = sorted(
        (position - 1, int(lead))
        for lead, position in zip(at.tolist(), drawn.values(), strict=True)
        if lead >= 0 and (mine == lead).any()
    )
    if not there:
        return Listed(mine)
    places, leads = (np.array(each, dtype=np.int64) for each in zip(*there, strict=True))
    shown = put(mine, leads, places)
    where = {str(backlog.lead_ids[lead]): int(np.flatnonzero(shown == lead)[0]) for lead in leads.tolist()}
    return Listed(shown, where)
