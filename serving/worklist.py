"""Scores of leads as rows, best first: open ones, all, or those named."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from features.history import NEVER, History, Ints
from features.history import read as read_history
from leadloop.store import judged, outcomes
from leadloop.store.ledger import Ledger
from leadloop.store.people import NOBODY, People
from serving.scorer import Scorer, existing, moments, numbers, when


@dataclass(frozen=True)
class Worklist:
    """Ranked leads. `rows`: a score each, with rank and moments, best first; `as_of`: microseconds UTC."""

    as_of: int
    rows: list[dict[str, Any]]
    history: History


def rank(
    ledger: Ledger,
    scorer: Scorer,
    as_of: int | None = None,
    *,
    everyone: bool = False,
    lead_ids: list[str] | None = None,
) -> Worklist:
    """Score and rank open leads (`everyone`: all that existed; `lead_ids`: those named), as known at `as_of`."""
    at = when(ledger, as_of)
    blocks = scorer.version.bundle.catalogue.read_apart
    history = read_history(ledger, None if at == NEVER else at, lead_ids, blocks)
    done = set[str]() if everyone or lead_ids is not None else closed(ledger, at, history.people)
    return Worklist(at, ranked(scorer, history, chosen(history, at, done, lead_ids), at), history)


def chosen(history: History, at: int, done: set[str], lead_ids: list[str] | None = None) -> Ints:
    """Numbers of the leads to score: those that existed at `at` and are not done; of those named, if any are."""
    leads = existing(history, at)
    if lead_ids is not None:
        leads = np.intersect1d(leads, numbers(history, lead_ids))
    return np.array([i for i in leads.tolist() if history.lead_ids[i] not in done], dtype=np.int64)


def closed(ledger: Ledger, as_of: int, people: People = NOBODY) -> set[str]:
    """Leads that sales was done with by `as_of`: won, lost, rejected, given back to marketing or put off."""
    with ledger.reading() as connection:
        return left(outcomes.read(connection, None if as_of == NEVER else as_of), people, as_of)


def left(rows: list[outcomes.StoredOutcome], people: People, as_of: int) -> set[str]:
    """The leads that these outcomes leave to nobody; a duplicate's count for the lead that stands for it."""
    return judged.closed(rows, people, as_of)


def ranked(scorer: Scorer, history: History, leads: Ints, as_of: int) -> list[dict[str, Any]]:
    """Scores of some leads, best first."""
    place = {history.lead_ids[i]: i for i in leads.tolist()}
    rows = scorer.score(history, leads, np.full(len(leads), as_of)).rows()
    rows.sort(key=best_first)
    return [
        {**row, "rank": position, "moments": moments(history, place[row["lead_id"]], as_of)}
        for position, row in enumerate(rows, start=1)
    ]


def best_first(row: dict[str, Any]) -> tuple[float, str]:
    """What rows are sorted by."""
    return -row["priority"], row["lead_id"]


def explained(worklist: Worklist, scorer: Scorer, rows: list[dict[str, Any]], lang: str) -> list[dict[str, Any]]:
    """Some rows of the list with the reasons of each."""
    leads = numbers(worklist.history, [row["lead_id"] for row in rows])
    scored = scorer.score(worklist.history, leads, np.full(len(leads), worklist.as_of))
    return [{**row, "reasons": why} for row, why in zip(rows, scored.reasons(lang), strict=True)]
