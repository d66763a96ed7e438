"""Where scores stand among the open leads as they are stored: a lead also moves because the others do."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from features.history import Floats
from leadloop.store.scores import StoredScore
from serving.backlog.lines import Backlog


def placed(
    rows: Sequence[StoredScore], before: Mapping[str, StoredScore], backlog: Backlog | None
) -> list[StoredScore]:
    """The scores with their places in a list of open leads, and those that each lead's score before would have in it.

    As they are where there is no list, it is by another model, or the lead is not in it.
    """
    if backlog is None or not len(backlog) or not rows:
        return list(rows)
    if backlog.scorer.version.version != rows[0].model_version:
        return list(rows)
    ranked = [np.sort(backlog.lines[name]) for name in ("priority", "importance")]
    at = backlog.find([row.lead_id for row in rows]).tolist()
    return [
        _placed(row, before.get(row.lead_id), ranked, backlog.lines[i]) if i >= 0 else row
        for row, i in zip(rows, at, strict=True)
    ]


def _placed(row: StoredScore, before: StoredScore | None, ranked: Sequence[Floats], own: np.void) -> StoredScore:
    priorities, importances = ranked
    place, percentile = (
        _place(priorities, float(own["priority"]), row.priority),
        _percentile(importances, float(own["importance"]), row.importance),
    )
    known = replace(row, place=place, percentile=percentile, open_leads=len(priorities))
    if before is None:
        return known
    return replace(
        known,
        place_as_before=_place(priorities, float(own["priority"]), before.priority),
        percentile_as_before=_percentile(importances, float(own["importance"]), before.importance),
    )


def _place(ranked: Floats, own: float, value: float) -> int:
    """1 and how many others have more; `own`: the lead's own value in the list, which is none of the others."""
    return 1 + int(len(ranked) - np.searchsorted(ranked, value, side="right")) - (own > value)


def _percentile(ranked: Floats, own: float, value: float) -> float:
    """The share of the others that have less; 1 where there are none."""
    others = len(ranked) - 1
    return (int(np.searchsorted(ranked, value, side="left")) - (own < value)) / others if others else 1.0
