"""Reports on refusals, sources and campaigns: counted by hand, with small samples held back."""

import pytest

from leadloop.contract import ContractSettings
from leadloop.settings import Settings
from serving.reports.rates import Rate
from serving.reports.sources import shrunk
from tests.serving.reports.conftest import Asking, Fill

DAY = "2026-01-05T09:00:00Z"
NEXT = "2026-01-06T09:00:00Z"


@pytest.fixture
def cases(fill: Fill) -> None:
    """Three refusals, of which one was called before, one lead that was won and one that nobody looked at."""
    fill("L-1", DAY, ("rejected", NEXT, "Trop cher"), source="web", campaign="spring")
    fill("L-2", DAY, ("contacted", DAY), ("rejected", NEXT, "no_budget"), source="web")
    fill("L-3", DAY, ("rejected", "2026-02-06T09:00:00Z"), source="fair")
    fill("L-4", DAY, ("contacted", DAY), ("won", NEXT, None, 500.0), source="fair")
    fill("L-5", DAY, source="fair")


OWN = Settings(reasons={"trop cher": "no_budget"})


@pytest.mark.usefixtures("cases")
def test_refusals_are_counted_by_reason_and_by_whether_anybody_looked(asking: Asking) -> None:
    found = asking("rejections", OWN).data
    rows = [(row["reason"], row["family"], row["count"], row["unread"], row["examples"]) for row in found["reasons"]]
    assert rows == [("no_budget", "budget", 2, 1, ["L-1", "L-2"]), ("none", None, 1, 1, ["L-3"])]
    assert (found["refusals"], found["unread"]) == (3, 2)


@pytest.mark.usefixtures("cases")
def test_refusals_are_a_share_of_what_a_source_brought(asking: Asking) -> None:
    rows = {row["source"]: row for row in asking("rejections", OWN).data["sources"]}
    assert (rows["web"]["rejected_share"], rows["web"]["main_reason"]) == (1.0, "no_budget")
    assert (rows["fair"]["leads"], rows["fair"]["rejected_share"]) == (3, 1 / 3)


@pytest.mark.usefixtures("cases")
def test_refusals_are_told_by_month_and_in_every_combination(asking: Asking) -> None:
    found = asking("rejections", OWN).data
    assert [(row["month"], row["count"]) for row in found["months"]] == [("2026-01", 2), ("2026-02", 1)]
    first = {"reason": "no_budget", "source": "web", "campaign": None, "month": "2026-01", "count": 1, "unread": 0}
    assert first in found["rows"]
    assert sum(row["count"] for row in found["rows"]) == 3


@pytest.mark.usefixtures("cases")
def test_a_source_shows_how_far_its_leads_come_and_what_they_bring(asking: Asking) -> None:
    rows = {row["source"]: row for row in asking("sources", OWN, "2026-04-01T00:00:00Z").data["sources"]}
    fair = rows["fair"]
    assert [fair[name] for name in ("leads", "judged", "contacted", "won", "rejected")] == [3, 2, 1, 1, 1]
    assert (fair["value"], fair["value_per_lead"], fair["few"]) == (500.0, 500.0 / 3, True)
    assert (rows["web"]["main_reason"], rows["web"]["won_rate"]["of"]) == ("no_budget", 2)


@pytest.mark.usefixtures("cases")
def test_a_campaign_that_was_not_named_is_a_row_of_its_own(asking: Asking) -> None:
    assert [(row["campaign"], row["leads"]) for row in asking("campaigns").data["campaigns"]] == [
        (None, 4),
        ("spring", 1),
    ]


def test_one_person_counts_once_by_what_it_first_came_in_by(asking: Asking, fill: Fill) -> None:
    fill("L-1", DAY, source="web")
    fill("L-1", NEXT, source="fair")
    assert [(row["source"], row["leads"]) for row in asking("sources").data["sources"]] == [("web", 1)]


def test_a_few_leads_do_not_make_a_source_the_best() -> None:
    overall, lucky, steady = Rate(50, 1_000), Rate(1, 2), Rate(100, 500)
    assert (shrunk(lucky, overall) or 0) < (shrunk(steady, overall) or 0) < (lucky.value or 0)
    assert shrunk(Rate(0, 5), Rate(0, 50)) is None


def test_only_ripe_leads_count_as_mqls_where_the_contract_says_so(asking: Asking, fill: Fill) -> None:
    fill("L-1", DAY, ("mql", NEXT), source="web")
    fill("L-2", DAY, source="web")
    settings = Settings(contract=ContractSettings(counted="mql"))
    assert asking("sources", settings).data["sources"][0]["leads"] == 1


def test_an_undated_ledger_says_what_cannot_be_told(asking: Asking, fill: Fill) -> None:
    fill("L-1", None, ("rejected", None, "spam"), source="web")
    for name in ("rejections", "sources", "campaigns"):
        assert any("undated" in note for note in asking(name).notes)
