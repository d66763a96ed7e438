"""What MLflow shows of a registered version, and that its own tools score with it: nothing pickled, nobody's data."""

import importlib.metadata
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import httpx
import mlflow
import numpy as np
import pandas as pd
import pytest
from mlflow.entities import Run
from mlflow.entities.model_registry import ModelVersion
from mlflow.exceptions import MlflowException

from features.history import build
from leadloop.clock import DAY, isoformat
from leadloop.settings import Settings
from leadloop.store.events import StoredEvent
from leadloop.store.leads import StoredLead
from models import registry
from models.by_client import client
from models.signature import SCORES
from tests.checks import NOW
from tests.models.conftest import Looked
from tests.support import Loop

PARTITIONS = 3
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def version(loop: Loop) -> ModelVersion:
    """The version that the made-up company learned, as MLflow has it."""
    return client(loop.settings).get_model_version(loop.settings.registered_model, loop.trained.version)


@pytest.fixture(scope="module")
def run(loop: Loop, version: ModelVersion) -> Run:
    """Its run."""
    return client(loop.settings).get_run(version.run_id)


@pytest.fixture(scope="module")
def files(loop: Loop, run: Run) -> dict[str, str]:
    """The texts kept with its run, by path."""
    folder = Path(
        mlflow.artifacts.download_artifacts(f"runs:/{run.info.run_id}/", tracking_uri=loop.settings.tracking_uri)
    )
    return {str(p.relative_to(folder)): p.read_text() for p in folder.rglob("*") if p.is_file()}


@pytest.fixture(scope="module")
def table(looked: Looked) -> pd.DataFrame:
    """Leads of the made-up company as a table, with some of what they did."""
    rows: list[dict[str, Any]] = []
    for i in range(0, 300, 20):
        did = [{"type": kind, "occurred_at": isoformat(NOW - 1)} for kind in looked.bundle.catalogue.kinds[: i // 100]]
        known = {
            "lead_id": f"L{i}",
            "created_at": isoformat(NOW - 10**12),
            "as_of": isoformat(NOW),
            "events": json.dumps(did),
        }
        rows.append(known | dict(looked.history.attributes_at(i, NOW)))
    return pd.DataFrame(rows)


def test_the_gates_verdict_and_why_are_on_version_and_run(loop: Loop, version: ModelVersion, run: Run) -> None:
    card = loop.trained.scorecard
    for tags in (version.tags, run.data.tags):
        assert (tags["verdict"], tags["why"]) == (card.verdict, "; ".join(card.why))


def test_a_version_says_in_both_languages_what_it_is(version: ModelVersion) -> None:
    assert "Ranks open leads" in version.description
    assert "Classe les leads ouverts" in version.description


def test_the_data_that_taught_and_judged_are_named_by_their_digests(run: Run) -> None:
    found = {each.tags[0].value: each.dataset for each in run.inputs.dataset_inputs}
    told = {tag.value: {t.key: t.value for t in each.tags} for each in run.inputs.dataset_inputs for tag in each.tags}
    assert {each.name for each in found.values()} == {
        "moments: training",
        "moments: training for the test",
        "moments: test",
    }
    assert run.data.tags["data_hash"] in {each.digest for each in found.values()}
    assert all(int(tags["rows"]) > 0 for tags in told.values())


def test_parameters_and_figures_are_those_of_the_scorecard(loop: Loop, run: Run) -> None:
    card = loop.trained.scorecard
    assert run.data.metrics["roc_auc"] == card.metrics["roc_auc"]
    assert run.data.params["chosen"] == card.facts["chosen"] or run.data.params["chosen"]
    assert float(run.data.params["horizon_days"]) == loop.settings.horizon_days


def test_a_run_is_named_by_what_was_done_and_as_of_when(loop: Loop, run: Run) -> None:
    assert run.info.run_name == f"train {registry.load(loop.settings).bundle.facts['as_of'][:10]}"


def test_parameters_are_what_was_set_and_what_the_winner_is_made_of(loop: Loop, run: Run) -> None:
    params, set_so = run.data.params, loop.settings
    assert (params["capacity"], params["currency"]) == (str(set_so.capacity), set_so.currency)
    assert (params["test_share"], params["allow_columns"]) == (str(set_so.test_share), "–")
    assert params["leadloop"] == importlib.metadata.version("leadloop")
    assert "penalty" in params or params["chosen"] in ("prior", "naive_bayes")
    assert ("trees.num_leaves" in params) == (params["chosen"] in ("small_lightgbm", "lightgbm", "blend"))


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_the_card_says_how_it_did_what_was_left_out_and_what_the_law_asks(
    loop: Loop, files: dict[str, str], lang: str
) -> None:
    text, page = files[f"model_card.{lang}.md"], files[f"model_card.{lang}.html"]
    auc = f"{loop.trained.scorecard.metrics['roc_auc']:.3f}"
    shown = auc.replace(".", ",") if lang == "fr" else auc
    asked = ("RGPD", "Limites", "Verdict") if lang == "fr" else ("GDPR", "Limits", "Verdict")
    for word in (shown, *asked, *(each["column"] for each in loop.trained.scorecard.excluded)):
        assert word in text
        assert word in page
    assert "<script" not in page


@pytest.mark.parametrize("name", ["calibration", "gain", "lift", "importances"])
def test_drawings_stand_alone(files: dict[str, str], name: str) -> None:
    for lang in ("en", "fr"):
        drawn = files[f"plots/{name}.{lang}.svg"]
        assert drawn.startswith("<svg ")
        assert 'xmlns="http://www.w3.org/2000/svg"' in drawn
        assert "http" not in drawn.replace("http://www.w3.org/2000/svg", "")


def test_every_drawing_has_a_size_a_title_and_says_what_its_dashed_line_is(files: dict[str, str]) -> None:
    """An <img> of a drawing without width and height, as MLflow's page makes it, shows nothing."""
    drawings = {name: ElementTree.fromstring(text) for name, text in files.items() if name.endswith(".svg")}  # noqa: S314 -- our own files
    assert len(drawings) == 8
    for name, drawn in drawings.items():
        assert [drawn.get("width"), drawn.get("height")] == drawn.get("viewBox", "").split()[2:], name
        told = [text.text for text in drawn.iter(f"{SVG}text")]
        assert drawn.findtext(f"{SVG}title") in told
        dashed = [path for path in drawn.iter(f"{SVG}path") if path.get("class") == "even"]
        word = "dashed line" if ".en." in name else "ligne pointillée"
        assert not dashed or [text for text in told if word in str(text)], name


def test_nobody_is_in_what_mlflow_keeps(loop: Loop, files: dict[str, str]) -> None:
    everything = "\n".join(files.values())
    for row in loop.world.leads[:200]:
        assert row.lead_id not in everything
        assert not [value for value in row.identity.values() if len(str(value)) > 8 and str(value) in everything]


@pytest.fixture(scope="module")
def scored(registered: Settings, table: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """The table scored by the model that MLflow loads."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLFLOW_TRACKING_URI", registered.tracking_uri)  # MLflow writes it and leaves it there
        mlflow.set_tracking_uri(registered.tracking_uri)
        mlflow.set_registry_uri(registered.tracking_uri)
        yield pd.DataFrame(mlflow.pyfunc.load_model(f"models:/{registered.registered_model}/2").predict(table))


def test_it_takes_and_gives_what_its_signature_says(registered: Settings, scored: pd.DataFrame) -> None:
    signature = mlflow.models.get_model_info(f"models:/{registered.registered_model}/2").signature
    names = signature.outputs.input_names()
    assert names == list(scored.columns)
    assert names[:12] == ["lead_id", "as_of", *SCORES]
    assert not signature.inputs.required_input_names()
    assert len(set(signature.inputs.input_names())) == len(signature.inputs.input_names())


def test_a_model_asks_for_the_leadloop_that_made_it(registered: Settings, scored: pd.DataFrame) -> None:
    folder = mlflow.artifacts.download_artifacts(f"models:/{registered.registered_model}/2")
    asked = (Path(folder) / "requirements.txt").read_text().split()
    assert f"leadloop[train]=={importlib.metadata.version('leadloop')}" in asked


def test_its_example_is_scored(registered: Settings) -> None:
    model = mlflow.pyfunc.load_model(f"models:/{registered.registered_model}/2")
    assert np.isfinite(model.predict(model.input_example)["p_win"]).all()


def test_whole_numbers_and_texts_are_taken_where_numbers_are_meant(registered: Settings, table: pd.DataFrame) -> None:
    model = mlflow.pyfunc.load_model(f"models:/{registered.registered_model}/2")
    numbers = [each.name for each in registry.load(registered).bundle.catalogue.attributes if each.kind == "number"]
    given = table[["lead_id", "created_at", "as_of"]].assign(**dict.fromkeys(numbers, 3))
    written = given.assign(**dict.fromkeys(numbers, "3"))
    assert model.predict(given)["p_win"].tolist() == model.predict(written)["p_win"].tolist()


def test_what_a_lead_did_counts_as_it_does_in_our_scorer(registered: Settings, looked: Looked) -> None:
    came, did, kind = NOW - 10 * DAY, NOW - DAY, looked.bundle.catalogue.kinds[0]
    lead = StoredLead("000000000", 0, came, None, None, {"source": "webinar"}, None)
    history = build([lead], [StoredEvent("0", 0, lead.lead_id, kind, did, did, {})])
    ours = looked.bundle.score(history, np.array([0]), np.array([NOW]))
    row = {"created_at": isoformat(came), "as_of": isoformat(NOW), "source": "webinar"}
    events = json.dumps([{"type": kind, "occurred_at": isoformat(did)}])
    model = mlflow.pyfunc.load_model(f"models:/{registered.registered_model}/2")
    theirs = model.predict(pd.DataFrame([{**row, "events": events}, row]))
    assert theirs["p_win"][0] == pytest.approx(float(ours.p_win[0]), abs=1e-12)
    assert theirs["urgency"][0] != theirs["urgency"][1]


BATCH = """
import sys, mlflow, pandas as pd
model = mlflow.pyfunc.load_model(sys.argv[1])
for part in sys.argv[2:]:
    rows = pd.read_json(part, orient="records", dtype=False, convert_dates=False)
    print(model.predict(rows).to_json(orient="records", double_precision=15))
"""


def test_partitions_in_another_process_give_the_same_scores(
    registered: Settings, table: pd.DataFrame, scored: pd.DataFrame, tmp_path: Path
) -> None:
    parts = [str(tmp_path / f"{i}.json") for i in range(PARTITIONS)]
    for i, part in enumerate(parts):
        table.iloc[i * 5 : (i + 1) * 5].to_json(part, orient="records")
    command = [sys.executable, "-c", BATCH, f"models:/{registered.registered_model}/2", *parts]
    environment = os.environ | {"MLFLOW_TRACKING_URI": registered.tracking_uri}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    rows = [row for line in done.stdout.splitlines() for row in json.loads(line)]
    assert [row["lead_id"] for row in rows] == scored["lead_id"].tolist()
    assert np.abs(np.array([row["p_win"] for row in rows]) - scored["p_win"].to_numpy()).max() < 1e-12
    assert [row["cell"] for row in rows] == scored["cell"].tolist()


@pytest.fixture(scope="module")
def model_server(registered: Settings) -> Iterator[str]:
    """MLflow's own scoring server on version 2."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "mlflow", "models", "serve", "--env-manager", "local"]
    named = ["-m", f"models:/{registered.registered_model}/2", "--port", str(port), "--host", "127.0.0.1"]
    environment = os.environ | {"MLFLOW_TRACKING_URI": registered.tracking_uri}
    environment["PATH"] = f"{Path(sys.executable).parent}:{os.environ['PATH']}"  # where it looks for uvicorn
    process = subprocess.Popen(
        [*command, *named],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    address = f"http://127.0.0.1:{port}"
    while True:
        try:
            httpx.get(f"{address}/ping")
            break
        except httpx.TransportError:
            assert process.poll() is None, "mlflow models serve did not start"
            time.sleep(0.3)
    yield address
    os.killpg(process.pid, signal.SIGKILL)
    process.wait(timeout=30)


def test_mlflows_own_server_scores_as_the_model_does(
    model_server: str, table: pd.DataFrame, scored: pd.DataFrame
) -> None:
    rows = json.loads(table.to_json(orient="records"))
    answer = httpx.post(f"{model_server}/invocations", json={"dataframe_records": rows}, timeout=60)
    assert answer.status_code == 200, answer.text
    told = pd.DataFrame(answer.json()["predictions"])
    assert np.abs(told["p_win"].to_numpy(dtype=float) - scored["p_win"].to_numpy()).max() < 1e-12
    assert told["lead_id"].tolist() == scored["lead_id"].tolist()


@pytest.fixture(scope="module")
def loaded(registered: Settings, scored: pd.DataFrame) -> Any:
    """Version 2, as MLflow loads it."""
    return mlflow.pyfunc.load_model(f"models:/{registered.registered_model}/2")


def test_a_table_of_which_no_column_is_known_is_an_error_and_not_an_empty_answer(
    loaded: Any, model_server: str
) -> None:
    with pytest.raises(MlflowException, match=r"No column .* give some of: lead_id, created_at, as_of, events, "):
        loaded.predict(pd.DataFrame([{"nope": "a"}]))
    answer = httpx.post(f"{model_server}/invocations", json={"dataframe_records": [{"nope": "a"}]}, timeout=60)
    assert answer.status_code == 400
    assert "give some of: lead_id, created_at" in answer.json()["message"]


def test_no_rows_of_known_columns_are_no_scores(loaded: Any) -> None:
    assert len(loaded.predict(pd.DataFrame({"lead_id": []}))) == 0


UNREADABLE: list[tuple[dict[str, Any], str]] = [
    ({"created_at": "yesterday"}, "Row 1, created_at: 'yesterday' is not a time"),
    ({"as_of": "31/12/2026"}, "Row 1, as_of: '31/12/2026' is not a time"),
    ({"lead_id": ["a", "b"]}, "Row 1, lead_id: a list is no single value"),
    ({"source": {"a": 1}}, "Row 1, source: an object is no single value"),
    ({"events": "visit"}, "Row 1, events: this is no JSON"),
    ({"events": 3}, "Row 1, events: give a list of objects"),
    ({"events": '{"type": "visit"}'}, "Row 1, events: give a list of objects"),
    ({"events": "[7]"}, "Row 1, events[0]: this is no object"),
    ({"events": '[{"type": "visit"}]'}, "Row 1, events[0]: occurred_at is missing"),
    ({"events": [{"occurred_at": "2026-03-05"}]}, "Row 1, events[0]: type is missing"),
    ({"events": [{"type": "v", "occurred_at": "soon"}]}, "Row 1, events[0], occurred_at: 'soon' is not a time"),
]


@pytest.mark.parametrize(("row", "said"), UNREADABLE)
def test_what_cannot_be_read_is_named_by_row_and_column(loaded: Any, row: dict[str, Any], said: str) -> None:
    with pytest.raises(MlflowException, match=re.escape(said)):
        loaded.predict(pd.DataFrame([{"lead_id": "fine"}, {"lead_id": "not", **row}]))


def test_mlflows_own_server_says_what_is_wrong_with_a_row(model_server: str) -> None:
    rows = [{"lead_id": "fine"}, {"lead_id": "not", "created_at": "yesterday"}]
    answer = httpx.post(f"{model_server}/invocations", json={"dataframe_records": rows}, timeout=60)
    assert answer.status_code == 400
    assert "Row 1, created_at: 'yesterday' is not a time" in answer.json()["message"]


def test_events_are_taken_as_a_list_as_they_are_as_json(loaded: Any, model_server: str, looked: Looked) -> None:
    did = [{"type": looked.bundle.catalogue.kinds[0], "occurred_at": isoformat(NOW - DAY)}]
    row = {"created_at": isoformat(NOW - 10 * DAY), "as_of": isoformat(NOW)}
    at = datetime.fromisoformat(isoformat(NOW - DAY))
    ways = [json.dumps(did), did, np.array(did, dtype=object), [{**did[0], "occurred_at": at}]]
    one, *others = loaded.predict(pd.DataFrame([{**row, "events": way} for way in ways]))["p_win"].tolist()
    assert others == [one] * 3
    answer = httpx.post(f"{model_server}/invocations", json={"dataframe_records": [{**row, "events": did}]}, timeout=60)
    assert answer.json()["predictions"][0]["p_win"] == pytest.approx(one, abs=1e-12)


def test_rows_without_an_instant_are_all_scored_at_the_same(loaded: Any) -> None:
    assert len(set(loaded.predict(pd.DataFrame({"lead_id": range(500)}))["as_of"])) == 1


def test_lead_ids_come_back_as_text(loaded: Any) -> None:
    assert loaded.predict(pd.DataFrame({"lead_id": [7, 2**60 + 1]}))["lead_id"].tolist() == ["7", str(2**60 + 1)]
    assert loaded.predict(pd.DataFrame({"lead_id": [7, None, "x"]}))["lead_id"].tolist() == ["7", None, "x"]
    assert loaded.predict(pd.DataFrame({"lead_id": [7, None]}))["lead_id"].tolist()[0] == "7"
