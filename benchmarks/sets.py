"""What the measures of quality are made on: public exports where this machine has them, each in a ledger of its own."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from leadloop import console
from leadloop.intake.load import load
from leadloop.intake.mapping import ExportMapping, read_mapping
from leadloop.intake.report import ImportReport
from leadloop.intake.source import read_paths
from leadloop.settings import Settings
from leadloop.store.ledger import Ledger

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT.parent / "shared" / "data"
SETS = {
    "x_education": "x_education/leads.csv",
    "ficzon": "ficzon/leads.csv",
    "bank": "bank/bank-additional-full.csv",
    "maven": "maven/sales_pipeline.csv",
}

Result = dict[str, dict[str, float | None]]
"""{"figures", "peers", "ratios"}, each by name."""

NOTHING: Result = {"figures": {}, "peers": {}, "ratios": {}}


def export(name: str) -> Path | None:
    """A public export; None, and a word of it, where it is not on this machine."""
    path = DATA / SETS[name]
    if path.is_file():
        return path
    console.warn(f"{name} left out: {SETS[name]} is not on this machine")
    return None


def mapping_of(name: str) -> ExportMapping:
    """Its example mapping."""
    return read_mapping(ROOT / "examples" / f"{name}.toml")


@contextmanager
def ledger_of(paths: list[Path], mapping: ExportMapping | None) -> Iterator[tuple[Settings, Ledger]]:
    """The files in a ledger of their own."""
    with tempfile.TemporaryDirectory() as scratch:
        settings = Settings(home=Path(scratch))
        ledger, report = Ledger.open(settings.ledger_url), ImportReport()
        chunks = read_paths(paths, mapping=mapping, timezone=None, stages={}, report=report)
        load(ledger, chunks, report, strict=False, done=lambda _: None)
        yield settings, ledger
        ledger.close()
