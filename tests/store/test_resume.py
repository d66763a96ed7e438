"""An import that was cut short goes on where it stopped, and its report is that of the whole in the end."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, select

from leadloop.errors import InputError
from leadloop.intake.load import load
from leadloop.intake.report import ImportReport
from leadloop.intake.source import Chunk, read_paths
from leadloop.store import events
from leadloop.store.ledger import Ledger
from leadloop.store.rows import EventRow
from leadloop.store.tables import events as event_table
from leadloop.store.tables import import_progress
from tests.store.support import contents


class CutError(Exception):
    """The import was cut short."""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """100 events, of which one is bad."""
    folder = tmp_path / "files"
    folder.mkdir()
    lines = [f"L-{i},view,{'soon' if i == 35 else f'2026-03-01T09:00:{i % 60:02}Z'}" for i in range(100)]
    (folder / "events.csv").write_text("\n".join(["lead_id,type,occurred_at", *lines]) + "\n")
    return folder / "events.csv"


def _import(
    ledger: Ledger, file: Path, *, resume: str | None = "", strict: bool = False, cut_after: int = 99, rows: int = 10
) -> ImportReport:
    report = ImportReport()
    chunks = read_paths([file], mapping=None, timezone=None, stages={}, report=report, chunk_rows=rows)
    load(ledger, _cut(chunks, cut_after), report, strict=strict, done=lambda _: None, resume=resume)
    return report


def _cut(chunks: Iterator[Chunk], after: int) -> Iterator[Chunk]:
    for number, chunk in enumerate(chunks):
        if number == after:
            raise CutError
        yield chunk


def _cut_short(ledger: Ledger, file: Path, after: int, resume: str | None = "") -> None:
    with pytest.raises(CutError):
        _import(ledger, file, cut_after=after, resume=resume)


def _count(ledger: Ledger) -> int:
    with ledger.reading() as connection:
        return connection.execute(select(func.count()).select_from(event_table)).scalar_one()


def _done(ledger: Ledger) -> list[int]:
    with ledger.reading() as connection:
        return list(connection.execute(select(import_progress.c.rows_done)).scalars())


def _rows_stored(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many rows each call of events.add from now on is given."""
    given: list[int] = []
    add = events.add

    def noted(connection: Connection, rows: Sequence[EventRow]) -> int:
        given.append(len(rows))
        return add(connection, rows)

    monkeypatch.setattr(events, "add", noted)
    return given


def test_what_is_in_is_noted_with_it(ledger: Ledger, file: Path) -> None:
    _cut_short(ledger, file, after=5)
    assert (_count(ledger), _done(ledger)) == (49, [49])


def test_the_next_run_stores_only_what_is_missing(ledger: Ledger, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _cut_short(ledger, file, after=5)
    given = _rows_stored(monkeypatch)
    _import(ledger, file)
    assert (given, _count(ledger)) == ([10] * 5, 99)


def test_the_report_is_that_of_the_whole_file(ledger: Ledger, file: Path) -> None:
    _cut_short(ledger, file, after=5)
    report = _import(ledger, file)
    counts = report.tables["events"]
    assert (counts.read, counts.good, counts.new, counts.known, report.bad_rows[0].line) == (100, 99, 50, 49, 37)


def test_it_goes_on_from_within_chunks_of_another_size(ledger: Ledger, file: Path) -> None:
    _cut_short(ledger, file, after=5)
    report = _import(ledger, file, rows=7)
    assert (_count(ledger), report.tables["events"].new) == (99, 50)


def test_it_can_be_cut_short_more_than_once(ledger: Ledger, file: Path) -> None:
    for after in (3, 1, 6):
        _cut_short(ledger, file, after=after)
    report = _import(ledger, file)
    assert (_count(ledger), report.tables["events"].known) == (99, 59)


def test_nothing_of_it_is_left_once_it_is_complete(ledger: Ledger, file: Path) -> None:
    _cut_short(ledger, file, after=5)
    _import(ledger, file)
    assert _done(ledger) == []


def test_the_ledger_is_the_same_as_after_one_run(ledger: Ledger, file: Path, tmp_path: Path) -> None:
    other = Ledger.open(f"sqlite:///{tmp_path / 'other.db'}")
    _import(other, file)
    _cut_short(ledger, file, after=5)
    _import(ledger, file)
    assert contents(ledger, "imports") == contents(other, "imports")
    other.close()


def test_a_file_that_changed_is_read_from_the_start(ledger: Ledger, file: Path) -> None:
    _cut_short(ledger, file, after=5)
    file.write_text("lead_id,type,occurred_at\nM-1,view,2026-03-01T09:00:00Z\n")
    assert _import(ledger, file).tables["events"].new == 1


def test_with_another_mapping_every_row_counts_again(
    ledger: Ledger, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _cut_short(ledger, file, after=5)
    given = _rows_stored(monkeypatch)
    _import(ledger, file, resume="another")
    assert sum(given) == 99


def test_without_a_context_nothing_is_noted(ledger: Ledger, file: Path) -> None:
    _cut_short(ledger, file, after=5, resume=None)
    assert _done(ledger) == []


def test_strict_takes_no_half_import_for_its_own(ledger: Ledger, file: Path) -> None:
    _cut_short(ledger, file, after=5)
    with pytest.raises(InputError, match="nothing was stored"):
        _import(ledger, file, strict=True)
    assert (_count(ledger), _done(ledger)) == (49, [49])


def test_strict_that_is_cut_short_leaves_nothing_to_go_on_from(ledger: Ledger, file: Path) -> None:
    with pytest.raises(CutError):
        _import(ledger, file, strict=True, cut_after=5)
    assert (_count(ledger), _done(ledger)) == (0, [])
