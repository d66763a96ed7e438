"""The report on the contract as people read it: what the goal takes, who keeps their word, and why in sentences."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from serving.reports import verdicts
from serving.reports.ask import Ask
from serving.reports.calculator import Bounded, Deal, Plan
from serving.reports.rates import Step
from serving.reports.report import Column, Figure, Table
from serving.reports.verdicts import Measure
from serving.reports.words import number


def by_side(told: Sequence[Measure]) -> list[tuple[tuple[str, str], list[Measure]]]:
    """The measures by month and side."""
    return [(key, list(each)) for key, each in groupby(told, key=lambda measure: (measure.month, measure.side))]


def why(told: Sequence[Measure], ask: Ask) -> str:
    """The sentences of the promises that decide."""
    verdict = verdicts.side(told)
    return " ".join(sentence(measure, ask) for measure in told if measure.verdict == verdict)


def sentence(measure: Measure, ask: Ask) -> str:
    """What was promised and what came of it, in words."""
    if measure.real is None:
        return ask.say(f"{measure.promise} none")
    told = ask.say(
        f"{measure.promise} says",
        of=measure.of,
        real=number(measure.real, measure.kind, ask.lang),
        promised=number(measure.promised, measure.kind, ask.lang),
        cases=number(measure.cases, "count", ask.lang),
    )
    if measure.verdict != "too_early":
        return told
    still = ask.say("still open", open=number(measure.open, "count", ask.lang)) if measure.open else ask.say("not over")
    return f"{told} {still}"


def of_plan(
    plan: Plan | None, deal: Deal | None, found: Sequence[Step], monthly: Mapping[str, float], ask: Ask
) -> list[Table]:
    """What the goal takes, and how leads go on from stage to stage."""
    tables = [_figures(plan, deal, monthly, ask)] if plan and deal else []
    needed = plan.needed if plan else {}
    columns = [Column("stage"), Column("rate", "share"), Column("leads", "count"), Column("young", "count")]
    columns += [Column("median_days", "days"), Column("slow_days", "days"), Column("ripe_days", "days")]
    columns += [Column("needed", "count")] if needed else []
    planned: Mapping[str, float] = ask.settings.contract.planned if ask.settings.contract else {}
    columns += [Column("planned", "share"), Column("against_plan")] if planned else []
    blank = [None, None] if planned else []
    rows: list[list[Any]] = []
    if needed:
        rows.append([ask.say("delivered"), *[None] * 6, Figure(*needed["delivered"]), *blank])
    for step in found:
        row: list[Any] = [ask.say(step.stage), _rate(step, ask), step.rate.of, step.young]
        row += [step.median_days, step.slow_days, step.ripe_days]
        row += [Figure(*needed[step.stage])] if needed else []
        rows.append([*row, *(_planned(step, planned, ask) if planned else [])])
    return [*tables, Table(ask.say("stages title"), columns, rows, ask.say("stages say"))]


def against_plan(step: Step, planned: Mapping[str, float]) -> str | None:
    """below, above or as planned: only what the interval rules out is off; None where nothing is planned, or known."""
    bounds = step.rate.interval
    if bounds is None or step.stage not in planned:
        return None
    plan = planned[step.stage]
    return "below" if bounds[1] < plan else "above" if bounds[0] > plan else "as"


def _planned(step: Step, planned: Mapping[str, float], ask: Ask) -> list[Any]:
    verdict = against_plan(step, planned)
    return [planned.get(step.stage), ask.say(f"{verdict} plan") if verdict else None]


def _rate(step: Step, ask: Ask) -> Figure:
    if step.stage in ask.rates:
        return Figure(ask.rates[step.stage])
    return Figure(step.rate.value, *(step.rate.interval or ()))


def _figures(plan: Plan, deal: Deal, monthly: Mapping[str, float], ask: Ask) -> Table:
    """What the goal takes and what today's means bring."""
    mean = Figure(deal.mean, kind="money")
    if deal.deals:
        mean = mean._replace(low=deal.mean - 1.96 * deal.error, high=deal.mean + 1.96 * deal.error)
    rows = [("mean deal", mean)]
    if plan.goal is not None:
        a_day, low, high = (value / monthly["working_days"] for value in plan.needed["judged"])
        rows = [
            ("monthly goal", Figure(plan.goal, kind="money")),
            *rows,
            ("wins needed", _of(plan.needed["won"], "days")),
            ("leads needed", _of(plan.needed["delivered"], "count")),
            ("capacity needed", _of((a_day, low, high), "days")),
        ]
    rows += [
        ("leads delivered", Figure(monthly["delivered"], kind="count")),
        ("revenue per lead", _of(plan.per_lead, "money")),
        ("revenue at volume", _of(plan.at_volume, "money")),
        ("revenue at capacity", _of(plan.at_capacity, "money")),
    ]
    capacity = number(monthly["capacity_a_day"], "count", ask.lang)
    said = [(ask.say(name, currency=ask.settings.currency, capacity=capacity), value) for name, value in rows]
    return Table(ask.say("plan title"), (Column("figure_name"), Column("value", "figure")), said, ask.say("plan says"))


def _of(value: Bounded, kind: str) -> Figure:
    return Figure(*value, kind=kind)


def of_verdicts(told: Sequence[Measure], ask: Ask) -> list[Table]:
    """Each side in each month, and each promise."""
    if not told:
        return []
    heads = (Column("month"), Column("side"), Column("verdict"))
    sides = [
        (month, ask.say(side), ask.say(f"is {verdicts.side(each)}"), why(each, ask))
        for (month, side), each in by_side(told)
    ]
    columns = (*heads, Column("promise"), Column("promised", "figure"), Column("real", "figure"))
    return [
        Table(ask.say("sides title"), (*heads, Column("sentence", "long")), sides),
        Table(ask.say("promises title"), columns, [_line(measure, ask) for measure in told]),
    ]


def _line(measure: Measure, ask: Ask) -> tuple[Any, ...]:
    promise = ask.say(f"promise {measure.promise}", of=measure.of)
    figures = (Figure(value, kind=measure.kind) for value in (measure.promised, measure.real))
    return measure.month, ask.say(measure.side), ask.say(f"is {measure.verdict}"), promise, *figures
