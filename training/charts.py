"""Drawings of a scorecard, as SVG with nothing in it but lines: how true, how many wins how soon, how much sooner."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

WIDE, HIGH = 420, 330
LEFT, RIGHT, TOP, ROOM = 66, 22, 14, 42
Curve = Sequence[Sequence[float]]
Tick = tuple[float, str] | tuple[float, str, str]


def _x(value: float, most: float = 1.0) -> float:
    return round(LEFT + (WIDE - LEFT - RIGHT) * value / most, 1)


def _y(value: float, most: float = 1.0) -> float:
    return round(HIGH - ROOM - (HIGH - ROOM - TOP) * value / most, 1)


def _frame(label: str, axes: tuple[str, str], ticks: Sequence[Tick], most: float, inside: str) -> str:
    """Axes with their names and ticks: where, and what is written there, on both or on each; `most`: where both end."""
    lines = "".join(
        f'<line class="grid" x1="{_x(0)}" x2="{_x(1)}" y1="{_y(t, most)}" y2="{_y(t, most)}"/>'
        f'<text x="{_x(0) - 6}" y="{_y(t, most) + 4}" text-anchor="end">{escape(told[-1])}</text>'
        f'<text x="{_x(t, most)}" y="{_y(0) + 16}" text-anchor="middle">{escape(told[0])}</text>'
        for t, *told in ticks
    )
    names = (
        f'<text class="axis" x="{_x(0.5)}" y="{HIGH - 6}" text-anchor="middle">{escape(axes[0])}</text>'
        f'<text class="axis" x="12" y="{_y(0.5)}" text-anchor="middle" '
        f'transform="rotate(-90 12 {_y(0.5)})">{escape(axes[1])}</text>'
    )
    return (
        f'<svg viewBox="0 0 {WIDE} {HIGH}" role="img" aria-label="{escape(label, quote=True)}">'
        f"{lines}{inside}{names}</svg>"
    )


def _path(curve: Curve, most: float = 1.0) -> str:
    return "M" + " L".join(f"{_x(x, most)} {_y(y, most)}" for x, y in curve)


def calibration(
    bins: Sequence[Mapping[str, Any]], label: str, axes: tuple[str, str], ticks: Sequence[tuple[float, str]]
) -> str:
    """Predicted against real share of wins, each with its interval; on the diagonal chances are true."""
    most = ticks[-1][0]
    inside = f'<path class="even" d="{_path([[0, 0], [most, most]], most)}"/>'
    for each in bins:
        x, low, high = _x(each["predicted"], most), _y(each["low"], most), _y(each["high"], most)
        inside += f'<line class="range" x1="{x}" x2="{x}" y1="{low}" y2="{high}"/>'
        inside += f'<circle class="model" cx="{x}" cy="{_y(each["real"], most)}" r="4"/>'
    return _frame(label, axes, ticks, most, inside)


def gains(
    curves: Mapping[str, Curve],
    capacity: tuple[float, str],
    label: str,
    axes: tuple[str, str],
    ticks: Sequence[tuple[float, str]],
) -> str:
    """Share of wins against share of leads called, a curve a class name; with a line where the capacity ends."""
    share, says = capacity
    side, shift = ("end", -5) if share > 0.5 else ("start", 5)
    inside = f'<path class="even" d="{_path([[0, 0], [1, 1]])}"/>' + "".join(
        f'<path class="{escape(name, quote=True)}" d="{_path(curve)}"/>' for name, curve in curves.items() if curve
    )
    inside += (
        f'<line class="capacity" x1="{_x(share)}" x2="{_x(share)}" y1="{_y(0)}" y2="{_y(1)}"/>'
        f'<text class="capacity" x="{_x(share) + shift}" y="{_y(0.04)}" text-anchor="{side}">{escape(says)}</text>'
    )
    return _frame(label, axes, ticks, 1.0, inside)


def lift(
    curve: Curve,
    label: str,
    axes: tuple[str, str],
    across: Sequence[tuple[float, str]],
    up: Sequence[tuple[float, str]],
) -> str:
    """How many times better than chance the first leads are, against their share; with a line where chance is."""
    most = up[-1][0]
    scaled = [(x, y / most) for x, y in curve]
    inside = (
        f'<path class="even" d="{_path([[0, 1 / most], [1, 1 / most]])}"/><path class="model" d="{_path(scaled)}"/>'
    )
    ticks = [(x, name, above) for (x, name), (_, above) in zip(across, up, strict=True)]
    return _frame(label, axes, ticks, 1.0, inside)
