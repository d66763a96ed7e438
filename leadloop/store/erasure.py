"""Erasure: a lead leaves every table, the kept import reports and the database file; a tombstone keeps it out."""

import json
import re
import sqlite3
import subprocess
import sys
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, delete, select, text, update

from leadloop.clock import now, to_micros
from leadloop.errors import UnknownLeadError
from leadloop.store import audit, idempotency, personal, tombstones
from leadloop.store.content import among
from leadloop.store.ledger import Ledger
from leadloop.store.tables import events, identities, imports, outcomes
from leadloop.store.touched import touch

REMOVED = "(erased)"
"""What stands in a kept import report where a lead was named."""
LOCK_SECONDS = 30
"""How long an erasure waits for writers on PostgreSQL; SQLite's bound is the ledger's own."""
_SHORTEST_NAME = 3  # a shorter one is in every other word
_LONGEST_REASON = 200  # of a reason in an import report


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasure did.

    `rows`: how many rows left each table. `same_person`: other leads that look like the same person and are still
    there. `file_is_clean`: False when somebody kept SQLite's file busy, so that old pages may still be in it.
    """

    lead_ids: tuple[str, ...]
    already: tuple[str, ...]
    rows: dict[str, int]
    same_person: tuple[str, ...] = ()
    file_is_clean: bool = True

    def as_json(self) -> dict[str, Any]:
        """For answers."""
        return {
            "erased": list(self.lead_ids),
            "already_erased": list(self.already),
            "rows": self.rows,
            "same_person": list(self.same_person),
            "file_is_clean": self.file_is_clean,
        }


def erase(ledger: Ledger, lead_ids: Sequence[str], actor: str = audit.COMMAND) -> Erased:
    """Remove the leads, all in one transaction, and see that the database file has nothing left of them.

    Raises: UnknownLeadError when one is not in the ledger and never was; then none is erased.
    """
    with erasing(ledger) as connection:
        others, traces = personal.same_person(connection, lead_ids), personal.contacts(connection, lead_ids)
        done = remove(connection, lead_ids, actor)
        traces -= personal.shared(connection, traces)
    clean = scrub_file(ledger, traces if done.lead_ids else None)
    return Erased(done.lead_ids, done.already, done.rows, tuple(others), clean)


@contextmanager
def erasing(ledger: Ledger) -> Iterator[Connection]:
    """A transaction that nobody else adds rows beside, and whose deletions SQLite overwrites with zeros.

    Who adds rows has looked at the tombstones first: locking that table waits for them and makes later ones look again.
    """
    with ledger.writing() as connection:
        if connection.dialect.name == "sqlite":
            connection.execute(text("PRAGMA secure_delete=ON"))
        else:
            connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'"))
            connection.execute(text("LOCK TABLE tombstones IN ACCESS EXCLUSIVE MODE"))
        yield connection


def remove(connection: Connection, lead_ids: Sequence[str], actor: str = audit.COMMAND) -> Erased:
    """Remove the leads within a transaction from `erasing`; the audit log notes by whom.

    Raises: UnknownLeadError when one is not in the ledger and never was.
    """
    here = personal.held(connection, lead_ids)
    asked = tuple(dict.fromkeys(lead_ids))
    already = tombstones.erased(connection, asked) - here
    for lead_id in asked:
        if lead_id not in here | already:
            raise UnknownLeadError(f"There is no lead '{lead_id}' in the ledger; nothing was erased")
    going = tuple(lead_id for lead_id in asked if lead_id in here)
    rows = _remove(connection, going) if going else {}
    for lead_id in going:
        audit.record(connection, actor, "lead.erased", f"lead:{lead_id}")
    return Erased(going, tuple(i for i in asked if i in already), rows)


def _remove(connection: Connection, lead_ids: Sequence[str]) -> dict[str, int]:
    names, reasons = _names(connection, lead_ids), _reasons(connection, lead_ids)
    shared_events = select(events.c.event_key).where(among(connection, events.c.lead_id, lead_ids))
    touch(connection, lead_ids, connection.execute(shared_events).scalars())  # a correction may have moved some
    gone = {
        table.name: connection.execute(delete(table).where(personal.about(connection, columns, lead_ids))).rowcount
        for table, columns in personal.naming()
    }
    names |= reasons - _reasons(connection, None)
    _scrub_reports(connection, names)
    for lead_id in lead_ids:
        idempotency.forget(connection, lead_id)  # a request that comes again is worked again, and refused
    tombstones.raise_over(connection, lead_ids, to_micros(now()))
    return {table: count for table, count in gone.items() if count}


def _names(connection: Connection, lead_ids: Sequence[str]) -> set[str]:
    """Texts that name one of the leads."""
    query = select(identities).where(among(connection, identities.c.lead_id, lead_ids))
    rows = list(connection.execute(query))
    known = {name for row in rows for name in (row.email, row.phone, row.last_name) if name}
    return set(lead_ids) | {name for name in known if len(name) >= _SHORTEST_NAME}


def _reasons(connection: Connection, lead_ids: Sequence[str] | None) -> set[str]:
    """Free text that sales wrote about the leads (None: about anyone), as import reports count it."""
    query = select(outcomes.c.reason).where(outcomes.c.reason.like("% %")).distinct()
    if lead_ids is not None:
        query = query.where(among(connection, outcomes.c.lead_id, lead_ids))
    return {reason[:_LONGEST_REASON] for reason in connection.execute(query).scalars() if reason}


def _scrub_reports(connection: Connection, names: Collection[str]) -> None:
    for import_id, report in connection.execute(select(imports.c.import_id, imports.c.report)).all():
        folded = report.casefold()
        named = [name for name in names if json.dumps(name, ensure_ascii=False)[1:-1].casefold() in folded]
        if named:
            content = json.dumps(_scrubbed(json.loads(report), named), ensure_ascii=False)
            connection.execute(update(imports).where(imports.c.import_id == import_id).values(report=content))


def _scrubbed(report: dict[str, Any], names: Collection[str]) -> dict[str, Any]:
    """A report without the names, where it quotes what stood in a file: values of bad rows, and reasons.

    >>> _scrubbed({"bad_rows": [{"value": "call Ada"}], "reasons": {"Ada moved": 2, "adamant": 1}}, ["Ada"])
    {'bad_rows': [{'value': '(erased)'}], 'reasons': {'(erased)': 2, 'adamant': 1}}
    """
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, names))})(?!\w)", re.IGNORECASE)
    bad_rows = [{**row, "value": _told(pattern, row["value"])} for row in report["bad_rows"]]
    reasons: dict[str, int] = {}
    for reason, count in report["reasons"].items():
        told = str(_told(pattern, reason))
        reasons[told] = reasons.get(told, 0) + count
    return {**report, "bad_rows": bad_rows, "reasons": reasons}


def _told(pattern: re.Pattern[str], value: str | None) -> str | None:
    return REMOVED if value and pattern.search(value) else value


def scrub_file(ledger: Ledger, traces: Collection[str] | None) -> bool:
    """See that SQLite's files hold nothing of what was deleted; False when somebody kept them busy.

    The log is emptied into the file. Pages that were split before may still hold copies of a row in their gaps, so
    the file is searched for `traces` (None: without a search) and written anew when they are there.
    """
    if ledger.engine.dialect.name != "sqlite":
        return True
    raw = ledger.engine.raw_connection()
    try:
        return _scrub(raw.cursor(), Path(ledger.engine.url.database or ""), traces)
    except sqlite3.OperationalError:  # somebody is reading or writing for longer than we wait
        return False
    finally:
        raw.close()


def _scrub(cursor: Any, file: Path, traces: Collection[str] | None) -> bool:
    clean = _empty_log(cursor)
    if traces is None or _contain(file, traces):
        cursor.execute("VACUUM")
        clean = _empty_log(cursor)
    return clean


def _empty_log(cursor: Any) -> bool:
    busy = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    return not busy


_SEARCH = """
import json, mmap, sys
with open(sys.argv[1], "rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as content:
    print(any(content.find(trace.encode()) >= 0 for trace in json.load(sys.stdin)))
"""


def _contain(file: Path, traces: Collection[str]) -> bool:
    """Whether the file holds one of these; a child process looks.

    Who closes an SQLite file that it opened by itself gives up its process's locks on it: another process could then
    take the log away from under this one's connections (sqlite.org, How To Corrupt, 2.2).
    """
    if not file.is_file():
        return False
    command = [sys.executable, "-I", "-c", _SEARCH, str(file)]
    done = subprocess.run(command, input=json.dumps(list(traces)), capture_output=True, text=True, check=True)  # noqa: S603 -- our own
    return done.stdout.strip() == "True"
