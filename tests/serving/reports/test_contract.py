"""The calculator comes back to what was put in, and no verdict is given before it is certain."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadloop.contract import ContractSettings, MarketingSettings, SalesSettings, SlaSettings
from leadloop.errors import InputError
from leadloop.settings import Settings
from leadloop.store.outcomes import StoredOutcome
from serving.reports import calculator
from serving.reports.calculator import Deal
from serving.reports.rates import STAGES, Rate, Step
from serving.reports.verdicts import share
from tests.serving.reports.conftest import Asking, Fill

HALF = [Step(stage, Rate(5_000, 10_000), 0, 1.0, 1.0, 1.0) for stage in STAGES]
DEAL = Deal(10_000.0, 0.0, 100, 0)


def _contract(goal: float | None = None, **promised: object) -> Settings:
    marketing = MarketingSettings.model_validate(promised.get("marketing", {}))
    sales = SalesSettings.model_validate(promised.get("sales", {"in_time": None, "reasons": None, "feedback": None}))
    return Settings(contract=ContractSettings(goal=goal, marketing=marketing, sales=sales))


# What the goal takes


def test_each_stage_needs_what_the_rates_after_it_leave() -> None:
    plan = calculator.plan(HALF, DEAL, 100_000.0, {}, (100.0, 50.0))
    needed = {stage: round(value[0]) for stage, value in plan.needed.items()}
    wanted = ("delivered", *STAGES)
    assert needed == {stage: 10 * 2 ** (len(STAGES) - i) for i, stage in enumerate(wanted)}
    assert plan.per_lead[0] == 10_000 / 2**6
    assert (plan.at_capacity[0], plan.at_volume[0]) == (100 * 10_000 / 2**5, 50 * 10_000 / 2**6)


@given(st.integers(1, 200), st.integers(0, 200))
def test_a_figure_is_within_its_interval(won: int, lost: int) -> None:
    steps = [*HALF[:-1], replace(HALF[-1], rate=Rate(won, won + lost))]
    value, low, high = calculator.plan(steps, Deal(500.0, 50.0, 10, 0), 1_000.0, {}, (1.0, 1.0)).needed["delivered"]
    assert low < value < high


def test_fewer_leads_make_a_wider_interval() -> None:
    few = [replace(step, rate=Rate(5, 10)) for step in HALF]
    narrow, wide = (calculator.plan(each, DEAL, 1.0e5, {}, (1.0, 1.0)).needed["delivered"] for each in (HALF, few))
    assert wide[2] - wide[1] > 5 * (narrow[2] - narrow[1])


def test_a_stage_that_nobody_reached_needs_very_many_and_not_infinitely_many() -> None:
    steps = [*HALF[:-1], replace(HALF[-1], rate=Rate(0, 10))]
    assert 1e3 < calculator.plan(steps, DEAL, 1.0e5, {}, (1.0, 1.0)).needed["delivered"][0] < 1e6


def test_a_rate_assumed_is_taken_as_it_is() -> None:
    plan = calculator.plan(HALF, DEAL, 100_000.0, dict.fromkeys(STAGES, 1.0), (1.0, 1.0))
    assert plan.needed["delivered"] == pytest.approx((10.0, 10.0, 10.0))


@pytest.mark.parametrize(("stage", "rate"), [("client", 0.5), ("won", 0.0), ("won", 1.5), ("won", float("nan"))])
def test_a_rate_that_is_none_is_refused_by_name(asking: Asking, stage: str, rate: float) -> None:
    with pytest.raises(InputError, match=stage):
        asking("contract", rates={stage: rate})


def _won(amount: float | None, currency: str | None = None) -> StoredOutcome:
    return StoredOutcome("k", 0, "L", "won", 0, 0, None, amount, currency, None)


def test_the_mean_deal_is_that_of_the_currency() -> None:
    rows = [_won(100.0), _won(300.0, "EUR"), _won(9e9, "JPY"), _won(None)]
    assert calculator.deal(rows, "EUR", None) == Deal(200.0, 100.0, 2, 1)
    assert calculator.deal(rows, "EUR", 50.0) == Deal(50.0, 0.0, 0, 1)
    assert calculator.deal([_won(None), _won(5.0, "JPY")], "USD", None) is None


# From the ledger


def test_a_lead_that_had_no_time_yet_is_no_failure(asking: Asking, fill: Fill) -> None:
    for day in range(1, 11):
        later = [("won", f"2026-01-{day + 10}T09:00:00Z", None, 100.0)] if day % 2 else []
        fill(f"L-{day:02}", f"2026-01-{day:02}T09:00:00Z", ("sql", f"2026-01-{day:02}T10:00:00Z"), *later)
    fill("L-young", "2026-03-30T09:00:00Z", ("sql", "2026-03-30T10:00:00Z"))
    rates = {each["stage"]: each for each in asking("contract", as_of="2026-04-01T00:00:00Z").data["rates"]}
    assert (rates["opportunity"]["rate"]["reached"], rates["opportunity"]["rate"]["of"]) == (5, 10)
    assert rates["opportunity"]["young"] == 1
    assert rates["sql"]["rate"] == Rate(11, 11).as_json()


def test_what_was_won_without_being_written_down_passed_every_stage(asking: Asking, fill: Fill) -> None:
    fill("L-1", "2026-01-05T09:00:00Z", ("won", "2026-01-05T09:00:00Z", None, 100.0))
    found = asking("contract", as_of="2026-04-01T00:00:00Z").data
    assert {each["stage"]: each["rate"]["rate"] for each in found["rates"]} == dict.fromkeys(STAGES, 1.0)
    assert found["mean_deal"]["mean"] == 100.0


def test_an_undated_ledger_has_rates_of_closed_leads_and_no_months(asking: Asking, fill: Fill) -> None:
    fill("L-1", None, ("won", None, None, 100.0))
    fill("L-2", None, ("rejected", None, "spam"))
    fill("L-3", None)
    found = asking("contract", _contract(marketing={"leads": 1}))
    judged, accepted = found.data["rates"][:2]
    assert (judged["rate"]["of"], accepted["rate"]["rate"], found.data["months"]) == (2, 0.5, [])
    assert any("undated" in note for note in found.notes)


def test_without_a_contract_the_report_says_what_to_write(asking: Asking, fill: Fill) -> None:
    fill("L-1", "2026-01-05T09:00:00Z", ("won", "2026-01-06T09:00:00Z", None, 100.0))
    found = asking("contract", as_of="2026-04-01T00:00:00Z", goal=1_000.0)
    assert (found.data["configured"], found.data["plan"]["goal"], found.data["months"]) == (False, 1_000.0, [])
    assert any("[contract.marketing]" in note for note in found.notes)


def test_a_month_begins_at_midnight_where_the_team_is(asking: Asking, fill: Fill) -> None:
    fill("L-1", "2026-01-31T23:30:00Z")
    paris = _contract(marketing={"leads": 1}).model_copy(update={"timezone": "Europe/Paris"})
    assert {month for month, _, _ in _verdicts(asking, paris, "2026-03-01T12:00:00Z")} == {"2026-02", "2026-03"}


def test_a_goal_of_a_quarter_is_three_months_of_a_third() -> None:
    assert ContractSettings(goal=300.0, per="quarter").monthly_goal == 100.0
    assert ContractSettings(goal=1_200.0, per="year").monthly_goal == 100.0


# Who keeps their word


@given(st.integers(0, 50), st.integers(0, 50), st.integers(0, 50), st.floats(0, 1))
def test_a_verdict_holds_whatever_becomes_of_the_cases_that_are_open(
    kept: int, failed: int, still_open: int, promised: float
) -> None:
    verdict = share(kept, failed, still_open, promised, ended=True)
    ends = {share(kept + good, failed + still_open - good, 0, promised, ended=True) for good in range(still_open + 1)}
    assert ends == {verdict} if verdict != "too_early" else ends == {"kept", "not_kept"}


def _verdicts(asking: Asking, settings: Settings, as_of: str) -> dict[tuple[str, str, str | None], tuple[object, str]]:
    months = asking("contract", settings, as_of).data["months"]
    each = [measure for month in months for measure in month["promises"]]
    return {(m["month"], m["promise"], m["of"]): (m["real"], m["verdict"]) for m in each}


def test_volume_is_judged_when_the_month_is_over_or_the_promise_is_reached(asking: Asking, fill: Fill) -> None:
    for number in range(3):
        fill(f"L-{number}", f"2026-0{number + 1}-05T09:00:00Z", source="web")
    fill("L-9", "2026-03-06T09:00:00Z", source="fair")
    settings = _contract(marketing={"leads": 2, "by_source": {"fair": 1, "web": 2}})
    found = _verdicts(asking, settings, "2026-03-20T00:00:00Z")
    assert found["2026-02", "leads", None] == (1, "not_kept")
    assert found["2026-03", "leads", None] == (2, "kept")
    assert found["2026-03", "source", "fair"] == (1, "kept")
    assert found["2026-03", "source", "web"] == (1, "too_early")


def test_quality_is_what_sales_did_not_refuse_for_what_the_lead_is(asking: Asking, fill: Fill) -> None:
    fill("L-1", "2026-01-05T09:00:00Z", ("rejected", "2026-01-06T09:00:00Z", "Spam"))
    fill("L-2", "2026-01-05T09:00:00Z", ("rejected", "2026-01-06T09:00:00Z", "bad_timing"))
    fill("L-3", "2026-01-05T09:00:00Z", ("accepted", "2026-01-06T09:00:00Z"))
    fill("L-4", "2026-01-05T09:00:00Z")
    settings = _contract(marketing={"fit": 0.6, "accepted": 0.5})
    found = _verdicts(asking, settings, "2026-03-20T00:00:00Z")
    assert found["2026-01", "fit", None] == (2 / 3, "kept")
    assert found["2026-01", "accepted", None] == (1 / 3, "not_kept")
    early = _verdicts(asking, settings, "2026-02-02T00:00:00Z")  # sales may still look at the fourth
    assert early["2026-01", "accepted", None] == (1 / 3, "too_early")


def test_sales_owes_contacts_reasons_and_feedback(asking: Asking, fill: Fill) -> None:
    fill("L-1", "2026-01-05T09:00:00Z", ("contacted", "2026-01-05T10:00:00Z"))
    fill("L-2", "2026-01-06T09:00:00Z", ("contacted", "2026-01-26T10:00:00Z"))
    fill("L-3", "2026-01-07T09:00:00Z", ("rejected", "2026-01-07T10:00:00Z", "  "))
    fill("L-4", "2026-01-30T09:00:00Z")
    sales = {"in_time": 0.4, "reasons": 0.5, "feedback": 0.5, "feedback_days": 5}
    settings = _contract(sales=sales).model_copy(update={"sla": SlaSettings(within="24 hours")})
    found = _verdicts(asking, settings, "2026-02-01T00:00:00Z")
    assert found["2026-01", "in_time", None] == (1 / 3, "not_kept")
    assert found["2026-01", "reasons", None] == (0.0, "not_kept")
    assert found["2026-01", "feedback", None] == (2 / 3, "kept")


def test_a_side_keeps_its_word_when_every_promise_is_kept_and_says_why(asking: Asking, fill: Fill) -> None:
    fill("L-1", "2026-01-05T09:00:00Z", ("accepted", "2026-01-05T10:00:00Z"))
    settings = _contract(marketing={"leads": 1, "accepted": 1.0})
    months = asking("contract", settings, "2026-02-20T00:00:00Z", lang="fr").data["months"]
    (january,) = [each for each in months if each["month"] == "2026-01" and each["side"] == "marketing"]
    assert january["verdict"] == "kept"
    assert january["why"].startswith(
        "Leads livrés par le marketing : 1 ; promis : 1. Leads examinés par les ventes : 1"
    )
