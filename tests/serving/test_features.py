"""What matters to the model, over the API and as a report: the same figures, in French and English, safe to open."""

import csv
import json
import math
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx
import pytest

from leadloop.errors import InputError
from serving.card import ModelCard
from serving.feature_page import as_html
from serving.feature_report import FeatureReport, as_csv
from tests.support import Loop, leadloop

IMPORTANCES: dict[str, Any] = {
    "leads": 40,
    "p_win": 0.2,
    "facts": [
        {
            "feature": "size",
            "fr": "<b>taille</b>",
            "en": "=size",
            "share": 0.75,
            "effect": 0.3,
            "direction": "more_is_better",
            "shape": [
                {"fr": "1 personne", "en": "1 person", "leads": 10, "effect": -0.31},
                {"fr": "51 à 200 personnes", "en": "51 to 200 people", "leads": 10, "effect": 0.42},
                {"fr": "rare", "en": "rare", "leads": 1, "effect": 9.0},
            ],
            "recency": [],
        }
    ],
    "segments": {
        "source": [
            {
                "level": "web",
                "leads": 30,
                "p_win": 0.125,
                "facts": [
                    {
                        "feature": "size",
                        "fr": "taille",
                        "en": "size",
                        "share": 0.5,
                        "effect": 0.1,
                        "direction": "by_value",
                    }
                ],
            }
        ],
        "campaign": [],
    },
}


class Opened(HTMLParser):
    """What a browser makes of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.loads: list[str | None] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.loads += [value for name, value in attrs if name in ("src", "href")]


def test_the_card_of_the_model_is_what_was_trained(api: httpx.Client, loop: Loop) -> None:
    card = api.get("/v1/model").json()
    assert card["model_version"] == loop.trained.version
    assert card["verdict"] == loop.trained.scorecard.verdict
    assert card["metrics"]["roc_auc"] == loop.trained.scorecard.metrics["roc_auc"]
    assert (card["trained_as_of"][:4], card["horizon_days"]) == ("2026", 180)


def test_the_card_has_the_shape_that_openapi_promises(api: httpx.Client) -> None:
    card = ModelCard.model_validate(api.get("/v1/model").json())
    assert card.importances
    assert sum(fact.share for fact in card.importances.facts) == pytest.approx(1)
    assert "/v1/model" in api.get("/openapi.json").json()["paths"]


def test_what_matters_are_facts_that_reasons_speak_of(api: httpx.Client) -> None:
    card = api.get("/v1/model").json()
    facts = {fact["feature"] for fact in card["importances"]["facts"]}
    assert facts <= {feature["source"] for feature in card["features"]}
    score = api.post("/v1/score", json={"lead": {"source": "webinar"}}).json()
    assert {reason["feature"] for reason in score["reasons"]} <= facts


def test_a_version_that_is_not_there_has_no_card(api: httpx.Client) -> None:
    answer = api.get("/v1/model?version=99")
    assert (answer.status_code, answer.json()["title"]) == (404, "Not Found")
    assert "99" in answer.json()["detail"]


def test_the_report_and_the_api_give_the_same_figures(api: httpx.Client, loop: Loop) -> None:
    card = api.get("/v1/model").json()["importances"]
    told = json.loads(leadloop("report", "features", "--json", home=str(loop.settings.home)))
    assert told["groups"] == [card]
    by = json.loads(leadloop("report", "features", "--by", "source", "--json", home=str(loop.settings.home)))
    assert by["groups"] == card["segments"]["source"]
    assert len(by["groups"]) > 3


@pytest.mark.parametrize(("lang", "words"), [("fr", ["niveau", "au mieux"]), ("en", ["seniority", "best"])])
def test_the_report_is_in_the_language_asked_for(loop: Loop, lang: str, words: list[str]) -> None:
    said = leadloop("report", "features", "--lang", lang, home=str(loop.settings.home))
    assert all(word in said for word in words)
    assert "�" not in said


def test_the_report_is_written_as_a_page_or_a_table(loop: Loop, tmp_path: Path) -> None:
    for name in ("f.html", "f.csv"):
        leadloop("report", "features", "--by", "source", "--out", tmp_path / name, home=str(loop.settings.home))
    assert "<svg" in (tmp_path / "f.html").read_text()
    rows = list(csv.DictReader((tmp_path / "f.csv").read_text().splitlines()))
    assert len({row["source"] for row in rows}) > 3


def test_a_file_of_another_kind_is_refused(loop: Loop, tmp_path: Path) -> None:
    leadloop("report", "features", "--out", tmp_path / "f.pdf", code=2, home=str(loop.settings.home))


def test_the_shape_is_told_by_the_best_and_the_worst_value_that_enough_leads_have() -> None:
    english, french = (FeatureReport("1", IMPORTANCES, lang).rows()[0]["values"] for lang in ("en", "fr"))
    assert english == "best: 51 to 200 people (+0.42); worst: 1 person (−0.31)"
    assert french == "au mieux : 51 à 200 personnes (+0,42) ; au pire : 1 personne (−0,31)"


def test_a_segment_is_told_beside_all_leads() -> None:
    report = FeatureReport("1", IMPORTANCES, "fr", "source")
    assert [(row["source"], row["leads"], row["beside"]) for row in report.rows()] == [("web", 30, -0.25)]
    assert (report.points(-0.25), report.percent(0.125)) == ("−25,0 pt", "12,5\u202f%")


def test_leads_are_not_parted_by_anything_else() -> None:
    with pytest.raises(InputError, match="source, campaign"):
        FeatureReport("1", IMPORTANCES, "fr", "owner")


@pytest.mark.parametrize("by", [None, "source", "campaign"])
def test_the_page_needs_nothing_else_and_runs_nothing(by: str | None) -> None:
    page = as_html(FeatureReport("1", IMPORTANCES, "fr", by))
    opened = Opened(page)
    assert opened.loads == []
    assert not {"script", "b", "link", "img"} & set(opened.tags)
    assert re.search("écart|valeurs|Aucun niveau", page)


def test_every_bar_says_its_value_to_those_who_cannot_see_it() -> None:
    page = as_html(FeatureReport("1", IMPORTANCES))
    assert page.count("<svg") == page.count('role="img" aria-label="') == 4


def test_a_spreadsheet_takes_no_text_for_a_formula() -> None:
    assert "'=size" in as_csv(FeatureReport("1", IMPORTANCES))


def test_the_command_explains_a_lead_by_steps_that_end_at_its_chance(loop: Loop) -> None:
    newest = max(loop.world.leads, key=lambda row: row.created_at or 0).lead_id
    sheets = {
        lang: json.loads(leadloop("explain", newest, "--lang", lang, "--json", home=str(loop.settings.home)))
        for lang in ("fr", "en")
    }
    french, english = sheets["fr"], sheets["en"]
    fall = french["waterfall"]
    steps = sum(reason["contribution"] for reason in french["reasons"])
    assert abs(fall["base"] + steps + fall["rest"] - fall["total"]) < 1e-9
    assert abs(fall["total"] - math.log(french["p_win"] / (1 - french["p_win"]))) < 1e-9
    assert [r["contribution"] for r in french["reasons"]] == [r["contribution"] for r in english["reasons"]]
    assert all(f != e for f, e in zip(*([r["text"] for r in s["reasons"]] for s in (french, english)), strict=True))


def test_a_queue_of_nobody_has_nobody_to_explain(api: httpx.Client) -> None:
    answer = api.get("/v1/queue?owner=nobody-of-this-name")
    assert (answer.status_code, answer.json()["leads"]) == (200, [])
