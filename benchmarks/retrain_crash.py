"""Retrainings killed at every point and at any instant: does the next one complete them, with exactly one champion?

The rounds are those of tests/crash/retraining.py, half of them on each database: run it as
`python -m benchmarks.retrain_crash`. `--json` for programs. Exits 1 when anything was wrong.
"""

import argparse
import json
import sys
import tempfile
from typing import Any

from benchmarks.ingest import scratch_database
from leadloop import console
from tests.crash.retraining import run


def measure(rounds: int, seed: int) -> dict[str, dict[str, Any]]:
    """What the rounds found, by database."""
    found: dict[str, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory() as scratch, scratch_database() as server:
        urls = {"sqlite": f"sqlite:///{scratch}/ledger.db", "postgresql": server}
        there = {name: url for name, url in urls.items() if url is not None}
        if len(there) < len(urls):
            console.warn("PostgreSQL left out: no server answers; set LEADLOOP_TEST_POSTGRES")
        for name, url in there.items():
            console.say(name)
            found[name] = run(url, rounds // len(there), seed)
    return found


def main() -> None:
    """Print how many were killed where, and what was wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--rounds", type=int, default=100, help="of both databases together")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    found = measure(given.rounds, given.seed)
    wrong = [f"{name}: {complaint}" for name, one in found.items() for complaint in one["wrong"]]
    figures = {f"{name}.wrong": len(one["wrong"]) for name, one in found.items()}
    figures |= {f"{name}.killed": sum(one["killed"].values()) for name, one in found.items()}
    figures |= {f"{name}.rounds": one["rounds"] for name, one in found.items()}
    if given.json:
        json.dump({"figures": figures, "peers": {}, "ratios": {}}, sys.stdout, indent=1)
    else:
        rows = [(name, where, count) for name, one in found.items() for where, count in one["killed"].items()]
        console.print_table(f"{given.rounds} rounds", ("", "killed at", "times"), rows, ("times",))
    for complaint in wrong:
        console.warn(complaint)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
