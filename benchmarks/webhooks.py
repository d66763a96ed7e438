"""Webhooks while receivers fail, are slow and hang up, and senders are killed: sent, received, twice, lost.

The rounds are those of tests/serving/hook_rounds.py: run it as `python -m benchmarks.webhooks`. `--json` for programs.
Exits 1 when anything was lost, came out of order or was badly signed.
"""

import argparse
import json
import sys
import tempfile
from typing import Any

from benchmarks.ingest import scratch_database
from leadloop import console
from tests.serving.hook_rounds import run

FIGURES = ("sent", "received", "duplicates", "lost", "left")


def measure(rounds: int, seed: int) -> dict[str, dict[str, Any]]:
    """What the rounds found, by database."""
    found: dict[str, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory() as scratch, scratch_database() as server:
        for name, url in {"sqlite": f"sqlite:///{scratch}/ledger.db", "postgresql": server}.items():
            if url is None:
                console.warn("PostgreSQL left out: no server answers; set LEADLOOP_TEST_POSTGRES")
            else:
                console.say(name)
                found[name] = run(url, rounds, seed)
    return found


def main() -> None:
    """Print what was sent, received, received twice and lost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--rounds", type=int, default=100, help="on each database")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    found = measure(given.rounds, given.seed)
    wrong = [f"{name}: {complaint}" for name, one in found.items() for complaint in one["wrong"]]
    figures = {f"{name}.{figure}": one[figure] for name, one in found.items() for figure in FIGURES}
    figures |= {f"{name}.killed": sum(one["killed"].values()) for name, one in found.items()}
    figures |= {f"{name}.wrong": len(one["wrong"]) for name, one in found.items()}
    if given.json:
        json.dump({"figures": figures, "peers": {}, "ratios": {}}, sys.stdout, indent=1)
    else:
        console.print_table(f"{given.rounds} rounds on each database", ("", "count"), list(figures.items()), ("count",))
    for complaint in wrong:
        console.warn(complaint)
    sys.exit(1 if wrong or any(one["lost"] or one["left"] for one in found.values()) else 0)


if __name__ == "__main__":
    main()
