"""Servers to ask: one on the made-up company for all tests, and one on an empty ledger for each test that writes."""

import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from leadloop.settings import Settings
from leadloop.store import events, leads
from leadloop.store.ledger import Ledger
from serving.app import create_app
from tests.support import Loop, answering, serving


@pytest.fixture(scope="session")
def api(loop: Loop) -> Iterator[httpx.Client]:
    """A client of a real server process on the made-up company."""
    with serving(loop.settings.home, store_scores="false") as client:
        yield client


@pytest.fixture
def app(ledger_url: str, tmp_path: Path) -> FastAPI:
    """An app on an empty ledger, on each database in turn."""
    return create_app(Settings(home=tmp_path / "home", database_url=ledger_url), without_key=True)


@pytest.fixture
def server(app: FastAPI) -> Iterator[httpx.Client]:
    """A client of that app."""
    with answering(app) as client:
        yield client


@pytest.fixture
def queued(loop: Loop, ledger: Ledger, ledger_url: str, tmp_path: Path) -> Settings:
    """A ledger of 40 open leads on each database, and the model that the made-up company learned."""
    shutil.copytree(loop.settings.models_dir, tmp_path / "home" / "models")
    chosen = {row.lead_id for row in loop.world.leads[:40]}
    with ledger.writing() as connection:
        leads.add(connection, [row for row in loop.world.leads if row.lead_id in chosen])
        events.add(connection, [row for row in loop.world.events if row.lead_id in chosen])
    return Settings(home=tmp_path / "home", database_url=ledger_url, reasons={"Kein Budget": "no_budget"})


@pytest.fixture
def eventually() -> Callable[[Callable[[], bool]], None]:
    """Waits until something holds, for at most 20 seconds."""

    def wait(holds: Callable[[], bool]) -> None:
        for _ in range(2_000):
            if holds():
                return
            time.sleep(0.01)
        pytest.fail("it did not come to hold")

    return wait
