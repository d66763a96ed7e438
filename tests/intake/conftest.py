"""A desk to import at: write a file, read it, look at what came out."""

import gzip
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path

import pytest

from leadloop.intake.mapping import ExportMapping, read_mapping
from leadloop.intake.report import BadRow, ImportReport
from leadloop.intake.source import Chunk, read_paths
from leadloop.store.rows import EventRow, LeadRow, OutcomeRow

SHARED_DATA = Path(__file__).parents[3] / "shared" / "data"


@dataclass(frozen=True)
class Imported:
    """Everything that an import gave."""

    chunks: list[Chunk]
    report: ImportReport

    @property
    def leads(self) -> list[LeadRow]:
        return [lead for chunk in self.chunks for lead in chunk.leads]

    @property
    def events(self) -> list[EventRow]:
        return [event for chunk in self.chunks for event in chunk.events]

    @property
    def outcomes(self) -> list[OutcomeRow]:
        return [outcome for chunk in self.chunks for outcome in chunk.outcomes]

    @property
    def bad(self) -> BadRow:
        """The only bad row."""
        (bad,) = self.report.bad_rows
        return bad


@dataclass(frozen=True)
class Desk:
    """Writes files into a folder and imports them."""

    folder: Path

    def write(self, name: str, content: str | bytes) -> Path:
        data = content.encode() if isinstance(content, str) else content
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
        return path

    def mapping(self, text: str) -> ExportMapping:
        return read_mapping(self.write("mapping.toml", text))

    def read(
        self,
        *paths: Path,
        mapping: ExportMapping | None = None,
        timezone: tzinfo | None = None,
        stages: Mapping[str, str] | None = None,
        chunk_rows: int = 20_000,
    ) -> Imported:
        report = ImportReport()
        chunks = read_paths(
            paths, mapping=mapping, timezone=timezone, stages=stages or {}, report=report, chunk_rows=chunk_rows
        )
        return Imported(list(chunks), report)

    def table(self, name: str, content: str, **given: Mapping[str, str]) -> Imported:
        """Import one file of this content."""
        return self.read(self.write(name, content), stages=given.get("stages"))

    def export(self, toml: str, content: str, name: str = "export.csv") -> Imported:
        """Import one export of this content by this mapping."""
        return self.read(self.write(name, content), mapping=self.mapping(toml))


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.fixture
def without_pyarrow(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.split(".")[0] == "pyarrow"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "pyarrow", None)


@pytest.fixture
def shared_data() -> Path:
    if not SHARED_DATA.is_dir():
        pytest.skip(f"the real leads are not here: {SHARED_DATA} is absent")
    return SHARED_DATA
