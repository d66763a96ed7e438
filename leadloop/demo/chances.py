"""The known truth of the demo world: the chance of a win and of each reason when a lead is worked at an instant."""

import numpy as np

from leadloop.demo.draws import Floats, Ints, sigmoid
from leadloop.demo.market import Market
from leadloop.demo.words import (
    ABROAD,
    BUYER,
    COMPETITOR,
    CUSTOMER,
    KINDS,
    REASONS,
    SPAM,
    STUDENT,
    TOO_SMALL,
)

STALLED = 0.03
"""Of what is not won, the share that sales never closes."""
READ_RIGHT, READ_WRONG, READ_NONE = 0.85, 0.06, 0.05
"""How a true reason is written down; the rest is unreadable."""
WRONG = np.array([{"not_interested": 0.5, "unreachable": 0.3, "bad_timing": 0.2}.get(r, 0.0) for r in REASONS])
"""What is written by those who write anything."""

_BASE = -1.15
_LATER = -0.35  # the market hardens half way
_KIND = (0.0, -3.7, -4.0, -2.3, -1.9, -4.5, -2.4)
_KIND_REASONS: dict[int, dict[str, float]] = {
    BUYER: {},
    STUDENT: {"not_a_buyer": 12.0, "no_budget": 1.0, "unreachable": 1.0},
    COMPETITOR: {"not_a_buyer": 12.0, "off_target": 1.5},
    ABROAD: {"off_target": 14.0},
    TOO_SMALL: {"too_small": 14.0, "no_budget": 2.0},
    SPAM: {"spam": 12.0, "invalid_contact": 6.0},
    CUSTOMER: {"already_customer": 18.0},
}


def win_chance(market: Market, lead: Ints, at: Ints) -> Floats:
    """The chance of a win of leads (indices) worked at instants, same shape; before its arrival, as at arrival."""
    at = np.maximum(at, market.arrivals.created_at[lead])
    people, later = market.people, at >= market.settings.middle_at
    logit = _BASE + 1.0 * np.where(later, people.fit_later[lead], people.fit[lead])
    logit += 0.6 * people.need[lead] + 0.6 * people.timing[lead]
    logit += np.where(later, 0.65, 0.5) * people.budget[lead] + np.where(later, _LATER, 0.0)
    logit += 0.9 * np.log(market.intent.at(lead, at) + 0.08)
    logit -= 0.42 * np.log1p(market.idle_hours(lead, at) / 4.0)
    logit -= np.where(people.reachable[lead], 0.0, 3.0)
    logit -= np.where(market.arrivals.person[lead] == lead, 0.0, 2.5)
    return sigmoid(logit + np.array(_KIND)[market.arrivals.kind[lead]])


def reason_chance(market: Market, lead: Ints, at: Ints) -> Floats:
    """Shape (leads, REASONS): the chance of each true reason if it is not won, summing to 1 a row."""
    at = np.maximum(at, market.arrivals.created_at[lead])
    weights = _buyer_weights(market, lead, at)
    kinds = np.array([[_KIND_REASONS[kind].get(r, 0.0) for r in REASONS] for kind in range(len(KINDS))])
    weights += kinds[market.arrivals.kind[lead]]
    weights[:, _column("duplicate")] += np.where(market.arrivals.person[lead] == lead, 0.0, 25.0)
    weights[:, _column("invalid_contact")] += np.where(market.people.reachable[lead], 0.0, 12.0)
    chances: Floats = weights / weights.sum(axis=1, keepdims=True)
    return chances


def written_chance(market: Market, lead: Ints, at: Ints) -> Floats:
    """Shape (leads, REASONS): the chance that each reason is what the ledger will say, wrong ones included."""
    closed = (1.0 - win_chance(market, lead, at)) * (1.0 - STALLED)
    return closed[:, None] * (READ_RIGHT * reason_chance(market, lead, at) + READ_WRONG * WRONG)


def _buyer_weights(market: Market, lead: Ints, at: Ints) -> Floats:
    """What speaks against anyone, from their state: no money, no hurry, no interest, another supplier, no answer."""
    people = market.people
    fit, need, budget = people.fit[lead], people.need[lead], people.budget[lead]
    heat, idle = np.log(market.intent.at(lead, at) + 0.08), np.log1p(market.idle_hours(lead, at) / 4.0)
    weights = {
        "not_a_buyer": np.full(len(lead), 0.12),
        "off_target": 0.45 * np.exp(-0.9 * fit),
        "too_small": 1.6 / np.maximum(people.employees[lead], 2.0),
        "no_budget": 0.8 * np.exp(-0.9 * budget),
        "bad_timing": 0.9 * np.exp(-0.9 * people.timing[lead]),
        "not_interested": 0.6 * np.exp(-0.7 * need - 0.5 * heat),
        "competitor_chosen": 0.8 * np.exp(0.5 * need + 0.5 * heat),
        "unreachable": 0.25 * np.exp(0.35 * idle),
        "invalid_contact": np.full(len(lead), 0.06),
        "duplicate": np.full(len(lead), 0.04),
        "spam": np.full(len(lead), 0.01),
        "already_customer": np.full(len(lead), 0.04),
    }
    return np.column_stack([np.minimum(weights[reason], 8.0) for reason in REASONS])


def _column(reason: str) -> int:
    return REASONS.index(reason)
