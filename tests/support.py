"""What tests call besides fixtures."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, NoReturn

import httpx
import uvicorn
from fastapi import FastAPI

from features import account
from features.blocks import OPTIONAL
from features.history import read
from leadloop.contract import WEEKDAYS
from leadloop.demo import DemoWorld
from leadloop.errors import NoModelError
from leadloop.intake.load import load
from leadloop.intake.report import ImportReport
from leadloop.intake.source import read_paths
from leadloop.settings import Settings
from leadloop.store.ledger import Ledger
from models.by_client import client
from training import recipe, retrain

if TYPE_CHECKING:
    from mlflow.entities import Run

COMMAND = str(Path(sys.executable).with_name("leadloop"))
AROUND_THE_CLOCK = dict.fromkeys(WEEKDAYS, "00:00-24:00")
"""Working hours for promises that are not to hang on the hour at which the tests run."""


@dataclass(frozen=True)
class Loop:
    """A made-up company, imported and learned from. Tests only read it."""

    world: DemoWorld
    files: Path
    settings: Settings
    ledger: Ledger
    trained: retrain.Trained


def bring_in(ledger: Ledger, *paths: Path) -> ImportReport:
    """Import files as the command does."""
    report = ImportReport()
    chunks = read_paths(paths, mapping=None, timezone=None, stages={}, report=report)
    load(ledger, chunks, report, strict=False, done=lambda _: None)
    return report


@contextmanager
def serving(home: Path, workers: int = 1, *, without_key: bool = True, **settings: str) -> Iterator[httpx.Client]:
    """`leadloop serve` as a process of its own on a free port, and a client of it; stopped at the end.

    `without_key`: as with --open. `settings` are given in its environment.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    arguments = ["serve", "--home", str(home), "--port", str(port), "--workers", str(workers)]
    arguments += ["--open"] if without_key else []
    process = subprocess.Popen([COMMAND, *arguments], stderr=subprocess.PIPE, text=True, env=_environment(settings))
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
        try:
            wait_for(client, process)
            yield client
        finally:
            process.terminate()
            process.communicate(timeout=20)


@contextmanager
def answering(app: FastAPI) -> Iterator[httpx.Client]:
    """The app on a free port in a thread of this process, for tests that reach into it, and a client of it."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical"))
    thread = Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
            yield client
    finally:
        server.should_exit = True
        thread.join(timeout=20)


def wait_for(client: httpx.Client, process: "subprocess.Popen[str] | None" = None) -> None:
    """Until the server answers; `process`: what should be serving, to say why it does not."""
    for _ in range(900):
        if process is not None and process.poll() is not None:
            raise RuntimeError(process.communicate()[1])
        try:
            client.get("/healthz")
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("leadloop serve did not answer within 90 seconds")


def leadloop(*arguments: str | Path, code: int = 0, cwd: Path | None = None, **settings: str) -> str:
    """Run the command as its user would, `settings` in the environment; returns stdout. It must exit with `code`."""
    command = [COMMAND, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=cwd, env=_environment(settings))
    assert done.returncode == code, done.stderr + done.stdout
    return done.stdout


def _environment(settings: dict[str, str]) -> dict[str, str]:
    """The environment of a command that reads these settings and none of the developer's."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LEADLOOP_")}
    return environment | {f"LEADLOOP_{name.upper()}": value for name, value in settings.items()}


def no_model() -> NoReturn:
    """What a report asks for a scorer where nothing was trained."""
    raise NoModelError


def taught(settings: Settings, ledger: Ledger, as_of: int) -> retrain.Trained:
    """Trained without the companies' other leads, which a lake and the short ways of single scores do not read."""
    history = read(ledger, as_of, blocks=OPTIONAL - {account.BLOCK})
    return recipe.train(settings, retrain.Local(settings, ledger, history), as_of, lambda _: None)


def run_of(settings: Settings, version: str | None) -> "Run":
    """The MLflow run that a version came from."""
    mlflow = client(settings)
    return mlflow.get_run(mlflow.get_model_version(settings.registered_model, str(version)).run_id)
