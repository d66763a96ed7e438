"""What makes a row bad, and what the report says of it."""

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from leadloop.clock import isoformat
from leadloop.errors import SettingsError
from leadloop.intake.report import BadRow, ImportReport

if TYPE_CHECKING:
    from tests.intake.conftest import Desk

AT = "2026-03-01T09:00:00Z"


@pytest.mark.parametrize("lead_id", ["", "  ", "x" * 201])
def test_a_lead_id_is_needed_and_at_most_200_long(desk: "Desk", lead_id: str) -> None:
    bad = desk.table("leads.csv", f"lead_id,created_at\n{lead_id},{AT}\n").bad
    assert (bad.line, bad.column, bad.value) == (2, "lead_id", None)


def test_a_lead_id_of_200_is_accepted(desk: "Desk") -> None:
    assert len(desk.table("leads.csv", f"lead_id,created_at\n{'x' * 200},{AT}\n").leads[0].lead_id) == 200


@pytest.mark.parametrize(
    ("time", "cause"),
    [
        ("", "is missing"),
        ("soon", "is not a time"),
        ("2026-02-30T09:00:00Z", "is not a time"),
        ("2026-03-01 09:00", "has no UTC offset"),
        ("9999-12-31T23:59:59-12:00", "is not within the years"),
    ],
)
def test_a_time_must_be_iso_8601_with_an_offset(desk: "Desk", time: str, cause: str) -> None:
    bad = desk.table("events.csv", f"lead_id,type,occurred_at\nL-1,x,{time}\n").bad
    assert (bad.column, bad.value) == ("occurred_at", time or None)
    assert cause in bad.cause


def test_an_unreadable_recorded_at_is_bad_too(desk: "Desk") -> None:
    text = f"lead_id,type,occurred_at,recorded_at\nL-1,x,{AT},later\n"
    assert desk.table("events.csv", text).bad.column == "recorded_at"


def test_a_time_without_an_offset_is_read_in_the_configured_zone(desk: "Desk") -> None:
    path = desk.write("leads.csv", "lead_id,created_at\nL-1,2026-03-01 09:00\n")
    lead = desk.read(path, timezone=ZoneInfo("Europe/Paris")).leads[0]
    assert isoformat(lead.created_at or 0) == "2026-03-01T08:00:00Z"


def test_an_event_needs_a_type(desk: "Desk") -> None:
    assert desk.table("events.csv", f"lead_id,type,occurred_at\nL-1, ,{AT}\n").bad.column == "type"


def test_an_unknown_stage_is_bad_and_the_likely_one_is_named(desk: "Desk") -> None:
    bad = desk.table("outcomes.csv", f"lead_id,stage,occurred_at\nL-1,oportunity,{AT}\n").bad
    assert (bad.column, bad.value) == ("stage", "oportunity")
    assert "did you mean 'opportunity'?" in bad.cause


def test_a_stage_like_no_other_gets_the_list(desk: "Desk") -> None:
    bad = desk.table("outcomes.csv", f"lead_id,stage,occurred_at\nL-1,?,{AT}\n").bad
    assert "write one of mql, accepted" in bad.cause
    assert ". Own names are mapped" in bad.cause


@pytest.mark.parametrize("written", ["Closed Won", "closed_won", "CLOSED  WON", "won", "Won"])
def test_own_stage_names_match_without_case_and_spaces(desk: "Desk", written: str) -> None:
    done = desk.table("outcomes.csv", f"lead_id,stage,occurred_at\nL-1,{written},{AT}\n", stages={"Closed Won": "won"})
    assert done.outcomes[0].stage == "won"


def test_a_stage_setting_that_leads_nowhere_is_refused(desk: "Desk") -> None:
    with pytest.raises(SettingsError, match=r"'Closed' is mapped to 'wonn', which is no stage; did you mean 'won'\?"):
        desk.table("outcomes.csv", f"lead_id,stage,occurred_at\nL-1,x,{AT}\n", stages={"Closed": "wonn"})


@pytest.mark.parametrize("amount", ["much", "nan", "inf", "-Infinity", "1e999", "1,000", "1_000"])
def test_an_amount_must_be_a_finite_number(desk: "Desk", amount: str) -> None:
    bad = desk.table("outcomes.csv", f'lead_id,stage,occurred_at,amount\nL-1,won,{AT},"{amount}"\n').bad
    assert (bad.column, bad.value) == ("amount", amount)


@pytest.mark.parametrize("currency", ["EURO", "E", "1EU", "€"])
def test_a_currency_has_three_letters(desk: "Desk", currency: str) -> None:
    bad = desk.table("outcomes.csv", f"lead_id,stage,occurred_at,currency\nL-1,won,{AT},{currency}\n").bad
    assert (bad.column, bad.value) == ("currency", currency)


def test_good_rows_beside_a_bad_one_go_in(desk: "Desk") -> None:
    done = desk.table("leads.csv", f"lead_id,created_at\nL-1,{AT}\n,{AT}\nL-3,{AT}\n")
    assert [lead.lead_id for lead in done.leads] == ["L-1", "L-3"]
    counts = done.report.tables["leads"]
    assert (counts.read, counts.good, counts.bad) == (3, 2, 1)


def test_bad_rows_are_named_in_the_order_of_the_file(desk: "Desk") -> None:
    done = desk.table("leads.csv", f"lead_id,created_at\n,{AT}\na,b,c\n,{AT}\n")
    assert [bad.line for bad in done.report.bad_rows] == [2, 3, 4]


def test_all_bad_rows_are_counted_and_the_first_thousand_kept(desk: "Desk") -> None:
    report = desk.table("leads.csv", "lead_id,created_at\n" + f",{AT}\n" * 2_345).report
    assert (report.bad, len(report.bad_rows)) == (2_345, 1_000)


def test_a_report_never_shows_who_a_lead_is(desk: "Desk") -> None:
    header = "lead_id,created_at,email,phone,first_name,last_name,recorded_at"
    rows = [
        f"ann@acme.example{'x' * 200},{AT},ann@acme.example,+33612345678,Ann,Smith,",
        "L-1,ann@acme.example,ann@acme.example,+33612345678,Ann,Smith,",
        f"L-2,{AT},ann@acme.example,+33612345678,Ann,Smith,+33 6 12 34 56 78",
        f"L-3,{AT},ann@acme.example,+33612345678,Ann,Sm\0ith,",
    ]
    report = desk.table("leads.csv", "\n".join([header, *rows])).report
    assert report.bad == 4
    assert not any(secret in str(report.as_dict()) for secret in ("ann@", "612", "6 12", "Ann", "Smith", "ith"))


def test_a_long_value_is_shortened(desk: "Desk") -> None:
    value = desk.table("events.csv", f"lead_id,type,occurred_at\nL-1,x,{'soon' * 50}\n").bad.value
    assert value is not None
    assert len(value) < 70


def test_a_bad_row_reads_as_a_line_of_output() -> None:
    bad = BadRow("events.csv", 7, "occurred_at", "soon", "is not a time")
    assert str(bad) == "events.csv:7 occurred_at 'soon': is not a time"


def test_reasons_are_kept_as_written_and_counted(desk: "Desk") -> None:
    rows = "".join(
        f"L-{at},lost,{AT},{reason}\n" for at, reason in enumerate(["no_budget", "moved away", " moved away"])
    )
    done = desk.table("outcomes.csv", f"lead_id,stage,occurred_at,reason\n{rows}")
    assert done.report.reasons == {"no_budget": 1, "moved away": 2}
    assert done.outcomes[1].reason == "moved away"


def test_free_text_reasons_do_not_fill_the_memory() -> None:
    report = ImportReport()
    for at in range(10_500):
        report.add_reason(f"reason {at}")
    assert len(report.reasons) == 10_000


def test_the_report_as_json_has_every_count(desk: "Desk") -> None:
    found = desk.table("leads.csv", f"lead_id,created_at\nL-1,{AT}\n,{AT}\n").report.as_dict()
    assert found["tables"]["leads"] == {"read": 2, "good": 1, "bad": 1, "new": 0, "known": 0}
    assert found["bad_rows"][0]["line"] == 3
