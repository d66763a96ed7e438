"""A company's first weeks: hardly an outcome, and yet every command and page answers, and says that rules rank."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.support import leadloop, serving


def write(folder: Path, closed: int) -> None:
    """Thirty leads, a visit each, demo requests from some, and what came of the first `closed`."""
    days = [f"2026-09-{1 + i:02d}T10:00:00Z" for i in range(30)]
    leads = ["lead_id,created_at,source,job_title"]
    leads += [f"L{i},{at},{('web', 'fair')[i % 2]},{('Buyer', 'Student')[i % 2]}" for i, at in enumerate(days)]
    events = ["lead_id,type,occurred_at", *(f"L{i},page_view,{at}" for i, at in enumerate(days))]
    events += [f"L{i},demo_request,2026-09-30T11:00:00Z" for i in range(0, 30, 3)]
    outcomes = ["lead_id,stage,occurred_at,amount"]
    outcomes += [f"L{i},{'won' if i % 3 else 'lost'},{at},{900 if i % 3 else ''}" for i, at in enumerate(days[:closed])]
    for name, lines in {"leads": leads, "events": events, "outcomes": outcomes}.items():
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n")


def learned_from_five(factory: pytest.TempPathFactory) -> Path:
    """Import five outcomes into a home of their own and train."""
    files, state = factory.mktemp("files"), factory.mktemp("home")
    write(files, closed=5)
    leadloop("import", files, "--home", state)
    leadloop("train", "--home", state)
    return state


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home where five outcomes were imported and `leadloop train` was run."""
    return learned_from_five(tmp_path_factory)


@pytest.fixture(scope="module")
def client(home: Path) -> Iterator[httpx.Client]:
    with serving(home) as opened:
        yield opened


def test_the_scorecard_says_that_rules_rank_in_both_languages(home: Path) -> None:
    card = json.loads(leadloop("scorecard", "--home", home, "--json"))
    assert (card["verdict"], card["split"]["test"], set(card["metrics"].values())) == ("rank_only", 0, {None})
    for lang, says in (("en", "ranked by rules"), ("fr", "classement par des règles")):
        assert says in leadloop("scorecard", "--home", home, "--lang", lang).replace("\n", " ")


def test_the_page_of_the_scorecard_is_written(home: Path, tmp_path: Path) -> None:
    leadloop("scorecard", "--home", home, "--out", tmp_path / "card.html", "--lang", "fr")
    assert "Rien n’a été testé" in (tmp_path / "card.html").read_text()


def test_the_queue_begins_with_who_asked_for_a_demo(home: Path) -> None:
    queue = json.loads(leadloop("queue", "--home", home, "--json", "--capacity", "5"))
    assert len(queue["leads"]) == 5
    assert {int(row["lead_id"][1:]) % 3 for row in queue["leads"]} == {0}


def test_every_open_lead_has_a_score_and_an_interval(home: Path, tmp_path: Path) -> None:
    leadloop("score", "--home", home, "--out", tmp_path / "scores.csv")
    assert len((tmp_path / "scores.csv").read_text().splitlines()) == 26


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_a_lead_ranked_by_rules_is_explained(home: Path, lang: str) -> None:
    sheet = json.loads(leadloop("explain", "L27", "--home", home, "--lang", lang, "--json"))
    fall = sheet["waterfall"]
    told = sum(reason["contribution"] for reason in sheet["reasons"])
    assert fall["base"] + told + fall["rest"] == pytest.approx(fall["total"])


def test_the_report_of_features_says_that_nothing_was_learned(home: Path) -> None:
    assert leadloop("report", "features", "--home", home, code=1) == ""


def test_the_server_answers_with_rules(client: httpx.Client) -> None:
    assert client.get("/readyz").status_code == 200
    card = client.get("/v1/model").json()
    assert (card["verdict"], card["importances"]) == ("rank_only", None)
    assert len(client.get("/v1/queue", params={"limit": 3}).json()["leads"]) == 3
    assert 0 < client.post("/v1/score", json={"lead": {"source": "web"}}).json()["p_win"] < 1


def test_enough_outcomes_end_the_rules(tmp_path: Path) -> None:
    write(tmp_path, closed=24)
    leadloop("import", tmp_path, "--home", tmp_path / "home")
    card = json.loads(leadloop("train", "--home", tmp_path / "home", "--json", code=3))
    assert card["verdict"] == "do_not_activate"
    assert card["split"]["test"] > 0
