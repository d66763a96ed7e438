"""How well leadloop ranks and how true its chances are, forward in time, beside what anyone could do without it.

Real leads from ../shared/data (absent ones are skipped and named) and one demo world. `--json` for programs.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from leadloop import console
from leadloop.demo import DemoSettings, simulate, write_csv
from leadloop.intake.load import load
from leadloop.intake.mapping import ExportMapping, read_mapping
from leadloop.intake.report import ImportReport
from leadloop.intake.source import read_paths
from leadloop.settings import Settings
from leadloop.store.ledger import Ledger
from serving.scorer import when
from training import retrain

ROOT = Path(__file__).resolve().parents[1]
SETS = {
    "x_education": "x_education/leads.csv",
    "ficzon": "ficzon/leads.csv",
    "bank": "bank/bank-additional-full.csv",
    "maven": "maven/sales_pipeline.csv",
}
METRICS = ("roc_auc", "log_loss", "average_precision", "calibration_error")
PEERS = ("constant", "recency", "logistic")


def scorecard(paths: list[Path], mapping: ExportMapping | None) -> dict[str, Any]:
    """Import into an empty ledger, train, and return the scorecard."""
    with tempfile.TemporaryDirectory() as scratch:
        settings = Settings(home=Path(scratch))
        ledger, report = Ledger.open(settings.ledger_url), ImportReport()
        chunks = read_paths(paths, mapping=mapping, timezone=None, stages={}, report=report)
        load(ledger, chunks, report, strict=False, done=lambda _: None)
        card = retrain.train(settings, ledger, when(ledger, None), console.say).scorecard.as_dict()
        ledger.close()
        return card


def demo() -> dict[str, Any]:
    """The scorecard of a made-up company of 6,000 leads."""
    with tempfile.TemporaryDirectory() as scratch:
        write_csv(simulate(DemoSettings()), Path(scratch))
        return scorecard([Path(scratch)], None)


def cards() -> dict[str, dict[str, Any]]:
    """A scorecard a data set."""
    found = {}
    for name, file in SETS.items():
        path = ROOT.parent / "shared" / "data" / file
        if not path.is_file():
            console.warn(f"{name} left out: {file} is not on this machine")
            continue
        console.say(f"{name}:")
        found[name] = scorecard([path], read_mapping(ROOT / "examples" / f"{name}.toml"))
    console.say("demo:")
    return {**found, "demo": demo()}


def main() -> None:
    """Print figures, peers and ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    as_json = parser.parse_args().json
    measured = cards()
    figures = {f"{name}.{m}": card["metrics"][m] for name, card in measured.items() for m in METRICS}
    peers = {
        f"{name}.{peer}.{m}": card["baselines"][peer][m]
        for name, card in measured.items()
        for peer in PEERS
        for m in METRICS
    }
    ratios = {
        f"{name}.log_loss / {peer}": card["metrics"]["log_loss"] / card["baselines"][peer]["log_loss"]
        for name, card in measured.items()
        for peer in PEERS
    }
    if as_json:
        json.dump({"figures": figures, "peers": peers, "ratios": ratios}, sys.stdout, indent=1)
        return
    for name, card in measured.items():
        rows = [("leadloop", *(card["metrics"][m] for m in METRICS))]
        rows += [(peer, *(card["baselines"][peer][m] for m in METRICS)) for peer in PEERS]
        console.print_table(
            f"{name}: {card['split']['test']:,} newest leads, {card['verdict']}", ("", *METRICS), rows, METRICS
        )


if __name__ == "__main__":
    main()
