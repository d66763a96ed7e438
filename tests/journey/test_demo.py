"""`leadloop demo`: the whole loop in one command."""

import json
from pathlib import Path

import pytest

from tests.support import leadloop


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the demo may live."""
    return tmp_path_factory.mktemp("demo")


def test_a_demo_tells_how_near_the_scores_come_to_the_truth(home: Path) -> None:
    told = json.loads(leadloop("demo", "--leads", "3000", "--json", "--home", home))
    assert told["scorecard"]["verdict"] == "activate"
    assert 0.75 < told["nearness"]["open"]["auc"] < told["nearness"]["open"]["best_auc"]


def test_a_demo_keeps_to_a_place_of_its_own(home: Path) -> None:
    assert [path.name for path in home.iterdir()] == ["demo"]


def test_a_demo_refuses_a_place_that_holds_something_else(tmp_path: Path) -> None:
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "mine.txt").write_text("precious")
    leadloop("demo", "--home", tmp_path, code=1)
    assert (tmp_path / "demo" / "mine.txt").read_text() == "precious"
