"""One-table exports: what a mapping makes of their rows."""

import json
from typing import TYPE_CHECKING

import pytest

from leadloop.clock import isoformat

if TYPE_CHECKING:
    from tests.intake.conftest import Desk

UNDATED = '[leads]\nid = "Id"\n'
DATED = '[leads]\nid = "Id"\ncreated_at = "Created"\ntimezone = "UTC"\n'
OUTCOME = '[outcome]\ncolumn = "Status"\nwon = ["Won", "1"]\nlost = ["Lost", "0"]\nrejected = ["Junk"]\n'
REASON = '[reason]\ncolumn = "Why"\nmap = { "Dear" = "no_budget", "Will call" = "" }\n'


def test_an_undated_export_has_no_times(desk: "Desk") -> None:
    done = desk.export(UNDATED + OUTCOME, "Id,Status\n7,Won\n")
    assert (done.leads[0].created_at, done.leads[0].recorded_at, done.leads[0].position) == (None, None, None)
    assert (done.outcomes[0].occurred_at, done.outcomes[0].recorded_at) == (None, None)
    assert done.report.undated


def test_a_dated_export_is_not_undated(desk: "Desk") -> None:
    assert not desk.export(DATED, "Id,Created\n7,2026-03-01\n").report.undated


def test_order_is_the_position(desk: "Desk") -> None:
    assert desk.export(UNDATED + 'order = "Id"', "Id\n7\n").leads[0].position == 7.0


@pytest.mark.parametrize("order", ["x", "", "inf"])
def test_an_order_that_is_no_number_is_a_bad_row(desk: "Desk", order: str) -> None:
    assert desk.export(UNDATED + 'order = "Nr"', f"Id,Nr\n7,{order}\n").bad.column == "Nr"


def test_the_line_is_key_and_order_where_there_is_neither(desk: "Desk") -> None:
    done = desk.export('[leads]\nid = "#line"\norder = "#line"', 'a\n"x\ny"\nz\n')
    assert [(lead.lead_id, lead.position) for lead in done.leads] == [("2", 2.0), ("4", 4.0)]


def test_created_at_is_read_in_the_zone_and_format_of_the_mapping(desk: "Desk") -> None:
    toml = '[leads]\nid = "Id"\ncreated_at = "C"\ntimezone = "Europe/Paris"\ntime_format = "%d-%m-%Y"'
    lead = desk.export(toml, "Id,C\n7,01-07-2026\n").leads[0]
    assert isoformat(lead.created_at or 0) == "2026-06-30T22:00:00Z"


def test_a_row_without_its_time_is_bad_in_a_dated_export(desk: "Desk") -> None:
    assert desk.export(DATED, "Id,Created\n7,\n").bad.column == "Created"


def test_a_row_without_its_key_is_bad(desk: "Desk") -> None:
    assert desk.export(UNDATED + 'missing = ["-"]', "Id,x\n-,1\n").bad.column == "Id"


def test_missing_values_were_not_given(desk: "Desk") -> None:
    lead = desk.export(UNDATED + 'missing = ["Select"]', "Id,a,b,c\n7, Select ,,x\n").leads[0]
    assert lead.attributes == {"c": "x"}


def test_the_separator_of_the_mapping_wins(desk: "Desk") -> None:
    lead = desk.export(UNDATED + 'separator = ";"', "Id;a,b,c\n7;x\n").leads[0]
    assert lead.attributes == {"a,b,c": "x"}


def test_renamed_columns_may_become_identity_or_known_columns(desk: "Desk") -> None:
    toml = UNDATED + 'rename = { "Mail" = "email", "Who" = "owner", "Lead Source" = "source" }'
    lead = desk.export(toml, "Id,Mail,Who,Lead Source\n7,a@b.example,ann,ad\n").leads[0]
    assert (lead.identity, lead.attributes) == ({"email": "a@b.example"}, {"owner": "ann", "source": "ad"})


def test_identity_is_seen_without_being_renamed_and_is_never_an_attribute(desk: "Desk") -> None:
    lead = desk.export(UNDATED + 'attributes = ["a"]', "Id,E-mail,a,b\n7,a@b.example,1,2\n").leads[0]
    assert (lead.identity, lead.attributes) == ({"email": "a@b.example"}, {"a": "1"})


@pytest.mark.parametrize("name", ["Lead Source", "source"])
def test_attributes_and_exclude_take_both_names_of_a_column(desk: "Desk", name: str) -> None:
    toml, text = UNDATED + 'rename = { "Lead Source" = "source" }\n', "Id,Lead Source,b\n7,ad,2\n"
    assert desk.export(f'{toml}attributes = ["{name}"]', text).leads[0].attributes == {"source": "ad"}
    assert desk.export(f'{toml}exclude = ["{name}"]', text).leads[0].attributes == {"b": "2"}


def test_columns_used_elsewhere_are_no_attributes(desk: "Desk") -> None:
    toml = DATED + OUTCOME + 'at = "Closed"\namount = "Value"\n' + REASON
    text = "Id,Created,Status,Closed,Value,Why,a\n7,2026-03-01,Won,2026-03-02,5,Dear,x\n"
    assert desk.export(toml, text).leads[0].attributes == {"a": "x"}


@pytest.mark.parametrize(("status", "stage"), [("Won", "won"), (" Lost ", "lost"), ("Junk", "rejected"), ("1", "won")])
def test_values_become_stages(desk: "Desk", status: str, stage: str) -> None:
    assert desk.export(UNDATED + OUTCOME, f"Id,Status\n7,{status}\n").outcomes[0].stage == stage


@pytest.mark.parametrize("status", ["Open", "", "won"])
def test_a_value_not_listed_is_an_open_lead(desk: "Desk", status: str) -> None:
    done = desk.export(UNDATED + OUTCOME, f"Id,Status,a\n7,{status},1\n")
    assert (len(done.leads), done.outcomes) == (1, [])


@pytest.mark.parametrize("status", [1, 1.0, "1", " 1 "])
def test_a_number_and_its_text_are_the_same_value(desk: "Desk", status: object) -> None:
    text = json.dumps({"Id": 7, "Status": status})
    assert desk.export(UNDATED + OUTCOME, text, "export.jsonl").outcomes[0].stage == "won"


def test_a_missing_value_may_still_be_an_outcome(desk: "Desk") -> None:
    assert desk.export(UNDATED + 'missing = ["0"]\n' + OUTCOME, "Id,Status\n7,0\n").outcomes[0].stage == "lost"


def test_a_win_has_its_amount_and_no_reason(desk: "Desk") -> None:
    text = "Id,Status,Value,Why\n7,Won,12.5,Dear\n8,Lost,0,Dear\n9,Won,,\n"
    done = desk.export(UNDATED + OUTCOME + 'amount = "Value"\n' + REASON, text)
    assert [outcome.amount for outcome in done.outcomes] == [12.5, None, None]
    assert [outcome.reason for outcome in done.outcomes] == [None, "no_budget", None]


def test_an_amount_of_a_win_that_is_no_number_is_a_bad_row(desk: "Desk") -> None:
    done = desk.export(UNDATED + OUTCOME + 'amount = "Value"', "Id,Status,Value\n7,Won,much\n8,Open,much\n")
    assert (done.bad.line, [lead.lead_id for lead in done.leads]) == (2, ["8"])


def test_reasons_are_mapped_kept_or_no_reason(desk: "Desk") -> None:
    text = "Id,Status,Why\n1,Lost,Dear\n2,Junk, Moved \n3,Lost,Will call\n4,Lost,\n5,Open,Dear\n"
    done = desk.export(UNDATED + OUTCOME + REASON, text)
    assert [outcome.reason for outcome in done.outcomes] == ["no_budget", "Moved", None, None]
    assert done.report.reasons == {"no_budget": 1, "Moved": 1}


def test_one_column_may_be_outcome_and_reason(desk: "Desk") -> None:
    reason = '[reason]\ncolumn = "Status"\nmap = { "Junk" = "spam", "Lost" = "" }\n'
    done = desk.export(UNDATED + OUTCOME + reason, "Id,Status\n1,Junk\n2,Lost\n")
    assert [(outcome.stage, outcome.reason) for outcome in done.outcomes] == [("rejected", "spam"), ("lost", None)]


def test_an_outcome_is_known_when_it_happened(desk: "Desk") -> None:
    text = "Id,Created,Status,Closed\n7,2026-03-01,Won,2026-03-02T10:00:00Z\n8,2026-04-01,Open,\n"
    outcome = desk.export(DATED + OUTCOME + 'at = "Closed"', text).outcomes[0]
    assert outcome.occurred_at == outcome.recorded_at
    assert isoformat(outcome.recorded_at or 0) == "2026-03-02T10:00:00Z"


def test_an_outcome_without_a_time_is_known_at_the_export_which_is_the_latest_time(desk: "Desk") -> None:
    text = "Id,Created,Status\n7,2026-03-01,Won\n8,2026-04-01,Open\n9,2026-02-01,Lost\n"
    outcomes = desk.export(DATED + OUTCOME, text).outcomes
    assert {isoformat(outcome.recorded_at or 0) for outcome in outcomes} == {"2026-04-01T00:00:00Z"}


def test_a_row_with_an_empty_time_of_outcome_falls_back_to_the_export(desk: "Desk") -> None:
    text = "Id,Created,Status,Closed\n7,2026-03-01,Won,\n8,2026-03-02,Lost,2026-05-01\n"
    outcome = desk.export(DATED + OUTCOME + 'at = "Closed"', text).outcomes[0]
    assert isoformat(outcome.occurred_at or 0) == "2026-05-01T00:00:00Z"


def test_a_missing_marker_is_not_the_time_of_the_export(desk: "Desk") -> None:
    text = "Id,Created,Status,Closed\n7,2026-03-01,Won,9999-12-31\n"
    done = desk.export(DATED + 'missing = ["9999-12-31"]\n' + OUTCOME + 'at = "Closed"', text)
    assert isoformat(done.outcomes[0].occurred_at or 0) == "2026-03-01T00:00:00Z"


def test_leads_and_outcomes_of_an_export_are_counted_once_each(desk: "Desk") -> None:
    report = desk.export(UNDATED + OUTCOME, "Id,Status\n7,Won\n8,Open\n,Won\n").report
    assert (report.tables["leads"].good, report.tables["leads"].bad, report.tables["outcomes"].good) == (2, 1, 1)


def test_null_in_an_export_was_not_given(desk: "Desk") -> None:
    lead = desk.export(UNDATED, '{"Id": 7, "a": null, "b": 1}', "export.jsonl").leads[0]
    assert lead.attributes == {"b": 1}
