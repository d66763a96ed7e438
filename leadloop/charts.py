"""Charts as Vega-Lite, drawn to SVG without a browser: the same for pages, reports and notebooks.

Colours are those of the pages' style where there is one, else the fallbacks written here.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from html import escape
from typing import Any

Spec = Mapping[str, Any]
FOR, AGAINST = "var(--chart-for, #2f6fc4)", "var(--chart-against, #c8612a)"
LINE, GRID, SOFT = "var(--chart-line, #1f5bb5)", "var(--chart-grid, #e3e7ec)", "var(--chart-soft, #525d6d)"
FONT = "system-ui, -apple-system, Segoe UI, Roboto, sans-serif"
WIDTH = 440
MINUTE_MS = 60_000
NUMBERS: Mapping[str, Spec] = {
    "en": {"decimal": ".", "thousands": ",", "grouping": [3], "currency": ["€", ""]},
    "fr": {
        "decimal": ",",
        "thousands": "\u202f",
        "grouping": [3],
        "currency": ["", "\u00a0€"],
        "percent": "\u202f%",
    },
}
"""How numbers on axes are written, as d3 has it."""
_CONFIG = {
    "background": None,
    "font": FONT,
    "view": {"stroke": None},
    "axis": {
        "labelColor": SOFT, "titleColor": SOFT, "gridColor": GRID, "domainColor": GRID, "tickColor": GRID,
        "labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal", "domain": False, "ticks": False,
        "labelPadding": 6,
    },
    "text": {"fontSize": 13, "color": "currentColor"},
}  # fmt: skip
_SPOKEN = re.compile(r' (?:role|aria-[a-z]+)="[^"]*"')
_IDS = re.compile(r'(id="|url\(#)((?:clip|gradient)\w*)')


@dataclass(frozen=True)
class Bar:
    """A bar: its text, how far it goes to which side, and the figure as it is written beside it."""

    text: str
    value: float
    said: str


def bars(given: Sequence[Bar]) -> Spec:
    """Bars of amounts, each below its text."""
    far = max((bar.value for bar in given), default=1.0) or 1.0
    return _bars(given, [0.0, far * _room(given)], [])


def signed_bars(given: Sequence[Bar]) -> Spec:
    """Bars to the right for what is for, to the left for what is against, each below its text."""
    far = max((abs(bar.value) for bar in given), default=1.0) or 1.0
    middle = {
        "mark": {"type": "rule", "color": GRID},
        "encoding": {"x": {"datum": 0, "type": "quantitative", "axis": None}},
    }
    wide = far * (2.0 * _room(given) - 1.0)
    return _bars(given, [-wide, wide], [middle])


@dataclass(frozen=True)
class Span:
    """A figure with its interval, below its text."""

    text: str
    value: float
    low: float
    high: float


def spans(given: Sequence[Span]) -> Spec:
    """Figures as dots on their intervals, each below its text, beside a line where nothing is."""
    values = [{**vars(span), "n": n} for n, span in enumerate(given)]
    ends = [0.0, *(bound for span in given for bound in (span.low, span.high))]
    across = {"type": "quantitative", "axis": None, "scale": {"domain": [min(ends), max(ends)], "nice": False}}
    nothing = {
        "mark": {"type": "rule", "color": GRID, "strokeWidth": 2},
        "encoding": {"x": {**across, "datum": 0}, "y": None},
    }
    wide = {"x": {**across, "field": "low"}, "x2": {"field": "high"}}
    rule = {"mark": {"type": "rule", "color": LINE, "strokeWidth": 2, "yOffset": 10}, "encoding": wide}
    dot = {"mark": {"type": "circle", "color": LINE, "size": 70, "opacity": 1, "yOffset": 10}}
    layers = [nothing, rule, {**dot, "encoding": {"x": {**across, "field": "value"}}}, _TEXT]
    place = {"field": "n", "type": "ordinal", "axis": None}
    size = {"width": WIDTH, "height": {"step": 46}}
    return {"data": {"values": values}, **size, "encoding": {"y": place}, "layer": layers}


def _room(given: Sequence[Bar]) -> float:
    """How much wider than the longest bar a chart is, so that figures have room at the ends of bars."""
    longest = max((len(bar.said) for bar in given), default=0)
    return 1.0 / (1.0 - min(0.6, (7.2 * longest + 12) / WIDTH))


def _bars(given: Sequence[Bar], domain: list[float], behind: list[Spec]) -> Spec:
    values = [{"text": bar.text, "value": bar.value, "said": bar.said, "n": n} for n, bar in enumerate(given)]
    across = {"field": "value", "type": "quantitative", "axis": None, "scale": {"domain": domain}}
    side = {"condition": {"test": "datum.value < 0", "value": AGAINST}, "value": FOR}
    bar = {"mark": {"type": "bar", "height": 11, "yOffset": 10}, "encoding": {"x": across, "color": side}}
    place = {"field": "n", "type": "ordinal", "axis": None}
    layers = [*behind, bar, _said(across, ">=", "left", 6), _said(across, "<", "right", -6), _TEXT]
    size = {"width": WIDTH, "height": {"step": 46}}
    return {"data": {"values": values}, **size, "encoding": {"y": place}, "layer": layers}


def _said(across: Spec, test: str, align: str, dx: int) -> Spec:
    """The figures at the ends of bars on one side."""
    mark = {
        "type": "text",
        "yOffset": 10,
        "fontSize": 12,
        "baseline": "middle",
        "color": SOFT,
        "align": align,
        "dx": dx,
    }
    encoding = {"x": across, "text": {"field": "said"}}
    return {"transform": [{"filter": f"datum.value {test} 0"}], "mark": mark, "encoding": encoding}


_TEXT: Spec = {
    "mark": {"type": "text", "align": "left", "yOffset": -9, "baseline": "middle", "limit": WIDTH},
    "encoding": {"x": {"value": 0}, "text": {"field": "text"}},
}


@dataclass(frozen=True)
class Line:
    """A figure through time. `points`: (ISO 8601 without an offset, as the reader's clock has it; value), in order;
    `form`: of values, as d3 has it: without a precision there are as many decimals as tell labels apart.

    `months`: short names of the twelve months, in the reader's language `lang`; `holds`: whether a value stands until
    the next one, so that nothing between the two is drawn; `least`: what the axis spans at least, so that next to
    nothing does not look like much.
    """

    points: Sequence[tuple[str, float]]
    form: str
    months: Sequence[str]
    lang: str = "en"
    holds: bool = False
    least: float = 0.0

    @property
    def domain(self) -> tuple[float, float]:
        """From where to where the axis goes, before it is rounded."""
        values = [value for _, value in self.points]
        low, high = min(values), max(values)
        more = max(0.0, self.least - (high - low)) / 2
        return (max(0.0, low - more) if low >= 0.0 else low - more), high + more


def line(given: Line) -> Spec:
    """A line with a dot for each time that the figure was made."""
    below = {"title": None, "grid": False, "tickCount": 4, "tickMinStep": MINUTE_MS, "labelExpr": _when(given.months)}
    beside = {"title": None, "tickCount": 4, "format": given.form}
    scale = {"domain": given.domain, "zero": False, "nice": True}
    shape = "step-after" if given.holds else "monotone"
    return {
        "config": {"locale": {"number": NUMBERS[given.lang]}},
        "data": {"values": [{"at": f"{at}Z", "value": value} for at, value in given.points]},
        "width": WIDTH,
        "height": 150,
        "encoding": {
            "x": {"field": "at", "type": "temporal", "scale": {"type": "utc"}, "axis": below},
            "y": {"field": "value", "type": "quantitative", "scale": scale, "axis": beside},
        },
        "layer": [
            {"mark": {"type": "line", "color": LINE, "strokeWidth": 2, "interpolate": shape}},
            {"mark": {"type": "circle", "color": LINE, "size": 42, "opacity": 1}},
        ],
    }


def _when(months: Sequence[str]) -> str:
    """What a tick says, in Vega's language: the time; at midnight and at first the day."""
    names = json.dumps(list(months), ensure_ascii=False)
    day = f"utcdate(datum.value) + ' ' + {names}[utcmonth(datum.value)]"
    clock = "utcFormat(datum.value, '%H:%M')"
    return f"{clock} == '00:00' ? {day} : datum.index == 0 ? {day} + ' ' + {clock} : {clock}"


def can_draw() -> bool:
    """Whether what draws is installed (the extra `pages`)."""
    from importlib.util import find_spec

    return find_spec("vl_convert") is not None


def svg(spec: Spec, title: str) -> str | None:
    """The chart as SVG for a page, called `title` by screen readers; None where what draws is not installed."""
    if not can_draw():
        return None
    return _drawn(json.dumps({**spec, "config": {**_CONFIG, **spec.get("config", {})}}, sort_keys=True), title)


@lru_cache(maxsize=500)
def _drawn(spec: str, title: str) -> str:
    import vl_convert

    drawn: str = vl_convert.vegalite_to_svg(spec)
    mark = sha256(spec.encode()).hexdigest()[:8]
    plain = _IDS.sub(rf"\g<1>{mark}-\g<2>", _SPOKEN.sub("", drawn))  # a page may hold several charts
    return plain.replace("<svg ", f'<svg role="img" aria-label="{escape(title)}" ', 1)
