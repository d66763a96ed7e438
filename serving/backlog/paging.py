"""Pages of a list: what a caller sees of it, cut at a capacity, and cursors that lead through it while it changes."""

import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections import OrderedDict
from collections.abc import Container
from dataclasses import dataclass, field
from threading import Lock

import numpy as np

from features.history import Floats, Ints
from leadloop.clock import SECOND, now, to_micros
from leadloop.errors import InputError
from leadloop.store.content import key
from serving.backlog.draws import Listed
from serving.backlog.lines import Backlog, Ids
from serving.scorer import Scorer

KEPT = 900 * SECOND
"""How long the pages of a list can be turned."""
DEEP = 10_000
"""So many leads of a list are kept for that; behind them pages go on in the list of the moment."""
VIEWS = 300
"""Lists that are kept at most: some 100 MB."""


class ExpiredCursorError(InputError):
    """cursor: the list that it leads through is no longer kept; take the first page again."""


@dataclass(frozen=True)
class View:
    """Leads of a list as a caller sees it, best first, from number `begin` on; entries of the arrays belong together.

    `length`: how many there are in all, of `total` before they were cut at a capacity. `stamp`: of each lead's line.
    """

    as_of: int
    scorer: Scorer
    begin: int
    lead_ids: Ids
    scored_at: Ints
    stamp: Ints
    weight: Floats
    length: int
    total: int

    @property
    def end(self) -> int:
        """The number behind its last lead."""
        return self.begin + len(self.lead_ids)


def view(backlog: Backlog, mine: Ints, capacity: int | None, begin: int = 0) -> View:
    """A part of the leads numbered `mine`, of which the capacity (None: all) is shown."""
    cut = mine[:capacity]
    lines, some = backlog.lines, cut[begin : begin + DEEP]
    of_lines = {name: lines[name][some] for name in ("scored_at", "stamp", "weight")}
    ids = backlog.lead_ids[some]
    return View(backlog.as_of, backlog.scorer, begin, ids, length=len(cut), total=len(mine), **of_lines)


@dataclass(frozen=True)
class Cursor:
    """Where a page begins. `name`: of the view, by the server process that keeps it; `question`: a hash of what was
    asked; `weight`, `lead_id`: of the last lead shown that is not there by lot, by which another process finds its
    place."""

    name: str
    question: str
    start: int
    weight: float
    lead_id: str
    at: int

    def text(self) -> str:
        """The cursor as it is handed out."""
        written = json.dumps([self.name, self.question, self.start, self.weight, self.lead_id, self.at])
        return urlsafe_b64encode(written.encode()).decode().rstrip("=")

    @classmethod
    def read(cls, text: str) -> "Cursor":
        """The inverse of `text`.

        Raises: InputError when it is none of ours.
        """
        try:
            name, question, start, weight, lead_id, at = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
            found = cls(str(name), str(question), int(start), float(weight), str(lead_id), int(at))
        except (ValueError, TypeError, RecursionError):
            raise InputError("cursor: is none of ours; take next_cursor of the page before") from None
        if found.start < 0:
            raise InputError("cursor: is none of ours; take next_cursor of the page before")
        return found


@dataclass(frozen=True)
class Page:
    """Leads of a view from number `start` to before `stop`, and the cursor of the next ones."""

    view: View
    start: int
    stop: int
    next_cursor: str | None

    @property
    def slice(self) -> slice:
        """Where they are in the arrays of the view."""
        return slice(self.start - self.view.begin, self.stop - self.view.begin)


@dataclass(frozen=True)
class Question:
    """What is asked of a list: the leads of some owners (None: all), up to a capacity, so many a page.

    `cell`, `source`: only leads in it or from it; None: any.
    """

    owners: tuple[str, ...] | None
    capacity: int | None
    limit: int
    cell: str | None = None
    source: str | None = None

    @property
    def key(self) -> str:
        """Tells apart what a cursor must not lead between; pages may differ in length."""
        return key(self.owners, self.capacity, self.cell, self.source)


@dataclass(frozen=True)
class Behind:
    """Which leads are there by lot, and weight and id of the last other one before the page."""

    drawn: Container[str] = ()
    weight: float = np.inf
    lead_id: str = ""

    def last(self, seen: View, stop: int) -> tuple[float, str]:
        """Weight and id of the last lead before number `stop` that is not there by lot."""
        for i in range(stop - seen.begin - 1, -1, -1):
            if seen.lead_ids[i] not in self.drawn:
                return float(seen.weight[i]), str(seen.lead_ids[i])
        return self.weight, self.lead_id


@dataclass
class Pages:
    """The views whose pages somebody may still turn, in one server process."""

    _process: str = field(default_factory=lambda: secrets.token_hex(6))
    _kept: OrderedDict[str, View] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def page(self, backlog: Backlog, asked: Question, cursor: str | None, listed: Listed | None = None) -> Page:
        """The first page of a list, or the one that a cursor leads to.

        That is a page of the very list that the cursor came from, whatever happened since. Where another process keeps
        that list, or it goes too deep, the page goes on behind the last lead shown in `backlog`, the list of now.
        `listed`: its leads in the order in which they are shown, where that is not the one of the backlog.

        Raises: InputError when the cursor is none of this question, ExpiredCursorError when it is too old.
        """
        listed = listed or Listed(backlog.among(backlog.of_owners(asked.owners), asked.cell, asked.source))
        mine, drawn = listed.mine, listed.drawn
        if cursor is None:
            return self._page(backlog.stamp, view(backlog, mine, asked.capacity), asked, 0, Behind(drawn))
        at = Cursor.read(cursor)
        behind = Behind(drawn, at.weight, at.lead_id)
        if at.question != asked.key:
            raise InputError("cursor: belongs to another question; ask as you did for the page before, or start anew")
        with self._lock:
            found = self._kept.get(at.name)
        if found is not None and at.start < found.end:
            return self._page(at.name, found, asked, at.start, behind)
        if at.at < to_micros(now()) - KEPT or (found is None and at.name.startswith(self._process)):
            raise ExpiredCursorError
        begin = _behind(backlog, listed, at)
        return self._page(backlog.stamp, view(backlog, mine, asked.capacity, begin), asked, begin, behind)

    def _page(self, name: str | int, seen: View, asked: Question, start: int, behind: Behind) -> Page:
        stop = min(start + asked.limit, seen.end)
        if stop >= seen.length or stop <= start:
            return Page(seen, start, stop, None)
        kept = name if isinstance(name, str) else self._keep(name, seen, asked)
        cursor = Cursor(kept, asked.key, stop, *behind.last(seen, stop), to_micros(now()))
        return Page(seen, start, stop, cursor.text())

    def _keep(self, stamp: int, seen: View, asked: Question) -> str:
        name = self._process + key(stamp, asked.key, seen.begin)
        with self._lock:
            self._kept[name] = seen
            self._kept.move_to_end(name)
            while len(self._kept) > VIEWS:
                self._kept.popitem(last=False)
        return name


def _behind(backlog: Backlog, listed: Listed, cursor: Cursor) -> int:
    """How many leads of the list of now come before the last lead shown, and that lead."""
    by_lot = set(listed.drawn.values())
    ranked = np.delete(listed.mine, sorted(by_lot)) if by_lot else listed.mine
    weight = backlog.lines["weight"][ranked]
    equal = np.flatnonzero(weight == cursor.weight)
    tied = int((backlog.lead_ids[ranked[equal]] <= cursor.lead_id).sum())
    found = int((weight > cursor.weight).sum()) + tied
    for place in sorted(by_lot):
        if place < found or (place == found and place < cursor.start):
            found += 1
    return found
