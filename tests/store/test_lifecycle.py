"""The life of a lead is read from its rows, whatever their order, and moves that cannot be are named, not refused."""

import pytest

from leadloop.clock import DAY
from leadloop.store import events, leads, lifecycle, outcomes
from leadloop.store.ledger import Ledger
from leadloop.store.lifecycle import AWAY, LADDER, SKIPS, UNKNOWN, USUAL, Life, Step, kind
from leadloop.store.rows import STAGES, EventRow, LeadRow, OutcomeRow
from tests.store.support import kept
from tests.support import Loop


def _lead(name: str = "L-1", day: int | None = 1) -> LeadRow:
    at = None if day is None else day * DAY
    return LeadRow(name, at, at)


def _event(day: int, kind: str = "email_click", name: str = "L-1") -> EventRow:
    return EventRow(name, kind, day * DAY, day * DAY)


def _told(*stages: str, name: str = "L-1", first: int | None = 10) -> list[OutcomeRow]:
    days = [None if first is None else (first + i) * DAY for i in range(len(stages))]
    return [OutcomeRow(name, stage, at, at) for stage, at in zip(stages, days, strict=True)]


def _fill(ledger: Ledger, *rows: LeadRow | EventRow | OutcomeRow) -> None:
    rooms = {LeadRow: leads, EventRow: events, OutcomeRow: outcomes}
    for row in rows:
        kept(ledger, rooms[type(row)], row)


def _states(ledger: Ledger, as_of: int | None = None) -> list[str]:
    with ledger.reading() as connection:
        return [step.state for life in lifecycle.read(connection, as_of) for step in life.steps]


def _impossible(ledger: Ledger) -> list[tuple[str, str]]:
    with ledger.reading() as connection:
        found = lifecycle.transitions(lifecycle.read(connection))
    return [(move.before, move.after) for move in found if move.kind == "impossible"]


def test_a_whole_life_goes_up_the_ladder(ledger: Ledger) -> None:
    stages = ("mql", "accepted", "contacted", "sql", "opportunity", "won", "promoter")
    _fill(ledger, _lead(), _event(2), _event(3, "demo_request"), *_told(*stages))
    assert _states(ledger) == list(LADDER)
    assert _impossible(ledger) == []


def test_somebody_who_did_nothing_is_a_contact(ledger: Ledger) -> None:
    _fill(ledger, _lead(), _event(2, "email_open"))
    assert _states(ledger) == ["contact"]


def test_what_was_done_before_becoming_known_counts_from_then_on(ledger: Ledger) -> None:
    _fill(ledger, _event(1, "page_view"), _lead(day=5))
    with ledger.reading() as connection:
        assert lifecycle.read(connection) == [Life("L-1", (Step("contact", 5 * DAY), Step("prospect", 5 * DAY)))]


def test_activity_does_not_undo_what_sales_decided(ledger: Ledger) -> None:
    _fill(ledger, _lead(), *_told("accepted", "rejected"), _event(50, "demo_request"))
    assert _states(ledger) == ["contact", "accepted", "rejected"]


def test_calls_to_a_lead_in_talks_are_no_move(ledger: Ledger) -> None:
    _fill(ledger, _lead(), *_told("accepted", "contacted", "sql", "contacted", "contacted", "opportunity"))
    assert _states(ledger) == ["contact", "accepted", "contacted", "sql", "opportunity"]


@pytest.mark.parametrize("way_out", AWAY)
def test_every_way_out_leads_back(ledger: Ledger, way_out: str) -> None:
    _fill(ledger, _lead(), *_told("accepted", way_out, "accepted"))
    assert (_states(ledger)[-1], _impossible(ledger)) == ("accepted", [])


@pytest.mark.parametrize(
    ("stages", "move"),
    [
        (("accepted", "sql", "accepted"), ("sql", "accepted")),
        (("accepted", "promoter"), ("accepted", "promoter")),
        (("accepted", "opportunity", "rejected"), ("opportunity", "rejected")),
        (("accepted", "sql", "opportunity", "won", "lost"), ("client", "lost")),
    ],
)
def test_what_cannot_be_is_kept_and_named(ledger: Ledger, stages: tuple[str, ...], move: tuple[str, str]) -> None:
    _fill(ledger, _lead(), *_told(*stages))
    assert move in _impossible(ledger)
    assert len(_states(ledger)) == len(stages) + 1


def test_an_outcome_before_the_lead_came_in_is_impossible(ledger: Ledger) -> None:
    _fill(ledger, _lead(day=20), *_told("accepted"))
    assert _impossible(ledger) == [(UNKNOWN, "accepted")]


def test_a_lead_that_is_not_on_record_is_impossible(ledger: Ledger) -> None:
    _fill(ledger, _event(2))
    assert _impossible(ledger) == [(UNKNOWN, "prospect")]


def test_a_step_not_written_down_is_a_skip(ledger: Ledger) -> None:
    _fill(ledger, _lead(day=None), *_told("won", first=None))
    with ledger.reading() as connection:
        moves = lifecycle.transitions(lifecycle.read(connection))
    assert [(move.after, move.kind) for move in moves] == [("client", "skips"), ("contact", "usual")]


def test_the_order_of_rows_changes_nothing(ledger: Ledger) -> None:
    told = _told("accepted", "recycled", "accepted", "lost")
    rows: list[LeadRow | EventRow | OutcomeRow] = [_lead(), _event(3), _event(2, "form_submit"), *told]
    _fill(ledger, *rows[::-2], *rows[-2::-2])
    expected = ["contact", "prospect", "lead", "accepted", "recycled", "accepted", "lost"]
    assert _states(ledger) == expected


def test_as_of_an_instant_later_rows_do_not_exist(ledger: Ledger) -> None:
    _fill(ledger, _lead(), _event(2), *_told("accepted", "lost"))
    assert _states(ledger, 10 * DAY) == ["contact", "prospect", "accepted"]
    assert _states(ledger, 1 * DAY) == ["contact"]


def test_the_funnel_counts_who_passed_a_state_that_was_not_written_down(ledger: Ledger) -> None:
    _fill(ledger, _lead(), *_told("accepted", "opportunity"), _lead("L-2"))
    with ledger.reading() as connection:
        rungs = {rung.state: rung for rung in lifecycle.funnel(lifecycle.read(connection))}
    assert (rungs["sql"].entered, rungs["sql"].reached, rungs["contact"].reached) == (0, 1, 2)
    assert (rungs["opportunity"].now, rungs["contact"].now) == (1, 1)
    assert rungs["opportunity"].median_days == 10.0


def test_every_stage_of_the_contract_has_a_place() -> None:
    states = {"client" if stage == "won" else stage for stage in STAGES}
    assert states <= {*LADDER, *AWAY}
    assert set(USUAL) == {UNKNOWN, *LADDER, *AWAY}


def test_no_move_is_both_usual_and_a_skip() -> None:
    assert not [(state, after) for state in SKIPS for after in SKIPS[state] & USUAL[state]]


def test_no_state_follows_itself() -> None:
    assert {kind(state, state) for state in (*LADDER, *AWAY)} == {"impossible"}


def test_a_made_up_company_makes_no_impossible_move(loop: Loop) -> None:
    with loop.ledger.reading() as connection:
        lives = lifecycle.read(connection)
    assert {move.kind for move in lifecycle.transitions(lives)} == {"usual"}
    assert sum(rung.now for rung in lifecycle.funnel(lives)) == len(lives)
