"""What an import did, row by row where it went wrong: what the command prints and `--strict` judges."""

from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any

from leadloop.intake.hints import shown

BAD_ROWS_KEPT = 1_000
REASONS_KEPT = 10_000
TABLES = ("leads", "events", "outcomes")


@dataclass(frozen=True)
class BadRow:
    """One row that was left out.

    `line`: where the record starts in the file, 1 being the header; in Parquet the number of the row, from 1.
    `value`: shortened; None where it could say who a lead is.
    """

    file: str
    line: int
    column: str | None
    value: str | None
    cause: str

    def __str__(self) -> str:
        """As a line of output: `events.csv:7 occurred_at 'soon': is not a time …`."""
        column = f" {self.column}" if self.column else ""
        value = f" '{self.value}'" if self.value is not None else ""
        return f"{self.file}:{self.line}{column}{value}: {self.cause}"


@dataclass
class TableCounts:
    """Rows of one table; `new` and `known` are counted by the ledger as it stores them."""

    read: int = 0
    good: int = 0
    bad: int = 0
    new: int = 0
    known: int = 0


def _no_counts() -> dict[str, TableCounts]:
    return {table: TableCounts() for table in TABLES}


@dataclass
class ImportReport:
    """Filled while the chunks are read; complete once the last one was.

    `bad_rows`: the first 1,000; `tables` counts them all. `ignored_columns`: by file. `reasons`: as they go into the
    ledger, so that the store can name those it has no family for. `undated`: the export has no times, and what rests
    on it says so.
    """

    tables: dict[str, TableCounts] = field(default_factory=_no_counts)
    bad_rows: list[BadRow] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)
    ignored_files: list[str] = field(default_factory=list)
    ignored_columns: dict[str, list[str]] = field(default_factory=dict)
    undated: bool = False

    @property
    def bad(self) -> int:
        """Bad rows in all tables, kept or not."""
        return sum(counts.bad for counts in self.tables.values())

    def add_read(self, table: str, good: int) -> None:
        """Count good rows."""
        self.tables[table].read += good
        self.tables[table].good += good

    def add_bad(self, table: str, bad: BadRow) -> None:
        """Count a bad row, and keep it while there is room."""
        self.tables[table].read += 1
        self.tables[table].bad += 1
        if len(self.bad_rows) < BAD_ROWS_KEPT:
            self.bad_rows.append(bad)

    def add_reason(self, reason: str) -> None:
        """Count a reason; free text that never comes twice doesn't fill the memory."""
        reason = shown(reason, longest=200)
        if reason in self.reasons or len(self.reasons) < REASONS_KEPT:
            self.reasons[reason] += 1

    def add_ignored_columns(self, file: str, columns: list[str]) -> None:
        """Name columns of a file that went nowhere."""
        if columns:
            named = self.ignored_columns.setdefault(file, [])
            named.extend(column for column in columns if column not in named)

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "tables": {table: asdict(counts) for table, counts in self.tables.items()},
            "bad": self.bad,
            "bad_rows": [asdict(bad) for bad in self.bad_rows],
            "reasons": dict(self.reasons.most_common()),
            "ignored_files": list(self.ignored_files),
            "ignored_columns": {file: list(columns) for file, columns in self.ignored_columns.items()},
            "undated": self.undated,
        }
