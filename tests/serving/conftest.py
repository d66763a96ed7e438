"""Servers to ask: one on the made-up company for all tests, and one on an empty ledger for each test that writes."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from leadloop.settings import Settings
from serving.app import create_app
from tests.support import Loop, answering, serving


@pytest.fixture(scope="session")
def api(loop: Loop) -> Iterator[httpx.Client]:
    """A client of a real server process on the made-up company."""
    with serving(loop.settings.home) as client:
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
def eventually() -> Callable[[Callable[[], bool]], None]:
    """Waits until something holds, for at most 20 seconds."""

    def wait(holds: Callable[[], bool]) -> None:
        for _ in range(200):
            if holds():
                return
            time.sleep(0.1)
        pytest.fail("it did not come to hold")

    return wait
