"""Killed at any point, a writer loses nothing that was acknowledged, doubles nothing and leaves no half batch."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import func, select

from leadloop.store import failpoint
from leadloop.store.ledger import Ledger
from leadloop.store.tables import events, import_progress
from tests.support import COMMAND

ROOT = Path(__file__).resolve().parents[2]
ROUNDS = os.environ.get("LEADLOOP_TEST_CRASH_ROUNDS", "12")
"""On each database; `benchmarks/crash.py` runs 200."""


def _environment(**more: str) -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("LEADLOOP_")} | more


def test_rounds_of_killed_writers_lose_and_double_nothing(ledger_url: str) -> None:
    command = [sys.executable, "-m", "tests.crash.rounds", ledger_url, ROUNDS, "7"]
    done = subprocess.run(command, cwd=ROOT, env=_environment(), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["wrong"] == []
    assert sum(told["killed"].values()) > int(ROUNDS) // 4


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """More events than go into one transaction of an import, none of which is known."""
    lines = [f"L-{i % 7},view,2026-03-01T09:00:00Z,e{i}" for i in range(100_500)]
    (tmp_path / "events.csv").write_text("\n".join(["lead_id,type,occurred_at,event_id", *lines]) + "\n")
    return tmp_path / "events.csv"


def _import(home: Path, file: Path, **more: str) -> "subprocess.CompletedProcess[str]":
    command = [COMMAND, "import", "--home", str(home), "--json", str(file)]
    return subprocess.run(command, env=_environment(**more), capture_output=True, text=True)


def _left(home: Path) -> tuple[int, list[int]]:
    ledger = Ledger.open(f"sqlite:///{home / 'ledger.db'}")
    with ledger.reading() as connection:
        stored = connection.execute(select(func.count()).select_from(events)).scalar_one()
        noted = list(connection.execute(select(import_progress.c.rows_done)).scalars())
    ledger.close()
    return stored, noted


def test_the_command_killed_in_its_second_transaction_goes_on_after_the_first(tmp_path: Path, file: Path) -> None:
    killed = _import(tmp_path / "home", file, **{failpoint.VARIABLE: "rows_in:2"})
    assert killed.returncode == -signal.SIGKILL
    assert _left(tmp_path / "home") == (100_000, [100_000])
    again = json.loads(_import(tmp_path / "home", file).stdout)["tables"]["events"]
    assert (again["read"], again["new"], again["known"]) == (100_500, 500, 100_000)
    assert _left(tmp_path / "home") == (100_500, [])


def test_failpoints_do_nothing_unless_one_is_armed() -> None:
    for name in failpoint.NAMES:
        failpoint.hit(name)
