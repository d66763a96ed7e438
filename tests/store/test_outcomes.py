"""Outcomes in the ledger, corrected ones once, and where they say that a lead stands."""

import pytest

from leadloop.clock import DAY
from leadloop.store import outcomes
from leadloop.store.ledger import Ledger
from leadloop.store.rows import STAGES, WITHDRAWN, OutcomeRow
from tests.store.support import kept


def _row(stage: str = "won", day: int | None = 1, **given: str | float | None) -> OutcomeRow:
    at = None if day is None else day * DAY
    return OutcomeRow(**{"lead_id": "L-1", "stage": stage, "occurred_at": at, "recorded_at": at, **given})  # type: ignore[arg-type] # a test's shorthand


def _stored(ledger: Ledger, as_of: int | None = None) -> list[outcomes.StoredOutcome]:
    with ledger.reading() as connection:
        return outcomes.read(connection, as_of)


def _standing(ledger: Ledger, *rows: OutcomeRow) -> outcomes.Standing | None:
    kept(ledger, outcomes, *rows)
    return outcomes.standings(_stored(ledger)).get("L-1")


def _last(ledger: Ledger, *rows: OutcomeRow) -> str | None:
    standing = _standing(ledger, *rows)
    return standing.last.stage if standing else None


@pytest.mark.parametrize("outcome_id", ["O-1", None])
def test_an_outcome_added_twice_is_kept_once(ledger: Ledger, outcome_id: str | None) -> None:
    row = _row(outcome_id=outcome_id)
    assert [kept(ledger, outcomes, row), kept(ledger, outcomes, row)] == [1, 0]


def test_an_outcome_twice_in_one_batch_is_kept_once(ledger: Ledger) -> None:
    assert kept(ledger, outcomes, _row(), _row(), _row("lost")) == 2


def test_an_empty_batch_of_outcomes_adds_nothing(ledger: Ledger) -> None:
    assert kept(ledger, outcomes) == 0


def test_an_outcome_comes_back_whole(ledger: Ledger) -> None:
    kept(
        ledger,
        outcomes,
        _row("lost", 1, reason="trop cher, dit-il", amount=0.1, currency="EUR", actor="zoë", outcome_id="O"),
    )
    row = _stored(ledger)[0]
    assert (row.outcome_key, row.reason, row.amount, row.currency, row.actor) == (
        "O",
        "trop cher, dit-il",
        0.1,
        "EUR",
        "zoë",
    )


def test_a_whole_amount_is_the_same_outcome_as_its_float(ledger: Ledger) -> None:
    assert kept(ledger, outcomes, _row(amount=900), _row(amount=900.0)) == 1


def test_a_corrected_outcome_counts_once(ledger: Ledger) -> None:
    kept(ledger, outcomes, _row(outcome_id="O", amount=9.0), _row(outcome_id="O", amount=7.0, recorded_at=3 * DAY))
    assert [row.amount for row in _stored(ledger)] == [7.0]


def test_before_its_correction_an_outcome_is_as_it_was_known(ledger: Ledger) -> None:
    kept(ledger, outcomes, _row(outcome_id="O", amount=7.0, recorded_at=3 * DAY), _row(outcome_id="O", amount=9.0))
    assert [row.amount for row in _stored(ledger, 3 * DAY - 1)] == [9.0]


def test_an_outcome_recorded_later_does_not_exist_yet(ledger: Ledger) -> None:
    kept(ledger, outcomes, _row(recorded_at=5 * DAY))
    assert [len(_stored(ledger, day * DAY)) for day in (4, 5)] == [0, 1]


def test_an_undated_outcome_is_known_at_every_instant(ledger: Ledger) -> None:
    kept(ledger, outcomes, _row("won", None))
    assert [row.stage for row in _stored(ledger, -DAY)] == ["won"]


def test_outcomes_come_in_the_order_of_time(ledger: Ledger) -> None:
    kept(ledger, outcomes, _row("won", 9), _row("mql", 1), _row("sql", 5))
    assert [row.stage for row in _stored(ledger)] == ["mql", "sql", "won"]


def test_only_outcomes_of_the_leads_named_are_read(ledger: Ledger) -> None:
    kept(ledger, outcomes, _row(), _row(lead_id="L-2"))
    with ledger.reading() as connection:
        assert [row.lead_id for row in outcomes.read(connection, None, ["L-2"])] == ["L-2"]


def test_the_newest_outcome_is_the_one_recorded_last(ledger: Ledger) -> None:
    kept(ledger, outcomes, _row("won", None), _row("mql", 1, recorded_at=9 * DAY), _row("sql", 5))
    with ledger.reading() as connection:
        assert outcomes.last_recorded_at(connection) == 9 * DAY


def test_a_lead_stands_at_its_latest_stage_by_time(ledger: Ledger) -> None:
    assert _last(ledger, _row("opportunity", 2), _row("contacted", 5)) == "contacted"


@pytest.mark.parametrize(
    ("early", "late"), [("accepted", "contacted"), ("opportunity", "won"), ("contacted", "rejected")]
)
def test_at_one_instant_the_later_stage_of_the_life_cycle_counts(ledger: Ledger, early: str, late: str) -> None:
    assert _last(ledger, _row(late), _row(early)) == late


def test_a_standing_starts_with_the_first_work(ledger: Ledger) -> None:
    standing = _standing(ledger, _row("mql", 1), _row("accepted", 2), _row("sql", 3))
    assert standing
    assert standing.first.stage == "accepted"


@pytest.mark.parametrize("stage", ["mql", "promoter"])
def test_a_stage_that_is_no_work_of_sales_gives_no_standing(ledger: Ledger, stage: str) -> None:
    assert _standing(ledger, _row(stage)) is None


@pytest.mark.parametrize("stage", [stage for stage in STAGES if stage not in ("mql", "promoter")])
def test_a_lead_is_open_until_a_stage_leaves_the_life_cycle(ledger: Ledger, stage: str) -> None:
    standing = _standing(ledger, _row(stage))
    assert standing
    assert standing.open == (stage in ("accepted", "contacted", "sql", "opportunity"))


def test_work_after_a_rejection_opens_the_lead_again(ledger: Ledger) -> None:
    standing = _standing(ledger, _row("rejected", 1), _row("contacted", 4))
    assert standing
    assert standing.open


def test_a_recycled_lead_is_closed(ledger: Ledger) -> None:
    standing = _standing(ledger, _row("contacted", 1), _row("recycled", 4))
    assert standing
    assert not standing.open


def test_a_promoter_is_still_won(ledger: Ledger) -> None:
    assert _last(ledger, _row("won", 1), _row("promoter", 9)) == "won"


def test_as_of_the_past_a_lead_stands_where_it_then_stood(ledger: Ledger) -> None:
    kept(ledger, outcomes, _row("contacted", 1), _row("won", 9))
    assert outcomes.standings(_stored(ledger, 5 * DAY))["L-1"].last.stage == "contacted"


def test_a_lead_that_is_put_off_is_open_but_waits_until_then(ledger: Ledger) -> None:
    standing = _standing(ledger, _row("contacted", 1), _row("recycled", 4, until_at=9 * DAY))
    assert standing
    assert (standing.open, standing.waits(9 * DAY - 1), standing.waits(9 * DAY)) == (True, True, False)


def test_a_withdrawn_outcome_never_was_from_when_that_is_recorded(ledger: Ledger) -> None:
    kept(ledger, outcomes, _row("rejected", 1, outcome_id="O"))
    taken_back = OutcomeRow("L-1", WITHDRAWN, DAY, 5 * DAY, outcome_id="O")
    kept(ledger, outcomes, taken_back)
    assert _stored(ledger) == []
    assert [row.stage for row in _stored(ledger, 4 * DAY)] == ["rejected"]


def test_an_outcome_that_a_correction_gave_to_another_lead_is_that_leads_alone(ledger: Ledger) -> None:
    kept(ledger, outcomes, _row("lost", 1, outcome_id="O"))
    kept(ledger, outcomes, OutcomeRow("L-2", "lost", DAY, 3 * DAY, outcome_id="O"))
    with ledger.reading() as connection:
        named = {name: len(outcomes.read(connection, None, [name])) for name in ("L-1", "L-2")}
    assert named == {"L-1": 0, "L-2": 1}
