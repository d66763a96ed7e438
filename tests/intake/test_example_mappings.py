"""The example mappings, on the real leads that they are for; skipped where these are absent."""

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from leadloop.clock import isoformat
from leadloop.intake.mapping import read_mapping

if TYPE_CHECKING:
    from tests.intake.conftest import Desk, Imported

EXAMPLES = Path(__file__).parents[2] / "examples"
SHIPPED_REASONS = {
    *("not_a_buyer", "off_target", "too_small", "no_budget", "bad_timing", "not_interested", "competitor_chosen"),
    *("unreachable", "invalid_contact", "duplicate", "spam", "already_customer"),
}
LEAKY = {
    *("Tags", "Lead Quality", "Lead Profile", "Last Activity", "Last Notable Activity", "Converted"),
    *("What is your current occupation", "What matters most to you in choosing a course"),
    *(f"Asymmetrique {of} {kind}" for of in ("Activity", "Profile") for kind in ("Index", "Score")),
}


def export(desk: "Desk", shared_data: Path, name: str, file: str) -> "Imported":
    return desk.read(shared_data / file, mapping=read_mapping(EXAMPLES / f"{name}.toml"))


def stages(done: "Imported") -> Counter[str]:
    return Counter(outcome.stage for outcome in done.outcomes)


def attributes(done: "Imported") -> set[str]:
    return {name for lead in done.leads for name in lead.attributes}


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.toml")), ids=lambda path: path.stem)
def test_every_example_can_be_read(path: Path) -> None:
    assert read_mapping(path).outcome is not None


def test_x_education_keeps_intake_and_web_behaviour_only(desk: "Desk", shared_data: Path) -> None:
    done = export(desk, shared_data, "x_education", "x_education/leads.csv")
    assert not attributes(done) & LEAKY
    assert {"Lead Origin", "source", "TotalVisits", "Total Time Spent on Website"} < attributes(done)


def test_x_education_is_undated_and_whole(desk: "Desk", shared_data: Path) -> None:
    done = export(desk, shared_data, "x_education", "x_education/leads.csv")
    assert (done.report.undated, done.report.bad, len(done.leads)) == (True, 0, 9_240)
    assert stages(done) == {"won": 3_561, "lost": 5_679}


def test_x_education_has_shipped_reasons_for_lost_leads_only(desk: "Desk", shared_data: Path) -> None:
    done = export(desk, shared_data, "x_education", "x_education/leads.csv")
    assert set(done.report.reasons) <= SHIPPED_REASONS
    assert all(outcome.reason is None for outcome in done.outcomes if outcome.stage == "won")


def test_ficzon_tells_rejected_from_lost_and_says_why(desk: "Desk", shared_data: Path) -> None:
    done = export(desk, shared_data, "ficzon", "ficzon/leads.csv")
    assert stages(done) == {"won": 852, "lost": 440, "rejected": 4_071}
    assert done.report.reasons == {"not_a_buyer": 1_536, "unreachable": 1_129, "not_interested": 760, "bad_timing": 646}


def test_ficzon_outcomes_are_known_at_the_export(desk: "Desk", shared_data: Path) -> None:
    done = export(desk, shared_data, "ficzon", "ficzon/leads.csv")
    assert {isoformat(outcome.recorded_at or 0) for outcome in done.outcomes} == {"2018-11-14T04:35:00Z"}
    assert attributes(done) == {"product_id", "source", "location", "delivery_mode", "sales_agent"}


def test_maven_deals_close_at_their_date_for_their_value(desk: "Desk", shared_data: Path) -> None:
    done = export(desk, shared_data, "maven", "maven/sales_pipeline.csv")
    assert stages(done) == {"won": 4_238, "lost": 2_473}
    assert (done.outcomes[0].amount, isoformat(done.outcomes[0].occurred_at or 0)) == (1054.0, "2017-03-01T00:00:00Z")


def test_maven_deals_without_a_date_are_reported(desk: "Desk", shared_data: Path) -> None:
    report = export(desk, shared_data, "maven", "maven/sales_pipeline.csv").report
    assert (report.tables["leads"].good, report.tables["leads"].bad) == (8_300, 500)


def test_bank_rows_are_ordered_by_line_and_know_no_duration(desk: "Desk", shared_data: Path) -> None:
    done = export(desk, shared_data, "bank", "bank/bank-additional-full.csv")
    assert [lead.position for lead in done.leads] == [float(line) for line in range(2, 41_190)]
    assert "duration" not in attributes(done)
    assert stages(done) == {"won": 4_640, "lost": 36_548}
