"""The honest scorecard: figures forward in time, beside what anyone could do without a model, and a verdict."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import numpy as np

from features.history import Floats, Ints
from training import evaluate
from training.split import Split

Verdict = Literal["activate", "rank_only", "do_not_activate"]
RESAMPLES = 300
SURE = 0.01
"""A gate opens when the figure is better in all but this share of bootstrap resamples."""


@dataclass(frozen=True)
class Predictions:
    """Test leads, oldest first: what happened, what a model said (`p`), and by what it ranks them (`score`)."""

    p: Floats
    score: Floats


@dataclass(frozen=True)
class Tested:
    """What a scorecard is made of. `capacity`: how many of the test leads the team could have taken on."""

    won: Floats
    amount: Floats
    model: Predictions
    baselines: Mapping[str, Predictions]
    capacity: int
    seed: int = 0


@dataclass(frozen=True)
class Scorecard:
    """As JSON this is what `leadloop scorecard --json` prints."""

    model_version: str
    verdict: Verdict
    why: list[str]
    split: dict[str, Any]
    metrics: dict[str, float | None]
    intervals: dict[str, list[float | None]]
    baselines: dict[str, dict[str, float | None]]
    excluded: list[dict[str, str]]
    capacity: dict[str, float]
    notes: list[str] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON types."""
        return asdict(self)


def measure(won: Floats, amount: Floats, predicted: Predictions, capacity: int) -> dict[str, float]:
    """Every figure of the scorecard; NaN where it can't be told."""
    first = evaluate.top(predicted.score, capacity)
    return {
        "roc_auc": evaluate.roc_auc(won, predicted.score),
        "average_precision": evaluate.average_precision(won, predicted.score),
        "log_loss": evaluate.log_loss(won, predicted.p),
        "brier": float(((predicted.p - won) ** 2).mean()),
        "calibration_slope": evaluate.calibration_slope(won, predicted.p),
        "calibration_error": evaluate.calibration_error(won, predicted.p),
        "precision_at_capacity": float(won[first].mean()),
        "value_at_capacity": float(amount[first].sum()),
        "lift_at_10": evaluate.lift(won, predicted.score, 0.1),
        "lift_at_20": evaluate.lift(won, predicted.score, 0.2),
    }


def make(
    tested: Tested, split: Split, span: tuple[str | None, str | None], excluded: list[dict[str, str]]
) -> Scorecard:
    """Measure, bootstrap, judge. `span`: from when to when the test leads came in."""
    resampled = _bootstrap(tested)
    metrics = measure(tested.won, tested.amount, tested.model, tested.capacity)
    verdict, why = judge(metrics, resampled)
    return Scorecard(
        model_version="",
        verdict=verdict,
        why=why,
        split={"kind": split.kind, "train": len(split.train), "test": len(split.test), "from": span[0], "to": span[1]},
        metrics=_plain(metrics),
        intervals={name: _interval(resampled["model"][name]) for name in metrics},
        baselines={
            n: _plain(measure(tested.won, tested.amount, b, tested.capacity)) for n, b in tested.baselines.items()
        },
        excluded=excluded,
        capacity={"leads": tested.capacity, "share": tested.capacity / len(tested.won)},
        notes=list(split.notes),
    )


def judge(metrics: Mapping[str, float], resampled: Mapping[str, Mapping[str, Floats]]) -> tuple[Verdict, list[str]]:
    """Switch on only what is surely better than no model; rank only where the order is right and the chances are not.

    `resampled`: model -> metric -> values over paired bootstrap resamples of the test leads.
    """
    auc, low, high = metrics["roc_auc"], *_interval(resampled["model"]["roc_auc"])
    figures = f"ROC-AUC {auc:.3f}, 95 % interval {_shown(low)} to {_shown(high)}"
    if not _surely(resampled["model"]["roc_auc"] - 0.5):
        return "do_not_activate", [
            f"nothing to learn: forward in time the model ranks leads no better than chance ({figures})"
        ]
    for name in ("recency",):
        if not _surely(resampled["model"]["roc_auc"] - resampled[name]["roc_auc"]):
            return "do_not_activate", [f"ranking by {name} does as well, and needs no model ({figures})"]
    if not _surely(resampled["constant"]["log_loss"] - resampled["model"]["log_loss"]):
        return "rank_only", [
            f"the order is worth having ({figures})",
            "the chances are no truer than the base rate: show ranks, no percentages",
        ]
    return "activate", [
        f"forward in time it ranks better than chance and than recency ({figures})",
        "its chances are truer than the base rate",
    ]


def _surely(differences: Floats) -> bool:
    known = differences[~np.isnan(differences)]
    return len(known) > 0 and float(np.quantile(known, SURE)) > 0


def _bootstrap(tested: Tested) -> dict[str, dict[str, Floats]]:
    """Figures over the same resamples of the test leads for the model and each baseline, so that they can be paired."""
    draws = np.random.default_rng(tested.seed)
    samples = [draws.integers(0, len(tested.won), len(tested.won)) for _ in range(RESAMPLES)]
    found = {"model": [_all(tested, tested.model, rows) for rows in samples]}
    for name, baseline in tested.baselines.items():
        found[name] = [_judged(tested, baseline, rows) for rows in samples]
    return {
        name: {metric: np.array([each[metric] for each in figures]) for metric in figures[0]}
        for name, figures in found.items()
    }


def _all(tested: Tested, predicted: Predictions, rows: Ints) -> dict[str, float]:
    return measure(
        tested.won[rows], tested.amount[rows], Predictions(predicted.p[rows], predicted.score[rows]), tested.capacity
    )


def _judged(tested: Tested, predicted: Predictions, rows: Ints) -> dict[str, float]:
    """Only what the verdict looks at."""
    won = tested.won[rows]
    return {
        "roc_auc": evaluate.roc_auc(won, predicted.score[rows]),
        "log_loss": evaluate.log_loss(won, predicted.p[rows]),
    }


def _interval(values: Floats) -> list[float | None]:
    known = values[~np.isnan(values)]
    return [float(np.quantile(known, q)) for q in (0.025, 0.975)] if len(known) else [None, None]


def _plain(metrics: Mapping[str, float]) -> dict[str, float | None]:
    return {name: None if np.isnan(value) else float(value) for name, value in metrics.items()}


def _shown(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.3f}"
