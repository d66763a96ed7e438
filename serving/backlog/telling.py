"""What is told of the leads of a page: score, reasons, moments, where they stand, what to do, what changed."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import Any

import numpy as np

from features.history import NEVER, History, Ints
from features.history import read as read_history
from leadloop.clock import isoformat
from leadloop.settings import Settings
from leadloop.store import outcomes, standing
from leadloop.store.ledger import Ledger
from leadloop.store.standing import Standings
from leadloop.tactics import tactic_of
from serving.backlog import promised
from serving.backlog.change import changes_of
from serving.backlog.draws import Drawer
from serving.backlog.lines import Backlog
from serving.backlog.paging import Page, view
from serving.scorer import Scored, Scorer, existing, moments, numbers
from serving.sla import Sla

TOLD_AT_MOST = 5_000
FIRST_PAGE, KEPT_READY = 50, 20
"""Leads of a first page, and how many different first pages of large lists are kept ready."""
Row = dict[str, Any]


@dataclass(frozen=True)
class Asked:
    """Leads to tell of at one instant, by one model, in one language; `history` as known then."""

    ledger: Ledger
    settings: Settings
    scorer: Scorer
    as_of: int
    lang: str


def tell(asked: Asked, lead_ids: Sequence[str]) -> dict[str, Row]:
    """By id, what there is to tell of each lead that was on record at the instant; a rank is for the list to say."""
    scored, stand = scored_of(asked, lead_ids)
    history, at = scored.history, asked.as_of
    changes = changes_of(asked.ledger, asked.settings, scored, asked.lang)
    deadlines = _deadlines(asked, scored, stand)
    rows = zip(scored.rows(), scored.reasons(asked.lang), scored.leads.tolist(), changes, deadlines, strict=True)
    return {
        row["lead_id"]: {
            **row,
            "reasons": reasons,
            "moments": moments(history, lead, at),
            **where(history, lead, stand, at),
            **deadline,
            "tactic": tactic_of(asked.settings.tactics, row["cell"], asked.lang),
            "change": change,
        }
        for row, reasons, lead, change, deadline in rows
    }


def _deadlines(asked: Asked, scored: Scored, stand: Standings) -> list[Row]:
    """By when each lead is to be contacted first; one that was, by when it was to be."""
    sla, history, leads = Sla.of(asked.settings), scored.history, scored.leads
    contacted = np.array([stand.contacted_at.get(history.lead_ids[i], NEVER) for i in leads.tolist()], dtype=np.int64)
    since = promised.clocks(sla, history, leads, replace(stand, contacted_at={}))
    sources = [history.attributes_at(i, asked.as_of).get("source") for i in leads.tolist()]
    due_at = promised.due(sla, scored.scores.cell, [None if s in (None, "") else str(s) for s in sources], since)
    return promised.told(sla, since, due_at, contacted, asked.as_of)


def scored_of(asked: Asked, lead_ids: Sequence[str]) -> tuple[Scored, Standings]:
    """Their scores, and where they stand; those that were not on record are left out."""
    cut = None if asked.as_of == NEVER else asked.as_of
    blocks = asked.scorer.version.bundle.catalogue.read_apart
    history = read_history(asked.ledger, cut, list(lead_ids), blocks)
    leads = np.intersect1d(existing(history, asked.as_of), numbers(history, lead_ids))
    with asked.ledger.reading() as connection:
        told = outcomes.read(connection, cut, history.people.all_of(lead_ids))
    stand = standing.of(told, history.people, asked.as_of)
    return asked.scorer.score(history, leads, np.full(len(leads), asked.as_of)), stand


def where(history: History, lead: int, stand: Standings, as_of: int) -> Row:
    """Whose a lead is, and where it stands with sales: its stage, or "open" while sales has said nothing."""
    name = history.lead_ids[lead]
    last = stand.last.get(name)
    owner = history.attributes_at(lead, as_of).get("owner")
    told: Row = {"owner": None if owner in (None, "") else str(owner), "stage": "open", "stage_since": None}
    if last is not None:
        told["stage"] = last.stage
        told["stage_since"] = None if last.occurred_at is None else isoformat(last.occurred_at)
    if name in stand.put_off:
        told["until"] = isoformat(stand.put_off[name])
    return told


@dataclass
class Teller:
    """Tells pages of a server's list, and remembers what it told of a line for as long as that stands."""

    ledger: Ledger
    settings: Settings
    drawer: Drawer
    _told: OrderedDict[tuple[str, int, str], Row] = field(default_factory=OrderedDict)
    _asked: OrderedDict[tuple[tuple[str, ...] | None, str], None] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def asked(self, owners: tuple[str, ...] | None, lang: str) -> None:
        """Somebody asks for the leads of these owners in this language: their first page is kept ready."""
        with self._lock:
            self._asked[owners, lang] = None
            self._asked.move_to_end((owners, lang))
            while len(self._asked) > KEPT_READY:
                self._asked.popitem(last=False)

    def prepare(self, backlog: Backlog) -> None:
        """Tell the first pages of a new list before anybody asks for them."""
        with self._lock:
            wanted = list(self._asked) or [(None, self.settings.language)]
        for owners, lang in wanted:
            mine = self.drawer.listed(backlog, owners).mine[:FIRST_PAGE]
            self.rows(Page(view(backlog, mine, None), 0, len(mine), None), backlog, lang)

    def rows(self, page: Page, now: Backlog, lang: str) -> list[Row]:
        """The page's leads, with their ranks; those that left the list since it was made are left out."""
        seen, cut = page.view, page.slice
        ids, stamps = seen.lead_ids[cut].tolist(), seen.stamp[cut].tolist()
        known = self._remembered(ids, stamps, lang)
        missing = [i for i, lead_id in enumerate(ids) if lead_id not in known]
        for at in sorted({int(seen.scored_at[cut][i]) for i in missing}):
            some = [i for i in missing if seen.scored_at[cut][i] == at]
            told = tell(Asked(self.ledger, self.settings, seen.scorer, at, lang), [ids[i] for i in some])
            self._remember({(ids[i], stamps[i], lang): told[ids[i]] for i in some if ids[i] in told})
            known |= told
        there = now.find(ids) >= 0 if ids else np.zeros(0, dtype=bool)
        return [
            {**known[lead_id], "rank": page.start + i}
            for i, lead_id in enumerate(ids, start=1)
            if there[i - 1] and lead_id in known
        ]

    def _remembered(self, ids: Sequence[str], stamps: Sequence[int], lang: str) -> dict[str, Row]:
        keys = [(lead_id, stamp, lang) for lead_id, stamp in zip(ids, stamps, strict=True)]
        with self._lock:
            return {key[0]: self._told[key] for key in keys if key in self._told}

    def _remember(self, told: Mapping[tuple[str, int, str], Row]) -> None:
        with self._lock:
            self._told.update(told)
            while len(self._told) > TOLD_AT_MOST:
                self._told.popitem(last=False)


def today(backlog: Backlog, mine: Ints, capacity: int, taken: int) -> Row:
    """What the list of today should bring: its best leads, as many as the team can still take on."""
    remaining = max(0, capacity - taken)
    lines = backlog.lines[mine[:remaining]]
    p, unsure = lines["p_win"], (lines["p_win_high"] - lines["p_win_low"]) / 2
    # Luck is each lead's own and evens out; an error of the map of chances is the same for all, and adds up.
    wins, wide = float(p.sum()), float(np.hypot(1.645 * np.sqrt((p * (1 - p)).sum()), unsure.sum()))
    return {
        "capacity": capacity,
        "taken": taken,
        "remaining": remaining,
        "leads": len(lines),
        "expected_wins": wins,
        "expected_wins_interval": [max(0.0, wins - wide), min(float(len(lines)), wins + wide)],
        "expected_value": float(lines["importance"].sum()),
    }
