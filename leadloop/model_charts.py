"""Drawings of a model in `leadloop.charts`: whether its chances are true, and how many wins its first calls catch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from leadloop.charts import AGAINST, FOR, GRID, LINE, SOFT, WIDTH, Spec

STEPS = (0.05, 0.1, 0.2, 0.25, 0.4, 0.5, 0.6, 0.8, 1.0)
HIGH = 270


@dataclass(frozen=True)
class Axes:
    """What the axes are called, and whether a percent sign stands apart, as French has it."""

    across: str
    up: str
    sign_apart: bool = False

    def _label(self) -> str:
        sign = "\u202f%" if self.sign_apart else "%"
        return f"round(datum.value * 1000) / 10 + '{sign}'"

    def of(self, most: float) -> Spec:
        """Both axes, of shares up to `most`."""
        scale = {"domain": [0, most], "nice": False}
        axis = {"labelExpr": self._label(), "tickCount": 5, "grid": True}
        x = {"type": "quantitative", "scale": scale, "axis": {**axis, "title": self.across, "grid": False}}
        y = {"type": "quantitative", "scale": scale, "axis": {**axis, "title": self.up}}
        return {"x": x, "y": y}


def calibration(bins: Sequence[Mapping[str, Any]], axes: Axes) -> Spec:
    """Predicted beside real share of wins, each dot with its interval; where the dashed line runs, chances are true.

    `bins`: as a scorecard's `reliability` (predicted, real, low, high).
    """
    highest = max((max(each["predicted"], each["high"]) for each in bins), default=1.0)
    most = next((step for step in STEPS if step >= highest), 1.0)
    values = [{name: each[name] for name in ("predicted", "real", "low", "high")} for each in bins]
    drawn = axes.of(most)
    at = {**drawn["x"], "field": "predicted"}
    between = {"x": at, "y": {**drawn["y"], "field": "low"}, "y2": {"field": "high"}}
    return {
        "width": WIDTH,
        "height": HIGH,
        "layer": [
            _even(most, drawn),
            {
                "data": {"values": values},
                "mark": {"type": "rule", "color": LINE, "strokeWidth": 1.5, "opacity": 0.55},
                "encoding": between,
            },
            {
                "data": {"values": values},
                "mark": {"type": "circle", "color": LINE, "size": 70, "opacity": 1},
                "encoding": {"x": at, "y": {**drawn["y"], "field": "real"}},
            },
        ],
    }


def _even(most: float, drawn: Spec) -> Spec:
    """Where what is across is what is up."""
    ends = [{"x": 0, "y": 0}, {"x": most, "y": most}]
    encoding = {"x": {**drawn["x"], "field": "x"}, "y": {**drawn["y"], "field": "y"}}
    return {
        "data": {"values": ends},
        "mark": {"type": "line", "color": SOFT, "strokeDash": [4, 4], "strokeWidth": 1},
        "encoding": encoding,
    }


@dataclass(frozen=True)
class Curve:
    """Share of the leads called, best first, and share of the wins among them, from (0, 0) to (1, 1); and by whom."""

    name: str
    points: Sequence[Sequence[float]]


def gains(curves: Sequence[Curve], capacity: float, axes: Axes) -> Spec:
    """How many of the wins the first calls catch, ours first; a line where the team's time ends."""
    values = [{"x": x, "y": y, "who": curve.name} for curve in curves for x, y in curve.points]
    names = [curve.name for curve in curves]
    colours = {"domain": names, "range": [FOR, AGAINST, SOFT][: len(names)]}
    legend = {
        "title": None,
        "orient": "top",
        "symbolType": "stroke",
        "labelFontSize": 12,
        "labelColor": SOFT,
        "offset": 4,
    }
    drawn = axes.of(1.0)
    lines = {
        "data": {"values": values},
        "mark": {"type": "line", "strokeWidth": 2},
        "encoding": {
            "x": {**drawn["x"], "field": "x"},
            "y": {**drawn["y"], "field": "y"},
            "color": {"field": "who", "type": "nominal", "scale": colours, "legend": legend},
        },
    }
    ends = {"data": {"values": [{"x": capacity}]}, "mark": {"type": "rule", "color": GRID, "strokeWidth": 2}}
    at_capacity = {**ends, "encoding": {"x": {**drawn["x"], "field": "x"}}}
    return {"width": WIDTH, "height": HIGH, "layer": [_even(1.0, drawn), at_capacity, lines]}
