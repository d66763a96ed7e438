"""Rounds in which processes are killed, on each database: what benchmarks of them share."""

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Mapping
from typing import Any

from benchmarks.ingest import scratch_database
from leadloop import console

Found = Mapping[str, Mapping[str, Any]]
"""What they found, by database: `killed` (how often, by where), `wrong` (complaints), and figures of their own."""


def parsed(doc: str | None, rounds: int, on: str) -> argparse.Namespace:
    """The options that they all take; `on`: what so many rounds are of."""
    parser = argparse.ArgumentParser(description=doc)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--rounds", type=int, default=rounds, help=on)
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


def measure(run: Callable[[str, int], dict[str, Any]]) -> Found:
    """What `run` finds on a database, given its URL and how many there are; one that does not answer is left out."""
    with tempfile.TemporaryDirectory() as scratch, scratch_database() as server:
        urls = {"sqlite": f"sqlite:///{scratch}/ledger.db", "postgresql": server}
        there = {name: url for name, url in urls.items() if url is not None}
        if len(there) < len(urls):
            console.warn("PostgreSQL left out: no server answers; set LEADLOOP_TEST_POSTGRES")
        found = {}
        for name, url in there.items():
            console.say(name)
            found[name] = run(url, len(there))
    return found


def tell(found: Found, figures: Mapping[str, Any], *, as_json: bool, table: Callable[[], None], failed: bool) -> None:
    """Print figures or a table, then every complaint; exit 1 when anything was wrong."""
    wrong = [f"{name}: {complaint}" for name, one in found.items() for complaint in one["wrong"]]
    if as_json:
        json.dump({"figures": figures, "peers": {}, "ratios": {}}, sys.stdout, indent=1)
    else:
        table()
    for complaint in wrong:
        console.warn(complaint)
    sys.exit(1 if wrong or failed else 0)


def counted(found: Found) -> dict[str, int]:
    """How many were killed and how much was wrong, by database."""
    wrong = {f"{name}.wrong": len(one["wrong"]) for name, one in found.items()}
    return wrong | {f"{name}.killed": sum(one["killed"].values()) for name, one in found.items()}


def places(found: Found, title: str) -> None:
    """A table of where they were killed."""
    rows = [(name, where, count) for name, one in found.items() for where, count in one["killed"].items()]
    console.print_table(title, ("", "killed at", "times"), rows, ("times",))
