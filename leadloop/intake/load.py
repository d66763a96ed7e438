"""Chunks of rows into the ledger, each row once; a chunk goes in whole or not at all."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from uuid import uuid4

from sqlalchemy import Connection, insert

from leadloop.clock import now, to_micros
from leadloop.errors import InputError
from leadloop.intake.report import ImportReport
from leadloop.intake.source import Chunk
from leadloop.store import events, failpoint, leads, outcomes, progress
from leadloop.store.ledger import Ledger
from leadloop.store.tables import imports


def load(
    ledger: Ledger,
    chunks: Iterable[Chunk],
    report: ImportReport,
    *,
    strict: bool,
    done: Callable[[Chunk], None],
    resume: str | None = None,
) -> None:
    """Store every chunk and keep the report; with `strict` all of them or, when any row was bad, none.

    `resume`: what decides about the rows besides their file (mapping, time zone, stages), as text. With it, an import
    that was cut short goes on where it stopped: what it stored is read again for the report, and counted as known.
    Without, or under `strict`, every row is stored again, which changes nothing where it is known.

    Raises: InputError under `strict` when a row was bad; nothing was stored then.
    """
    started = to_micros(now())
    if strict:
        _load_whole(ledger, chunks, report, started, done)
        return
    marks = _Marks(ledger, resume)
    for chunk in chunks:
        if marks.passed(chunk):
            _count(report, chunk, dict.fromkeys(report.tables, 0))
        else:
            with ledger.writing() as connection:
                _count(report, chunk, _store(connection, chunk))
                marks.keep(connection)
        done(chunk)
    with ledger.writing() as connection:
        _keep(connection, report, started)
        marks.forget(connection)


def _load_whole(
    ledger: Ledger, chunks: Iterable[Chunk], report: ImportReport, started: int, done: Callable[[Chunk], None]
) -> None:
    with ledger.writing() as connection:
        for chunk in chunks:
            _count(report, chunk, _store(connection, chunk))
            done(chunk)
        _refuse_bad_rows(report)
        _keep(connection, report, started)


class _Marks:
    """How far each file came, in this import and in one before it that was cut short."""

    def __init__(self, ledger: Ledger, context: str | None) -> None:
        self._ledger, self._context = ledger, context
        self._names: dict[str, str] = {}
        self._file, self._before, self._rows = "", 0, 0

    def passed(self, chunk: Chunk) -> bool:
        """Count the chunk's rows; whether all of them had been stored before this import began."""
        if self._context is None:
            return False
        if chunk.file not in self._names:
            self._begin(chunk.file, self._context)
        self._rows += sum(_sizes(chunk).values())
        return self._rows <= self._before

    def keep(self, connection: Connection) -> None:
        """What was counted so far is in with this transaction."""
        if self._context is not None:
            progress.keep(connection, self._names[self._file], self._rows)
            failpoint.hit("progress_kept")

    def forget(self, connection: Connection) -> None:
        """The import is complete."""
        if self._names:
            progress.forget(connection, self._names.values())

    def _begin(self, file: str, context: str) -> None:
        self._file, self._rows = file, 0
        self._names[file] = progress.name_of(Path(file), context)
        with self._ledger.reading() as connection:
            self._before = progress.rows_done(connection, self._names[file])


def _store(connection: Connection, chunk: Chunk) -> dict[str, int]:
    """How many rows of each table were new."""
    return {
        "leads": leads.add(connection, chunk.leads),
        "events": events.add(connection, chunk.events),
        "outcomes": outcomes.add(connection, chunk.outcomes),
    }


def _count(report: ImportReport, chunk: Chunk, new: dict[str, int]) -> None:
    for table, size in _sizes(chunk).items():
        report.tables[table].new += new[table]
        report.tables[table].known += size - new[table]


def _sizes(chunk: Chunk) -> dict[str, int]:
    return {"leads": len(chunk.leads), "events": len(chunk.events), "outcomes": len(chunk.outcomes)}


def _refuse_bad_rows(report: ImportReport) -> None:
    if report.bad:
        first = "; ".join(str(bad) for bad in report.bad_rows[:5])
        raise InputError(f"{report.bad} bad rows and --strict: nothing was stored. {first}")


def _keep(connection: Connection, report: ImportReport, started: int) -> None:
    content = json.dumps(report.as_dict(), ensure_ascii=False)
    connection.execute(insert(imports).values(import_id=uuid4().hex, started_at=started, report=content))
    failpoint.hit("report_kept")
