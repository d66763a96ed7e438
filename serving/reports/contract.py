"""The report on the contract: what the goal takes, and whether marketing and sales keep their sides of it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from itertools import groupby
from typing import Any

import numpy as np
from sqlalchemy import Connection

from features.history import ALWAYS, NEVER
from leadloop.clock import isoformat
from leadloop.contract import ContractSettings, SlaSettings
from serving.reports import calculator, verdicts
from serving.reports.ask import Ask
from serving.reports.calculator import FEW_DEALS, Bounded, Deal, Plan
from serving.reports.deadlines import judged
from serving.reports.facts import Facts
from serving.reports.months import Months, zone_of
from serving.reports.rates import Step, ripeness, steps
from serving.reports.report import Column, Figure, Report, Table
from serving.reports.verdicts import Books, Measure
from serving.reports.words import number
from serving.working_time import WorkingTime

MONTHS = 12
VOLUME_MONTHS = 3
"""Whole months whose mean stands for the volume of today."""


def report(connection: Connection, ask: Ask) -> Report:
    """The whole report; `ask.goal`, `ask.capacity` and `ask.rates` stand in for what is configured or learned."""
    calculator.check(ask.rates)
    contract = ask.settings.contract or ContractSettings()
    facts = ask.facts(connection)
    months = Months.of(facts.since[facts.counted], ask.as_of, zone_of(ask.settings), MONTHS) if ask.cut else _none()
    found = steps(facts, ask.as_of, ripeness(facts))
    deal = calculator.deal(facts.outcomes, ask.settings.currency, contract.mean_deal)
    monthly = _monthly(facts, months, ask)
    goal = ask.goal if ask.goal is not None else contract.monthly_goal
    plan = calculator.plan(found, deal, goal, ask.rates, (monthly["judged"], monthly["delivered"])) if deal else None
    told = _measures(facts, months, contract, ask) if ask.settings.contract else []
    data = {
        "as_of": ask.shown,
        "configured": ask.settings.contract is not None,
        "currency": ask.settings.currency,
        "assumed": dict(ask.rates),
        "mean_deal": asdict(deal) if deal else None,
        "rates": [_step_json(step) for step in found],
        "monthly": monthly,
        "plan": _plan_json(plan) if plan else None,
        "months": _months_json(told, ask),
    }
    tables = [*_plan_tables(plan, deal, found, monthly, ask), *_verdict_tables(told, ask)]
    return Report(
        "contract",
        ask.lang,
        ask.say("contract title"),
        data,
        tables,
        _notes(facts, deal, ask),
        tables[-1] if told else None,
    )


def _none() -> Months:
    return Months((), np.zeros(1, dtype=np.int64))


def _monthly(facts: Facts, months: Months, ask: Ask) -> dict[str, float]:
    """Leads delivered a month of late, and leads that sales can look at a month."""
    whole = [i for i in range(len(months.names)) if months.ended(i, ask.as_of)][-VOLUME_MONTHS:]
    count = np.bincount(months.number(facts.since[facts.counted]) + 1, minlength=len(months.names) + 1)[1:]
    working = WorkingTime(ask.settings.sla or SlaSettings(), zone_of(ask.settings))
    days = working.days_of_a_month(int(months.starts[0]), int(months.starts[-1])) if whole else 21.0
    capacity = ask.capacity or ask.settings.capacity
    delivered = float(count[whole].mean()) if whole else 0.0
    return {"delivered": delivered, "capacity_a_day": capacity, "working_days": days, "judged": capacity * days}


def _measures(facts: Facts, months: Months, contract: ContractSettings, ask: Ask) -> list[Measure]:
    of = judged(facts, ask.sla, ask.as_of, ask.cells)
    return verdicts.measures(Books(facts, of, months, ask.as_of, ask.settings.reasons), contract)


def _step_json(step: Step) -> dict[str, Any]:
    return {**asdict(step), "rate": step.rate.as_json()}


def _plan_json(plan: Plan) -> dict[str, Any]:
    plain = asdict(plan)
    bounded = {name: _interval(value) for name, value in plain.items() if isinstance(value, tuple)}
    needed = {stage: _interval(value) for stage, value in plan.needed.items()}
    return {**plain, **bounded, "needed": needed}


def _interval(value: tuple[float, float, float]) -> dict[str, Any]:
    return {"value": value[0], "interval": value[1:]}


def _months_json(told: Sequence[Measure], ask: Ask) -> list[dict[str, Any]]:
    return [
        {
            "month": month,
            "side": side,
            "verdict": verdicts.side(each),
            "why": _why(each, ask),
            "promises": [{**asdict(measure), "why": sentence(measure, ask)} for measure in each],
        }
        for (month, side), each in _by_side(told)
    ]


def _by_side(told: Sequence[Measure]) -> list[tuple[tuple[str, str], list[Measure]]]:
    return [(key, list(each)) for key, each in groupby(told, key=lambda measure: (measure.month, measure.side))]


def _why(told: Sequence[Measure], ask: Ask) -> str:
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


def _plan_tables(
    plan: Plan | None, deal: Deal | None, found: Sequence[Step], monthly: Mapping[str, float], ask: Ask
) -> list[Table]:
    tables = [_figures(plan, deal, monthly, ask)] if plan and deal else []
    needed = plan.needed if plan else {}
    columns = [Column("stage"), Column("rate", "share"), Column("leads", "count"), Column("young", "count")]
    columns += [Column("median_days", "days"), Column("slow_days", "days"), Column("ripe_days", "days")]
    columns += [Column("needed", "count")] if needed else []
    rows: list[list[Any]] = []
    if needed:
        rows.append([ask.say("delivered"), *[None] * 6, Figure(*needed["delivered"])])
    for step in found:
        row: list[Any] = [ask.say(step.stage), _rate(step, ask), step.rate.of, step.young]
        row += [step.median_days, step.slow_days, step.ripe_days]
        rows.append([*row, Figure(*needed[step.stage])] if needed else row)
    return [*tables, Table(ask.say("stages title"), columns, rows, ask.say("stages say"))]


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


def _verdict_tables(told: Sequence[Measure], ask: Ask) -> list[Table]:
    if not told:
        return []
    heads = (Column("month"), Column("side"), Column("verdict"))
    sides = [
        (month, ask.say(side), ask.say(f"is {verdicts.side(each)}"), _why(each, ask))
        for (month, side), each in _by_side(told)
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


def _notes(facts: Facts, deal: Deal | None, ask: Ask) -> list[str]:
    notes = [] if ask.settings.contract else [ask.say("no contract")]
    if not facts.dated:
        notes.append(ask.say("undated contract"))
    elif facts.told_from != ALWAYS:
        notes.append(ask.say("told at once", day=isoformat(facts.told_from)[:10]))
    if not facts.contacts_recorded:
        notes.append(ask.say("no contacts recorded"))
    if facts.dated and not (facts.first["mql"] != NEVER).any() and ask.counted == "mql":
        notes.append(ask.say("no mql"))
    if ask.settings.contract and not ask.sla and ask.settings.contract.sales.in_time is not None:
        notes.append(ask.say("no sla"))
    if deal is None:
        notes.append(ask.say("no deals", currency=ask.settings.currency))
    elif 0 < deal.deals < FEW_DEALS:
        notes.append(ask.say("few deals", deals=deal.deals))
    if deal and deal.left_out:
        notes.append(ask.say("other currencies", left_out=deal.left_out, currency=ask.settings.currency))
    if ask.rates:
        rates = ", ".join(f"{ask.say(stage)} {number(rate, 'share', ask.lang)}" for stage, rate in ask.rates.items())
        notes.append(ask.say("assumed rates", rates=rates))
    return notes
