"""Names what a training would learn from, and how, so that the same again is known before anything is fitted."""

import json
from hashlib import blake2b
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leadloop.settings import Settings
from training.dataset import ripe, teachable
from training.recipe import Past

OF_THE_RECIPE = (
    *("horizon_days", "test_share", "points_column", "seed", "tune_trials", "allow_columns"),
    *("timezone", "currency", "capacity", "reasons", "stages"),
)
"""Settings by which the same ledger teaches something else."""


def of_data(settings: Settings, past: Past) -> str:
    """A hash of all that is recorded of the leads, and of which outcomes are old enough to teach by now."""
    digest, history, labels = blake2b(digest_size=16), past.history, past.labels
    events, until = history.events, (past.as_of, settings.horizon_days)
    arrays: list[NDArray[Any]] = [history.created_at, history.position, history.start, history.version_at]
    arrays += [events.start, events.kind, events.occurred_at, events.recorded_at, events.superseded_at]
    arrays += [labels.state, labels.amount, labels.worked_at, labels.touched_at, labels.closed_at, labels.known_at]
    arrays += [labels.sql_at, labels.opportunity_at]
    arrays += [ripe(history, labels, *until), teachable(history, labels, *until), past.open]
    for each in arrays:
        digest.update(np.ascontiguousarray(each).tobytes())
    for texts in (history.lead_ids, events.kinds, labels.reason):
        digest.update("\x1f".join(texts).encode())
    for attributes in history.attributes:
        digest.update(json.dumps(dict(attributes), sort_keys=True, default=str).encode())
    return digest.hexdigest()


def of_recipe(settings: Settings) -> str:
    """A hash of the settings that decide how is learned, and of the version of this code."""
    chosen = settings.model_dump(mode="json", include=set(OF_THE_RECIPE))
    return blake2b(json.dumps([version("leadloop"), chosen], sort_keys=True).encode(), digest_size=16).hexdigest()
