"""The report on the contract: what the goal takes, and whether marketing and sales keep their sides of it."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from sqlalchemy import Connection

from features.history import ALWAYS, NEVER
from leadloop.clock import isoformat
from leadloop.contract import ContractSettings, SlaSettings
from serving.reports import calculator, contract_tables, verdicts
from serving.reports.ask import Ask
from serving.reports.calculator import FEW_DEALS, Deal, Plan
from serving.reports.contract_tables import by_side, sentence, why
from serving.reports.deadlines import judged
from serving.reports.facts import Facts
from serving.reports.months import Months, zone_of
from serving.reports.rates import Step, ripeness, steps
from serving.reports.report import Report
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
        "rates": [_step_json(step, contract) for step in found],
        "monthly": monthly,
        "plan": _plan_json(plan) if plan else None,
        "months": _months_json(told, ask),
    }
    tables = [*contract_tables.of_plan(plan, deal, found, monthly, ask), *contract_tables.of_verdicts(told, ask)]
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


def _step_json(step: Step, contract: ContractSettings) -> dict[str, Any]:
    planned = contract.planned
    told = {"planned": planned.get(step.stage), "against_plan": contract_tables.against_plan(step, planned)}
    return {**asdict(step), "rate": step.rate.as_json(), **told}


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
            "why": why(each, ask),
            "promises": [{**asdict(measure), "why": sentence(measure, ask)} for measure in each],
        }
        for (month, side), each in by_side(told)
    ]


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
