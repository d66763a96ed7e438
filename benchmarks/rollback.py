"""Seconds from `leadloop rollback` to another version serving, beside the same switch through MLflow's own client.

`python -m benchmarks.rollback`; `--json` for programs. One server process looks every second, as is the default. Our
command tries the version before it switches; MLflow's client only turns the alias.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median
from typing import Any

import httpx

from benchmarks.swap import LEADS_MADE_UP, other_version
from leadloop import console
from leadloop.demo import DemoSettings, simulate, write_csv
from leadloop.settings import Settings
from leadloop.store.ledger import Ledger
from models import registry
from serving.scorer import when
from tests.support import bring_in, leadloop, serving
from training import retrain

TIMES = 5
BY_CLIENT = """
import sys, mlflow
client = mlflow.MlflowClient(sys.argv[1], sys.argv[1])
known = client.get_registered_model("leadloop").aliases
client.set_registered_model_alias("leadloop", "champion", known["previous"])
client.set_registered_model_alias("leadloop", "previous", known["champion"])
"""


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        result = measured(Path(scratch))
    if arguments.json:
        console.print_json(result)
    else:
        for kind, values in result.items():
            console.print_table(kind, ("", kind), list(values.items()), (kind,))


def measured(scratch: Path) -> dict[str, Mapping[str, float]]:
    """Medians over TIMES switches each."""
    settings = _home(scratch)
    with serving(settings.home, store_scores="false") as client:
        ours = [_switched(client, lambda: leadloop("rollback", "--home", settings.home)) for _ in range(TIMES)]
        theirs = [_switched(client, lambda: _by_client(settings)) for _ in range(TIMES)]
    figures = _seconds("leadloop rollback", ours)
    peers = _seconds("MLflow's client", theirs)
    ratio = peers["MLflow's client: command, s"] / figures["leadloop rollback: command, s"]
    return {"figures": figures, "peers": peers, "ratios": {"command": ratio}}


def _home(scratch: Path) -> Settings:
    settings = Settings(home=scratch / "home")
    write_csv(simulate(DemoSettings(seed=0, leads=LEADS_MADE_UP)), scratch / "files")
    ledger = Ledger.open(settings.ledger_url)
    bring_in(ledger, scratch / "files")
    first = retrain.train(settings, ledger, when(ledger, None)).version
    ledger.close()
    second = other_version(settings)
    for version in (first, second):
        registry.promote(settings, version)
    return settings


def _switched(client: httpx.Client, switch: Callable[[], Any]) -> tuple[float, float]:
    """Seconds until the command ended, and until the other version served."""
    before, start = client.get("/readyz").json()["model_version"], time.perf_counter()
    switch()
    done = time.perf_counter() - start
    while client.get("/readyz").json()["model_version"] == before:
        time.sleep(0.01)
    return done, time.perf_counter() - start


def _by_client(settings: Settings) -> None:
    subprocess.run([sys.executable, "-c", BY_CLIENT, settings.tracking_uri], check=True, capture_output=True)


def _seconds(name: str, each: list[tuple[float, float]]) -> dict[str, float]:
    return {
        f"{name}: command, s": median(done for done, _ in each),
        f"{name}: the other version serves, s": median(served for _, served in each),
        f"{name}: the other version serves, longest, s": max(served for _, served in each),
    }


if __name__ == "__main__":
    main()
