"""Costs, filters, the declared target, the plan and definitions in reports, by figures that can be counted by hand."""

from leadloop.contract import ContractSettings
from leadloop.costs import LeadCosts
from leadloop.settings import Settings
from leadloop.store import definitions
from leadloop.store.ledger import Ledger
from serving.reports.contract_tables import against_plan
from serving.reports.matters import changes
from serving.reports.placing import placed
from serving.reports.rates import Rate, Step
from serving.scorer import when
from tests.serving.reports.conftest import Asking, Fill

JANUARY = "2026-01-05T09:00:00Z"
PAID = Settings(lead_costs=LeadCosts(source={"ads": 40.0}, campaign={"fair": 100.0}))


def _two_sources(fill: Fill) -> None:
    fill("L-1", JANUARY, ("won", JANUARY, None, 1_000.0), source="ads", campaign="spring", country="FR")
    fill("L-2", JANUARY, ("rejected", JANUARY, "spam"), source="ads", campaign="fair", country="DE")
    fill("L-3", JANUARY, ("rejected", JANUARY, "no_budget"), source="web", campaign="spring", country="FR")


def test_what_a_source_costs_stands_beside_what_it_brings(fill: Fill, asking: Asking) -> None:
    _two_sources(fill)
    ads, web = asking("sources", PAID).data["sources"]
    assert (ads["cost"], ads["cost_per_win"], ads["returned"]) == (140.0, 140.0, 1_000.0 / 140.0)
    assert (web["cost"], web["cost_per_win"]) == (None, None)


def test_where_the_cost_of_some_leads_is_not_known_no_total_is_made_up(fill: Fill, asking: Asking) -> None:
    _two_sources(fill)
    rows = {row["campaign"]: row["cost"] for row in asking("campaigns", PAID).data["campaigns"]}
    assert rows == {"spring": None, "fair": 100.0}


def test_without_costs_no_table_of_them_is_shown(fill: Fill, asking: Asking) -> None:
    _two_sources(fill)
    assert [len(asking("sources", settings).tables) for settings in (Settings(), PAID)] == [2, 3]


def test_refusals_are_narrowed_to_a_source_a_campaign_or_a_month(fill: Fill, asking: Asking) -> None:
    _two_sources(fill)
    for only, reasons in (
        ({"source": "ads"}, ["spam"]),
        ({"campaign": "spring"}, ["no_budget"]),
        ({"month": "2026-01"}, ["no_budget", "spam"]),
        ({"month": "2025-12"}, []),
        ({"source": ""}, []),
    ):
        assert [row["reason"] for row in asking("rejections", only=only).data["reasons"]] == reasons


def test_refused_leads_cost_what_was_paid_for_them(fill: Fill, asking: Asking) -> None:
    _two_sources(fill)
    assert asking("rejections", PAID).data["total"]["cost"] == 100.0


def test_a_declared_target_is_judged_by_all_leads(fill: Fill, asking: Asking, ledger: Ledger) -> None:
    _two_sources(fill)
    settings = Settings(target={"country": ["fr"], "source": ["ads", "web"]})
    known = placed(ledger, None, settings.target, when(ledger, None))
    found = asking("personas", settings, placed=known)
    inside, outside = found.data["by_target"]
    assert (inside["leads"], inside["value_per_lead"], inside["rejected_share"]) == (2, 500.0, 0.5)
    assert (outside["leads"], outside["value_per_lead"]) == (1, 0.0)
    assert found.data["personas"] == []


def test_only_a_rate_whose_interval_rules_the_plan_out_is_off_it() -> None:
    def step(reached: int, of: int) -> Step:
        return Step("sql", Rate(reached, of), 0, None, None, None)

    said = [against_plan(step(*each), {"sql": 0.5}) for each in ((10, 100), (90, 100), (48, 100), (0, 0))]
    assert said == ["below", "above", "as", None]
    assert against_plan(step(10, 100), {}) is None


def test_planned_rates_stand_beside_the_learned_ones(fill: Fill, asking: Asking) -> None:
    _two_sources(fill)
    settings = Settings(contract=ContractSettings(rates={"judged": 0.9}))
    step = asking("contract", settings, "2026-06-01T00:00:00Z").data["rates"][0]
    assert (step["stage"], step["planned"], step["against_plan"]) == ("judged", 0.9, "as")


def test_what_changed_since_the_last_model_is_told_by_feature() -> None:
    def fact(name: str, share: float) -> dict[str, object]:
        return {"feature": name, "en": name, "fr": name, "share": share, "direction": "by_value"}

    found = changes({"facts": [fact("a", 0.5), fact("gone", 0.1)]}, {"facts": [fact("a", 0.2), fact("new", 0.05)]})
    assert [(row["feature"], round(row["change"], 2), row["direction"]) for row in found] == [
        ("a", -0.3, "by_value"),
        ("gone", -0.1, None),
        ("new", 0.05, "by_value"),
    ]


def test_a_definition_of_ones_own_stands_in_reports(ledger: Ledger, asking: Asking) -> None:
    with ledger.writing() as connection:
        definitions.edit(connection, "state.sql", "Worth an hour.", "Vaut une heure.", "key:ops")
    found = {each["name"]: each for each in asking("definitions", lang="fr").data["definitions"]}
    assert (found["state.sql"]["fr"], found["state.sql"]["own"]) == ("Vaut une heure.", True)
    assert [found["state.mql"]["own"], found["threshold.capacity"]["value"]["en"]] == [False, "20 leads a day"]
