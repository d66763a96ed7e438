"""The door of the import room: paths in, chunks of ledger rows out, bad rows into the report."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path

from leadloop.errors import InputError
from leadloop.intake.block import Block
from leadloop.intake.columns import check_header, check_table
from leadloop.intake.csv_file import csv_blocks, csv_columns
from leadloop.intake.exports import check_export, latest_time
from leadloop.intake.files import SourceFile, plan
from leadloop.intake.gather import ExportAdder, Gathered, TableAdder
from leadloop.intake.jsonl_file import jsonl_blocks, jsonl_columns
from leadloop.intake.mapping import ExportMapping
from leadloop.intake.parquet_file import parquet_blocks, parquet_columns
from leadloop.intake.report import ImportReport
from leadloop.intake.tables import Reading
from leadloop.intake.values import StageReader, TimeReader
from leadloop.store.rows import EventRow, LeadRow, OutcomeRow

_BLOCK_ROWS = 1_000
"""Read at a time: raw rows that live shortly stay in the processor's cache."""


@dataclass(frozen=True)
class Chunk:
    """Rows to store together, of one file; `bytes_done` of `bytes_total` have been read, over all files."""

    leads: list[LeadRow]
    events: list[EventRow]
    outcomes: list[OutcomeRow]
    bytes_done: int
    bytes_total: int
    file: str


def read_paths(
    paths: Sequence[Path],
    *,
    mapping: ExportMapping | None,
    timezone: tzinfo | None,
    stages: Mapping[str, str],
    report: ImportReport,
    chunk_rows: int = 20_000,
) -> Iterator[Chunk]:
    """Read files, folders or mapped exports in chunks of at most `chunk_rows` rows; memory doesn't grow with them.

    Names and headers of all files are checked at once, before the first chunk is asked for; a file's encoding just
    before its first chunk. The report is complete after the last chunk.

    Raises: InputError (MappingError, SettingsError) when a file, the mapping or a stage name can't be used.
    """
    files = plan(paths, mapped=mapping is not None, report=report)
    report.undated = mapping is not None and mapping.undated
    zone = mapping.timezone if mapping and mapping.timezone else timezone
    times = TimeReader(zone, mapping.time_format if mapping else None)
    job = _Job(mapping, Reading(times, StageReader(stages), report), chunk_rows)
    for file in files:
        job.check(file)
    return _chunks(files, job)


def _chunks(files: Sequence[SourceFile], job: "_Job") -> Iterator[Chunk]:
    done, total = 0, sum(file.size for file in files)
    for file in files:
        for gathered, bytes_done in job.read(file):
            if gathered.leads or gathered.events or gathered.outcomes:
                yield Chunk(gathered.leads, gathered.events, gathered.outcomes, done + bytes_done, total, file.name)
        done += file.size


@dataclass(frozen=True)
class _Job:
    """One import: how each of its files is checked and read."""

    mapping: ExportMapping | None
    reading: Reading
    chunk_rows: int

    def check(self, file: SourceFile) -> None:
        """Refuse a file by its header, before anything is read of it."""
        if file.size == 0:
            raise InputError(f"{file.name} is empty; write it again, or leave it out")
        columns = self._columns(file)
        check_header(file.name, columns)
        unnamed = [f"(column {at}, which has no name)" for at, column in enumerate(columns, start=1) if not column]
        self.reading.report.add_ignored_columns(file.name, unnamed)
        if self.mapping:
            check_export(self.mapping, file.name, columns)
            return
        layout = check_table(file.name, columns, file.table or "leads")
        if file.table == "outcomes":
            self.reading.report.add_ignored_columns(file.name, [name for _, name in layout.others])

    def read(self, file: SourceFile) -> Iterator[tuple[Gathered, int]]:
        """Chunks of the file, each with how many bytes of it have been read."""
        add, gathered, bytes_done = self._adder(file), Gathered(), 0
        for block in self._blocks(file):
            if gathered.read and gathered.read + block.read > self.chunk_rows:
                yield gathered, bytes_done
                gathered = Gathered()
            add(block, gathered)
            gathered.read += block.read
            bytes_done = block.bytes_done
        if gathered.read:
            yield gathered, bytes_done

    def _columns(self, file: SourceFile) -> tuple[str, ...]:
        if file.format == "csv":
            return csv_columns(file, self.mapping.separator if self.mapping else None)
        return jsonl_columns(file) if file.format == "jsonl" else parquet_columns(file)

    def _blocks(self, file: SourceFile) -> Iterator[Block]:
        size = max(1, min(self.chunk_rows, _BLOCK_ROWS))
        if file.format == "csv":
            return csv_blocks(file, self.mapping.separator if self.mapping else None, size)
        return (jsonl_blocks if file.format == "jsonl" else parquet_blocks)(file, size)

    def _adder(self, file: SourceFile) -> Callable[[Block, Gathered], None]:
        if self.mapping is None:
            return TableAdder(file, file.table or "leads", self.reading).add
        known_at = None
        if self.mapping.outcome and not self.mapping.undated:
            known_at = latest_time(self.mapping, self._blocks(file), self.reading.times)
        return ExportAdder(file, self.mapping, self.reading, known_at).add
