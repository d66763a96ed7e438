"""The honest scorecard: figures forward in time, beside what anyone could do without a model, and a verdict."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from features.history import Floats
from training import evaluate
from training.curves import gains, reliability
from training.resample import Figures, Resamples, Said, brought_down, draw, figures
from training.segments import Segment, by_segment
from training.split import Split
from training.verdict import CHEAP, Verdict, interval, judge
from training.words import Both

COMPARED = ("roc_auc", "log_loss")
"""What differences to the baselines are told of."""

Plain = dict[str, float | None]
Interval = list[float | None]


@dataclass(frozen=True)
class Predictions:
    """Test leads, oldest first: what a model said (`p`), by what it ranks them (`score`), and for value (`worth`;
    None: by the same).
    """

    p: Floats
    score: Floats
    worth: Floats | None = None

    @property
    def by_value(self) -> Floats:
        """What ranks them where value counts."""
        return self.score if self.worth is None else self.worth


@dataclass(frozen=True)
class Tested:
    """What a scorecard is made of. `capacity`: how many of the test leads the team could have taken on; `rivals`: the
    baselines that the verdict looks at; `notes`: what else is to be said.
    """

    won: Floats
    amount: Floats
    model: Predictions
    baselines: Mapping[str, Predictions]
    capacity: int
    seed: int = 0
    rivals: Sequence[str] = CHEAP
    segments: Sequence[Segment] = ()
    notes: Sequence[Both] = ()

    def said(self, predicted: Predictions) -> Said:
        """What happened beside what somebody said."""
        return Said(self.won, self.amount, predicted.p, predicted.score, predicted.worth)


FIGURES = (
    *("roc_auc", "average_precision", "log_loss", "brier", "calibration_slope", "calibration_error"),
    *("precision_at_capacity", "wins_at_capacity", "value_at_capacity", "lift_at_10", "lift_at_20"),
)
"""What is measured of a model and of each baseline."""


@dataclass(frozen=True)
class Scorecard:
    """As JSON this is what `leadloop scorecard --json` prints."""

    model_version: str
    verdict: Verdict
    why: list[str]
    split: dict[str, Any]
    metrics: Plain
    intervals: dict[str, Interval]
    baselines: dict[str, Plain]
    excluded: list[dict[str, str]]
    capacity: dict[str, float]
    notes: list[str] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    why_fr: list[str] = field(default_factory=list)
    baseline_intervals: dict[str, dict[str, Interval]] = field(default_factory=dict)
    differences: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    segments: list[dict[str, Any]] = field(default_factory=list)
    reliability: list[dict[str, Any]] = field(default_factory=list)
    gains: list[list[float]] = field(default_factory=list)
    baseline_gains: dict[str, list[list[float]]] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON types."""
        return asdict(self)


def measure(won: Floats, amount: Floats, predicted: Predictions, capacity: int) -> dict[str, float]:
    """Every figure of the scorecard; NaN where it can't be told."""
    count = min(capacity, len(won))
    wins = evaluate.in_top(won, predicted.score, count)
    return {
        "roc_auc": evaluate.roc_auc(won, predicted.score),
        "average_precision": evaluate.average_precision(won, predicted.score),
        "log_loss": evaluate.log_loss(won, predicted.p),
        "brier": float(((predicted.p - won) ** 2).mean()),
        "calibration_slope": evaluate.calibration_slope(won, predicted.p),
        "calibration_error": evaluate.calibration_error(won, predicted.p),
        "precision_at_capacity": wins / count,
        "wins_at_capacity": wins,
        "value_at_capacity": evaluate.in_top(amount, predicted.by_value, count),
        "lift_at_10": evaluate.lift(won, predicted.score, 0.1),
        "lift_at_20": evaluate.lift(won, predicted.score, 0.2),
    }


def make(
    tested: Tested, split: Split, span: tuple[str | None, str | None], excluded: list[dict[str, str]]
) -> Scorecard:
    """Measure, bootstrap, judge. `span`: from when to when the test leads came in."""
    everybody = {"model": tested.model, **tested.baselines}
    measured = {n: measure(tested.won, tested.amount, each, tested.capacity) for n, each in everybody.items()}
    resamples = draw(len(tested.won), tested.seed)
    resampled = _resampled(tested, everybody, measured, resamples)
    verdict, why = judge(measured["model"], resampled, tested.rivals)
    segments, off = by_segment(tested.said(tested.model), tested.segments, resamples)
    curves = {name: _rounded(gains(tested.won, each.score)) for name, each in everybody.items()}
    return Scorecard(
        model_version="",
        verdict=verdict,
        why=[each.en for each in why],
        why_fr=[each.fr for each in why],
        split={"kind": split.kind, "train": len(split.train), "test": len(split.test), "from": span[0], "to": span[1]},
        metrics=_plain(measured["model"]),
        intervals=_intervals(measured["model"], resampled["model"]),
        baselines={name: _plain(measured[name]) for name in tested.baselines},
        baseline_intervals={name: _intervals(measured[name], resampled[name]) for name in tested.baselines},
        differences={name: _differences(measured, resampled, name) for name in tested.baselines},
        excluded=excluded,
        capacity={"leads": tested.capacity, "share": tested.capacity / len(tested.won)},
        notes=[*split.notes, *(each.en for each in (*tested.notes, *off))],
        segments=segments,
        reliability=reliability(tested.won, tested.model.p),
        gains=curves.pop("model"),
        baseline_gains=curves,
    )


def _resampled(
    tested: Tested,
    everybody: Mapping[str, Predictions],
    measured: Mapping[str, Mapping[str, float]],
    resamples: Resamples,
) -> dict[str, Figures]:
    """Figures over the same resamples for the model and each baseline, so that they can be paired."""
    capacity = min(tested.capacity, len(tested.won))
    found = {name: figures(tested.said(each), capacity, resamples) for name, each in everybody.items()}
    return {
        name: {metric: brought_down(found[name][metric], value, resamples) for metric, value in measured[name].items()}
        for name in everybody
    }


def _differences(
    measured: Mapping[str, Mapping[str, float]], resampled: Mapping[str, Figures], name: str
) -> dict[str, dict[str, Any]]:
    """How far the model is above a baseline, over the same leads."""
    return {
        metric: {
            "difference": _plain({metric: measured["model"][metric] - measured[name][metric]})[metric],
            "interval": interval(resampled["model"][metric] - resampled[name][metric]),
        }
        for metric in COMPARED
    }


def _intervals(measured: Mapping[str, float], resampled: Figures) -> dict[str, Interval]:
    """The middle 95 % of each figure; of the calibration error around the figure, which resampling makes larger: a
    distance grows by whatever is drawn twice.
    """
    error = resampled["calibration_error"]
    known = error[~np.isnan(error)]
    around = np.maximum(known - known.mean() + measured["calibration_error"], 0.0) if len(known) else known
    return {metric: interval(values) for metric, values in (*resampled.items(), ("calibration_error", around))}


def _plain(metrics: Mapping[str, float]) -> Plain:
    return {name: None if np.isnan(value) else float(value) for name, value in metrics.items()}


def _rounded(curve: Sequence[Sequence[float]]) -> list[list[float]]:
    return [[round(x, 4), round(y, 4)] for x, y in curve]
