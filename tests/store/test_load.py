"""Chunks into the ledger: each whole or not at all, counted, and the same files twice as if once."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from leadloop.clock import DAY, now, to_micros
from leadloop.demo import DemoSettings, simulate, write_csv
from leadloop.errors import InputError
from leadloop.intake.load import load
from leadloop.intake.report import BadRow, ImportReport
from leadloop.intake.source import Chunk, read_paths
from leadloop.store.ledger import Ledger
from leadloop.store.rows import EventRow, LeadRow, OutcomeRow
from leadloop.store.tables import imports
from tests.store.support import contents

BAD = BadRow("leads.csv", 3, "created_at", None, "is missing")


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    write_csv(simulate(DemoSettings(leads=500)), folder)
    return folder


def _chunk(name: str, seconds: float = 1.0) -> Chunk:
    event = EventRow(name, "x", DAY, DAY, None, {"seconds": seconds})
    return Chunk([LeadRow(name, DAY, DAY)], [event], [OutcomeRow(name, "won", DAY, DAY)], 1, 2, "leads.csv")


UNSTORABLE = float("nan")


def _load(ledger: Ledger, *chunks: Chunk, strict: bool = False) -> ImportReport:
    report = ImportReport()
    load(ledger, chunks, report, strict=strict, done=lambda _: None)
    return report


def _import(ledger: Ledger, folder: Path, chunk_rows: int = 20_000, *, strict: bool = False) -> ImportReport:
    report = ImportReport()
    chunks = read_paths([folder], mapping=None, timezone=None, stages={}, report=report, chunk_rows=chunk_rows)
    load(ledger, chunks, report, strict=strict, done=lambda _: None)
    return report


def _counts(report: ImportReport) -> dict[str, tuple[int, int]]:
    return {table: (counts.new, counts.known) for table, counts in report.tables.items()}


def _leads(ledger: Ledger) -> int:
    return len(contents(ledger)["leads"])


def test_rows_are_counted_as_new_the_first_time(ledger: Ledger) -> None:
    first = _load(ledger, _chunk("L-1"), _chunk("L-2"))
    assert _counts(first) == dict.fromkeys(("leads", "events", "outcomes"), (2, 0))


def test_rows_are_counted_as_known_the_second_time(ledger: Ledger) -> None:
    _load(ledger, _chunk("L-1"))
    again = _load(ledger, _chunk("L-1"), _chunk("L-2"))
    assert _counts(again) == dict.fromkeys(("leads", "events", "outcomes"), (1, 1))


@pytest.mark.parametrize("strict", [False, True])
def test_a_row_repeated_within_an_import_is_new_once(ledger: Ledger, strict: bool) -> None:
    assert _counts(_load(ledger, _chunk("L-1"), _chunk("L-1"), strict=strict))["events"] == (1, 1)


def test_a_chunk_that_fails_leaves_nothing_of_itself(ledger: Ledger) -> None:
    empty = contents(ledger)
    with pytest.raises(ValueError, match="not JSON compliant"):
        _load(ledger, _chunk("L-1", UNSTORABLE))
    assert contents(ledger) == empty


def test_chunks_before_a_failed_one_stay(ledger: Ledger) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        _load(ledger, _chunk("L-1"), _chunk("L-2", UNSTORABLE))
    assert _leads(ledger) == 1


def test_an_import_that_was_cut_short_is_completed_by_running_it_again(ledger: Ledger) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        _load(ledger, _chunk("L-1"), _chunk("L-2", UNSTORABLE))
    assert _counts(_load(ledger, _chunk("L-1"), _chunk("L-2")))["leads"] == (1, 1)


def test_strict_stores_nothing_when_a_chunk_fails(ledger: Ledger) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        _load(ledger, _chunk("L-1"), _chunk("L-2", UNSTORABLE), strict=True)
    assert _leads(ledger) == 0


def test_strict_stores_nothing_when_the_last_row_is_bad(ledger: Ledger) -> None:
    empty, report = contents(ledger), ImportReport()

    def chunks() -> Iterator[Chunk]:
        yield _chunk("L-1")
        report.add_bad("leads", BAD)

    with pytest.raises(InputError, match=r"1 bad rows and --strict: nothing was stored. leads\.csv:3 created_at"):
        load(ledger, chunks(), report, strict=True, done=lambda _: None)
    assert contents(ledger) == empty


def test_strict_stores_everything_when_no_row_is_bad(ledger: Ledger) -> None:
    _load(ledger, _chunk("L-1"), _chunk("L-2"), strict=True)
    assert _leads(ledger) == 2


def test_good_rows_go_in_beside_a_bad_one(ledger: Ledger, tmp_path: Path) -> None:
    (tmp_path / "leads.csv").write_text("lead_id,created_at\nL-1,2026-03-01T09:00:00Z\nL-2,soon\n")
    assert (_import(ledger, tmp_path).bad, _leads(ledger)) == (1, 1)


def test_of_a_file_with_a_bad_row_strict_stores_nothing(ledger: Ledger, tmp_path: Path) -> None:
    (tmp_path / "leads.csv").write_text("lead_id,created_at\nL-1,2026-03-01T09:00:00Z\nL-2,soon\n")
    with pytest.raises(InputError, match="nothing was stored"):
        _import(ledger, tmp_path, strict=True)
    assert _leads(ledger) == 0


def test_every_chunk_is_announced_once_it_is_in(ledger: Ledger) -> None:
    seen: list[Chunk] = []
    chunks = [_chunk("L-1"), _chunk("L-2")]
    load(ledger, chunks, ImportReport(), strict=False, done=seen.append)
    assert seen == chunks


def test_an_import_is_kept_with_its_report(ledger: Ledger) -> None:
    began = to_micros(now())
    report = _load(ledger, _chunk("L-1"))
    with ledger.reading() as connection:
        row = connection.execute(select(imports)).one()
    assert json.loads(row.report) == report.as_dict()
    assert began <= row.started_at <= to_micros(now())


def test_every_import_is_kept(ledger: Ledger) -> None:
    for _ in range(3):
        _load(ledger, _chunk("L-1"))
    assert len(contents(ledger)["imports"]) == 3


def test_an_import_that_failed_is_not_kept(ledger: Ledger) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        _load(ledger, _chunk("L-1"), _chunk("L-2", UNSTORABLE))
    assert contents(ledger)["imports"] == []


def test_importing_the_same_files_twice_changes_nothing(ledger: Ledger, files: Path) -> None:
    _import(ledger, files)
    first = contents(ledger, "imports")
    again = _import(ledger, files)
    assert contents(ledger, "imports") == first
    assert {counts.new for counts in again.tables.values()} == {0}


def test_every_row_of_the_demo_files_is_new_the_first_time(ledger: Ledger, files: Path) -> None:
    report = _import(ledger, files)
    stored = {table: len(rows) for table, rows in contents(ledger).items() if table in report.tables}
    assert stored == {table: counts.new for table, counts in report.tables.items()}
    assert all(counts.read == counts.new + counts.known for counts in report.tables.values())


def test_the_size_of_chunks_strictness_and_the_database_change_nothing(
    ledger: Ledger, files: Path, tmp_path: Path
) -> None:
    other = Ledger.open(f"sqlite:///{tmp_path / 'other.db'}")
    _import(ledger, files)
    _import(other, files, chunk_rows=777, strict=True)
    assert contents(other, "imports", "changes") == contents(ledger, "imports", "changes")
    other.close()
