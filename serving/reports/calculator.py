"""From a revenue goal back to the leads that it takes, stage by stage, with an interval for what is not sure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.history import Floats
from leadloop.errors import InputError
from leadloop.store.outcomes import StoredOutcome
from serving.reports.rates import STAGES, Step

DRAWS = 4_000
FEW_DEALS = 30
Bounded = tuple[float, float, float]
"""A figure, and the 95 % interval that it is in."""


@dataclass(frozen=True)
class Deal:
    """The mean amount of a win. `deals`: how many taught it, 0 where it was given; `left_out`: of other currencies."""

    mean: float
    error: float
    deals: int
    left_out: int


@dataclass(frozen=True)
class Plan:
    """What a monthly goal takes. `needed`: leads a month by stage, `delivered` first; `at_capacity`, `at_volume`: the
    revenue a month when sales looks at as many leads as it can, or at as many as are delivered today.
    """

    goal: float | None
    wins: Bounded | None
    needed: Mapping[str, Bounded]
    per_lead: Bounded
    capacity_needed: Bounded | None
    at_capacity: Bounded
    at_volume: Bounded


def deal(rows: Sequence[StoredOutcome], currency: str, given: float | None) -> Deal | None:
    """The mean deal: as given, else learned; None where no win has an amount in that currency."""
    won = [row for row in rows if row.stage == "won" and row.amount is not None]
    amounts = np.array([row.amount for row in won if (row.currency or currency) == currency], dtype=np.float64)
    left_out = len(won) - len(amounts)
    if given is not None:
        return Deal(given, 0.0, 0, left_out)
    if not len(amounts):
        return None
    spread = float(amounts.std(ddof=1)) if len(amounts) > 1 else float(amounts[0])
    return Deal(float(amounts.mean()), spread / len(amounts) ** 0.5, len(amounts), left_out)


def plan(
    steps: Sequence[Step], deal: Deal, goal: float | None, assumed: Mapping[str, float], monthly: tuple[float, float]
) -> Plan:
    """Work it out; `assumed`: rates by stage in place of those learned; `monthly`: leads that sales can look at a
    month, and leads that are delivered a month. `goal` is a month's.
    """
    rates = {step.stage: _drawn(i, step, assumed) for i, step in enumerate(steps)}
    worth = _per_deal(deal)
    to_win = _from_each_stage(rates)
    revenue = {stage: worth * share for stage, share in to_win.items()}
    looked_at, delivered = monthly
    needed = {} if goal is None else {stage: _bounded(goal / value) for stage, value in revenue.items()}
    return Plan(
        goal=goal,
        wins=needed.get("won"),
        needed=needed,
        per_lead=_bounded(revenue["delivered"]),
        capacity_needed=needed.get("judged"),
        at_capacity=_bounded(revenue["judged"] * looked_at),
        at_volume=_bounded(revenue["delivered"] * delivered),
    )


def check(assumed: Mapping[str, float]) -> None:
    """Refuse rates of no stage, and rates that are none.

    Raises: InputError.
    """
    for stage, rate in assumed.items():
        if stage not in STAGES:
            raise InputError(f"rate: '{stage}' is no stage; write one of {', '.join(STAGES)}")
        if not 0 < rate <= 1:
            raise InputError(f"rate: {stage}={rate} is no share; write more than 0, at most 1")


def _drawn(number: int, step: Step, assumed: Mapping[str, float]) -> Floats:
    """The rate itself, then draws of what it may truly be: Beta with Jeffreys' prior, the same at each call."""
    if step.stage in assumed:
        return np.full(1 + DRAWS, assumed[step.stage])
    yes, no = step.rate.reached + 0.5, step.rate.of - step.rate.reached + 0.5
    share = step.rate.value or yes / (yes + no)  # of none that converted, what the prior says
    return np.append(share, np.random.default_rng(number).beta(yes, no, DRAWS))


def _per_deal(deal: Deal) -> Floats:
    drawn = deal.mean + deal.error * np.random.default_rng(len(STAGES)).standard_normal(DRAWS)
    return np.append(deal.mean, np.maximum(drawn, deal.mean / 10))


def _from_each_stage(rates: Mapping[str, NDArray[np.float64]]) -> dict[str, Floats]:
    """The chance of a win from each stage on: 1 from the win itself."""
    found, share = {STAGES[-1]: np.ones(1 + DRAWS)}, np.ones(1 + DRAWS)
    for stage, earlier in zip(reversed(STAGES), [*reversed(STAGES[:-1]), "delivered"], strict=True):
        share = share * rates[stage]
        found[earlier] = share
    return {stage: found[stage] for stage in ("delivered", *STAGES)}


def _bounded(values: Floats) -> Bounded:
    low, high = np.quantile(values[1:], [0.025, 0.975])
    return float(values[0]), float(low), float(high)
