"""The tables of the page of one version, for spreadsheets, as its scorecard has them."""

from collections.abc import Mapping
from typing import Any

from serving.pages.exports import Rows, Table

SHOWN = (
    *("roc_auc", "average_precision", "log_loss", "calibration_error"),
    *("precision_at_capacity", "wins_at_capacity", "value_at_capacity"),
)
"""Metrics of the page."""
CHEAP = ("points", "recency", "newest_first", "oldest_first")
COMPARED = ("who_ranks", *(f"{name}{end}" for name in SHOWN for end in ("", "_low", "_high")))
BINS = ("predicted", "real", "low", "high")
GAINS = ("share_called", "share_caught", "other", "share_caught_by_other")
Card = Mapping[str, Any]


def tables(card: Card) -> list[Table]:
    """All of them; empty where the scorecard is not here."""
    return [
        Table("comparison", COMPARED, lambda: _compared(card)),
        Table("calibration", BINS, lambda: card.get("reliability", [])),
        Table("gains", GAINS, lambda: _gains(card)),
        Table("left_out", ("column", "evidence"), lambda: card.get("excluded", [])),
    ]


def rival(card: Card) -> str | None:
    """Whose calls are drawn beside the model's: the best of what anyone could do without it."""
    cheap = [name for name in CHEAP if name in card.get("baseline_gains", {})]
    return max(cheap, key=lambda name: card["baselines"][name]["roc_auc"] or 0, default=None)


def _compared(card: Card) -> Rows:
    """The model, then everyone that it is compared with."""
    if not card.get("metrics"):
        return []
    intervals, others = card.get("baseline_intervals", {}), card.get("baselines", {})
    ours = _figures("leadloop", card["metrics"], card.get("intervals", {}))
    return [ours, *(_figures(name, others[name], intervals.get(name, {})) for name in others)]


def _figures(who: str, metrics: Card, intervals: Card) -> dict[str, Any]:
    told: dict[str, Any] = {"who_ranks": who}
    for name in SHOWN:
        low, high = intervals.get(name) or (None, None)
        told |= {name: metrics.get(name), f"{name}_low": low, f"{name}_high": high}
    return told


def _gains(card: Card) -> Rows:
    points, best = card.get("gains", []), rival(card)
    others = card["baseline_gains"][best] if best else [(None, None)] * len(points)
    return [
        {"share_called": called, "share_caught": caught, "other": best, "share_caught_by_other": other}
        for (called, caught), (_, other) in zip(points, others, strict=False)
    ]
