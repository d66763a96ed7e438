"""The champion's alias as a server asks for it: of a tracking server or a database, without importing MLflow."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from leadloop.errors import NoModelError, RegistryError
from leadloop.settings import Settings
from models import aliases, registry
from models.by_client import ByClient
from models.by_rest import ByRest
from models.by_sql import BySql
from models.registered import Shelf

ASK = """
import sys
from pathlib import Path
from leadloop.settings import Settings
from models import aliases, fetch
settings = Settings(home=Path(sys.argv[1]), mlflow_tracking_uri=sys.argv[2])
print(dict(aliases.read(settings)))
fetch.apart(settings, "2")
print("mlflow" in sys.modules)
"""


@pytest.fixture(scope="module")
def tracking_server(registered: Settings) -> Iterator[str]:
    """MLflow's own server on the registry of the tests."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "mlflow", "server", "--backend-store-uri", registered.tracking_uri]
    options = ["--port", str(port), "--workers", "1", "--no-serve-artifacts"]
    process = subprocess.Popen(
        [*command, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    settings = Settings(mlflow_tracking_uri=f"http://127.0.0.1:{port}")
    while True:
        try:
            aliases.read(settings)
            break
        except RegistryError:
            assert process.poll() is None, "mlflow server did not start"
            time.sleep(0.3)
    yield settings.mlflow_tracking_uri
    os.killpg(process.pid, signal.SIGKILL)  # it and its workers; asked to end they may take a minute
    process.wait(timeout=30)


def test_a_database_is_asked(registered: Settings) -> None:
    assert aliases.read(registered) == {"champion": "2", "previous": "1"}


def test_a_store_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    assert aliases.read(Settings(home=tmp_path)) == {}
    assert list(tmp_path.iterdir()) == []


def test_a_server_is_asked_and_a_version_comes_without_importing_mlflow(tracking_server: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", ASK, str(tmp_path), tracking_server], capture_output=True, text=True, check=True
    )
    assert done.stdout.split("\n")[:2] == ["{'champion': '2', 'previous': '1'}", "False"]
    assert registry.load(Settings(home=tmp_path), "2").bundle.facts["horizon_days"] == 180


def test_every_way_to_the_registry_says_and_does_the_same(tracking_server: str, registered: Settings) -> None:
    ways: list[Shelf] = [ByRest(Settings(mlflow_tracking_uri=tracking_server)), BySql(registered), ByClient(registered)]
    for number, way in enumerate(ways):
        way.annotate("1", {"asked": str(number)})
        way.tag_model({"asked": str(number)})
        way.turn({"tried": "1", "champion": "2"})
        assert {each.aliases()["tried"] for each in ways} == {"1"}
        assert {each.versions()[1].tags["asked"] for each in ways} == {str(number)}
        assert {each.model_tags()["asked"] for each in ways} == {str(number)}
        assert len({str(each.versions()) for each in ways}) == 1
        with pytest.raises(NoModelError, match="99"):
            way.turn({"tried": "99"})
        with pytest.raises(NoModelError, match="99"):
            way.annotate("99", {"asked": "no"})
        way.drop("tried")
        assert [each.aliases() for each in ways] == [{"champion": "2", "previous": "1"}] * 3


def test_a_server_that_is_down_is_said_without_its_password(tmp_path: Path) -> None:
    with pytest.raises(RegistryError, match=r"MLflow at 127\.0\.0\.1:9 does not answer") as said:
        aliases.read(Settings(home=tmp_path, mlflow_tracking_uri="http://ada:secret@127.0.0.1:9"))
    assert "secret" not in str(said.value)


@pytest.mark.parametrize("uri", ["databricks", "file:///somewhere"])
def test_what_cannot_be_asked_this_way_is_left_alone(uri: str) -> None:
    assert aliases.read(Settings(mlflow_tracking_uri=uri)) is None


@pytest.fixture
def on_postgres(postgres_url: str) -> Iterator[Settings]:
    """A registry with two versions whose tables MLflow made in PostgreSQL."""
    from mlflow.store.db.base_sql_model import Base
    from mlflow.store.model_registry.dbmodels.models import SqlModelVersion, SqlRegisteredModel

    engine = create_engine(postgres_url)
    tables = [table for name, table in Base.metadata.tables.items() if name.startswith(("registered_m", "model_v"))]
    Base.metadata.create_all(engine, tables)
    with Session(engine) as session:
        session.add(SqlRegisteredModel(name="leadloop"))
        session.add_all([SqlModelVersion(name="leadloop", version=number) for number in (1, 2)])
        session.commit()
    yield Settings(mlflow_tracking_uri=postgres_url)
    Base.metadata.drop_all(engine, tables)
    engine.dispose()


def test_a_registry_in_postgresql_is_switched_by_sql(on_postgres: Settings) -> None:
    way = BySql(on_postgres)
    for champion, previous in (("1", "2"), ("2", "1")):
        way.turn({"champion": champion, "previous": previous})
        assert way.aliases() == {"champion": champion, "previous": previous}
    way.annotate("1", {"tried": "once"})
    way.tag_model({"last_switch": "now"})
    assert [(each.version, dict(each.tags)) for each in way.versions()] == [("2", {}), ("1", {"tried": "once"})]
    assert way.model_tags() == {"last_switch": "now"}
    with pytest.raises(NoModelError, match="9"):
        way.turn({"champion": "1", "previous": "9"})
    assert way.aliases()["champion"] == "2"
