"""Past one machine: from a lake, on two workers, the same scores, and a model that our own loader loads."""

import json
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from time import sleep
from typing import Any

import numpy as np
import pytest
from distributed import Client, LocalCluster
from typer.testing import CliRunner

from features.history import History
from features.history import read as read_history
from features.lake import read as read_lake
from leadloop import cluster
from leadloop.cli import app
from leadloop.clock import DAY
from leadloop.errors import ClusterError, InputError
from leadloop.settings import Settings
from leadloop.store import events, leads
from leadloop.store import lake as lakes
from leadloop.store.accounts import account_of
from leadloop.store.lake import Lake
from leadloop.store.ledger import Ledger
from leadloop.store.rows import EventRow, LeadRow
from models import registry
from models.bundle import TREES
from serving import distributed as scoring
from serving.distributed import Choice
from serving.files import write
from serving.scorer import Scorer, when
from serving.worklist import Worklist, rank
from tests.checks import T0
from tests.support import Loop, leadloop
from tests.training.conftest import Fill, leaky
from training import distributed as training
from training import fit, retrain
from training.recipe import Trained
from training.rows import Recipe

Somewhere = Callable[[str], Settings]


@pytest.fixture(scope="module")
def lake(loop: Loop, tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """The company's ledger as a lake of five partitions."""
    folder = tmp_path_factory.mktemp("lake") / "lake"
    lakes.write(loop.ledger, folder, 5, when(loop.ledger, None))
    return Lake.open(folder)


@pytest.fixture(scope="module")
def scheduler() -> Iterator[str]:
    """A cluster of two worker processes."""
    own: dict[str, Any] = {"threads_per_worker": 1, "host": "127.0.0.1", "dashboard_address": None}
    with LocalCluster(n_workers=2, silence_logs="ERROR", **own) as two:
        yield two.scheduler_address


@pytest.fixture
def client(scheduler: str) -> Iterator[Client]:
    with cluster.connected(scheduler) as connected:
        yield connected


@pytest.fixture(scope="module")
def alone(loop: Loop) -> Worklist:
    """The list of one machine."""
    return rank(loop.ledger, Scorer.load(loop.settings), everyone=True)


@pytest.fixture(scope="module")
def trained(loop: Loop, lake: Lake, scheduler: str, somewhere: Somewhere) -> tuple[Settings, Trained]:
    """What two workers learned from the company."""
    settings = somewhere("dask")
    with cluster.connected(scheduler) as client:
        return settings, training.train(settings, client, lake, when(loop.ledger, None))


@pytest.fixture(scope="module")
def trees(loop: Loop, somewhere: Somewhere) -> tuple[Settings, Trained]:
    """What one machine learns with trees alone."""
    settings, alone = somewhere("trees"), Recipe("small_lightgbm")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(retrain, "Local", partial(retrain.Local, follows_open=False))
        patch.setattr(fit, "climb", lambda catalogue, rows, seed, _: (alone, fit.again(catalogue, rows, alone, seed)))
        return settings, retrain.train(settings, loop.ledger, when(loop.ledger, None))


def differences(one: Sequence[dict[str, Any]], other: Sequence[dict[str, Any]]) -> list[tuple[str, str]]:
    """Leads and columns that are not the same: numbers to 1e-9, the rest exactly."""
    pairs = zip(one, other, strict=True)
    return [(mine["lead_id"], name) for mine, its in pairs for name in mine if not same(mine[name], its[name])]


def same(one: Any, other: Any) -> bool:
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[name], other[name]) for name in one)
    if isinstance(one, float) and isinstance(other, float):
        return abs(one - other) <= 1e-9
    return type(one) is type(other) and bool(one == other)


def test_two_workers_score_everyone_as_one_machine_does(
    loop: Loop, lake: Lake, client: Client, alone: Worklist
) -> None:
    many = scoring.rank(client, lake, Scorer.load(loop.settings), Choice(alone.as_of, everyone=True))
    assert len(many.rows) > 2_000
    assert differences(alone.rows, many.rows) == []


def test_the_command_on_two_workers_lists_the_open_leads_of_one_machine(
    loop: Loop, lake: Lake, scheduler: str, tmp_path: Path
) -> None:
    out = tmp_path / "scores.jsonl"
    dask = ("--engine", "dask", "--lake", lake.folder, "--scheduler", scheduler)
    leadloop("score", *dask, "--home", loop.settings.home, "--out", out)
    scorer = Scorer.load(loop.settings)
    names = list(scorer.version.bundle.outcome.reasons.names)
    write(rank(loop.ledger, scorer).rows, names, tmp_path / "alone.jsonl")
    lines = [[json.loads(line) for line in file.read_text().splitlines()] for file in (tmp_path / "alone.jsonl", out)]
    assert differences(*lines) == []


def test_a_lead_is_found_by_its_name_or_its_duplicates(loop: Loop, lake: Lake, client: Client, alone: Worklist) -> None:
    duplicate, survivor = next(iter(lake.people().survivor.items()))
    many = scoring.rank(client, lake, Scorer.load(loop.settings), Choice(alone.as_of, lead_ids=(duplicate,)))
    assert [row["lead_id"] for row in many.rows] == [survivor]


def test_a_worker_that_is_killed_is_made_up_for(loop: Loop, lake: Lake, client: Client, alone: Worklist) -> None:
    scorer = Scorer.load(loop.settings)
    with ThreadPoolExecutor() as thread:
        scored = thread.submit(scoring.rank, client, lake, scorer, Choice(alone.as_of, everyone=True))
        kill_a_busy_worker(client, scored)
        assert not scored.done()
        assert differences(alone.rows, scored.result(60).rows) == []


def kill_a_busy_worker(client: Client, scored: Future[Worklist]) -> None:
    pids = client.run(os.getpid)
    while not (busy := [address for address, tasks in client.processing().items() if tasks]):
        assert not scored.done(), scored.exception()
        sleep(0.002)
    os.kill(pids[busy[0]], signal.SIGKILL)


def test_fitting_gives_up_with_one_clear_line_when_a_worker_is_lost(client: Client) -> None:
    client.wait_for_workers(2, timeout=20)
    worker = next(iter(client.run(os.getpid).values()))

    def fit_and_lose_it() -> None:
        os.kill(worker, signal.SIGKILL)
        sleep(20)

    with pytest.raises(ClusterError, match=r"worker at tcp://.* was lost while fitting; run the command again"):
        cluster.together(client, fit_and_lose_it)
    client.wait_for_workers(2, timeout=20)


def test_no_scheduler_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 0.2)
    with pytest.raises(ClusterError, match="No Dask scheduler answers at"), cluster.connected("tcp://127.0.0.1:1"):
        pass


def test_what_two_workers_learned_is_a_model_like_any_other(loop: Loop, trained: tuple[Settings, Trained]) -> None:
    settings, learned = trained
    scorer = Scorer.load(settings)
    assert (learned.promoted, scorer.version.version) == (True, learned.version)
    assert len(rank(loop.ledger, scorer).rows) > 500


def test_two_workers_learn_the_catalogue_of_one_machine(
    trained: tuple[Settings, Trained], trees: tuple[Settings, Trained]
) -> None:
    many, one = (registry.load(settings).bundle.catalogue for settings, _ in (trained, trees))
    assert many == one


def test_two_workers_are_tested_on_the_leads_of_one_machine(
    trained: tuple[Settings, Trained], trees: tuple[Settings, Trained]
) -> None:
    many, one = trained[1].scorecard, trees[1].scorecard
    assert (many.split, many.excluded, many.notes) == (one.split, one.excluded, one.notes)
    assert [many.baselines[name] for name in ("constant", "recency")] == [
        one.baselines[name] for name in ("constant", "recency")
    ]


def test_trees_of_two_workers_rank_as_well_as_those_of_one_machine(
    trained: tuple[Settings, Trained], trees: tuple[Settings, Trained]
) -> None:
    many, one = (learned.scorecard.metrics["roc_auc"] for _, learned in (trained, trees))
    assert many == pytest.approx(one, abs=0.04)  # some 500 rows teach here: whose rows make the bins moves it by 0.02


def test_a_model_says_nothing_of_the_machines_that_fitted_it(trained: tuple[Settings, Trained]) -> None:
    settings, learned = trained
    assert "127.0.0.1" not in (settings.models_dir / learned.version / TREES).read_text()


def test_an_event_that_was_moved_is_gone_from_its_first_lead_in_the_lake_too(tmp_path: Path) -> None:
    ledger = Ledger.open(f"sqlite:///{tmp_path / 'ledger.db'}")
    with ledger.writing() as connection:
        leads.add(connection, [LeadRow(name, T0, T0) for name in "abcdefgh"])
        moves = [EventRow(name, "demo", T0, T0 + i * DAY, event_id="one") for i, name in enumerate("abc")]
        events.add(connection, [*moves, EventRow("h", "call", T0, T0)])
    lakes.write(ledger, tmp_path / "lake", 4, T0 + 9 * DAY)
    lake = Lake.open(tmp_path / "lake")
    parts = [read_lake(lake, number, T0 + 9 * DAY) for number in range(4)]
    assert sorted(seen for part in parts for seen in events_of(part)) == events_of(read_history(ledger))


def events_of(history: History) -> list[tuple[Any, ...]]:
    """Whose event each is, what it was, and from when to when that was known."""
    happened = history.events
    owner = np.repeat(history.lead_ids, np.diff(happened.start)).tolist()
    kind = [happened.kinds[i] for i in happened.kind]
    return sorted(zip(owner, kind, happened.recorded_at.tolist(), happened.superseded_at.tolist(), strict=True))


def test_a_lake_holds_no_identities(loop: Loop, lake: Lake) -> None:
    rows = [row for number in range(lake.partitions) for row in lake.leads(number)]
    held: set[str | None] = {str(value) for row in rows for value in (*row.attributes.values(), row.account)}
    named = {value for row in loop.world.leads for value in row.identity.values()}
    assert len(named) > 1_000
    assert held & (named | {account_of(row.identity) for row in loop.world.leads}) == set()


def test_a_folder_that_is_no_lake_is_neither_read_nor_replaced(loop: Loop, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").touch()
    with pytest.raises(InputError, match="There is no lake in"):
        Lake.open(tmp_path)
    with pytest.raises(InputError, match="something that is not a lake"):
        lakes.write(loop.ledger, tmp_path, 2, None)


@pytest.mark.parametrize("options", [("--engine", "dask"), ("--lake", "x"), ("--scheduler", "x"), ("--engine", "x")])
def test_options_that_do_not_go_together_are_wrong_usage(options: tuple[str, ...]) -> None:
    assert CliRunner().invoke(app, ["train", *options]).exit_code == 2


def test_what_leaks_is_refused_on_many_machines_as_on_one(
    fill: Fill, client: Client, somewhere: Somewhere, tmp_path: Path
) -> None:
    ledger = fill(*leaky(), [])
    lakes.write(ledger, tmp_path / "lake", 3, T0 + 500 * DAY)
    one = retrain.train(somewhere("one leaks"), ledger, T0 + 500 * DAY).scorecard
    many = training.train(somewhere("many leak"), client, Lake.open(tmp_path / "lake"), T0 + 500 * DAY).scorecard
    assert [each["column"] for each in many.excluded] == ["closed_reason"]
    assert many.excluded == one.excluded
