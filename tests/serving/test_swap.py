"""Another model is switched on while the server serves: taken whole, refused when it can't serve, and never mixed."""

import gc
import json
import resource
import shutil
import sqlite3
import threading
from hashlib import sha256
from pathlib import Path

import pytest

from benchmarks.swap import under_load
from leadloop.settings import Settings
from leadloop.store.ledger import Ledger
from models import bundle as bundles
from models import copies, registry
from models.bundle import Bundle
from serving import swap
from serving.app import create_app
from serving.state import State
from tests.support import Loop, answering

SWAPS = 60


@pytest.fixture
def home(loop: Loop, tmp_path: Path) -> Settings:
    """The made-up company's home, copied, with copies of its champion under other numbers; looked at often."""
    settings = Settings(home=shutil.copytree(loop.settings.home, tmp_path / "home"), watch_model_seconds=0.05)
    for version in ("7", "8"):
        shutil.copytree(settings.models_dir / loop.trained.version, settings.models_dir / version)
    return settings


@pytest.fixture
def state(home: Settings) -> State:
    """What a server on it holds."""
    return State(home, Ledger.open(home.ledger_url))


def switch_on(settings: Settings, version: str) -> None:
    """As `promote` notes it."""
    copies.point(settings, version)


def serves(state: State) -> str:
    """Which version serves, after a look."""
    state.champion.look()
    return state.scorer().version.version


def spoil(settings: Settings, version: str) -> None:
    """A bundle with right hashes whose chances are no numbers."""
    folder = settings.models_dir / version
    body = json.loads((folder / bundles.BODY).read_text())
    body["calibration"]["intercept"] = float("nan")
    text = json.dumps(body)
    (folder / bundles.BODY).write_text(text)
    manifest = json.loads((folder / bundles.MANIFEST).read_text())
    manifest["files"][bundles.BODY] = sha256(text.encode()).hexdigest()
    (folder / bundles.MANIFEST).write_text(json.dumps(manifest))


def test_swaps_under_load_fail_no_request_and_mix_no_answer(home: Settings) -> None:
    with answering(create_app(home, without_key=True)) as client:
        seen, swaps = under_load(client, home, seconds=4, every=0.2)
    assert (seen.failed, seen.mixed) == ([], [])
    assert (len(seen.answers), swaps > 1) == (2, True)


def test_a_version_that_scores_no_numbers_is_refused_and_told(home: Settings) -> None:
    spoil(home, "7")
    with answering(create_app(home, without_key=True)) as client:
        before = client.get("/readyz").json()["model_version"]
        switch_on(home, "7")
        while "refused" not in (told := client.get("/readyz").json()):
            pass
        assert (told["model_version"], told["refused"]["version"]) == (before, "7")
        assert "no finite p_win" in client.get("/v1/model").json()["refused"]["why"]


def test_a_refused_version_is_not_tried_again_until_it_is_switched_on_again(state: State, home: Settings) -> None:
    good = (home.models_dir / "7" / bundles.BODY).read_text()
    (home.models_dir / "7" / bundles.BODY).write_text("{}")
    before = serves(state)
    switch_on(home, "7")
    assert [serves(state) for _ in range(3)] == [before] * 3
    assert state.champion.refusals == 1
    (home.models_dir / "7" / bundles.BODY).write_text(good)
    assert serves(state) == before
    switch_on(home, "7")
    assert (serves(state), state.champion.refused) == ("7", None)


def test_going_back_to_the_version_that_serves_forgets_the_refused_one(state: State, home: Settings) -> None:
    spoil(home, "7")
    before = serves(state)
    for version in ("7", before):
        switch_on(home, version)
        state.champion.look()
    assert state.champion.refused is None


def test_an_alias_that_was_turned_in_mlflow_alone_is_followed_and_noted(state: State, home: Settings) -> None:
    with sqlite3.connect(home.home / "mlflow.db") as registered:
        registered.execute("UPDATE registered_model_aliases SET version = 8 WHERE alias = 'champion'")
    assert (serves(state), registry.pointed(home)) == ("8", "8")


def test_a_swap_is_told_once_however_many_processes_made_it(
    state: State, home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[str, str]] = []
    monkeypatch.setattr(swap, "TELL", (lambda _, before, serves: told.append((before, serves)),))
    both = [state, State(home, state.ledger)]
    for each in both:
        swap.announce(each.champion)
    first = serves(state)
    switch_on(home, "7")
    for each in both:
        serves(each)
        swap.announce(each.champion)
    assert told == [(first, "7")]


def test_a_version_that_cannot_be_fetched_is_tried_again_later(state: State, home: Settings) -> None:
    before = serves(state)
    switch_on(home, "99")
    assert serves(state) == before
    assert state.champion.refused is not None
    assert (state.champion.refused.version, state.champion.refused.final) == ("99", False)


def test_a_server_starts_and_serves_while_mlflow_is_down(home: Settings) -> None:
    down = home.model_copy(update={"mlflow_tracking_uri": "http://127.0.0.1:9"})
    state = State(down, Ledger.open(down.ledger_url))
    assert serves(state) == registry.pointed(home)
    switch_on(home, "8")
    assert serves(state) == "8"


def test_a_new_model_is_tried_without_the_ledger_too(home: Settings, tmp_path: Path) -> None:
    gone = Ledger.open(f"sqlite:///{tmp_path / 'other.db'}")
    gone.close()
    (tmp_path / "other.db").unlink()
    (tmp_path / "other.db").mkdir()
    assert State(home, gone).scorer().version.version


def test_many_swaps_leave_no_model_thread_or_open_file_behind(state: State, home: Settings) -> None:
    def held() -> tuple[int, int, int]:
        gc.collect()
        models = sum(isinstance(each, Bundle) for each in gc.get_objects())
        return models, threading.active_count(), len(list(Path("/proc/self/fd").iterdir()))

    def swapped(times: int) -> int:
        for number in range(times):
            switch_on(home, "78"[number % 2])
            state.champion.look()
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    settled = swapped(10)
    before = held()
    grown = swapped(SWAPS) - settled
    assert state.champion.swaps >= SWAPS
    assert held() == before
    assert grown < 50_000, f"{grown} KiB more after {SWAPS} swaps"


def test_a_registry_that_is_gone_under_a_running_server_changes_nothing(state: State, home: Settings) -> None:
    before = serves(state)
    shutil.rmtree(home.models_dir)
    (home.home / "mlflow.db").unlink()
    assert (serves(state), state.champion.refused) == (before, None)
