"""Retention erases who has not been in touch for too long, and nobody else."""

from typing import Any

import pytest

from leadloop.clock import DAY, from_micros, parse_instant, to_micros
from leadloop.errors import InputError
from leadloop.store import activity, events, leads, outcomes, retention
from leadloop.store.ledger import Ledger
from leadloop.store.rows import EventRow, LeadRow, OutcomeRow
from tests.store.support import contents, kept


def _lead(name: str = "L-ada", day: int = 1) -> LeadRow:
    return LeadRow(name, day * DAY, day * DAY)


def _event(name: str = "L-ada", kind: str = "form_submit", day: int = 2, **more: Any) -> EventRow:
    return EventRow(name, kind, day * DAY, more.pop("recorded_at", day * DAY), **more)


def _outcome(stage: str) -> OutcomeRow:
    return OutcomeRow("L-ada", stage, 3 * DAY, 3 * DAY)


def _due(ledger: Ledger, before: int, **choice: Any) -> retention.Plan:
    with ledger.reading() as connection:
        return retention.plan(connection, before * DAY, **choice)


@pytest.mark.parametrize(
    ("kind", "kept_alive"),
    [("form_submit", True), ("Email Link Clicked", True), ("webinar_attended", True), ("own_invention", True),
     ("email_open", False), ("Email Opened", False), ("email-sent", False), ("bounce", False), ("unsubscribe", False)],
)  # fmt: skip
def test_only_what_the_lead_did_itself_is_a_contact(ledger: Ledger, kind: str, kept_alive: bool) -> None:
    kept(ledger, leads, _lead(day=1))
    kept(ledger, events, _event(kind=kind, day=100))
    assert (_due(ledger, 50).due == ()) is kept_alive


def test_without_contact_the_day_it_came_in_counts(ledger: Ledger) -> None:
    kept(ledger, leads, _lead(day=10))
    assert [_due(ledger, 10).due, _due(ledger, 11).due] == [(), ("L-ada",)]


def test_what_was_corrected_counts_as_it_is_now(ledger: Ledger) -> None:
    kept(ledger, leads, _lead(day=1))
    kept(ledger, events, _event(day=900, event_id="e"), _event(day=9, event_id="e", recorded_at=901 * DAY))
    assert _due(ledger, 50).due == ("L-ada",)


def test_customers_stay_unless_they_are_asked_for(ledger: Ledger) -> None:
    kept(ledger, leads, _lead())
    kept(ledger, outcomes, _outcome("won"))
    assert (_due(ledger, 50).due, _due(ledger, 50).customers) == ((), 1)
    assert _due(ledger, 50, customers_too=True).due == ("L-ada",)


def test_undated_leads_stay_and_are_counted(ledger: Ledger) -> None:
    kept(ledger, leads, LeadRow("L-1", None, None), LeadRow("L-2", None, None))
    kept(ledger, events, _event("L-2"))
    assert (_due(ledger, 50).due, _due(ledger, 50).undated) == (("L-2",), 1)


def test_leads_that_sales_has_in_hand_are_counted(ledger: Ledger) -> None:
    kept(ledger, leads, _lead())
    kept(ledger, outcomes, _outcome("opportunity"))
    assert _due(ledger, 50).in_hand == 1


def test_those_due_are_erased_batch_by_batch(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    kept(ledger, leads, *(_lead(f"L-{i}") for i in range(5)), _lead("L-new", day=90))
    steps: list[int] = []
    before = 50 * DAY
    done = retention.enforce(ledger, before, _due(ledger, 50).due, customers_too=False, done=steps.append)
    assert (done, steps) == ((5, True), [2, 4, 6])
    assert len(contents(ledger)["leads"]) == 1
    assert kept(ledger, leads, _lead("L-0")) == 0


def test_who_gets_in_touch_meanwhile_stays(ledger: Ledger) -> None:
    kept(ledger, leads, _lead())
    due = _due(ledger, 50).due
    kept(ledger, events, _event(day=60))
    assert retention.enforce(ledger, 50 * DAY, due, customers_too=False, done=lambda _: None) == (0, True)


@pytest.mark.parametrize("period", ["", "3", "y", "0d", "-1y", "3 y", "1.5y", "99999y", "3w"])
def test_what_is_no_period_is_refused(period: str) -> None:
    with pytest.raises(InputError, match="write"):
        retention.cutoff(20_000 * DAY, period)


@pytest.mark.parametrize(
    ("period", "day"), [("3y", "2021-02-28"), ("18m", "2022-08-29"), ("90d", "2023-12-01"), ("12M", "2023-02-28")]
)
def test_a_period_goes_back_by_the_calendar(period: str, day: str) -> None:
    leap = parse_instant("2024-02-29T12:00:00Z")
    found = from_micros(retention.cutoff(leap, period))
    assert (str(found.date()), to_micros(found) % DAY) == (day, DAY // 2)


def test_activity_as_of_an_instant_knows_no_later_correction(ledger: Ledger) -> None:
    kept(ledger, events, _event(day=9, event_id="e"), _event(day=5, event_id="e", recorded_at=20 * DAY))
    with ledger.reading() as connection:
        spans = [activity.read(connection, at)["L-ada"].first_at for at in (19 * DAY, 20 * DAY, None)]
    assert spans == [9 * DAY, 5 * DAY, 5 * DAY]
