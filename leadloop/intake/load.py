"""Chunks of rows into the ledger, each row once; a chunk goes in whole or not at all."""

import json
from collections.abc import Callable, Iterable
from uuid import uuid4

from sqlalchemy import Connection, insert

from leadloop.clock import now, to_micros
from leadloop.errors import InputError
from leadloop.intake.report import ImportReport
from leadloop.intake.source import Chunk
from leadloop.store import events, leads, outcomes
from leadloop.store.ledger import Ledger
from leadloop.store.tables import imports


def load(
    ledger: Ledger, chunks: Iterable[Chunk], report: ImportReport, *, strict: bool, done: Callable[[Chunk], None]
) -> None:
    """Store every chunk and keep the report; with `strict` all of them or, when any row was bad, none.

    An import that was cut short is simply run again: what is there already is known and stays as it is.

    Raises: InputError under `strict` when a row was bad; nothing was stored then.
    """
    started = to_micros(now())
    if strict:
        with ledger.writing() as connection:
            for chunk in chunks:
                _store(connection, chunk, report, done)
            _refuse_bad_rows(report)
            _keep(connection, report, started)
        return
    for chunk in chunks:
        with ledger.writing() as connection:
            _store(connection, chunk, report, done)
    with ledger.writing() as connection:
        _keep(connection, report, started)


def _store(connection: Connection, chunk: Chunk, report: ImportReport, done: Callable[[Chunk], None]) -> None:
    sizes = {"leads": len(chunk.leads), "events": len(chunk.events), "outcomes": len(chunk.outcomes)}
    new = {
        "leads": leads.add(connection, chunk.leads),
        "events": events.add(connection, chunk.events),
        "outcomes": outcomes.add(connection, chunk.outcomes),
    }
    for table, count in new.items():
        report.tables[table].new += count
        report.tables[table].known += sizes[table] - count
    done(chunk)


def _refuse_bad_rows(report: ImportReport) -> None:
    if report.bad:
        first = "; ".join(str(bad) for bad in report.bad_rows[:5])
        raise InputError(f"{report.bad} bad rows and --strict: nothing was stored. {first}")


def _keep(connection: Connection, report: ImportReport, started: int) -> None:
    content = json.dumps(report.as_dict(), ensure_ascii=False)
    connection.execute(insert(imports).values(import_id=uuid4().hex, started_at=started, report=content))
