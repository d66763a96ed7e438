"""What a model is measured against: ranking by recency, within what the team could take on while the test lasted."""

import numpy as np

from features.history import ALWAYS, NEVER, Floats, History
from leadloop.clock import isoformat
from leadloop.settings import Settings
from training.dataset import Dataset
from training.scorecard import Predictions
from training.split import Split


def recency(train: Dataset, seen: Floats, test: Dataset, score: Floats) -> Predictions:
    """Newest first, and the chance that the past gave to leads as recent as that (constant beyond what it saw)."""
    wait_seen, wait = _wait(train, seen), _wait(test, score)
    edges = np.unique(np.quantile(wait_seen, np.linspace(0, 1, 6)[1:-1]))
    bins, mean = np.searchsorted(edges, wait_seen), float(train.won.mean())
    shares = np.array(
        [(train.won[bins == b].sum() + 20 * mean) / ((bins == b).sum() + 20) for b in range(len(edges) + 1)]
    )
    return Predictions(shares[np.searchsorted(edges, wait)], score)


def _wait(data: Dataset, last: Floats) -> Floats:
    return np.where(data.as_of == NEVER, 0.0, data.as_of - last)


def capacity(settings: Settings, history: History, test: Dataset) -> int:
    """How many test leads the team could take on: its capacity over the days in which they came; undated, a fifth."""
    if (test.as_of == NEVER).any():
        return max(1, len(test) // 5)
    created = history.created_at[test.lead]
    days = max(1.0, (created.max() - created.min()) / (24 * 3600 * 1e6))
    return int(np.clip(settings.capacity * days, 1, max(1, len(test) // 2)))


def window(history: History, split: Split) -> tuple[str | None, str | None]:
    """From when to when the test leads came in, None where nobody knows."""
    created = history.created_at[split.test]
    if (created == ALWAYS).any():
        return None, None
    return isoformat(int(created.min())), isoformat(int(created.max()))
