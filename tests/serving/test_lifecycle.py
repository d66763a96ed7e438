"""The server when things are not as they should be: no model, a broken one, a new one."""

import shutil
from pathlib import Path
from time import sleep

import pytest
from sqlalchemy import func, select

from leadloop.errors import SettingsError
from leadloop.settings import Settings
from leadloop.store import repack
from leadloop.store.ledger import Ledger
from leadloop.store.tables import histories
from serving.run import run
from serving.state import State
from tests.support import Loop, serving


@pytest.fixture
def copied(loop: Loop, tmp_path: Path) -> Settings:
    """The made-up company's home, copied, to be broken."""
    shutil.copytree(loop.settings.home, tmp_path / "home")
    return loop.settings.model_copy(update={"home": tmp_path / "home"})


def test_without_a_model_the_server_is_up_and_not_ready(tmp_path: Path) -> None:
    with serving(tmp_path) as api:
        assert api.get("/healthz").status_code == 200
        assert api.get("/readyz").status_code == 503
        assert "leadloop train" in api.post("/v1/score", json={"lead": {"source": "web"}}).json()["detail"]


def test_two_workers_serve_the_same_model(loop: Loop) -> None:
    with serving(loop.settings.home, workers=2) as api:
        versions = {api.post("/v1/score", json={"lead": {"source": "web"}}).json()["model_version"] for _ in range(10)}
    assert versions == {loop.trained.version}


def test_a_broken_new_model_is_refused_while_the_last_good_one_serves(copied: Settings) -> None:
    state = State(copied, Ledger.open(copied.ledger_url))
    before = state.scorer().version.version
    shutil.copytree(copied.models_dir / before, copied.models_dir / "99")
    (copied.models_dir / "99" / "bundle.json").write_text("{}")
    (copied.models_dir / "champion.json").write_text('{"version": "99"}')
    state.champion.look()
    assert state.scorer().version.version == before
    state.ledger.close()


def test_another_champion_is_picked_up_without_a_restart(copied: Settings) -> None:
    state = State(copied, Ledger.open(copied.ledger_url))
    before = state.scorer().version.version
    shutil.copytree(copied.models_dir / before, copied.models_dir / "77")
    (copied.models_dir / "champion.json").write_text('{"version": "77"}')
    state.champion.look()
    assert state.scorer().version.version == "77"
    state.ledger.close()


def test_the_queue_is_ranked_again_when_the_ledger_grows(copied: Settings, loop: Loop) -> None:
    from leadloop.store import outcomes
    from leadloop.store.rows import OutcomeRow

    state = State(copied, Ledger.open(copied.ledger_url))
    before = state.keeper.current()
    first, at = before.lead_ids[before.order[0]], before.as_of
    with state.ledger.writing() as connection:
        outcomes.add(connection, [OutcomeRow(first, "rejected", at, at, "no_budget")])
    assert first not in state.keeper.current().lead_ids.tolist()
    state.ledger.close()


def test_a_server_packs_the_histories_that_an_import_left(copied: Settings, loop: Loop) -> None:
    ledger = Ledger.open(copied.ledger_url)
    with serving(copied.home):
        for _ in range(300):
            with ledger.reading() as connection:
                packed = connection.execute(select(func.count()).select_from(histories)).scalar_one()
            if packed == 3_000:
                break
            sleep(0.1)
    assert (packed, repack.check(ledger)) == (3_000, [])
    ledger.close()


def test_only_loopback_is_served_without_keys() -> None:
    with pytest.raises(SettingsError, match="loopback"):
        run(Settings(host="0.0.0.0"), without_key=True)  # noqa: S104 -- refused, which is the point
