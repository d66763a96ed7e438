"""A retraining that is killed anywhere is completed by the next, and exactly one champion stands."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROUNDS = os.environ.get("LEADLOOP_TEST_RETRAIN_ROUNDS", "2")
"""On each database; `benchmarks/retrain_crash.py` runs 100."""


def test_rounds_of_killed_retrainings_are_completed_and_leave_one_champion(ledger_url: str) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LEADLOOP_")}
    command = [sys.executable, "-m", "tests.crash.retraining", ledger_url, ROUNDS, "3"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["wrong"] == []
    assert sum(told["killed"].values()) >= 1
