"""A model whose order holds and whose chances do not: ranks are shown, percentages are not."""

import csv
import json
import re
import shutil
from dataclasses import replace
from typing import Any

import httpx
import pytest

from leadloop.settings import Settings
from models import registry
from models.calibration import line
from serving.app import create_app
from tests.support import Loop, answering, leadloop


@pytest.fixture(scope="module")
def untrue(loop: Loop, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The made-up company's home with a champion whose chances are far too bold."""
    home = tmp_path_factory.mktemp("untrue") / "home"
    shutil.copytree(loop.settings.home, home)
    settings = loop.settings.model_copy(update={"home": home})
    good = registry.load(settings)
    bold = replace(good.bundle, outcome=replace(good.bundle.outcome, calibration=line(3.0, 4.0)))
    card = {**good.scorecard, "verdict": "rank_only"}
    registry.promote(settings, registry.register(settings, bold, card, {"params": {}, "tags": {}}))
    return settings


def queue(settings: Settings, *options: str) -> dict[str, Any]:
    """What the command prints for programs."""
    return dict(json.loads(leadloop("queue", "--json", "--home", settings.home, *options)))


def test_the_queue_says_that_only_the_order_holds_and_shows_no_percentages(untrue: Settings) -> None:
    said = leadloop("queue", "--capacity", "5", "--home", untrue.home)
    assert "only the order is worth something: percentages are not shown" in said
    assert "wins to expect" not in said
    assert not set(re.findall(r"0\.\d{3}", said))


def test_the_queue_says_so_in_french(untrue: Settings) -> None:
    assert "seul l’ordre vaut quelque chose" in leadloop("queue", "--home", untrue.home, language="fr")


def test_the_queue_of_true_chances_shows_them(loop: Loop) -> None:
    said = leadloop("queue", "--capacity", "5", "--home", loop.settings.home)
    assert "only the order" not in said
    assert "p_win" in said
    assert "wins to expect" in said


def test_the_sheet_says_so_and_keeps_what_moves_the_lead(untrue: Settings) -> None:
    lead_id = queue(untrue, "--capacity", "1")["leads"][0]["lead_id"]
    said = {lang: leadloop("explain", lead_id, "--lang", lang, "--home", untrue.home) for lang in ("en", "fr")}
    assert "percentages are not shown" in said["en"]
    assert "les pourcentages ne sont pas montrés" in said["fr"]
    assert "effect on log-odds" in said["en"]
    assert [word for word in ("p_win", "importance", "fit ", "readiness") if word in said["en"]] == []


def test_programs_are_told_and_still_get_the_numbers(untrue: Settings, loop: Loop) -> None:
    told, true = queue(untrue, "--capacity", "3"), queue(loop.settings, "--capacity", "3")
    assert (told["chances"], true["chances"]) == ("order_only", "true")
    assert {row["chances"] for row in told["leads"]} == {"order_only"}
    assert all(0 < row["p_win"] < 1 for row in told["leads"])


def test_the_api_says_so_with_each_score_and_with_the_queue(untrue: Settings) -> None:
    with answering(create_app(untrue, without_key=True)) as api:
        page = api.get("/v1/queue", params={"limit": 2}).json()
        score = api.post("/v1/score", json={"lead": {"source": "webinar"}}).json()
    assert (page["chances"], page["leads"][0]["chances"], score["chances"]) == ("order_only",) * 3


def test_the_api_of_true_chances_says_that_they_are(api: httpx.Client) -> None:
    assert api.post("/v1/score", json={"lead": {"source": "webinar"}}).json()["chances"] == "true"


def test_pages_say_so_and_show_no_percentages(untrue: Settings) -> None:
    lead_id = queue(untrue, "--capacity", "1")["leads"][0]["lead_id"]
    with answering(create_app(untrue, without_key=True)) as client:
        pages = [client.get(path, params={"lang": "en"}).text for path in ("/queue", f"/leads/{lead_id}")]
    assert "Only the order is worth something" in pages[0]
    assert "Chance of a win" not in pages[1]
    assert [page.count("%") for page in pages] == [0, 0]


def test_files_for_spreadsheets_show_no_percentages_either(untrue: Settings) -> None:
    lead_id = queue(untrue, "--capacity", "1")["leads"][0]["lead_id"]
    with answering(create_app(untrue, without_key=True)) as client:
        told = {
            path: list(csv.DictReader(client.get(path).text.removeprefix("\ufeff").splitlines()))
            for path in ("/queue?csv=leads", f"/leads/{lead_id}?csv=scores")
        }
    assert {row["p_win"] for rows in told.values() for row in rows} == {""}
    assert {row["importance"] for row in told["/queue?csv=leads"]} == {""}
