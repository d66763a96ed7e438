"""The new score of leads that something just came in about, read in the transaction that stores it."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from sqlalchemy import Connection

from features.history import ALWAYS, NEVER, History, Ints
from features.history import read_named as history_of
from features.kernel import last_version
from leadloop.store import instant, packed
from leadloop.store.rows import LeadRow
from serving.received import LedgerRow
from serving.scorer import Scorer


def fresh_scores(
    connection: Connection, scorer: Scorer, rows: Sequence[LedgerRow], lang: str
) -> Mapping[str, dict[str, Any]]:
    """By lead_id, with reasons; a duplicate's is its survivor's. Leads that are not known yet are left out."""
    history = history_of(
        connection,
        None,
        sorted({row.lead_id for row in rows}),
        scorer.version.bundle.catalogue.read_apart,
        rows_of=packed.from_rows,  # as this transaction sees them, which has not packed them yet
    )
    there = _there(history, as_of := _instants(connection, history, rows))
    scored = scorer.score(history, there, as_of[there])
    told = zip(scored.rows(), scored.reasons(lang), strict=True)
    by_survivor = {row["lead_id"]: {**row, "reasons": why} for row, why in told}
    asked = {row.lead_id: by_survivor.get(history.people.of(row.lead_id)) for row in rows}
    return {lead_id: {**score, "lead_id": lead_id} for lead_id, score in asked.items() if score}


def _instants(connection: Connection, history: History, rows: Sequence[LedgerRow]) -> Ints:
    """The instant of questions; for a lead whose sender's clock is ahead of ours, the instant that it was sent for."""
    newest = instant.newest(connection)
    if newest is None:
        return np.full(len(history), NEVER)
    sent: dict[str, int] = {}
    for row in rows:
        if isinstance(row, LeadRow):
            name = history.people.of(row.lead_id)
            sent[name] = max(sent.get(name, newest), row.created_at or 0, row.recorded_at or 0)
    return np.array([sent.get(lead_id, newest) for lead_id in history.lead_ids], dtype=np.int64)


def _there(history: History, as_of: Ints) -> Ints:
    everyone = np.arange(len(history))
    known = last_version(history.start, history.version_at, everyone, as_of) >= 0
    there: Ints = everyone[known & ((history.created_at <= as_of) | (history.created_at == ALWAYS))]
    return there
