"""What became of a lead, as far as it can be known."""

import numpy as np
import pytest

from features.history import ALWAYS, NEVER, build
from leadloop.clock import DAY
from leadloop.store.outcomes import StoredOutcome
from models.reasons import FAMILIES, code, unknown
from tests.checks import T0, lead
from training.dataset import past_the_horizon
from training.labels import NOT_WON, UNKNOWN, WON, Labels, label


def outcome(
    stage: str, day: float | None, reason: str | None = None, amount: float | None = None, lead_id: str = "a"
) -> StoredOutcome:
    at = None if day is None else T0 + round(day * DAY)
    return StoredOutcome(f"{lead_id} {stage} {day}", 0, lead_id, stage, at, at, reason, amount, None, None)


def of(*outcomes: StoredOutcome, own: dict[str, str] | None = None) -> Labels:
    return label(build([lead("a"), lead("b")], []), outcomes, own or {})


@pytest.mark.parametrize(
    ("stages", "state"),
    [
        (["accepted", "won"], WON),
        (["won"], WON),
        (["contacted", "lost"], NOT_WON),
        (["rejected"], NOT_WON),
        (["accepted", "recycled"], NOT_WON),
        (["won", "promoter"], WON),
        (["mql"], UNKNOWN),
        (["accepted"], UNKNOWN),
        (["contacted", "sql", "opportunity"], UNKNOWN),
        (["lost", "contacted"], UNKNOWN),
        (["rejected", "accepted", "won"], WON),
        (["recycled", "mql"], NOT_WON),
        ([], UNKNOWN),
    ],
)
def test_the_state_of_a_lead_is_its_last_stage(stages: list[str], state: int) -> None:
    assert of(*(outcome(stage, day) for day, stage in enumerate(stages))).state[0] == state


def test_the_order_of_outcomes_is_that_of_their_times() -> None:
    rows = [outcome("won", 3), outcome("accepted", 1), outcome("lost", 2)]
    assert {of(*order).state[0] for order in (rows, rows[::-1])} == {WON}


def test_a_lead_without_an_outcome_is_unknown_and_untouched() -> None:
    labels = of(outcome("won", 1))
    assert (labels.state[1], labels.worked_at[1]) == (UNKNOWN, NEVER)


@pytest.mark.parametrize(
    ("given", "expected"),
    [("Not a Buyer", "not_a_buyer"), ("no-budget", "no_budget"), ("moved to Mars", "other"), (" ", ""), (None, "")],
)
def test_a_reason_becomes_ours_other_or_none(given: str | None, expected: str) -> None:
    assert of(outcome("rejected", 1, given)).reason[0] == expected


def test_the_customers_names_of_reasons_count_whatever_their_spacing() -> None:
    own = {"Pas  de Budget ": "no_budget"}
    assert of(outcome("rejected", 1, "pas de budget"), own=own).reason[0] == "no_budget"


def test_a_win_has_an_amount_and_no_reason() -> None:
    labels = of(outcome("won", 1, "no_budget", 900.0))
    assert (labels.reason[0], labels.amount[0]) == ("", 900)


def test_a_loss_has_a_reason_and_no_amount() -> None:
    labels = of(outcome("lost", 1, "competitor_chosen", 900.0))
    assert labels.reason[0] == "competitor_chosen"
    assert np.isnan(labels.amount[0])


def test_the_first_touch_is_by_sales_not_by_marketing() -> None:
    assert of(outcome("mql", 1), outcome("contacted", 2), outcome("won", 3)).worked_at[0] == T0 + 2 * DAY


def test_it_is_known_when_sales_qualified_a_lead_and_made_it_an_opportunity() -> None:
    labels = of(outcome("contacted", 1), outcome("sql", 3), outcome("opportunity", 5), outcome("sql", 6))
    assert (labels.sql_at[0], labels.opportunity_at[0]) == (T0 + 3 * DAY, T0 + 5 * DAY)
    assert (labels.sql_at[1], labels.opportunity_at[1]) == (NEVER, NEVER)


def test_whatever_is_an_opportunity_is_qualified() -> None:
    labels = of(outcome("contacted", 1), outcome("opportunity", 5))
    assert (labels.sql_at[0], labels.opportunity_at[0]) == (T0 + 5 * DAY, T0 + 5 * DAY)


def test_an_undated_outcome_is_known_always() -> None:
    labels = of(outcome("won", None))
    assert (labels.closed_at[0], labels.known_at[0], labels.dated) == (ALWAYS, ALWAYS, False)


def test_outcomes_that_all_came_at_once_date_nothing() -> None:
    assert not of(outcome("won", 5), outcome("lost", 5, lead_id="b")).dated
    rows = [outcome("won", day, lead_id=str(day)) for day in range(5)]
    assert label(build([lead(str(day)) for day in range(5)], []), rows, {}).dated


def test_a_ledger_of_wins_alone_says_so() -> None:
    assert of(outcome("won", 1)).only_wins
    assert not of(outcome("won", 1), outcome("lost", 2, lead_id="b")).only_wins


def test_where_only_wins_are_recorded_a_lead_older_than_the_horizon_was_not_won() -> None:
    history, as_of = build([lead("a"), lead("b"), lead("c", T0 + 9 * DAY)], []), T0 + 12 * DAY
    labels = past_the_horizon(history, label(history, [outcome("won", 1)], {}), as_of, 10)
    assert labels.state.tolist() == [WON, NOT_WON, UNKNOWN]
    assert labels.known_at[1] == T0 + 10 * DAY


def test_where_only_wins_are_recorded_a_young_win_waits_for_its_peers() -> None:
    history = build([lead("a"), lead("b"), lead("c", T0 + 9 * DAY)], [])
    rows = [outcome("won", 1), outcome("won", 10, lead_id="c")]
    state = past_the_horizon(history, label(history, rows, {}), T0 + 12 * DAY, 10).state
    assert state.tolist() == [WON, NOT_WON, UNKNOWN]


def test_a_lead_that_was_worked_and_never_closed_was_not_won_past_the_horizon() -> None:
    history = build([lead("a"), lead("b"), lead("c")], [])
    rows = [outcome("contacted", 1), outcome("contacted", 8, lead_id="b"), outcome("lost", 2, lead_id="c")]
    state = past_the_horizon(history, label(history, rows, {}), T0 + 12 * DAY, 10).state
    assert state.tolist() == [NOT_WON, UNKNOWN, NOT_WON]


def test_a_lead_that_nobody_worked_is_no_negative_however_old() -> None:
    history = build([lead("a"), lead("b"), lead("c")], [])
    rows = [outcome("won", 1), outcome("lost", 2, lead_id="b")]
    assert past_the_horizon(history, label(history, rows, {}), T0 + 999 * DAY, 10).state[2] == UNKNOWN


@pytest.mark.parametrize("reason", FAMILIES)
def test_a_shipped_reason_stands_for_itself(reason: str) -> None:
    assert code(reason.replace("_", " ").title(), {}) == reason


def test_reasons_that_nobody_mapped_are_named_with_their_count() -> None:
    assert unknown({"Mars": 3, "No budget": 2, "other": 1, "Cher": 4}, {"cher": "no_budget"}) == {"Mars": 3}
