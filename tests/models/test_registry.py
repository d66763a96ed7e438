"""Versions in MLflow, the champion's pointer, and local copies that scoring needs MLflow for no more."""

import json
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import mlflow
import numpy as np
import pandas as pd
import pytest

from features.history import build
from leadloop.clock import isoformat
from leadloop.errors import BrokenModelError, NoImportancesError, NoModelError, RegistryError
from leadloop.settings import Settings
from leadloop.store.leads import StoredLead
from leadloop.store.rows import Value
from models import aliases, fetch, registry
from models import bundle as bundles
from tests.checks import NOW, T0
from tests.models.conftest import Looked, edited
from tests.models.test_bundle import digest


@pytest.fixture
def mlflow_is_down(registered: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """The same home, with MLflow on a port where nobody listens."""
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        yield registered.model_copy(update={"mlflow_tracking_uri": f"http://127.0.0.1:{port}"})


@pytest.fixture
def copied(registered: Settings, tmp_path: Path) -> Settings:
    """The local copies alone, free to break."""
    shutil.copytree(registered.models_dir, tmp_path / "models")
    return Settings(home=tmp_path)


def _alone(number: int, attributes: dict[str, Value]) -> StoredLead:
    at = T0 + number * 1_234_567
    return StoredLead(f"{number:03d}", 0, at, at, None, attributes, None)


def horizon(settings: Settings, ref: str | None = None) -> object:
    return registry.load(settings, ref).bundle.facts["horizon_days"]


def test_files_that_cannot_be_kept_are_one_line_and_no_version(
    registered: Settings, looked: Looked, tmp_path: Path
) -> None:
    named = {"experiment": "full", "registered_model": "full", "mlflow_tracking_uri": registered.tracking_uri}
    settings = registered.model_copy(update={"home": tmp_path, **named})
    (tmp_path / "artifacts").write_text("a file where the folder should be")
    with pytest.raises(RegistryError, match="did not take the version, and nothing is switched on") as told:
        registry.register(settings, looked.bundle, {"metrics": {"roc_auc": 0.7}}, {"params": {}, "tags": {}})
    assert str(tmp_path / "artifacts") in str(told.value)
    assert "\n" not in str(told.value)
    assert aliases.shelf(settings).versions() == []


def test_the_champion_is_the_version_promoted_last(registered: Settings) -> None:
    assert (registry.load(registered).version, horizon(registered)) == ("2", 180)


@pytest.mark.parametrize(("ref", "version"), [("1", "1"), ("2", "2"), ("champion", "2"), ("previous", "1")])
def test_a_version_is_loaded_by_number_or_alias(registered: Settings, ref: str, version: str) -> None:
    assert registry.load(registered, ref).version == version


def test_promoting_the_champion_again_changes_nothing(registered: Settings) -> None:
    registry.promote(registered, "2")
    assert (registry.load(registered).version, registry.load(registered, "previous").version) == ("2", "1")


def test_going_back_makes_the_one_before_the_champion(registered: Settings) -> None:
    registry.promote(registered, "1")
    assert (registry.load(registered).version, registry.load(registered, "previous").version) == ("1", "2")
    registry.promote(registered, "2")


def test_rolling_back_and_again_goes_back_and_forth(registered: Settings) -> None:
    assert [registry.roll_back(registered), registry.roll_back(registered)] == [("2", "1"), ("1", "2")]
    assert (registry.load(registered).version, registry.load(registered, "previous").version) == ("2", "1")


@pytest.mark.parametrize("known", [{}, {"champion": "2"}, {"champion": "2", "previous": "2"}])
def test_without_a_version_before_there_is_no_rolling_back(known: dict[str, str]) -> None:
    with pytest.raises(NoModelError, match=r"no champion|no version before 2"):
        registry.before_this(known)


def test_a_challenger_is_named_until_it_is_the_champion(registered: Settings) -> None:
    registry.challenge(registered, "1")
    assert registry.load(registered, "challenger").version == "1"
    registry.promote(registered, "1")
    with pytest.raises(NoModelError, match="challenger"):
        registry.load(registered, "challenger")
    registry.promote(registered, "2")


def test_nobody_challenges_once_that_is_said(registered: Settings) -> None:
    registry.challenge(registered, "1")
    registry.challenge(registered, None)
    assert "challenger" not in (aliases.read(registered) or {})


def test_a_tag_that_is_there_is_replaced(registered: Settings) -> None:
    for value in ("once", "twice"):
        registry.annotate(registered, "1", {"tried": value})
    listed = {each.version: each.tags for each in aliases.shelf(registered).versions()}
    assert (list(listed), listed["1"]["tried"], "tried" in listed["2"]) == (["2", "1"], "twice", False)


@pytest.mark.parametrize("version", ["99", "winner"])
def test_what_is_not_there_is_neither_switched_nor_tagged(registered: Settings, version: str) -> None:
    for act in (registry.promote, registry.challenge, lambda at, which: registry.annotate(at, which, {"a": "b"})):
        with pytest.raises(NoModelError, match=version):
            act(registered, version)
    assert registry.load(registered).version == "2"


def test_the_mark_changes_when_another_version_is_switched_on(registered: Settings) -> None:
    before = registry.mark(registered)
    registry.promote(registered, "2")
    assert None not in (before, registry.mark(registered))
    assert registry.mark(registered) != before


def test_the_scorecard_comes_with_the_version(registered: Settings) -> None:
    assert registry.load(registered, "1").scorecard == {
        "metrics": {"roc_auc": 0.7, "brier": None},
        "model_version": "1",
    }


def test_importances_come_with_the_version(registered: Settings) -> None:
    assert registry.importances_of(registry.load(registered, "2")) == {"facts": [{"feature": "source"}]}


def test_a_version_without_importances_says_so(registered: Settings) -> None:
    with pytest.raises(NoImportancesError, match=r"Version 1 .*leadloop train"):
        registry.importances_of(registry.load(registered, "1"))


def test_importances_come_back_from_mlflow(registered: Settings, tmp_path: Path) -> None:
    shutil.move(registered.models_dir / "2", tmp_path / "away")
    assert registry.load(registered, "2").importances == {"facts": [{"feature": "source"}]}


@pytest.mark.parametrize("content", ["{", "3"])
def test_broken_importances_are_refused(copied: Settings, content: str) -> None:
    (copied.models_dir / "2" / registry.IMPORTANCES).write_text(content)
    with pytest.raises(BrokenModelError, match=registry.IMPORTANCES):
        registry.load(copied)


def test_the_newest_version_is_by_number(copied: Settings) -> None:
    shutil.copytree(copied.models_dir / "2", copied.models_dir / "10")
    assert registry.newest(copied) == "10"


@pytest.mark.parametrize("ref", [None, "champion", "1", "winner"])
def test_an_empty_home_has_no_model_and_makes_no_store(tmp_path: Path, ref: str | None) -> None:
    settings = Settings(home=tmp_path / "home")
    with pytest.raises(NoModelError, match=r"leadloop train|no model 'winner'"):
        registry.load(settings, ref)
    if ref != "winner":
        assert not settings.home.exists()


def test_what_to_name_is_said_as_people_write_it(registered: Settings, tmp_path: Path) -> None:
    with pytest.raises(NoModelError, match=r"name a version number or an alias: champion, previous\b"):
        registry.load(registered, "winner")
    with pytest.raises(NoModelError, match="or name a version: `leadloop models list`") as told:
        registry.load(Settings(home=tmp_path / "home"))
    assert "--model" not in str(told.value)


@pytest.mark.parametrize(("ref", "names"), [("99", "99"), ("winner", "winner")])
def test_a_version_that_is_not_there_is_named(registered: Settings, ref: str, names: str) -> None:
    with pytest.raises(NoModelError, match=names):
        registry.load(registered, ref)


def test_a_local_copy_that_was_deleted_comes_back_from_mlflow_the_same(registered: Settings) -> None:
    folder = registered.models_dir / "1"
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    shutil.rmtree(folder)
    assert horizon(registered, "1") == 90
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_what_comes_broken_from_mlflow_is_not_kept_and_a_broken_copy_is_fetched_anew(registered: Settings) -> None:
    folder, kept = registered.models_dir / "1", list((registered.home / "artifacts").rglob(bundles.BODY))
    good = [path.read_bytes() for path in kept]
    edited(folder, bundles.BODY, value={"mean": 1e6, "wins": 1})
    for path in kept:
        path.write_text("{}")
    try:
        with pytest.raises(BrokenModelError, match="Version 1 came broken from MLflow"):
            fetch.apart(registered, "1")
    finally:
        for path, content in zip(kept, good, strict=True):
            path.write_bytes(content)
    fetch.apart(registered, "1")
    assert (registry.has_whole_copy(registered, "1"), horizon(registered, "1")) == (True, 90)


def test_a_version_that_mlflow_does_not_have_and_an_mlflow_that_is_down_are_told_apart_without_its_password(
    registered: Settings, mlflow_is_down: Settings
) -> None:
    with pytest.raises(NoModelError, match="There is no model version 99 in MLflow at"):
        registry.fetch(registered, "99")
    signed_in = mlflow_is_down.mlflow_tracking_uri.replace("//", "//ada:secret@")
    with pytest.raises(RegistryError, match="does not hand out version 99: API request to") as said:
        registry.fetch(mlflow_is_down.model_copy(update={"mlflow_tracking_uri": signed_in}), "99")
    assert "secret" not in str(said.value)


def test_a_lost_pointer_is_found_again_in_mlflow(registered: Settings) -> None:
    pointer = registered.models_dir / "champion.json"
    content = pointer.read_bytes()
    pointer.unlink()
    assert registry.load(registered).version == "2"
    pointer.write_bytes(content)


def test_the_champion_loads_with_mlflow_down(mlflow_is_down: Settings) -> None:
    assert registry.load(mlflow_is_down).version == "2"


def test_a_number_with_a_local_copy_loads_with_mlflow_down(mlflow_is_down: Settings) -> None:
    assert registry.load(mlflow_is_down, "1").version == "1"


def test_a_broken_local_copy_is_refused(copied: Settings) -> None:
    edited(copied.models_dir / "2", bundles.BODY, value={"mean": 1e6, "wins": 1})
    with pytest.raises(BrokenModelError, match="hash"):
        registry.load(copied)


def test_a_broken_scorecard_is_refused(copied: Settings) -> None:
    (copied.models_dir / "2" / registry.SCORECARD).write_text("{")
    with pytest.raises(BrokenModelError, match="scorecard"):
        registry.load(copied)


@pytest.mark.parametrize("content", ["", "{", "[]", "{}"])
def test_a_broken_pointer_is_refused(copied: Settings, content: str) -> None:
    (copied.models_dir / "champion.json").write_text(content)
    with pytest.raises(BrokenModelError, match=r"champion\.json"):
        registry.load(copied)


def test_what_mlflow_keeps_holds_no_pickle(registered: Settings) -> None:
    files = [path for path in (registered.home / "artifacts").rglob("*") if path.is_file()]
    assert {path.suffix for path in files} <= {".json", ".txt", ".yaml", ".yml", ".py", ""}
    assert not [path for path in files if path.read_bytes()[:1] == b"\x80"]


def test_training_one_home_does_not_send_the_next_to_its_mlflow(registered: Settings, tmp_path: Path) -> None:
    assert registered.tracking_uri != Settings(home=tmp_path).tracking_uri


def test_the_model_in_mlflow_gives_the_chances_of_our_scorer(
    registered: Settings, looked: Looked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", registered.tracking_uri)
    mlflow.set_tracking_uri(registered.tracking_uri)
    mlflow.set_registry_uri(registered.tracking_uri)
    known = [looked.history.attributes_at(i, NOW) for i in range(0, 600, 20)]
    rows = [_alone(i, {**row, "employees": 1 / (i + 3)}) for i, row in enumerate(known)]
    history = build(rows, [])
    ours = looked.bundle.score(history, np.arange(len(rows)), np.full(len(rows), NOW)).p_win
    table = [{"created_at": isoformat(row.created_at or 0), "as_of": isoformat(NOW), **row.attributes} for row in rows]
    theirs = mlflow.pyfunc.load_model(f"models:/{registered.registered_model}/2").predict(pd.DataFrame(table))
    assert np.abs(theirs["p_win"].to_numpy() - ours).max() < 1e-9
    assert json.dumps(sorted(theirs.columns)).count("p_reject_") > 3


ELSEWHERE = """
import sys; from pathlib import Path; import numpy as np
from leadloop.settings import Settings
from models import registry; from tests.models.test_bundle import digest
home, X = Path(sys.argv[1]), np.load(sys.argv[2])
print(digest(registry.load(Settings(home=home)).bundle.score_features(X, np.zeros(len(X)))))
"""


@pytest.mark.parametrize("copy", ["there", "deleted"])
def test_the_champion_gives_another_process_the_bytes_of_scores_it_gave_before_it_was_registered(
    registered: Settings, looked: Looked, tmp_path: Path, copy: str
) -> None:
    if copy == "deleted":
        shutil.rmtree(registered.models_dir / "2")
    np.save(tmp_path / "X.npy", looked.scores.X)
    command = [sys.executable, "-c", ELSEWHERE, str(registered.home), str(tmp_path / "X.npy")]
    done = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[2], check=False)
    before = looked.bundle.score_features(looked.scores.X, np.zeros(len(looked.scores.X)))
    assert done.stdout.strip() == digest(before), done.stderr
