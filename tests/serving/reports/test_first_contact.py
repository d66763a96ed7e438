"""The report on the first contact counts every lead once, and the sweep finds the leads that it shows as at risk."""

import pytest

from leadloop.clock import parse_instant
from leadloop.contract import Promise, SlaSettings
from leadloop.settings import Settings
from leadloop.store.ledger import Ledger
from serving.reports.deadlines import at_risk, counts, oldest_start
from serving.sla import Sla
from tests.serving.reports.conftest import Asking, Fill

FOUR_HOURS = Settings(timezone="Europe/Paris", sla=SlaSettings(within="4 working hours", country="FR"))
NOW = "2026-04-02T12:30:00+02:00"
NINE = "2026-04-02T09:00:00+02:00"


@pytest.fixture
def cases(fill: Fill) -> None:
    """One lead of each kind, all in hours of work on two days, as of half past twelve on the second."""
    day = "2026-04-01T09:00:00+02:00"
    fill(
        "L-kept", day, ("accepted", "2026-04-01T09:30:00+02:00"), ("contacted", "2026-04-01T11:00:00+02:00"), source="a"
    )
    fill("L-late", day, ("contacted", "2026-04-01T15:00:00+02:00"), source="a")
    fill("L-missed", day, ("accepted", "2026-04-01T10:00:00+02:00"), source="a", owner="eva")
    fill("L-refused", day, ("rejected", "2026-04-01T10:00:00+02:00", "spam"), source="b")
    fill("L-too-late", day, ("rejected", "2026-04-02T10:00:00+02:00", "spam"), source="b")
    fill("L-in-time", "2026-04-02T12:00:00+02:00", source="b")
    fill("L-at-risk", NINE, source="b")


@pytest.mark.usefixtures("cases")
def test_every_lead_is_in_one_state(asking: Asking) -> None:
    total = asking("sla", FOUR_HOURS, NOW).data["total"]
    states = {name: total[name] for name in ("kept", "late", "missed", "closed", "lapsed", "in_time", "at_risk")}
    assert states == dict.fromkeys(states, 1)
    assert (total["leads"], total["kept_share"]) == (7, 1 / 4)  # kept, late, missed and refused too late


@pytest.mark.usefixtures("cases")
def test_hours_to_the_first_contact_are_those_of_the_clock_and_of_work(asking: Asking, fill: Fill) -> None:
    fill("L-night", "2026-03-31T17:00:00+02:00", ("contacted", "2026-04-01T10:00:00+02:00"), source="c")
    night = next(row for row in asking("sla", FOUR_HOURS, NOW).data["by_source"] if row["name"] == "c")
    assert (night["median_hours"], night["median_working"], night["kept"]) == (17.0, 2.0, 1)


@pytest.mark.usefixtures("cases")
def test_leads_at_risk_are_named_by_id_with_their_deadline(asking: Asking) -> None:
    (one,) = asking("sla", FOUR_HOURS, NOW).data["at_risk"]
    assert one == {"lead_id": "L-at-risk", "due_at": "2026-04-02T11:00:00Z", "time_left_hours": 0.5}


@pytest.mark.usefixtures("cases")
def test_the_sweep_finds_the_leads_that_the_report_shows(ledger: Ledger) -> None:
    sla, as_of = Sla.of(FOUR_HOURS), parse_instant(NOW)
    assert sla is not None
    with ledger.reading() as connection:
        assert at_risk(connection, {}, sla, as_of) == [("L-at-risk", parse_instant("2026-04-02T13:00:00+02:00"))]
        assert counts(connection, {}, sla, as_of) == {"in_time": 1, "at_risk": 1, "missed": 1}


@pytest.mark.usefixtures("cases")
def test_the_cell_of_a_lead_gives_it_another_deadline(ledger: Ledger) -> None:
    rules = SlaSettings(within="8 working hours", promises=(Promise(cell="call_now", within="4 working hours"),))
    sla, as_of = Sla.of(Settings(timezone="Europe/Paris", sla=rules)), parse_instant(NOW)
    assert sla is not None
    with ledger.reading() as connection:
        assert at_risk(connection, {}, sla, as_of) == []
        assert [lead_id for lead_id, _ in at_risk(connection, {"L-at-risk": "call_now"}, sla, as_of)] == ["L-at-risk"]


def test_the_sweep_looks_back_as_far_as_the_longest_promise_may_reach() -> None:
    rules = SlaSettings(within="1 hour", promises=(Promise(source="fair", within="9 working hours"),), country="FR")
    sla = Sla.of(Settings(timezone="Europe/Paris", sla=rules))
    assert sla is not None
    tuesday = parse_instant("2026-04-07T10:00:00+02:00")  # Easter Monday was free
    oldest = oldest_start(sla, tuesday)
    assert parse_instant("2026-04-03T08:00:00+02:00") <= oldest <= parse_instant("2026-04-03T10:00:00+02:00")


@pytest.mark.usefixtures("cases")
def test_a_contact_recorded_later_is_not_known_yet(asking: Asking) -> None:
    noon = asking("sla", FOUR_HOURS, "2026-04-01T12:15:00+02:00").data["total"]
    assert (noon["kept"], noon["late"], noon["at_risk"], noon["closed"]) == (1, 0, 3, 1)


def test_a_clock_may_start_when_marketing_found_the_lead_ripe(asking: Asking, fill: Fill) -> None:
    fill(
        "L-1", "2026-01-05T09:00:00Z", ("mql", "2026-04-02T09:00:00+02:00"), ("contacted", "2026-04-02T10:00:00+02:00")
    )
    fill("L-2", "2026-01-05T09:00:00Z")
    rules = SlaSettings(within="4 working hours", since="mql")
    total = asking("sla", Settings(timezone="Europe/Paris", sla=rules), NOW).data["total"]
    assert (total["leads"], total["kept"], total["median_hours"]) == (1, 1, 1.0)


@pytest.mark.usefixtures("cases")
def test_with_nothing_promised_the_report_says_what_to_write(asking: Asking) -> None:
    found = asking("sla", Settings(), NOW)
    assert found.data["promised"] is False
    assert found.data["total"]["median_hours"] == 4.0  # two and six: how fast sales calls is told all the same
    assert any("[sla]" in note for note in found.notes)


def test_an_undated_ledger_says_that_nothing_can_be_told(asking: Asking, fill: Fill) -> None:
    fill("L-1", None, ("contacted", None))
    found = asking("sla", FOUR_HOURS)
    assert found.data["total"]["leads"] == 0
    assert any("undated" in note for note in found.notes)


def test_a_ledger_without_calls_says_that_it_has_none(asking: Asking, fill: Fill) -> None:
    for number in range(20):
        fill(f"L-{number:02}", NINE, ("won", f"2026-04-{number + 10}T09:00:00Z"))
    found = asking("sla", FOUR_HOURS)
    assert any("hardly records calls" in note for note in found.notes)
    assert (found.data["total"]["late"], found.data["total"]["kept_share"]) == (0, None)


def test_an_export_that_says_how_things_stand_accuses_nobody(asking: Asking, fill: Fill) -> None:
    for number in range(20):
        fill(f"L-{number:02}", "2026-03-01T09:00:00Z", ("contacted", "2026-03-30T00:00:00Z"))
    fill("L-live", NINE, ("contacted", "2026-04-02T09:30:00+02:00"))
    found = asking("sla", FOUR_HOURS, NOW)
    assert any("2026-03-30" in note for note in found.notes)
    assert (found.data["total"]["late"], found.data["total"]["kept"]) == (0, 1)


def test_wins_by_speed_count_only_leads_that_had_the_time(asking: Asking, fill: Fill) -> None:
    for number in range(3):
        won = [("won", "2026-01-20T09:00:00Z", None, 100.0)] if number else []
        fill(f"L-{number}", "2026-01-05T09:00:00Z", ("contacted", "2026-01-05T09:30:00Z"), *won)
    fill("L-new", "2026-04-01T09:00:00Z", ("contacted", "2026-04-01T09:10:00Z"))
    first = asking("sla", FOUR_HOURS, "2026-04-02T09:00:00Z").data["speeds"][0]
    assert (first["speed"], first["leads"], first["wins"]) == ("within the hour", 3, 2)
