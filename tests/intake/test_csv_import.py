"""CSV: headers, encodings, quotes and lines."""

from typing import TYPE_CHECKING

import pytest

from leadloop.clock import isoformat
from leadloop.errors import InputError
from leadloop.intake.hints import listed

if TYPE_CHECKING:
    from tests.intake.conftest import Desk

AT = "2026-03-01T09:00:00Z"


def test_identity_is_kept_apart_from_attributes(desk: "Desk") -> None:
    lead = desk.table("leads.csv", f"lead_id,created_at,email,company,source\nL-1,{AT},a@b.example,Acme,ad\n").leads[0]
    assert (lead.identity, lead.attributes) == ({"email": "a@b.example", "company": "Acme"}, {"source": "ad"})


def test_any_other_column_of_leads_is_an_attribute(desk: "Desk") -> None:
    lead = desk.table("leads.csv", f"lead_id,created_at,job_title,Size\nL-1,{AT}, CTO ,50\n").leads[0]
    assert lead.attributes == {"job_title": "CTO", "Size": "50"}


def test_any_other_column_of_events_is_a_property(desk: "Desk") -> None:
    text = f"lead_id,type,occurred_at,event_id,campaign,page\nL-1, page_viewed ,{AT},E-1,spring,/pricing\n"
    event = desk.table("events.csv", text).events[0]
    assert (event.type, event.event_id) == ("page_viewed", "E-1")
    assert event.properties == {"campaign": "spring", "page": "/pricing"}


def test_other_columns_of_outcomes_are_ignored_and_named(desk: "Desk") -> None:
    done = desk.table("outcomes.csv", f"lead_id,stage,occurred_at,mood\nL-1,won,{AT},good\n")
    assert done.report.ignored_columns == {str(desk.folder / "outcomes.csv"): ["mood"]}


def test_all_known_columns_of_outcomes_are_read(desk: "Desk") -> None:
    header = "lead_id,stage,occurred_at,reason,amount,currency,actor,outcome_id,recorded_at"
    row = f"L-1,lost,{AT},no_budget,12.5,eur,ann,O-1,2026-03-02T09:00:00Z"
    outcome = desk.table("outcomes.csv", f"{header}\n{row}\n").outcomes[0]
    assert (outcome.reason, outcome.amount, outcome.currency, outcome.outcome_id) == ("no_budget", 12.5, "EUR", "O-1")
    assert isoformat(outcome.recorded_at or 0) == "2026-03-02T09:00:00Z"


def test_an_empty_value_was_not_given(desk: "Desk") -> None:
    assert desk.table("leads.csv", f"lead_id,created_at,source,email\nL-1,{AT}, ,\n").leads[0].attributes == {}


def test_recorded_at_defaults_to_when_it_happened(desk: "Desk") -> None:
    lead = desk.table("leads.csv", f"lead_id,created_at,recorded_at\nL-1,{AT},\n").leads[0]
    assert lead.recorded_at == lead.created_at


def test_being_recorded_before_it_happened_is_accepted(desk: "Desk") -> None:
    text = f"lead_id,type,occurred_at,recorded_at\nL-1,x,{AT},2026-02-01T09:00:00Z\n"
    assert isoformat(desk.table("events.csv", text).events[0].recorded_at) == "2026-02-01T09:00:00Z"


def test_headers_match_without_case_spaces_and_underscores(desk: "Desk") -> None:
    lead = desk.table("leads.csv", f"Lead ID,Created At,E-Mail,Job Title\nL-1,{AT},a@b.example,CTO\n").leads[0]
    assert (lead.identity, lead.attributes) == ({"email": "a@b.example"}, {"job_title": "CTO"})


def test_two_columns_for_one_known_column_are_refused(desk: "Desk") -> None:
    with pytest.raises(InputError, match="'email' and 'E-Mail' both mean email"):
        desk.table("leads.csv", f"lead_id,created_at,email,E-Mail\nL-1,{AT},,\n")


def test_columns_of_the_same_name_are_refused(desk: "Desk") -> None:
    with pytest.raises(InputError, match=r"leads\.csv line 1 names two columns 'size'"):
        desk.table("leads.csv", f"lead_id,created_at,size,size\nL-1,{AT},1,2\n")


def test_a_column_without_a_name_is_ignored_and_named(desk: "Desk") -> None:
    done = desk.table("leads.csv", f",lead_id,created_at\n0,L-1,{AT}\n")
    assert done.leads[0].attributes == {}
    assert list(done.report.ignored_columns.values()) == [["(column 1, which has no name)"]]


def test_a_missing_column_is_named_with_the_likely_one_and_those_there(desk: "Desk") -> None:
    with pytest.raises(InputError, match=r"no column 'created_at'.*rename 'create_at' to it.*'lead_id', 'create_at'"):
        desk.table("leads.csv", f"lead_id,create_at\nL-1,{AT}\n")


def test_a_file_without_a_header_is_refused_without_quoting_its_data(desk: "Desk") -> None:
    with pytest.raises(InputError, match="first line looks like data") as refused:
        desk.table("leads.csv", f"L-1,{AT},ann@acme.example\n")
    assert "ann" not in str(refused.value)


def test_a_telephone_number_is_never_listed_as_a_column() -> None:
    assert listed(["+33 6 12 34 56 78", "x"]) == "its first line looks like data: put the column names above it"


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_separator_is_seen_in_the_header(desk: "Desk", separator: str) -> None:
    text = f'lead_id,created_at,"Size, in people"\nL-1,{AT},50\n'.replace(",", separator)
    assert len(desk.table("leads.csv", text).leads[0].attributes) == 1


def test_a_byte_order_mark_is_no_part_of_the_first_name(desk: "Desk") -> None:
    assert desk.table("leads.csv", f"\ufefflead_id,created_at\nL-1,{AT}\n").leads[0].lead_id == "L-1"


def test_bytes_that_are_not_utf8_are_refused_with_their_line(desk: "Desk") -> None:
    text = f"lead_id,created_at,city\nL-1,{AT},Paris\nL-2,{AT},Orléans\n"
    path = desk.write("leads.csv", text.encode("latin-1"))
    with pytest.raises(InputError, match=r"leads\.csv line 3 is not UTF-8"):
        desk.read(path)


def test_a_late_broken_byte_is_found_before_a_row_is_used(desk: "Desk") -> None:
    rows = f"L-1,{AT},Paris\n" * 100_000
    path = desk.write("leads.csv", f"lead_id,created_at,city\n{rows}".encode() + b"L-2,\xe9")
    with pytest.raises(InputError, match="line 100002 is not UTF-8"):
        desk.read(path)


def test_utf16_and_spreadsheets_are_told_apart(desk: "Desk") -> None:
    with pytest.raises(InputError, match="looks like UTF-16"):
        desk.read(desk.write("leads.csv", "lead_id,created_at\n".encode("utf-16")))
    with pytest.raises(InputError, match="looks like a spreadsheet"):
        desk.read(desk.write("leads.csv", b"PK\x03\x04\xff\xff"))


def test_values_over_several_lines_keep_the_line_where_they_start(desk: "Desk") -> None:
    done = desk.table("leads.csv", f'lead_id,created_at,note\nL-1,{AT},"a\n\nb"\nL-2,soon,x\n')
    assert (done.leads[0].attributes["note"], done.bad.line) == ("a\n\nb", 5)


def test_windows_lines_count_once(desk: "Desk") -> None:
    assert desk.table("leads.csv", f"lead_id,created_at\r\nL-1,{AT}\r\nL-2,soon\r\n").bad.line == 3


def test_blank_lines_are_no_rows(desk: "Desk") -> None:
    done = desk.table("leads.csv", f"\nlead_id,created_at\n\n   \nL-1,{AT}\n\n")
    assert (done.report.tables["leads"].read, done.report.bad) == (1, 0)


@pytest.mark.parametrize(("row", "fields"), [(f"L-1,{AT},x,y", 4), (f"L-1,{AT}", 2)])
def test_a_row_with_another_number_of_fields_is_bad(desk: "Desk", row: str, fields: int) -> None:
    bad = desk.table("leads.csv", f"lead_id,created_at,size\n{row}\nL-2,{AT},1\n").bad
    assert (bad.line, bad.column) == (2, None)
    assert f"has {fields} fields where the header has 3" in bad.cause


def test_a_quote_after_the_separator_and_a_space_is_a_quote(desk: "Desk") -> None:
    lead = desk.table("leads.csv", f'lead_id, created_at, note\nL-1, {AT}, "a, b"\n').leads[0]
    assert lead.attributes == {"note": "a, b"}


def test_a_quote_that_is_never_closed_is_a_bad_row_that_says_what_it_swallowed(desk: "Desk") -> None:
    done = desk.table("leads.csv", f'lead_id,created_at\nL-1,{AT}\n"L-2,{AT}\nL-3,{AT}\n')
    assert [lead.lead_id for lead in done.leads] == ["L-1"]
    assert done.bad.line == 3
    assert "never closed (lines 3 to 4 went with it)" in done.bad.cause


def test_text_after_a_closing_quote_is_a_bad_row_and_the_next_line_is_read(desk: "Desk") -> None:
    done = desk.table("leads.csv", f'lead_id,created_at,n\nL-1,{AT},"5" disk"\nL-2,{AT},x\n')
    assert ([lead.lead_id for lead in done.leads], done.bad.line) == (["L-2"], 2)


def test_a_value_without_end_does_not_fill_the_memory(desk: "Desk") -> None:
    rows = f"L-1,{AT}\n" * 20_000
    done = desk.table("leads.csv", f'lead_id,created_at\n"L-0,{AT}\n{rows}')
    assert "never closed" in done.report.bad_rows[0].cause
    assert len(done.leads) > 10_000


def test_a_nul_is_a_bad_row(desk: "Desk") -> None:
    done = desk.table("leads.csv", f"lead_id,created_at,note\nL-1,{AT},a\0b\nL-2,{AT},c\n")
    assert (done.bad.line, done.bad.column, done.bad.value) == (2, "note", None)
    assert [lead.lead_id for lead in done.leads] == ["L-2"]


def test_until_is_when_a_recycled_lead_is_open_again(desk: "Desk") -> None:
    text = f"lead_id,stage,occurred_at,until\nL-1,recycled,{AT},2026-04-01T00:00:00Z\nL-2,won,{AT},\n"
    assert [isoformat(row.until_at) if row.until_at else None for row in desk.table("outcomes.csv", text).outcomes] == [
        "2026-04-01T00:00:00Z",
        None,
    ]


def test_until_of_a_lead_that_is_not_recycled_is_a_bad_row(desk: "Desk") -> None:
    text = f"lead_id,stage,occurred_at,until\nL-1,won,{AT},2026-04-01T00:00:00Z\n"
    assert desk.table("outcomes.csv", text).outcomes == []
