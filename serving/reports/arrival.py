"""What today's model says of every lead as of the instant it came in: its cell, its chance and what it was worth."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from features.history import ALWAYS, read
from leadloop.store.ledger import Ledger
from serving.scorer import Scorer, existing


@dataclass(frozen=True)
class Arrival:
    """By lead; empty without a model. `worth`: chance times expected value. `version`: of the model.

    `true_chances`: whether percentages may be shown at all.
    """

    cell: Mapping[str, str] = field(default_factory=dict)
    p_win: Mapping[str, float] = field(default_factory=dict)
    worth: Mapping[str, float] = field(default_factory=dict)
    version: str | None = None
    true_chances: bool = False


NOTHING_SAID = Arrival()
"""There is no model."""


def scored(ledger: Ledger, scorer: Scorer, as_of: int) -> Arrival:
    """Score every dated lead that was there at `as_of`, each as of its arrival, all in one go."""
    history = read(ledger, as_of, blocks=scorer.version.bundle.catalogue.read_apart)
    there = existing(history, as_of)
    there = there[history.created_at[there] != ALWAYS]
    at = np.maximum(history.created_at[there], history.version_at[history.start[there]])
    found = scorer.score(history, there, at).scores
    ids = [history.lead_ids[i] for i in there.tolist()]
    columns = (found.cell, found.p_win, found.importance)
    cell, p_win, worth = (dict(zip(ids, column.tolist(), strict=True)) for column in columns)
    return Arrival(cell, p_win, worth, scorer.version.version, scorer.version.chances != "order_only")
