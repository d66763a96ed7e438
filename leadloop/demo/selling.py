"""What becomes of a lead that sales works: its path is drawn from the truth at the moment it is first touched."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from leadloop.clock import DAY, SECOND
from leadloop.demo.chances import READ_NONE, READ_RIGHT, READ_WRONG, STALLED, WRONG, reason_chance, win_chance
from leadloop.demo.draws import Draws, Floats, Ints, chosen
from leadloop.demo.market import Market, lead_id
from leadloop.demo.words import OWNERS, REASONS, UNREADABLE
from leadloop.store.rows import LeadRow, OutcomeRow

_SIGHT = {"spam": 0.9, "duplicate": 0.8, "already_customer": 0.6, "off_target": 0.5, "not_a_buyer": 0.5,
          "too_small": 0.4, "invalid_contact": 0.3}  # fmt: skip
_REFUSED = {"spam": 1.0, "duplicate": 1.0, "invalid_contact": 1.0, "not_a_buyer": 0.97, "off_target": 0.93,
            "too_small": 0.93, "already_customer": 0.9, "unreachable": 0.5, "not_interested": 0.2, "no_budget": 0.15,
            "bad_timing": 0.15, "competitor_chosen": 0.03}  # fmt: skip
_RECYCLED = 0.55  # of those whose time has not come and that were not refused

_MOST_STEPS = 6
_DRAWN = (
    *("sight", "call", "days", "days/angle", "sql", "opportunity", "promoter", "promoter at", "reach", "written"),
    *("wrong", "unreadable", "amount", "amount/angle", "notes", "note at", "answer", "again at"),
    *(f"late {step}" for step in range(_MOST_STEPS)),
    *(f"lateness {step}" for step in range(_MOST_STEPS)),
)

_Step = tuple[str, float]  # stage, days after first touch


@dataclass(frozen=True)
class Worked:
    """What one working of a lead leaves behind, whole: later than the world's end is for the caller to cut.

    `profile`: what sales filled in afterwards, unknown at first touch. `again_at`: when a recycled lead may be worked
    again, None if it never will.
    """

    outcomes: list[OutcomeRow]
    profile: list[LeadRow]
    again_at: int | None


@dataclass(frozen=True)
class Fate:
    """How a working ends: `won`, `rejected`, `lost`, `recycled` or `stalled`, and the true reason's column."""

    end: str
    reason: int


@dataclass(frozen=True)
class _Luck:
    """One working's own draws, which depend on lead and attempt alone."""

    lead: int
    attempt: int
    drawn: Sequence[float]  # for each of _DRAWN

    def uniform(self, name: str) -> float:
        return self.drawn[_DRAWN.index(name)]

    def normal(self, name: str) -> float:
        radius = math.sqrt(-2.0 * math.log(self.uniform(name)))
        return radius * math.cos(2.0 * math.pi * self.uniform(name + "/angle"))

    def days(self, median: float, spread: float, within: tuple[float, float]) -> float:
        return min(max(median * math.exp(spread * self.normal("days")), within[0]), within[1])


def work(market: Market, lead: int, at: int, attempt: int = 0) -> Worked:
    """Work one lead (its index) at an instant, for the `attempt`-th time; the same call gives the same answer."""
    return work_all(market, np.array([lead]), np.array([at]), np.array([attempt]))[0]


def work_all(market: Market, lead: Ints, at: Ints, attempt: Ints) -> list[Worked]:
    """Work many leads, each at its instant and independently of the others."""
    at = at - at % SECOND
    fates = _fates(market.draws, lead, attempt, win_chance(market, lead, at), reason_chance(market, lead, at))
    columns = attempt[:, None] * len(_DRAWN) + np.arange(len(_DRAWN))
    drawn = market.draws.uniform("path", lead[:, None], columns).tolist()
    lucks = map(_Luck, lead.tolist(), attempt.tolist(), drawn)
    return [_unfold(market, luck, one, fate) for luck, one, fate in zip(lucks, at.tolist(), fates, strict=True)]


def _fates(draws: Draws, lead: Ints, attempt: Ints, p_win: Floats, p_reason: Floats) -> list[Fate]:
    reason = draws.choose("true reason", lead, p_reason, attempt)
    won = draws.uniform("win", lead, attempt) < p_win
    stalled = draws.uniform("stalled", lead, attempt) < STALLED
    refused = np.array([_REFUSED[r] for r in REASONS])[reason] > draws.uniform("refused", lead, attempt)
    waits = (reason == REASONS.index("bad_timing")) & (draws.uniform("waits", lead, attempt) < _RECYCLED)
    ends = np.select([won, stalled, refused, waits], ["won", "stalled", "rejected", "recycled"], "lost")
    return [Fate(end, number) for end, number in zip(ends.tolist(), reason.tolist(), strict=True)]


def _unfold(market: Market, luck: _Luck, at: int, fate: Fate) -> Worked:
    steps = _steps(luck, fate)
    outcomes = _rows(market, luck, at, fate, steps)
    recorded_at = outcomes[-1].recorded_at or at
    again = int(30 + 70 * luck.uniform("again at")) * DAY if fate.end == "recycled" else 0
    return Worked(outcomes, _fill_in(market, luck, outcomes), recorded_at + again if again else None)


def _steps(luck: _Luck, fate: Fate) -> list[_Step]:
    """The stages passed; the first is always at the moment of first touch."""
    sight = _SIGHT.get(REASONS[fate.reason], 0.0)
    if fate.end == "rejected" and luck.uniform("sight") < sight:
        return [("rejected", 0.0)]
    opening = [("accepted", 0.0), ("contacted", (2 + 40 * luck.uniform("call")) / 1_440)]
    if fate.end == "stalled":
        return opening
    if fate.end == "rejected":
        return [*opening, ("rejected", luck.days(4.0, 0.9, (0.05, 30.0)))]
    if fate.end == "won":
        return opening + _won_steps(luck)
    return opening + _lost_steps(luck, fate.end)


def _won_steps(luck: _Luck) -> list[_Step]:
    days = luck.days(48.0, 0.45, (14.0, 120.0))
    sql, opportunity = 0.08 + 0.15 * luck.uniform("sql"), 0.3 + 0.3 * luck.uniform("opportunity")
    promoted = [("promoter", days + 60 + 120 * luck.uniform("promoter at"))] if luck.uniform("promoter") < 0.25 else []
    return [("sql", days * sql), ("opportunity", days * opportunity), ("won", days), *promoted]


def _lost_steps(luck: _Luck, end: str) -> list[_Step]:
    days, reach = luck.days(15.0, 0.6, (1.0, 60.0)), luck.uniform("reach")
    sql = [("sql", days * (0.2 + 0.2 * luck.uniform("sql")))] if reach < 0.55 else []
    opportunity = [("opportunity", days * (0.5 + 0.3 * luck.uniform("opportunity")))] if reach < 0.28 else []
    return [*sql, *opportunity, (end, days)]


def _rows(market: Market, luck: _Luck, at: int, fate: Fate, steps: Sequence[_Step]) -> list[OutcomeRow]:
    owner, key = OWNERS[int(owners(market, np.array([luck.lead]))[0])], lead_id(luck.lead)
    rows: list[OutcomeRow] = []
    known_at = at
    for number, occurred_at in enumerate(_instants(at, steps)):
        stage = steps[number][0]
        known_at = max(known_at, occurred_at + _delay(luck, number))
        ends, won = stage in {"rejected", "lost", "recycled"}, stage == "won"
        rows.append(
            OutcomeRow(
                lead_id=key,
                stage=stage,
                occurred_at=occurred_at,
                recorded_at=known_at,
                reason=_written(luck, fate.reason) if ends else None,
                amount=_amount(market, luck) if won else None,
                currency="EUR" if won else None,
                actor=owner,
                outcome_id=f"O{key[1:]}-{luck.attempt}-{number}",
            )
        )
    return rows


def _instants(at: int, steps: Sequence[_Step]) -> list[int]:
    """When each step happens: the first two as they come, the later ones in office hours, a minute apart at least."""
    instants: list[int] = []
    for number, (_, days) in enumerate(steps):
        instant = at + int(days * 86_400) * SECOND
        instants.append(instant if number < 2 else max(instants[-1] + 60 * SECOND, _office_hours(instant)))
    return instants


def _office_hours(instant: int) -> int:
    """The same day between 7 and 17 o'clock UTC, or the Monday after.

    >>> from leadloop.clock import isoformat, parse_instant
    >>> isoformat(_office_hours(parse_instant("2026-06-27T12:00:00Z")))
    '2026-06-29T12:00:00Z'
    """
    day, time = divmod(instant, DAY)
    weekday = (day + 3) % 7  # 1970 began on a Thursday
    day += 7 - weekday if weekday >= 5 else 0
    seconds = 7 * 3_600 + time // SECOND * 10 // 24
    return day * DAY + seconds * SECOND


def owners(market: Market, lead: Ints) -> Ints:
    """Who of OWNERS looks after each lead: France has three of the six."""
    person = market.arrivals.person[lead]
    return market.draws.below("owner", person, 3) + np.where(market.people.country[lead] == 0, 0, 3)


def _delay(luck: _Luck, number: int) -> int:
    """Microseconds until a step is in the CRM: at once, by the evening, or when somebody tidies up."""
    late, wait = luck.uniform(f"late {number}"), -math.log(luck.uniform(f"lateness {number}"))
    hours = min(wait * (96.0 if late < 0.05 else 8.0 if late < 0.2 else 0.05), 14 * 24.0)
    return int(hours * 3_600) * SECOND


def _written(luck: _Luck, reason: int) -> str | None:
    """What is written down for a true reason; see READ_RIGHT and its neighbours."""
    luckily = luck.uniform("written")
    if luckily < READ_RIGHT:
        return REASONS[reason]
    if luckily < READ_RIGHT + READ_WRONG:
        return REASONS[int(chosen(np.array([luck.uniform("wrong")]), WRONG)[0])]
    if luckily < READ_RIGHT + READ_WRONG + READ_NONE:
        return None
    return UNREADABLE[int(luck.uniform("unreadable") * len(UNREADABLE))]


def _amount(market: Market, luck: _Luck) -> float:
    """EUR, to ten; its mean is the lead's deal value."""
    noise = math.exp(0.3 * luck.normal("amount") - 0.045)
    return max(10.0, round(float(market.people.deal[luck.lead] * noise) / 10) * 10.0)


def _fill_in(market: Market, luck: _Luck, outcomes: Sequence[OutcomeRow]) -> list[LeadRow]:
    """The trap: sales notes the budget once it has talked, so that the note tells the outcome and not the lead."""
    stages = [row.stage for row in outcomes]
    if "contacted" not in stages or luck.uniform("notes") > (0.85 if "sql" in stages else 0.25):
        return []
    talked_at = outcomes[stages.index("contacted")].recorded_at or 0
    known_at = talked_at + int((0.5 + 2.0 * luck.uniform("note at")) * 86_400) * SECOND
    sure = 0.92 if "won" in stages else 0.55 if "sql" in stages else 0.1
    answer = "yes" if luck.uniform("answer") < sure else "no"
    created_at = int(market.arrivals.created_at[luck.lead])
    return [LeadRow(lead_id(luck.lead), created_at, known_at, attributes={"budget_confirmed": answer})]
