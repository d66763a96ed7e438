"""The report on what matters as one HTML file that needs nothing else: tables, and bars as inline SVG."""

from collections.abc import Mapping
from html import escape
from typing import Any

from serving.feature_report import FeatureReport

_STYLE = """
body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem;color:#1d2430;background:#fff}
h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem}p{color:#4a5568}
table{border-collapse:collapse;width:100%}th,td{padding:.35rem .6rem;text-align:left;vertical-align:top}
tr+tr td{border-top:1px solid #e2e8f0}th{border-bottom:2px solid #cbd5e0}.n{text-align:right;white-space:nowrap}
details{margin:.2rem 0}summary{cursor:pointer}svg{vertical-align:middle}
.steps td,.steps th{padding:.1rem .6rem;border:0}
.steps th{font-weight:normal;font-style:italic}
"""
_BAR, _HALF, _HEIGHT = 120, 60, 12
_BLUE, _GREEN, _RED = "#2b6cb0", "#2f855a", "#c53030"


def as_html(report: FeatureReport) -> str:
    """The whole page."""
    words = report.words
    over = words["over"].format(leads=report.importances["leads"])
    sections = [_section(report, group) for group in report.groups]
    if not sections:
        sections = [f"<p>{escape(words['none'].format(by=words[report.by or 'source']))}</p>"]
    return (
        f'<!doctype html>\n<html lang="{report.lang}">\n<head><meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width">\n'
        f"<title>{escape(report.title)}</title>\n<style>{_STYLE}</style></head>\n<body><main>\n"
        f"<h1>{escape(report.title)}</h1>\n<p>{escape(over)}</p>\n" + "\n".join(sections) + "\n</main></body></html>\n"
    )


def _section(report: FeatureReport, group: Mapping[str, Any]) -> str:
    words = report.words
    heads = "".join(
        f'<th scope="col">{escape(words[name])}</th>'
        for name in ("fact", "share", "direction", "beside" if report.by else "shape")
    )
    most = max((fact["share"] for fact in group["facts"]), default=1.0)
    body = "\n".join(_row(report, fact, most) for fact in group["facts"])
    return f"{_heading(report, group)}<table><thead><tr>{heads}</tr></thead>\n<tbody>\n{body}\n</tbody></table>"


def _heading(report: FeatureReport, group: Mapping[str, Any]) -> str:
    if report.by is None:
        return ""
    chance = f"{report.words['p_win']} {report.percent(group['p_win'])}"
    return f"<h2>{escape(str(group['level']))}</h2>\n<p>{group['leads']} leads, {escape(chance)}</p>\n"


def _row(report: FeatureReport, fact: Mapping[str, Any], most: float) -> str:
    row = report.row(fact)
    share = report.percent(row["share"])
    bar = _bar(0, _BAR * row["share"] / most, _BAR, _BLUE, share)
    last = report.points(row["beside"]) if report.by else _details(report, fact, row["values"])
    cells = [escape(row["name"]), f"{bar} {share}", escape(row["direction"]), last]
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def _details(report: FeatureReport, fact: Mapping[str, Any], values: str) -> str:
    """The shape in words, and behind it every value with its bar."""
    steps = [*fact["shape"], *fact["recency"]]
    most = max((abs(step["effect"]) for step in steps), default=0.0) or 1.0
    lines = "".join(_step(report, step, most) for step in fact["shape"])
    if fact["recency"]:
        lines += f'<tr><th colspan="3">{escape(report.words["last"])}</th></tr>'
        lines += "".join(_step(report, step, most) for step in fact["recency"])
    return f"<details><summary>{escape(values) or '–'}</summary><table class=steps>{lines}</table></details>"


def _step(report: FeatureReport, step: Mapping[str, Any], most: float) -> str:
    effect, said = step["effect"], report.signed(step["effect"])
    width = _HALF * abs(effect) / most
    bar = _bar(_HALF if effect > 0 else _HALF - width, width, 2 * _HALF, _GREEN if effect > 0 else _RED, said)
    return f"<tr><td>{escape(step[report.lang])}</td><td class=n>{step['leads']}</td><td>{bar} {said}</td></tr>"


def _bar(start: float, width: float, of: float, color: str, said: str) -> str:
    """A bar with its value as text for those who cannot see it."""
    return (
        f'<svg role="img" aria-label="{escape(said)}" width="{of:.0f}" height="{_HEIGHT}">'
        f'<rect x="{start:.1f}" width="{max(width, 1):.1f}" height="{_HEIGHT}" fill="{color}"/></svg>'
    )
