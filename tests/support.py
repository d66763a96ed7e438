"""What tests call besides fixtures."""

from dataclasses import dataclass
from pathlib import Path

from leadloop.demo import DemoWorld
from leadloop.intake.load import load
from leadloop.intake.report import ImportReport
from leadloop.intake.source import read_paths
from leadloop.settings import Settings
from leadloop.store.ledger import Ledger
from training import retrain


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
