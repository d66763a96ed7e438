"""What all tests share: a ledger on each database, and one made-up company that has been through the whole loop."""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from leadloop.demo import DemoSettings, simulate, write_csv
from leadloop.settings import Settings
from leadloop.store.ledger import Ledger
from models import registry
from tests.support import Loop, bring_in, taught

POSTGRES = os.environ.get("LEADLOOP_TEST_POSTGRES", "postgresql+psycopg://postgres@127.0.0.1:5432/postgres")
SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"

os.environ.pop("LEADLOOP_HOME", None)  # tests say where state lives


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A PostgreSQL database of this run's own; tests that ask for it are skipped by name where no server answers."""
    name = f"leadloop_test_{uuid4().hex[:12]}"
    admin = create_engine(POSTGRES, isolation_level="AUTOCOMMIT", connect_args={"connect_timeout": 3})
    try:
        with admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
    except OperationalError:
        pytest.skip(f"no PostgreSQL answers at {make_url(POSTGRES).host}; set LEADLOOP_TEST_POSTGRES")
    yield make_url(POSTGRES).set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def ledger_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty ledger's URL, on each database in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'ledger.db'}"
    url: str = request.getfixturevalue("postgres_url")
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    engine.dispose()
    return url


@pytest.fixture
def ledger(ledger_url: str) -> Iterator[Ledger]:
    """An empty ledger, on each database in turn."""
    opened = Ledger.open(ledger_url)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def loop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loop]:
    """One made-up company of 3,000 leads after import and training, for every test that only looks."""
    home = tmp_path_factory.mktemp("loop")
    world = simulate(DemoSettings(seed=0, leads=3_000))
    write_csv(world, home / "files")
    settings = Settings(home=home / "home")
    opened = Ledger.open(settings.ledger_url)
    bring_in(opened, home / "files")
    newest = max(row.recorded_at or 0 for rows in (world.leads, world.events, world.outcomes) for row in rows)
    yield Loop(world, home / "files", settings, opened, taught(settings, opened, newest))
    opened.close()


@pytest.fixture(scope="session")
def three_versions(loop: Loop, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The made-up company with a registry of its own: 1 was the champion, 2 is, which looks at urgency otherwise, and
    3 was refused by its verdict. Tests copy it."""
    settings = Settings(home=tmp_path_factory.mktemp("three") / "home", teams={"south": ["anna", "lea"]})
    first = registry.load(loop.settings)
    k = first.bundle.population.reach_later
    other = replace(first.bundle, population=replace(first.bundle.population, reach_later=0.0 if k > 0.5 else 1.0))
    for verdict, bundle in (("activate", first.bundle), ("rank_only", other), ("do_not_activate", other)):
        card = {**first.scorecard, "verdict": verdict, "model_version": ""}
        run: dict[str, dict[str, object]] = {"params": {}, "tags": {"verdict": verdict}}
        version = registry.register(settings, bundle, card, run, importances=first.importances)
        if verdict != "do_not_activate":
            registry.promote(settings, version)
    shutil.copy(loop.settings.home / "ledger.db", settings.home / "ledger.db")
    return settings


@pytest.fixture
def life(three_versions: Settings, tmp_path: Path) -> Settings:
    """A copy of it, free to switch in; looked at often."""
    home = shutil.copytree(three_versions.home, tmp_path / "life")
    return three_versions.model_copy(update={"home": home, "watch_model_seconds": 0.05})


@pytest.fixture(scope="session")
def shared_data() -> Callable[[str], Path]:
    """Real leads by their path below shared/data; the test is skipped by name where they are absent."""

    def find(name: str) -> Path:
        if not (SHARED / name).is_file():
            pytest.skip(f"real leads {name} are not on this machine")
        return SHARED / name

    return find
