"""A lead's sheet: score and why, where it stands and how it came there, what to do; for the command and the API."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from sqlalchemy import Connection

from features.history import NEVER, Events, History
from leadloop.clock import isoformat
from leadloop.errors import UnknownLeadError
from leadloop.settings import Settings
from leadloop.store import clicks, lifecycle, outcomes
from leadloop.store.ledger import Ledger
from leadloop.store.outcomes import StoredOutcome
from serving.backlog.telling import Asked, scored_of, tell
from serving.scorer import Scorer, when

EVENTS_SHOWN = 100
Row = dict[str, Any]


def sheet(
    ledger: Ledger, settings: Settings, scorer: Scorer, lead_id: str, *, lang: str, as_of: int | None = None
) -> Row:
    """All that is known of a lead at an instant (None: now), but who it is.

    Raises: UnknownLeadError when it was not on record then.
    """
    if "\x00" in lead_id:  # no database holds it
        raise UnknownLeadError
    asked = Asked(ledger, settings, scorer, when(ledger, as_of), lang)
    told = next(iter(tell(asked, [lead_id]).values()), None)
    if told is None:
        then = "" if as_of is None else " at that instant"
        raise UnknownLeadError(f"There is no lead '{lead_id}' in the ledger{then}; import it first")
    scored, _ = scored_of(asked, [lead_id])
    fall = scored.waterfalls(lang, 5)[0]
    history, at = scored.history, asked.as_of
    return {
        **told,
        "reasons": fall.reasons,
        "waterfall": {"base": fall.base, "rest": fall.rest, "total": fall.total},
        "attributes": history.attributes_at(int(scored.leads[0]), at),
        "history": _history(ledger, history, int(scored.leads[0]), at),
    }


def _history(ledger: Ledger, history: History, lead: int, at: int) -> Row:
    members = history.people.all_of([history.lead_ids[lead]])
    with ledger.reading() as connection:
        rows = outcomes.read(connection, None if at == NEVER else at, members)
        notes = _notes(connection, members, at)
        lives = lifecycle.read(connection, None if at == NEVER else at, members)
    return {
        "states": [{"state": step.state, "since": _time(step.at)} for life in lives for step in life.steps],
        "outcomes": [_outcome(row, notes.get(row.outcome_key)) for row in reversed(rows)],
        "events": _events(history.events, lead, at),
    }


def _notes(connection: Connection, members: Sequence[str], at: int) -> dict[str, str]:
    every = [one for lead_id in members for one in clicks.of_lead(connection, lead_id)]
    return {one.outcome_key: one.note for one in every if one.note and one.clicked_at <= at}


def _outcome(row: StoredOutcome, note: str | None) -> Row:
    facts = {name: getattr(row, name) for name in ("stage", "reason", "amount", "currency", "actor")}
    return {**facts, "occurred_at": _time(row.occurred_at), "until": _time(row.until_at), "note": note}


def _events(events: Events, lead: int, at: int) -> list[Row]:
    """What the lead did, newest first, as far as it is shown."""
    rows = np.arange(events.start[lead], events.start[lead + 1])
    known = (events.occurred_at[rows] <= at) & (events.recorded_at[rows] <= at) & (events.superseded_at[rows] > at)
    return [
        {"type": events.kinds[events.kind[row]], "occurred_at": isoformat(int(events.occurred_at[row]))}
        for row in rows[known][::-1][:EVENTS_SHOWN].tolist()
    ]


def _time(at: int | None) -> str | None:
    return None if at is None else isoformat(at)
