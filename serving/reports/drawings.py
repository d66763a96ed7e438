"""The charts of each report, drawn from its data: the same on a page and in a file that holds everything."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from babel import Locale

from leadloop import charts
from leadloop.charts import Bar, Span
from leadloop.store.lifecycle import LADDER
from serving.feature_report import FeatureReport
from serving.reports.report import Figure, Report
from serving.reports.words import number, say, titled

BARS = 10
LETTERS = 56
MOST_MONTHS = 24
LEAST_REFUSED = 5
"""Leads of a campaign below which its share of refusals is not drawn."""
SMALL = 0.001
"""A change of a share that is not drawn."""


@dataclass(frozen=True)
class Drawing:
    """A chart and its figures. `columns`: what they are called; `svg`: None where nothing draws."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    svg: str | None


def drawings(report: Report) -> list[Drawing]:
    """The charts of a report; none of one that has none, or nothing to draw."""
    made = DRAWN.get(report.name)
    return [each for each in made(report) if each.rows] if made else []


def bars(report: Report, title: str, what: str, given: Sequence[Bar], *, signed: bool = False) -> Drawing:
    """Bars with their texts; `what`: the heading of the texts in the table."""
    short = [replace(bar, text=_short(bar.text)) for bar in given]
    spec = charts.signed_bars(short) if signed else charts.bars(short)
    name = say(report.lang, title)
    rows = [(bar.text, bar.said) for bar in given]
    return Drawing(name, (say(report.lang, what), name), rows, charts.svg(spec, name) if given else None)


def _short(text: str) -> str:
    """A text that a bar has room for."""
    return text if len(text) <= LETTERS else f"{text[: LETTERS - 1].rstrip()}…"


def by_month(report: Report, title: str, points: Iterable[tuple[str | None, float | None]], kind: str) -> Drawing:
    """A figure a month ("2026-03"), as a line; nothing of less than two months."""
    shown = [(month, value) for month, value in points if month and "-" in month and value is not None][-MOST_MONTHS:]
    name = say(report.lang, title)
    if len(shown) < 2:
        return Drawing(name, (), (), None)
    names = [each for _, each in sorted(Locale(report.lang).months["format"]["abbreviated"].items())]
    form = "%" if kind == "share" else "~s"
    line = charts.Line([(f"{month}-15T12:00:00", value) for month, value in shown], form, names, report.lang)
    rows = [(month, number(value, kind, report.lang)) for month, value in reversed(shown)]
    return Drawing(name, (say(report.lang, "month"), name), rows, charts.svg(charts.line(line), name))


def _share(report: Report, text: str, share: float, n: int) -> Bar:
    """A bar of a share, with of how many it is."""
    told = {"share": number(share, "share", report.lang), "n": number(n, "count", report.lang)}
    return Bar(text, share, say(report.lang, "so many", **told))


def _count(report: Report, text: str, count: int, share: float) -> Bar:
    """A bar of a count, with which share of all it is."""
    return Bar(text, count, f"{number(count, 'count', report.lang)} · {number(share, 'share', report.lang)}")


def _stage(report: Report, key: str) -> str:
    return titled(say(report.lang, key))


def _rejections(report: Report) -> Iterable[Drawing]:
    data = report.data
    reasons = data["reasons"][:BARS]
    given = [_count(report, say(report.lang, f"reason {row['reason']}"), row["count"], row["share"]) for row in reasons]
    yield bars(report, "drawn reasons", "reason", given)
    campaigns = [row for row in data["campaigns"] if row["campaign"] and (row["leads"] or 0) >= LEAST_REFUSED]
    worst = sorted(campaigns, key=lambda row: -row["rejected_share"])[:BARS]
    if len(worst) > 1:
        refused = [_share(report, row["campaign"], row["rejected_share"], row["leads"]) for row in worst]
        yield bars(report, "drawn campaigns", "campaign", refused)
    yield by_month(report, "drawn refusal months", [(row["month"], row["count"]) for row in data["months"]], "count")


def _origins(by: str) -> Callable[[Report], Iterable[Drawing]]:
    def drawn(report: Report) -> Iterable[Drawing]:
        named = [(row, row[by] or say(report.lang, "not given")) for row in report.data[f"{by}s"] if not row["few"]]
        valued = sorted(named, key=lambda each: -(each[0]["value_per_lead"] or 0.0))[:BARS]
        worth = [_money(report, name, row["value_per_lead"] or 0.0) for row, name in valued]
        yield bars(report, "drawn value", by, worth if any(bar.value for bar in worth) else [])
        known = [(row, name) for row, name in named if row["expected_wins"] is not None]
        beyond = sorted(known, key=lambda each: each[0]["expected_wins"] - each[0]["real_wins"])[:BARS]
        yield bars(report, "drawn expected", by, [_beyond(report, row, name) for row, name in beyond], signed=True)

    return drawn


def _money(report: Report, text: str, value: float) -> Bar:
    return Bar(text, value, number(value, "money", report.lang))


def _beyond(report: Report, row: Mapping[str, Any], name: str) -> Bar:
    told = say(
        report.lang,
        "expected against real",
        real=number(row["real_wins"], "count", report.lang),
        expected=number(row["expected_wins"], "days", report.lang),
    )
    return Bar(name, row["real_wins"] - row["expected_wins"], told)


def _features(report: Report) -> Iterable[Drawing]:
    if report.data["by"] is not None:
        return
    facts = report.data["groups"][0]["facts"][:BARS]
    matter = [Bar(each[report.lang], each["share"], number(each["share"], "share", report.lang)) for each in facts]
    yield bars(report, "drawn matters", "feature", matter)
    told = FeatureReport("", {}, report.lang).points
    moved = [each for each in report.data["changes"] if abs(each["change"]) >= SMALL][:BARS]
    change = [Bar(each[report.lang], each["change"], told(each["change"])) for each in moved]
    yield bars(report, "drawn changes", "feature", change, signed=True)


def _personas(report: Report) -> Iterable[Drawing]:
    rows = [row for row in report.data["personas"] if row["won_rate"]["rate"] is not None]
    given = [_share(report, row["persona"][report.lang], row["won_rate"]["rate"], row["judged"]) for row in rows]
    yield bars(report, "drawn personas", "persona", given)


def _funnel(report: Report) -> Iterable[Drawing]:
    n = report.data["leads"]
    rungs = [row for row in report.data["funnel"] if row["state"] in LADDER] if n else []
    given = [
        _count(report, _stage(report, f"state {row['state']}"), row["reached"], row["reached"] / n) for row in rungs
    ]
    yield bars(report, "drawn funnel", "state", given)


def _contract(report: Report) -> Iterable[Drawing]:
    steps = [step for step in report.data["rates"] if step["rate"]["rate"] is not None]
    given = [_beside_plan(report, step) for step in steps]
    yield bars(report, "drawn stages", "stage", given)


def _beside_plan(report: Report, step: Mapping[str, Any]) -> Bar:
    bar = _share(report, _stage(report, step["stage"]), step["rate"]["rate"], step["rate"]["of"])
    if step["planned"] is None:
        return bar
    planned = number(step["planned"], "share", report.lang)
    return replace(bar, said=say(report.lang, "with plan", told=bar.said, planned=planned))


def _sla(report: Report) -> Iterable[Drawing]:
    months = report.data["by_month"]
    yield by_month(report, "drawn delivered", [(row["name"], row["leads"]) for row in months], "count")
    yield by_month(report, "drawn in time", [(row["name"], row["kept_share"]) for row in months], "share")


def _samples(report: Report) -> Iterable[Drawing]:
    rows = [(row["name"], row["would_work"]) for row in report.data["samples"] if row["would_work"]["of"]][:BARS]
    given = [_share(report, name, rate["rate"], rate["of"]) for name, rate in rows]
    yield bars(report, "drawn would work", "sample", given)


def _lift(report: Report) -> Iterable[Drawing]:
    """The doubly robust differences."""
    table = report.tables[0]
    for i, title in enumerate(("drawn more value", "drawn more wins"), start=1):
        found = [(str(row[0]), row[i]) for row in table.rows if any(row[i][:3])]
        name = say(report.lang, title)
        rows = [(text, _bounded(report, figure, table.columns[i].kind)) for text, figure in found]
        given = [Span(f"{text} · {told}", *figure[:3]) for (text, told), (_, figure) in zip(rows, found, strict=True)]
        columns = (say(report.lang, "order"), name)
        yield Drawing(name, columns, rows, charts.svg(charts.spans(given), name) if given else None)


def _bounded(report: Report, figure: Figure, kind: str) -> str:
    shown, bounds = report.cell(figure, kind)
    return f"{shown} ({bounds})"


DRAWN: Mapping[str, Callable[[Report], Iterable[Drawing]]] = {
    "rejections": _rejections,
    "sources": _origins("source"),
    "campaigns": _origins("campaign"),
    "features": _features,
    "personas": _personas,
    "funnel": _funnel,
    "contract": _contract,
    "sla": _sla,
    "samples": _samples,
    "lift": _lift,
}
